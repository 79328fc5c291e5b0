package expr

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/streamsqld/streamsqld/types"
)

// fixed are the Go types whose memory is a value of a fixed-width column.
type fixed interface {
	int8 | int16 | int32 | int64 | uint32 | float32 | float64 | [12]byte | [16]byte
}

// values is the values of a fixed-width column, one per row, without a copy; those of NULL rows are undefined.
func values[T fixed](a arrow.Array) []T { return types.Values[T](a) }

// newFixed makes a column of the layout dt over v, which it keeps; valid is the validity bitmap, nil: no NULLs.
func newFixed[T fixed](dt arrow.DataType, v []T, valid []byte) arrow.Array {
	valid, nulls := countNulls(valid, len(v))
	return types.NewFixed(dt, v, valid, nulls)
}

// newBool makes a boolean column of n rows over the bitmap bits, which it keeps.
func newBool(n int, bits, valid []byte) arrow.Array {
	valid, nulls := countNulls(valid, n)
	return types.BoolArray(bits, n, valid, nulls)
}

// newBinary makes a column of strings or byte strings over offsets (n+1 of them) and data, which it keeps.
func newBinary(dt arrow.DataType, offs []int32, data, valid []byte) arrow.Array {
	valid, nulls := countNulls(valid, len(offs)-1)
	return types.BytesArray(dt, offs, data, valid, nulls)
}

// newList makes an array column over offsets (n+1 of them) into the elements.
func newList(dt arrow.DataType, offs []int32, elems arrow.Array, valid []byte) arrow.Array {
	n := len(offs) - 1
	valid, nulls := countNulls(valid, n)
	bufs := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.GetBytes(offs))}
	if valid != nil {
		bufs[0] = memory.NewBufferBytes(valid)
	}
	return array.MakeFromData(array.NewData(dt, n, bufs, []arrow.ArrayData{elems.Data()}, nulls, 0))
}

// countNulls counts the NULLs of a bitmap; where there is none the bitmap is dropped.
func countNulls(valid []byte, n int) ([]byte, int) {
	if valid == nil {
		return nil, 0
	}
	nulls := n - bitutil.CountSetBits(valid, 0, n)
	if nulls == 0 {
		return nil, 0
	}
	return valid, nulls
}

// retype is the same column under another layout of the same shape (varchar as text, timestamptz as timestamp).
func retype(a arrow.Array, dt arrow.DataType) arrow.Array {
	d := a.Data()
	if arrow.TypeEqual(d.DataType(), dt) {
		return a
	}
	return array.MakeFromData(array.NewData(dt, d.Len(), d.Buffers(), d.Children(), a.NullN(), d.Offset()))
}

// nullVec is the constant NULL of type t.
func nullVec(t types.Type) Vec {
	return Vec{Arr: types.Nulls(t, 1), Const: true}
}

// Array gives v with n rows.
func (v Vec) Array(n int) arrow.Array { return expand(v, n) }

// expand is the column of n rows, a constant repeated.
func expand(v Vec, n int) arrow.Array {
	if !v.Const {
		return v.Arr
	}
	return types.Repeat(v.Arr, n)
}

// strCol is a reader of a column of strings or byte strings that does not copy.
type strCol struct {
	offs []int32
	data []byte
	one  int // 0 where the vector is a constant: every row is row 0
}

// stringsOf reads a column laid out as String or Binary.
func stringsOf(v Vec) strCol {
	d := v.Arr.Data()
	s := strCol{one: 1}
	if v.Const {
		s.one = 0
	}
	if d.Len() == 0 || d.Buffers()[1] == nil || d.Buffers()[1].Len() == 0 {
		s.offs = make([]int32, d.Len()+1)
		return s
	}
	p := unsafe.Pointer(&d.Buffers()[1].Bytes()[0])
	s.offs = unsafe.Slice((*int32)(p), d.Offset()+d.Len()+1)[d.Offset():]
	if d.Buffers()[2] != nil {
		s.data = d.Buffers()[2].Bytes()
	}
	return s
}

// at is row i; the string shares the column's memory.
func (s *strCol) at(i int) string {
	i *= s.one
	b := s.data[s.offs[i]:s.offs[i+1]]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// bytes is row i; it must not be changed.
func (s *strCol) bytes(i int) []byte {
	i *= s.one
	return s.data[s.offs[i]:s.offs[i+1]:s.offs[i+1]]
}

// unsafeString is b as a string without a copy; b must not change any more.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
