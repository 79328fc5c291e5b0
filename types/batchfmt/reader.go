package batchfmt

import (
	"encoding/binary"
	"errors"
)

// ErrDamaged says that bytes are not the stored form of what they should be.
var ErrDamaged = errors.New("batchfmt: a stored batch is damaged")

// Reader takes stored forms apart. After the first fault it gives zeros.
type Reader struct {
	b  []byte
	ok bool
}

// NewReader reads b, which must not change meanwhile.
func NewReader(b []byte) *Reader { return &Reader{b: b, ok: true} }

// OK says that there was no fault so far.
func (r *Reader) OK() bool { return r.ok }

// Rest is what was not read yet; it lies in the reader's bytes.
func (r *Reader) Rest() []byte { return r.b }

// Uvarint reads a number that is not negative and at most 2^40.
func (r *Reader) Uvarint() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > 1<<40 {
		r.ok = false
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

// Varint reads a number.
func (r *Reader) Varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.ok = false
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *Reader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.ok = false
		return nil
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *Reader) byte() byte {
	if p := r.bytes(1); p != nil {
		return p[0]
	}
	return 0
}

// padded takes n bytes and the padding after them.
func (r *Reader) padded(n int) []byte {
	p := r.bytes(n)
	r.bytes((8 - n%8) % 8)
	return p
}
