package batchfmt

import (
	"bytes"
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/klauspost/compress/s2"

	"github.com/streamsqld/streamsqld/types"
)

// storedColumn is a column of a stored batch as it lies there.
type storedColumn struct {
	layout, flags byte
	size          int
	payload       []byte
}

// Stored is a stored batch whose columns are not decoded yet; it points into the stored bytes.
type Stored struct {
	b    *types.Batch // without columns
	cols []storedColumn
}

// Rows is the number of rows.
func (s *Stored) Rows() int { return s.b.N }

// Decode reads a stored batch with the given columns (nil: all, in order) and gives what follows it. Nothing of the result points into src.
func Decode(src []byte, cols []int) (b *types.Batch, rest []byte, err error) {
	s, rest, err := Open(src)
	if err != nil {
		return nil, nil, err
	}
	b, err = s.Decode(cols, nil, nil)
	return b, rest, err
}

// Open finds the columns of a stored batch.
func Open(src []byte) (s *Stored, rest []byte, err error) {
	r := NewReader(src)
	if r.byte() != encodingVersion {
		return nil, nil, ErrDamaged
	}
	b := &types.Batch{N: r.Uvarint()}
	n := r.Uvarint()
	if r.byte() == 1 {
		if b.N > len(r.b) {
			return nil, nil, ErrDamaged
		}
		b.W = make([]int64, b.N)
		for i := range b.W {
			b.W[i] = r.Varint()
		}
	}
	s = &Stored{b: b, cols: make([]storedColumn, 0, min(n, 1600))}
	for i := 0; i < n && r.ok; i++ {
		c := storedColumn{layout: r.byte(), flags: r.byte(), size: r.Uvarint()}
		c.payload = r.bytes(r.Uvarint())
		s.cols = append(s.cols, c)
	}
	if !r.ok {
		return nil, nil, ErrDamaged
	}
	return s, r.b, nil
}

// Fetcher gives the payload of a column that lies apart, good until its next call.
type Fetcher func(col int) ([]byte, error)

// How says how a column is decoded.
type How struct {
	Mem  *types.Arena // where a column of packed integers goes; nil: the heap
	Rows []int32      // those that are wanted, ascending; nil: all
}

// Decode gives the batch with the given columns (nil: all, in order).
func (s *Stored) Decode(cols []int, mem *types.Arena, fetch Fetcher) (*types.Batch, error) {
	if cols == nil {
		for i := range s.cols {
			cols = append(cols, i)
		}
	}
	b := s.b
	for _, i := range cols {
		a, err := s.Column(i, How{Mem: mem}, fetch)
		if err != nil {
			return nil, err
		}
		b.Cols = append(b.Cols, a)
	}
	return b, nil
}

// Column decodes one column.
func (s *Stored) Column(i int, how How, fetch Fetcher) (arrow.Array, error) {
	if i >= len(s.cols) {
		return nil, ErrDamaged
	}
	c := s.cols[i]
	if c.flags&flagApart != 0 {
		if fetch == nil {
			return nil, ErrDamaged
		}
		var err error
		if c.payload, err = fetch(i); err != nil {
			return nil, err
		}
	}
	if how.Rows == nil || c.flags&flagPacked != 0 && c.flags&flagNulls == 0 {
		return c.decode(s.b.N, how)
	}
	a, err := c.decode(s.b.N, How{})
	if err != nil {
		return nil, err
	}
	return types.TakeTo(how.Mem, a, how.Rows), nil
}

func (c *storedColumn) decode(n int, how How) (arrow.Array, error) {
	raw := c.payload
	switch {
	case c.flags&^knownFlags != 0:
		return nil, ErrDamaged
	case c.flags&flagCompressed != 0:
		var err error
		if raw, err = s2.Decode(make([]byte, c.size), c.payload); err != nil {
			return nil, err
		}
	case c.flags&flagPacked == 0 || c.flags&flagNulls != 0:
		raw = bytes.Clone(c.payload)
	}
	return decodeColumn(NewReader(raw), c.layout, c.flags, n, how)
}

func decodeColumn(r *Reader, layout, flags byte, n int, how How) (arrow.Array, error) {
	if int(layout&^layoutList) >= len(layouts) {
		return nil, ErrDamaged
	}
	dt := layouts[layout&^layoutList]
	var valid *memory.Buffer
	nulls := 0
	if flags&flagNulls != 0 && (dt.ID() != arrow.NULL || layout&layoutList != 0) {
		p := r.padded(int(bitutil.BytesForBits(int64(n))))
		if !r.ok {
			return nil, ErrDamaged
		}
		valid = memory.NewBufferBytes(p)
		nulls = n - bitutil.CountSetBits(p, 0, n)
	}
	if layout&layoutList != 0 {
		return decodeList(r, layout&^layoutList, valid, nulls, n)
	}
	if flags&flagPacked != 0 {
		return r.unpack(dt, valid, nulls, n, how)
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
			return nil, ErrDamaged
		}
		end := int(binary.LittleEndian.Uint32(offs[4*n:]))
		bufs = append(bufs, memory.NewBufferBytes(offs), memory.NewBufferBytes(r.padded(end)))
	default:
		bufs = append(bufs, memory.NewBufferBytes(r.padded(n*dt.(arrow.FixedWidthDataType).BitWidth()/8)))
	}
	if !r.ok {
		return nil, ErrDamaged
	}
	return array.MakeFromData(array.NewData(dt, n, bufs, nil, nulls, 0)), nil
}

func decodeList(r *Reader, elem byte, valid *memory.Buffer, nulls, n int) (arrow.Array, error) {
	offs := r.padded(4 * (n + 1))
	flags, shaped := r.byte(), r.byte()
	r.bytes(2)
	size := r.bytes(4)
	if !r.ok {
		return nil, ErrDamaged
	}
	child, err := decodeColumn(r, elem, flags, int(binary.LittleEndian.Uint32(size)), How{})
	if err != nil {
		return nil, err
	}
	kids := []arrow.ArrayData{child.Data()}
	if shaped == 1 {
		l, err := layoutOf(arrow.BinaryTypes.Binary)
		if err != nil {
			return nil, err
		}
		shapes, err := decodeColumn(r, l, 0, n, How{})
		if err != nil {
			return nil, err
		}
		kids = append(kids, shapes.Data())
	}
	dt := arrow.ListOf(layouts[elem])
	bufs := []*memory.Buffer{valid, memory.NewBufferBytes(offs)}
	return array.MakeFromData(array.NewData(dt, n, bufs, kids, nulls, 0)), nil
}
