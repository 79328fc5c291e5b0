package exec

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
)

// varlen reads a column laid out as String or Binary: the offsets of its n rows (n+1) and the data they point into.
func varlen(a arrow.Array) (offs []int32, data []byte) {
	d := a.Data()
	if d.Len() == 0 || d.Buffers()[1] == nil || d.Buffers()[1].Len() == 0 {
		return make([]int32, d.Len()+1), nil
	}
	p := unsafe.Pointer(&d.Buffers()[1].Bytes()[0])
	offs = unsafe.Slice((*int32)(p), d.Offset()+d.Len()+1)[d.Offset():]
	if d.Buffers()[2] != nil {
		data = d.Buffers()[2].Bytes()
	}
	return offs, data
}

func setBit(b []byte, i int)      { b[i>>3] |= 1 << (i & 7) }
func bitSet(b []byte, i int) bool { return b[i>>3]&(1<<(i&7)) != 0 }

// validity copies the validity bitmap of a to bit 0; nil: no NULLs.
func validity(a arrow.Array) []byte {
	if a.NullN() == 0 {
		return nil
	}
	out := make([]byte, (a.Len()+7)/8)
	for i := range a.Len() {
		if a.IsValid(i) {
			setBit(out, i)
		}
	}
	return out
}

// resize gives s with length n, growing by doubling; new elements are zero.
func resize[T any](s []T, n int) []T {
	if n <= len(s) {
		return s[:n]
	}
	if n <= cap(s) {
		old := len(s)
		s = s[:n]
		clear(s[old:])
		return s
	}
	room := 2 * cap(s)
	if cap(s) > 1<<16 {
		room = cap(s) + cap(s)/4
	}
	t := make([]T, n, max(n, room, 64))
	copy(t, s)
	return t
}

// scratch gives a slice of length n, reusing s's memory; its contents are undefined.
func scratch[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:n]
	}
	return make([]T, n, max(n, 2*cap(s)))
}

// offsetBytes is the memory of a list column's offsets.
func offsetBytes(v []int32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*4)
}
