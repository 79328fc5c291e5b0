package exec

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// pageable says whether the groups can lie in a Cold. The entries of one group's multisets are in memory together: those of groups of all rows would be there for ever.
func (a *aggregate) pageable() bool {
	if a.saving == nil && a.page == nil || a.ttl != nil {
		return false
	}
	sticky := len(a.plan.Group) == 0 || slices.ContainsFunc(a.sets, func(s groupSet) bool { return s.sticky })
	return len(a.multisets()) == 0 || !sticky && len(a.calls) <= math.MaxUint8
}

// multisets are those of the calls that have one.
func (a *aggregate) multisets() []*multiset {
	var out []*multiset
	for _, c := range a.calls {
		if c.set != nil {
			out = append(out, c.set)
		}
	}
	return out
}

// pages makes the aggregate keep its groups in c.
func (a *aggregate) pages(c Cold, prefix []byte, stored bool) error {
	cols, err := a.groupCols(nil)
	if err != nil {
		return err
	}
	dts := make([]arrow.DataType, len(cols))
	for k, col := range cols {
		dts[k] = col.DataType()
	}
	a.page, a.saving = newPages(c, prefix, a.closing != nil, dts), nil
	for i, call := range a.calls {
		if call.set == nil {
			continue
		}
		if err := call.set.pages(c, prefix, i, a.keys, stored); err != nil {
			return err
		}
	}
	if stored {
		return a.page.open()
	}
	return nil
}

// closeAt is when group g closes, as its cell says.
func (a *aggregate) closeAt(g uint32) int64 {
	if a.closing == nil {
		return 0
	}
	return a.closing.at[g]
}

// drain takes the rows that wait.
func (a *aggregate) drain(st *run) error {
	return a.page.drain(func(_ int, b *types.Batch) error { return a.push(st, b) })
}

// pageIn reads those of the new groups that are in the Cold.
func (a *aggregate) pageIn(fresh []uint32) error {
	cols, n, err := a.page.fetch(a.page.absent(a.keys, fresh, a.closeAt))
	if err != nil {
		return damaged(a.name, err)
	}
	if n == 0 {
		return nil
	}
	nk := len(a.keys.cols)
	gids, err := a.loadKeys(cols[:nk], n)
	if err != nil {
		return err
	}
	if err := a.fill(gids, cols[nk:]); err != nil {
		return err
	}
	return a.pageSets(gids)
}

// pageSets reads the multisets of groups that were read.
func (a *aggregate) pageSets(gids []uint32) error {
	for _, c := range a.calls {
		if c.set == nil {
			continue
		}
		if err := c.set.pageIn(gids); err != nil {
			return damaged(a.name, err)
		}
		if c.kind == recomputed && !a.plan.OnClose {
			if err := c.recompute(gids); err != nil {
				return err
			}
		}
	}
	return nil
}

// savePages writes the groups and the entries of multisets that changed.
func (a *aggregate) savePages() error {
	for _, m := range a.multisets() {
		if err := m.savePages(); err != nil {
			return err
		}
	}
	return a.page.save(a.keys, a.closeAt, func(gids []uint32) ([]arrow.Array, error) {
		for _, g := range gids {
			a.flags[g] &^= isUnsaved
		}
		return a.groupCols(gids)
	})
}

// used is about the bytes of the groups in memory.
func (a *aggregate) used() int64 {
	if a.keys.cap() == 0 {
		return 0
	}
	_, bytes := a.inMemory()
	return int64(float64(bytes) * float64(a.keys.n) / float64(a.keys.cap()))
}

// paging gives the counters.
func (a *aggregate) paging(s *OpStats) {
	if a.page == nil {
		return
	}
	s.MemoryRows, s.MemoryBytes = a.inMemory()
	s.Reads, s.Writes = s.Reads+a.page.reads, s.Writes+a.page.writes
	for _, m := range a.multisets() {
		s.Reads, s.Writes = s.Reads+m.page.reads, s.Writes+m.page.writes
	}
}

// release forgets a part of the groups in memory.
func (a *aggregate) release(part float64) {
	hot := func(g uint32) bool {
		f := a.flags[g]
		a.flags[g] = f &^ isHot
		return f&isHot != 0
	}
	keep := func(g uint32) bool { return a.flags[g]&(isSticky|isDirty|isUnsaved) != 0 }
	gone := a.page.victims(a.keys, int(part*float64(a.keys.n))+1, hot, keep)
	for _, g := range gone {
		a.flags[g] = 0
	}
	for _, m := range a.multisets() {
		m.release(gone)
	}
	a.forget(gone)
	if a.closing != nil {
		a.closing.leave(gone, a.keys.n, a.keys.isLive)
	}
}

// closeCold hands on (append) the groups that are only in the Cold and close at or before wm, some at a time; they and what is stored of those in memory go with the next save.
func (a *aggregate) closeCold(st *run) error {
	p := a.page
	first, err := p.first()
	if err != nil || first > st.wmEnd {
		return err
	}
	p.cut = st.wmEnd
	if p.away == 0 {
		return nil
	}
	r, sets := newRowReader(p.dts), a.multisets()
	from, to := p.closed(st.wmEnd)
	changed := p.changed(st.wmEnd)
	err = p.cold.Scan(from, to, func(key, value []byte) (bool, error) {
		ts, hash := p.timeOf(key), binary.BigEndian.Uint64(key[len(key)-8:])
		if changed[cell{ts, hash}] {
			return true, nil // it was in memory, and in this step its groups may have ended there
		}
		p.gids = a.keys.withHash(p.gids[:0], hash)
		if slices.ContainsFunc(p.gids, func(g uint32) bool { return a.closing.at[g] == ts }) {
			return true, nil
		}
		p.away -= cellRows(value)
		if !a.plan.OnClose && len(sets) == 0 {
			return true, nil
		}
		if err := r.cell(value); err != nil {
			return false, damaged(a.name, err)
		}
		if r.n < outBatch {
			return true, nil
		}
		err := a.emitCold(st, r)
		r = newRowReader(p.dts)
		return true, err
	})
	if err != nil || r.n == 0 {
		return err
	}
	return a.emitCold(st, r)
}

// emitCold hands on (append) groups that were read, which don't stay; the entries of their multisets go with the next save.
func (a *aggregate) emitCold(st *run, r *rowReader) error {
	gids, err := a.visit(r)
	if err != nil {
		return err
	}
	if a.plan.OnClose {
		err = a.emitClosed(st, gids)
	}
	a.forget(gids)
	return err
}

// visit takes groups that were read for a moment; forget must follow.
func (a *aggregate) visit(r *rowReader) ([]uint32, error) {
	nk := len(a.keys.cols)
	a.page.reads += int64(r.n)
	cols := r.arrays()
	gids := make([]uint32, r.n)
	a.insert(cols[:nk], gids)
	if err := a.fill(gids, cols[nk:]); err != nil {
		return nil, err
	}
	return gids, a.pageSets(gids)
}
