package expr

import (
	"math/bits"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// newBits makes a zeroed bitmap of n bits, padded to whole words of 64.
func newBits(n int) []byte {
	w := make([]uint64, (n+63)/64)
	if len(w) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&w[0])), len(w)*8)
}

// words sees a bitmap of newBits as words.
func words(b []byte) []uint64 {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), len(b)/8)
}

func bitSet(b []byte, i int) bool { return b[i>>3]&(1<<(i&7)) != 0 }
func setBit(b []byte, i int)      { b[i>>3] |= 1 << (i & 7) }
func clearBit(b []byte, i int)    { b[i>>3] &^= 1 << (i & 7) }

// b2u is 1 for true; the compiler makes a SETcc of it.
func b2u(b bool) uint8 {
	var x uint8
	if b {
		x = 1
	}
	return x
}

// copyBits gives n bits of src from bit off as a bitmap of newBits.
func copyBits(src []byte, off, n int) []byte {
	out := newBits(n)
	if n > 0 {
		bitutil.CopyBitmap(src, off, n, out, 0)
	}
	return out
}

// allBits is a bitmap of n ones (bits beyond n are zero).
func allBits(n int) []byte {
	out := newBits(n)
	w := words(out)
	for i := range w {
		w[i] = ^uint64(0)
	}
	if n&63 != 0 {
		w[len(w)-1] = 1<<(n&63) - 1
	}
	return out
}

// notBits flips the first n bits of b in place.
func notBits(b []byte, n int) {
	w := words(b)
	for i := range w {
		w[i] = ^w[i]
	}
	if n&63 != 0 {
		w[len(w)-1] &= 1<<(n&63) - 1
	}
}

// validBits is the validity bitmap of a from bit 0, a copy of its own; nil: a has no NULLs.
func validBits(a arrow.Array) []byte {
	if a.NullN() == 0 {
		return nil
	}
	d := a.Data()
	return copyBits(d.Buffers()[0].Bytes(), d.Offset(), d.Len())
}

// andValid is the validity of a strict function's n result rows: a fresh bitmap, nil where no argument has a NULL.
// A constant NULL makes every row NULL.
func andValid(n int, args ...Vec) []byte {
	var out []byte
	for _, a := range args {
		if a.Arr.NullN() == 0 {
			continue
		}
		if a.Const {
			return newBits(n)
		}
		v := validBits(a.Arr)
		if out == nil {
			out = v
			continue
		}
		andInto(out, v)
	}
	return out
}

func andInto(dst, src []byte) {
	d, s := words(dst), words(src)
	for i := range d {
		d[i] &= s[i]
	}
}

func orInto(dst, src []byte) {
	d, s := words(dst), words(src)
	for i := range d {
		d[i] |= s[i]
	}
}

// truth splits a boolean vector of n rows into the bitmap of rows that are true and the bitmap of those that are false;
// NULL is in neither. Both are fresh.
func truth(v Vec, n int) (t, f []byte) {
	if v.Const {
		switch {
		case v.Arr.IsNull(0):
			return newBits(n), newBits(n)
		case constBool(v):
			return allBits(n), newBits(n)
		}
		return newBits(n), allBits(n)
	}
	d := v.Arr.Data()
	if n == 0 {
		return nil, nil
	}
	t = copyBits(d.Buffers()[1].Bytes(), d.Offset(), n)
	f = copyBits(t, 0, n)
	notBits(f, n)
	if valid := validBits(v.Arr); valid != nil {
		andInto(t, valid)
		andInto(f, valid)
	}
	return t, f
}

// boolVec makes the vector of n rows that are true in t, false in f, and else NULL. It keeps t.
func boolVec(n int, t, f []byte) Vec {
	orInto(f, t)
	return Vec{Arr: newBool(n, t, f)}
}

// constBool is the value of a constant boolean vector that is not NULL.
func constBool(v Vec) bool {
	d := v.Arr.Data()
	return bitSet(d.Buffers()[1].Bytes(), d.Offset())
}

// rowsOf lists the bits that are set.
func rowsOf(b []byte, rows []int32) []int32 {
	for i, w := range words(b) {
		for ; w != 0; w &= w - 1 {
			rows = append(rows, int32(i<<6+bits.TrailingZeros64(w)))
		}
	}
	return rows
}

// countBits is the number of bits set.
func countBits(b []byte) int {
	n := 0
	for _, w := range words(b) {
		n += bits.OnesCount64(w)
	}
	return n
}

// boolBitsOf is a boolean column's values as a fresh bitmap from bit 0.
func boolBitsOf(a arrow.Array) []byte {
	d := a.Data()
	if d.Len() == 0 {
		return nil
	}
	return copyBits(d.Buffers()[1].Bytes(), d.Offset(), d.Len())
}
