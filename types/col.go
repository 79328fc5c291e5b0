package types

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Fixed is what one value of a column of fixed width may be in Go.
type Fixed interface {
	~int8 | ~uint8 | ~int16 | ~int32 | ~int64 | ~uint32 | ~uint64 | ~float32 | ~float64 | ~[12]byte | ~[16]byte
}

// NewFixed makes a column of layout dt from v without copying: v and valid (a bitmap, least significant bit first; nil: no nulls)
// belong to the column from now on. nulls is the number of nulls, or array.UnknownNullCount.
func NewFixed[T Fixed](dt arrow.DataType, v []T, valid []byte, nulls int) arrow.Array {
	return makeArray(dt, len(v), valid, nulls, memory.NewBufferBytes(bytesOf(v)))
}

// Int64Array is a bigint column over v; see NewFixed.
func Int64Array(v []int64, valid []byte, nulls int) arrow.Array {
	return NewFixed(arrow.PrimitiveTypes.Int64, v, valid, nulls)
}

// Int32Array is an integer column over v; see NewFixed.
func Int32Array(v []int32, valid []byte, nulls int) arrow.Array {
	return NewFixed(arrow.PrimitiveTypes.Int32, v, valid, nulls)
}

// Float64Array is a double precision column over v; see NewFixed.
func Float64Array(v []float64, valid []byte, nulls int) arrow.Array {
	return NewFixed(arrow.PrimitiveTypes.Float64, v, valid, nulls)
}

// BoolArray is a boolean column over the bitmap values, of which n bits count; see NewFixed.
func BoolArray(values []byte, n int, valid []byte, nulls int) arrow.Array {
	return makeArray(arrow.FixedWidthTypes.Boolean, n, valid, nulls, memory.NewBufferBytes(values))
}

// BytesArray is a text or bytea column (dt is arrow.String or arrow.Binary): row i is data[offsets[i]:offsets[i+1]]. See NewFixed.
func BytesArray(dt arrow.DataType, offsets []int32, data []byte, valid []byte, nulls int) arrow.Array {
	return makeArray(dt, len(offsets)-1, valid, nulls, memory.NewBufferBytes(bytesOf(offsets)), memory.NewBufferBytes(data))
}

func makeArray(dt arrow.DataType, n int, valid []byte, nulls int, bufs ...*memory.Buffer) arrow.Array {
	all := make([]*memory.Buffer, 1, 3)
	if valid != nil && nulls != 0 {
		all[0] = memory.NewBufferBytes(valid)
	} else {
		nulls = 0
	}
	return array.MakeFromData(array.NewData(dt, n, append(all, bufs...), nil, nulls, 0))
}

// Int64s is the values of a column of eight byte integers: bigint, timestamp, timestamptz, time. It is a view: it must not be changed.
func Int64s(a arrow.Array) []int64 { return Values[int64](a) }

// Int32s is the values of a column of four byte integers: integer, date. It is a view: it must not be changed.
func Int32s(a arrow.Array) []int32 { return Values[int32](a) }

// Float64s is the values of a double precision column. It is a view: it must not be changed.
func Float64s(a arrow.Array) []float64 { return Values[float64](a) }

// Values is the values of a column of fixed width; T must be as wide as they are. Null rows have some value. It is a view: it must
// not be changed.
func Values[T Fixed](a arrow.Array) []T {
	d := a.Data()
	if d.Len() == 0 {
		return nil
	}
	return sliceOf[T](d.Buffers()[1].Bytes())[d.Offset() : d.Offset()+d.Len()]
}

// byteValues gives the offsets (one more than rows) and the bytes of a text or bytea column.
func byteValues(a arrow.Array) (offsets []int32, data []byte) {
	d := a.Data()
	if d.Len() == 0 {
		return []int32{0}, nil
	}
	offsets = sliceOf[int32](d.Buffers()[1].Bytes())[d.Offset() : d.Offset()+d.Len()+1]
	if b := d.Buffers()[2]; b != nil {
		data = b.Bytes()
	}
	return offsets, data
}

// validBits gives the column's null bitmap and the bit where it begins; nil when there is no null.
func validBits(a arrow.Array) (bitmap []byte, off int) {
	if a.NullN() == 0 {
		return nil, 0
	}
	return a.NullBitmapBytes(), a.Data().Offset()
}

func bytesOf[T any](v []T) []byte {
	if len(v) == 0 {
		return []byte{}
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(v[0])))
}

func sliceOf[T any](b []byte) []T {
	var z T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(z)))
}

// BoolsToSel appends the rows of a that are true (not null) to out.
func BoolsToSel(a *array.Boolean, out []int32) []int32 {
	n := a.Len()
	if n == 0 {
		return out
	}
	d := a.Data()
	vals, off := d.Buffers()[1].Bytes(), d.Offset()
	valid, _ := validBits(a)
	for i := 0; i < n; i += 64 {
		w := bits64(vals, off+i, n-i)
		if valid != nil {
			w &= bits64(valid, off+i, n-i)
		}
		for ; w != 0; w &= w - 1 {
			out = append(out, int32(i+bits.TrailingZeros64(w)))
		}
	}
	return out
}

// bits64 reads up to n bits (at most 64) of a bitmap from the bit at.
func bits64(b []byte, at, n int) uint64 {
	i, shift := at>>3, uint(at&7)
	if i+9 <= len(b) && n >= 64 {
		w := binary.LittleEndian.Uint64(b[i:]) >> shift
		if shift != 0 {
			w |= uint64(b[i+8]) << (64 - shift)
		}
		return w
	}
	w := uint64(0)
	for k := 0; k < min(n, 64); k++ {
		if bitutil.BitIsSet(b, at+k) {
			w |= 1 << k
		}
	}
	return w
}

func cmpOrdered[T cmp.Ordered](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
