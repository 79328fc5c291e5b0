package types

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// An array column is an Arrow list of all elements in order. Where a value has more dimensions than one, or another lower bound
// than 1, its shape lies beside it, in a second child of the list: a binary column, of which row r belongs to row r of the
// list's memory (not of a slice of it), "" standing for one dimension from 1 on. A column without such values has no second
// child, so that only code that looks into arrays has to know of it.

// Dim is a dimension of an array: its length and its first subscript.
type Dim struct{ Len, Lower int32 }

// Shape is the dimensions of an array; nil: one dimension from 1 on, or empty.
type Shape []Dim

// MaxDims is the largest number of dimensions.
const MaxDims = 6

const maxArraySize = 134217727

// NewShape is the shape of these dimensions, nil where it is the usual one or an array without elements. Errors: 54000.
func NewShape(dims []Dim) (Shape, error) {
	size := int64(1)
	if len(dims) > MaxDims {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", len(dims), MaxDims)
	}
	for _, d := range dims {
		if size *= int64(d.Len); size > maxArraySize || d.Len < 0 {
			return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxArraySize)
		}
		if int64(d.Lower)+int64(d.Len) > math.MaxInt32 {
			return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "array lower bound is too large: %d", d.Lower)
		}
	}
	if size == 0 || len(dims) == 0 || len(dims) == 1 && dims[0].Lower == 1 {
		return nil, nil
	}
	return dims, nil
}

// Size is the number of elements of an array of these dimensions.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		n *= int(d.Len)
	}
	return n
}

// Dims is the shape of an array of n elements written out: none of an empty one.
func (s Shape) Dims(n int) []Dim {
	switch {
	case n == 0:
		return nil
	case s == nil:
		return []Dim{{int32(n), 1}}
	}
	return s
}

// DimsText is what array_dims prints: "[1:2][1:3]".
func DimsText(dst []byte, dims []Dim) []byte {
	for _, d := range dims {
		dst = strconv.AppendInt(append(dst, '['), int64(d.Lower), 10)
		dst = strconv.AppendInt(append(dst, ':'), int64(d.Lower)+int64(d.Len)-1, 10)
		dst = append(dst, ']')
	}
	return dst
}

func (s Shape) append(dst []byte) []byte {
	for _, d := range s {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(d.Len))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(d.Lower))
	}
	return dst
}

func decodeShape(b []byte) Shape {
	if len(b) == 0 {
		return nil
	}
	s := make(Shape, 0, len(b)/8)
	for ; len(b) >= 8; b = b[8:] {
		s = append(s, Dim{int32(binary.LittleEndian.Uint32(b)), int32(binary.LittleEndian.Uint32(b[4:]))})
	}
	return s
}

// ShapeColumn is the column of the shapes of an array column, nil where it has none. Row i of a has the shape in row i plus the offset of a's data.
func ShapeColumn(a arrow.Array) *array.Binary {
	if kids := a.Data().Children(); len(kids) == 2 {
		return array.NewBinaryData(kids[1])
	}
	return nil
}

// ShapeBytes is the shape of row i of an array column as it is stored, empty for the usual one; it points into the column.
func ShapeBytes(a arrow.Array, i int) []byte {
	if len(a.Data().Children()) < 2 {
		return nil
	}
	return ShapeColumn(a).Value(a.Data().Offset() + i)
}

// ShapeOf is the shape of row i of an array column.
func ShapeOf(a arrow.Array, i int) Shape { return decodeShape(ShapeBytes(a, i)) }

// withShapes gives an array column, whose data must begin at row 0, the shapes in a column of as many rows, which may be nil.
func withShapes(l arrow.Array, shapes arrow.Array) arrow.Array {
	if shapes == nil {
		return l
	}
	if s := shapes.(*array.Binary); s.Len() == 0 || len(s.ValueBytes()) == 0 {
		return l
	}
	d := l.Data()
	return array.MakeFromData(array.NewData(d.DataType(), d.Len(), d.Buffers(), []arrow.ArrayData{d.Children()[0], shapes.Data()}, l.NullN(), 0))
}

// WithShapeBytes is the array column l, which is no slice, with the shapes of its rows as they are stored; nil: none has one.
func WithShapeBytes(l arrow.Array, shapes [][]byte) arrow.Array {
	if shapes == nil {
		return l
	}
	b := array.NewBinaryBuilder(Mem, arrow.BinaryTypes.Binary)
	for _, s := range shapes {
		b.Append(s)
	}
	return withShapes(l, b.NewArray())
}

// WithShapes is the array column l, which is no slice, with the shapes of its rows; nil: none has one.
func WithShapes(l arrow.Array, shapes []Shape) arrow.Array {
	if shapes == nil {
		return l
	}
	bs := make([][]byte, len(shapes))
	for i, s := range shapes {
		bs[i] = s.append(nil)
	}
	return WithShapeBytes(l, bs)
}

// compareShapes orders arrays with the same elements.
func compareShapes(a, b Shape) int {
	if a == nil && b == nil {
		return 0
	}
	one := func(s Shape, other Shape) Shape { // an array with the usual shape, beside one with as many elements
		if s == nil {
			return Shape{{int32(other.Size()), 1}}
		}
		return s
	}
	a, b = one(a, b), one(b, a)
	if len(a) != len(b) {
		return cmpOrdered(len(a), len(b))
	}
	if c := slices.CompareFunc(a, b, func(x, y Dim) int { return cmpOrdered(x.Len, y.Len) }); c != 0 {
		return c
	}
	return slices.CompareFunc(a, b, func(x, y Dim) int { return cmpOrdered(x.Lower, y.Lower) })
}

// ListBuilder builds a column of arrays.
type ListBuilder struct {
	*array.ListBuilder
	shapes []Shape
}

// SetShape gives the array that was begun last a shape.
func (b *ListBuilder) SetShape(s Shape) {
	if s == nil {
		return
	}
	for len(b.shapes) < b.Len() {
		b.shapes = append(b.shapes, nil)
	}
	b.shapes[b.Len()-1] = s
}

// NewArray gives the column and begins another one.
func (b *ListBuilder) NewArray() arrow.Array {
	shapes := b.shapes
	b.shapes = nil
	l := b.ListBuilder.NewArray()
	for shapes != nil && len(shapes) < l.Len() {
		shapes = append(shapes, nil)
	}
	return WithShapes(l, shapes)
}
