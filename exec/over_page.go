package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// pageable says whether the rows can lie in a Cold: partition by partition.
func (o *over) pageable() bool { return (o.saving || o.page != nil) && len(o.parts.keys.cols) > 0 }

// pages makes the operator keep its rows in c.
func (o *over) pages(c Cold, prefix []byte, stored bool) error {
	return o.pagesUntil(c, prefix, stored, o.parts.closing)
}

// pagesUntil is pages with what says when there is something to do for a partition that lies in c.
func (o *over) pagesUntil(c Cold, prefix []byte, stored bool, ends *closing) error {
	p := &listPages{op: o.name, keys: o.parts.keys}
	for _, x := range o.parts.exprs {
		at := -1
		if col, ok := x.(*expr.Column); ok {
			at = col.Idx
		}
		o.keyCol = append(o.keyCol, at)
	}
	if o.page, o.ends, o.saving = p, ends, false; ends != nil {
		p.marks = newColdMarks(c, append(slices.Clone(prefix), 'k'))
	}
	var dts []arrow.DataType
	cols, _ := o.storedCols(nil)
	for _, col := range cols {
		dts = append(dts, col.DataType())
	}
	p.rowPages = *newRowPages(c, prefix, 0, false, dts)
	o.rows.page = p
	if stored {
		return p.open()
	}
	return nil
}

// storedCols are the columns of rows as they are stored: theirs, the weight, and the partition keys that are not among them.
func (o *over) storedCols(rows []uint32) ([]arrow.Array, error) {
	cols := append(o.rows.gather(rows, len(o.rows.cols)), types.Int64Array(pick(o.rows.w, rows), nil, 0))
	ps := make([]uint32, len(rows))
	for i, e := range rows {
		ps[i] = o.page.part[e]
	}
	for k, at := range o.keyCol {
		if at < 0 {
			cols = append(cols, o.parts.keys.cols[k].gather(ps))
		}
	}
	return cols, nil
}

// keyCols are the partition keys of stored rows; those that stand for themselves begin at column more.
func (o *over) keyCols(cols []arrow.Array, more int) []arrow.Array {
	keys := make([]arrow.Array, len(o.keyCol))
	for k, at := range o.keyCol {
		if at < 0 {
			at = more
			more++
		}
		keys[k] = cols[at]
	}
	return keys
}

// drain takes the rows that wait.
func (o *over) drain(st *run) error {
	if o.page == nil {
		return nil
	}
	return o.page.queue.drain(func(_ int, b *types.Batch) error { return o.push(st, b) })
}

// pageIn notes that the partitions gids are used, and reads the rows of those of them that came new into memory, fresh.
func (o *over) pageIn(ec *expr.Ctx, gids, fresh []uint32) error {
	p := o.page
	fresh = slices.Clone(fresh)
	o.arrive(fresh)
	for _, g := range gids {
		p.hot[g] = true
	}
	hashes := p.absent(fresh)
	if len(hashes) == 0 {
		return nil
	}
	return o.readHashes(ec, hashes)
}

// arrive makes room for partitions that came new into memory.
func (o *over) arrive(fresh []uint32) {
	o.grow()
	o.page.grown(fresh, o.parts.keys.cap())
	if o.entered != nil {
		for _, g := range fresh {
			o.entered(g)
		}
	}
}

// readHashes brings the partitions with these hashes, which ascend, into memory, where none of them is.
func (o *over) readHashes(ec *expr.Ctx, hashes []uint64) error {
	p := o.page
	f, err := p.fetch(hashes)
	if err != nil {
		return damaged(o.name, err)
	}
	if f.n == 0 {
		return nil
	}
	w := len(o.rows.cols)
	gids := make([]uint32, f.n)
	o.parts.keys.insert(o.keyCols(f.cols, w+1), gids)
	fresh := slices.Clone(o.parts.keys.fresh)
	if err := o.parts.register(ec, fresh); err != nil {
		return err
	}
	o.arrive(fresh)
	o.rows.read(f.cols[:w])
	weights := types.Int64s(f.cols[w])
	var ps []uint32
	for i, g := range gids {
		if len(o.lists[g]) == 0 {
			ps = append(ps, g)
		}
		e := o.rows.put(i, weights[i])
		p.grow(int(e) + 1)
		p.load(e, f.numbers[i])
		p.part[e] = g
		o.lists[g] = append(o.lists[g], e)
	}
	for _, g := range ps {
		p.hot[g] = true
		slices.SortStableFunc(o.lists[g], o.order.compare)
		if o.entered != nil {
			o.entered(g)
		}
	}
	return nil
}

// reader is readHashes in a step.
func (o *over) reader(st *run) func(hashes []uint64) error {
	return func(hashes []uint64) error { return o.readHashes(st.ec, hashes) }
}

// mark puts the time at which partition g closes into the Cold.
func (o *over) mark(g uint32) {
	if ends := o.ends; int(g) < len(ends.at) {
		o.page.marks.set(g, o.parts.keys.hashes[g], ends.at[g])
	}
}

// used is about the bytes of the rows in memory.
func (o *over) used() int64 {
	if len(o.rows.w) == 0 {
		return 0
	}
	return int64(float64(o.memory()) * float64(o.rows.n) / float64(len(o.rows.w)))
}

// release forgets partitions with a part of the rows in memory.
func (o *over) release(part float64) {
	p, keys := o.page, o.parts.keys
	gone := p.oldest(int(part*float64(o.rows.n))+1, func(g uint32) int { return len(o.lists[g]) })
	for _, g := range gone {
		for _, e := range o.lists[g] {
			p.forget(e)
		}
	}
	o.forget(gone)
	if o.ends != nil {
		o.ends.leave(gone, keys.n, keys.isLive)
	}
}

// paging gives the counters.
func (o *over) paging(s *OpStats) {
	if o.page == nil {
		return
	}
	s.MemoryRows, s.MemoryBytes = int64(o.rows.n), o.memory()
	s.Reads, s.Writes = s.Reads+o.page.reads, s.Writes+o.page.writes
}

func (o *over) isPaged() bool { return o.page != nil }

// coldRows gives the rows that are stored.
func (o *over) coldRows(emit func(part string, b *types.Batch) error) error {
	w := len(o.rows.cols)
	return o.page.each(func(numbers []uint64, cols []arrow.Array) error {
		return emit("rows", &types.Batch{Cols: append(o.keyCols(cols, w+1), cols[:w+1]...), N: len(numbers)})
	})
}
