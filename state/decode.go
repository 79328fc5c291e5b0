package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/klauspost/compress/s2"

	"github.com/streamsqld/streamsqld/types"
)

var errCorrupt = errors.New("state: a stored batch is damaged")

// reader takes stored forms apart; ok turns false at the first fault.
type reader struct {
	b  []byte
	ok bool
}

func (r *reader) uvarint() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > 1<<40 {
		r.ok = false
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.ok = false
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.ok = false
		return nil
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) byte() byte {
	if p := r.bytes(1); p != nil {
		return p[0]
	}
	return 0
}

// padded takes n bytes and the padding after them.
func (r *reader) padded(n int) []byte {
	p := r.bytes(n)
	r.bytes((8 - n%8) % 8)
	return p
}

// storedColumn is a column of a stored batch as it lies there.
type storedColumn struct {
	layout, flags byte
	size          int
	payload       []byte
}

// storedBatch is a stored batch whose columns are not decoded yet; it points into the stored bytes.
type storedBatch struct {
	b    *types.Batch // without columns
	cols []storedColumn
}

// DecodeBatch reads a stored batch with the given columns (nil: all, in order) and gives what follows it. Nothing of the result points into src.
func DecodeBatch(src []byte, cols []int) (b *types.Batch, rest []byte, err error) {
	s, rest, err := openBatch(src)
	if err != nil {
		return nil, nil, err
	}
	b, err = s.decode(cols, nil)
	return b, rest, err
}

// openBatch finds the columns of a stored batch.
func openBatch(src []byte) (s *storedBatch, rest []byte, err error) {
	r := &reader{b: src, ok: true}
	if r.byte() != encodingVersion {
		return nil, nil, errCorrupt
	}
	b := &types.Batch{N: r.uvarint()}
	n := r.uvarint()
	if r.byte() == 1 {
		if b.N > len(r.b) {
			return nil, nil, errCorrupt
		}
		b.W = make([]int64, b.N)
		for i := range b.W {
			b.W[i] = r.varint()
		}
	}
	s = &storedBatch{b: b, cols: make([]storedColumn, 0, min(n, 1600))}
	for i := 0; i < n && r.ok; i++ {
		c := storedColumn{layout: r.byte(), flags: r.byte(), size: r.uvarint()}
		c.payload = r.bytes(r.uvarint())
		s.cols = append(s.cols, c)
	}
	if !r.ok {
		return nil, nil, errCorrupt
	}
	return s, r.b, nil
}

// decode gives the batch with the given columns (nil: all, in order). fetch gives the payload of a column that lies apart, good until its next call.
func (s *storedBatch) decode(cols []int, fetch func(col int) ([]byte, error)) (*types.Batch, error) {
	if cols == nil {
		for i := range s.cols {
			cols = append(cols, i)
		}
	}
	b := s.b
	for _, i := range cols {
		if i >= len(s.cols) {
			return nil, errCorrupt
		}
		c := s.cols[i]
		if c.flags&flagApart != 0 {
			if fetch == nil {
				return nil, errCorrupt
			}
			var err error
			if c.payload, err = fetch(i); err != nil {
				return nil, err
			}
		}
		a, err := c.decode(b.N)
		if err != nil {
			return nil, err
		}
		b.Cols = append(b.Cols, a)
	}
	return b, nil
}

func (c *storedColumn) decode(n int) (arrow.Array, error) {
	raw := c.payload
	switch {
	case c.flags&^knownFlags != 0:
		return nil, errCorrupt
	case c.flags&flagCompressed != 0:
		var err error
		if raw, err = s2.Decode(make([]byte, c.size), c.payload); err != nil {
			return nil, err
		}
	case c.flags&flagPacked == 0 || c.flags&flagNulls != 0:
		raw = bytes.Clone(c.payload)
	}
	return decodeColumn(&reader{b: raw, ok: true}, c.layout, c.flags, n)
}

func decodeColumn(r *reader, layout, flags byte, n int) (arrow.Array, error) {
	if int(layout&^layoutList) >= len(layouts) {
		return nil, errCorrupt
	}
	dt := layouts[layout&^layoutList]
	var valid *memory.Buffer
	nulls := 0
	if flags&flagNulls != 0 && (dt.ID() != arrow.NULL || layout&layoutList != 0) {
		p := r.padded(int(bitutil.BytesForBits(int64(n))))
		if !r.ok {
			return nil, errCorrupt
		}
		valid = memory.NewBufferBytes(p)
		nulls = n - bitutil.CountSetBits(p, 0, n)
	}
	if layout&layoutList != 0 {
		return decodeList(r, layout&^layoutList, valid, nulls, n)
	}
	if flags&flagPacked != 0 {
		return r.unpack(dt, valid, nulls, n)
	}
	bufs := []*memory.Buffer{valid}
	switch dt.ID() {
	case arrow.NULL:
		return array.NewNull(n), nil
	case arrow.BOOL:
		bufs = append(bufs, memory.NewBufferBytes(r.padded(int(bitutil.BytesForBits(int64(n))))))
	case arrow.STRING, arrow.BINARY:
		offs := r.padded(4 * (n + 1))
		if !r.ok {
			return nil, errCorrupt
		}
		end := int(binary.LittleEndian.Uint32(offs[4*n:]))
		bufs = append(bufs, memory.NewBufferBytes(offs), memory.NewBufferBytes(r.padded(end)))
	default:
		bufs = append(bufs, memory.NewBufferBytes(r.padded(n*dt.(arrow.FixedWidthDataType).BitWidth()/8)))
	}
	if !r.ok {
		return nil, errCorrupt
	}
	return array.MakeFromData(array.NewData(dt, n, bufs, nil, nulls, 0)), nil
}

func decodeList(r *reader, elem byte, valid *memory.Buffer, nulls, n int) (arrow.Array, error) {
	offs := r.padded(4 * (n + 1))
	flags, shaped := r.byte(), r.byte()
	r.bytes(2)
	size := r.bytes(4)
	if !r.ok {
		return nil, errCorrupt
	}
	child, err := decodeColumn(r, elem, flags, int(binary.LittleEndian.Uint32(size)))
	if err != nil {
		return nil, err
	}
	kids := []arrow.ArrayData{child.Data()}
	if shaped == 1 {
		l, err := layoutOf(arrow.BinaryTypes.Binary)
		if err != nil {
			return nil, err
		}
		shapes, err := decodeColumn(r, l, 0, n)
		if err != nil {
			return nil, err
		}
		kids = append(kids, shapes.Data())
	}
	dt := arrow.ListOf(layouts[elem])
	bufs := []*memory.Buffer{valid, memory.NewBufferBytes(offs)}
	return array.MakeFromData(array.NewData(dt, n, bufs, kids, nulls, 0)), nil
}

// Bytes is about what a batch holds in memory.
func Bytes(b *types.Batch) int64 {
	n := int64(len(b.W))*8 + int64(unsafe.Sizeof(*b))
	for _, c := range b.Cols {
		n += columnBytes(c)
	}
	return n
}

func columnBytes(c arrow.Array) int64 {
	n := int64(c.Len()/8) + 96
	switch c := c.(type) {
	case *array.String:
		return n + int64(len(c.ValueBytes())) + int64(c.Len())*4
	case *array.Binary:
		return n + int64(len(c.ValueBytes())) + int64(c.Len())*4
	case *array.List:
		return n + columnBytes(c.ListValues()) + int64(c.Len())*4
	}
	if fw, ok := c.DataType().(arrow.FixedWidthDataType); ok {
		return n + int64(c.Len()*fw.BitWidth()/8)
	}
	return n
}
