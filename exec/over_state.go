package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// The chunks of an over, by tag:
//
//	rows  rows with what their weights changed by: partition keys, the stored columns, weight
//	c     one row: what closes at or before this watermark went

// note logs the rows that came in this step.
func (o *over) note() {
	if !o.saving {
		return
	}
	var ps, es []uint32
	trims := o.trims()
	for _, p := range o.touched {
		if trims && int64(len(o.come[p])) > o.top {
			o.shrink(p)
		}
		for _, e := range o.come[p] {
			ps, es = append(ps, p), append(es, e)
		}
	}
	if len(es) > 0 {
		o.log = append(o.log, o.chunk(ps, es))
	}
}

func (o *over) noteClose(wm int64) {
	if o.saving {
		o.log = append(o.log, Chunk{o.name, "c", &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{wm}, nil, 0)}}})
	}
}

func (o *over) chunk(ps, es []uint32) Chunk {
	w := make([]int64, len(es))
	for i, e := range es {
		w[i] = o.rows.w[e]
	}
	cols := append(o.parts.keys.gather(ps), o.rows.gather(es, len(o.rows.cols))...)
	return Chunk{o.name, "rows", &types.Batch{Cols: append(cols, types.Int64Array(w, nil, 0)), N: len(es)}}
}

// SaveDelta gives what was logged.
func (o *over) SaveDelta() ([]Chunk, error) {
	if o.page != nil {
		return nil, o.page.saveRows(o.mark, o.storedCols, o.rows.n)
	}
	out := o.log
	o.log = nil
	return out, nil
}

// SaveAll gives all rows.
func (o *over) SaveAll() ([]Chunk, error) {
	if o.page != nil {
		return o.SaveDelta()
	}
	o.log = nil
	var out []Chunk
	var ps, es []uint32
	for _, p := range o.parts.keys.all() {
		for part := range slices.Chunk(o.lists[p], chunkRows) {
			for _, e := range part {
				ps, es = append(ps, p), append(es, e)
			}
			if len(es) >= chunkRows {
				out = append(out, o.chunk(ps, es))
				ps, es = ps[:0], es[:0]
			}
		}
	}
	if len(es) > 0 {
		out = append(out, o.chunk(ps, es))
	}
	return out, nil
}

// Load takes a chunk.
func (o *over) Load(c Chunk) error {
	switch c.Tag {
	case "rows":
		return o.loadRows(c.Batch)
	case "c":
		o.settle()
		o.forget(o.parts.closed(types.Int64s(c.Batch.Cols[0])[0]))
		return nil
	}
	return sqlerr.New(sqlerr.DataCorrupted, "unknown state chunk %q of operator %s", c.Tag, o.name)
}

func (o *over) loadRows(b *types.Batch) error {
	nk := len(o.parts.keys.cols)
	if len(b.Cols) != nk+len(o.rows.cols)+1 {
		return sqlerr.New(sqlerr.DataCorrupted, "the state of operator %s has %d columns, not %d", o.name, len(b.Cols), nk+len(o.rows.cols)+1)
	}
	gids := make([]uint32, b.N)
	o.parts.keys.insert(b.Cols[:nk], gids)
	ec := &expr.Ctx{}
	if o.ctx != nil {
		ec = o.ctx()
	}
	if err := o.parts.register(ec, o.parts.keys.fresh); err != nil {
		return err
	}
	if o.page != nil {
		o.arrive(o.parts.keys.fresh)
	}
	last := len(b.Cols) - 1
	o.put(b.Cols[nk:last], gids, &types.Batch{N: b.N, W: types.Int64s(b.Cols[last])})
	return nil
}

// Loaded puts the rows into order.
func (o *over) Loaded() error {
	o.settle()
	return nil
}

// Size is the number of rows and about their bytes.
func (o *over) Size() (rows, bytes int64) {
	if o.page != nil {
		rows = int64(o.rows.n) + o.page.away
		return rows, o.page.bytesOf(rows)
	}
	return int64(o.rows.n), o.memory()
}

// memory is about the bytes of the rows in memory.
func (o *over) memory() int64 {
	return o.rows.memory() + o.parts.keys.memory() + int64(cap(o.lists)*49+o.rows.n*4)
}
