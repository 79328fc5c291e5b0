package types

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Mem is the allocator of every column: Go's heap, freed by the garbage collector.
var Mem memory.Allocator = memory.DefaultAllocator

// Batch is a change: rows in columns, each with a weight. It is immutable once handed on.
type Batch struct {
	Cols []arrow.Array // all of length N, in the layouts of doc.go
	N    int           // number of rows; counts also where there is no column
	W    []int64       // weight of each row: +1 came, -1 went; nil: every row has +1 (append-only)
}

// Slice is the rows [from, to) of b; it shares b's memory.
func (b *Batch) Slice(from, to int) *Batch {
	s := &Batch{N: to - from, Cols: make([]arrow.Array, len(b.Cols))}
	for i, c := range b.Cols {
		s.Cols[i] = array.NewSlice(c, int64(from), int64(to))
	}
	if b.W != nil {
		s.W = b.W[from:to]
	}
	return s
}

// Project is b with only the given columns, in that order.
func (b *Batch) Project(cols []int) *Batch {
	p := &Batch{N: b.N, W: b.W, Cols: make([]arrow.Array, len(cols))}
	for i, c := range cols {
		p.Cols[i] = b.Cols[c]
	}
	return p
}

// Plain is the batch without weights. It shares the columns.
func (b *Batch) Plain() *Batch { return &Batch{Cols: b.Cols, N: b.N} }

// Own is b with memory of its own for the columns of fixed width.
func (b *Batch) Own() *Batch {
	o := &Batch{N: b.N, W: b.W, Cols: make([]arrow.Array, len(b.Cols))}
	for i, c := range b.Cols {
		o.Cols[i] = c
		dt, ok := c.DataType().(arrow.FixedWidthDataType)
		if !ok || dt.BitWidth()%8 != 0 {
			continue
		}
		d, width := c.Data(), dt.BitWidth()/8
		bufs := slices.Clone(d.Buffers())
		if bufs[1] != nil {
			bufs[1] = memory.NewBufferBytes(slices.Clone(bufs[1].Bytes()[:(d.Offset()+d.Len())*width]))
		}
		o.Cols[i] = array.MakeFromData(array.NewData(dt, d.Len(), bufs, nil, d.NullN(), d.Offset()))
	}
	return o
}

// Weight is the weight of row i.
func (b *Batch) Weight(i int) int64 {
	if b.W == nil {
		return 1
	}
	return b.W[i]
}

// NewBuilder makes a builder for columns of type t.
func NewBuilder(t Type) array.Builder {
	b := array.NewBuilder(Mem, t.Arrow())
	if l, ok := b.(*array.ListBuilder); ok {
		return &ListBuilder{ListBuilder: l}
	}
	return b
}
