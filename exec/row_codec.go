package exec

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// The stored form of a row of state: a bit for each column that is NULL, then the other columns' values: integers as varints, other values of a fixed
// width as they lie in Arrow, strings and bytes with their length before them, lists as their length and their elements, each with a byte that says
// whether it is there; where a list has a shape, shapedList is added to its length, and the shape follows with its length in a byte.

var errColdRow = errors.New("a stored row of state is damaged")

type valueKind uint8

const (
	kindVarint valueKind = iota
	kindFixed
	kindBool
	kindBytes
	kindList
	kindNull
)

func kindOf(dt arrow.DataType) (kind valueKind, width int) {
	switch dt.ID() {
	case arrow.NULL:
		return kindNull, 0
	case arrow.BOOL:
		return kindBool, 0
	case arrow.STRING, arrow.BINARY:
		return kindBytes, 0
	case arrow.LIST:
		return kindList, 0
	}
	width = dt.(arrow.FixedWidthDataType).BitWidth() / 8
	switch dt.ID() {
	case arrow.FLOAT32, arrow.FLOAT64, arrow.FIXED_SIZE_BINARY:
		return kindFixed, width
	}
	return kindVarint, width
}

// valueWriter appends values of one column.
type valueWriter struct {
	kind  valueKind
	width int
	off   int // of the values in bits and validity
	raw   []byte
	offs  []int32
	valid []byte
	child *valueWriter
	list  arrow.Array // where it has shapes
}

func newValueWriter(a arrow.Array) *valueWriter {
	d := a.Data()
	w := &valueWriter{off: d.Offset()}
	w.kind, w.width = kindOf(a.DataType())
	if a.NullN() > 0 && w.kind != kindNull {
		w.valid = d.Buffers()[0].Bytes()
	}
	if d.Len() == 0 {
		return w
	}
	switch c := a.(type) {
	case *array.Null:
	case *array.String:
		w.offs, w.raw = c.ValueOffsets(), c.Data().Buffers()[2].Bytes()
	case *array.Binary:
		w.offs, w.raw = c.ValueOffsets(), c.Data().Buffers()[2].Bytes()
	case *array.List:
		w.offs, w.child = c.Offsets()[d.Offset():], newValueWriter(c.ListValues())
		if types.ShapeColumn(c) != nil {
			w.list = c
		}
	default:
		if w.raw = d.Buffers()[1].Bytes(); w.kind != kindBool {
			w.raw = w.raw[d.Offset()*w.width:]
		}
	}
	return w
}

func (w *valueWriter) isNull(i int) bool {
	return w.kind == kindNull || w.valid != nil && !bitSet(w.valid, w.off+i)
}

func (w *valueWriter) append(dst []byte, i int) []byte {
	switch w.kind {
	case kindVarint:
		return binary.AppendVarint(dst, w.integer(i))
	case kindFixed:
		return append(dst, w.raw[i*w.width:(i+1)*w.width]...)
	case kindBool:
		return append(dst, byte(btoi(bitSet(w.raw, w.off+i))))
	case kindBytes:
		dst = binary.AppendUvarint(dst, uint64(w.offs[i+1]-w.offs[i]))
		return append(dst, w.raw[w.offs[i]:w.offs[i+1]]...)
	}
	n := uint64(w.offs[i+1] - w.offs[i])
	if shape := w.shape(i); len(shape) > 0 {
		dst = append(binary.AppendUvarint(dst, n+shapedList), byte(len(shape)))
		dst = append(dst, shape...)
	} else {
		dst = binary.AppendUvarint(dst, n)
	}
	for k := int(w.offs[i]); k < int(w.offs[i+1]); k++ {
		if w.child.isNull(k) {
			dst = append(dst, 0)
		} else {
			dst = w.child.append(append(dst, 1), k)
		}
	}
	return dst
}

// shapedList is added to the length of an array whose shape follows.
const shapedList = 1 << 32

func (w *valueWriter) shape(i int) []byte {
	if w.list == nil {
		return nil
	}
	return types.ShapeBytes(w.list, i)
}

func (w *valueWriter) integer(i int) int64 {
	b := w.raw[i*w.width:]
	switch w.width {
	case 8:
		return int64(binary.LittleEndian.Uint64(b))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	}
	return int64(int8(b[0]))
}

// rowWriter appends rows of columns.
type rowWriter struct{ cols []*valueWriter }

func newRowWriter(cols []arrow.Array) *rowWriter {
	w := &rowWriter{}
	for _, c := range cols {
		w.cols = append(w.cols, newValueWriter(c))
	}
	return w
}

func (w *rowWriter) append(dst []byte, i int) []byte {
	at := len(dst)
	for range (len(w.cols) + 7) / 8 {
		dst = append(dst, 0)
	}
	for k, c := range w.cols {
		if c.isNull(i) {
			dst[at+k/8] |= 1 << (k % 8)
			continue
		}
		dst = c.append(dst, i)
	}
	return dst
}
