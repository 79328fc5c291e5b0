package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// rowPager is the part of a pager that operators over a rowSet have in common.
type rowPager struct{ set *rowSet }

func (r rowPager) pages(c Cold, prefix []byte, stored bool) error {
	return r.set.pages(c, prefix, stored)
}
func (r rowPager) used() int64          { return r.set.used() }
func (r rowPager) release(part float64) { r.set.release(part) }
func (r rowPager) paging(s *OpStats)    { r.set.paging(s) }

// pages makes the set keep its rows in c. A row's cell has the row and its weights.
func (s *rowSet) pages(c Cold, prefix []byte, stored bool) error {
	cols := s.chunk(nil).Cols
	dts := make([]arrow.DataType, len(cols))
	for k, col := range cols {
		dts[k] = col.DataType()
	}
	s.page, s.saving = newPages(c, prefix, false, dts), false
	if stored {
		return s.page.open()
	}
	return nil
}

// pageIn reads those of the new rows that are in the Cold; tab.fresh keeps the others. What goes wrong is told by the next save.
func (s *rowSet) pageIn() {
	fresh := slices.Clone(s.tab.fresh)
	cols, n, err := s.page.fetch(s.page.absent(s.tab, fresh, func(uint32) int64 { return 0 }))
	if err != nil || n == 0 {
		s.page.err = err
		return
	}
	loaded := s.take(cols, n)
	slices.Sort(loaded)
	s.tab.fresh = slices.DeleteFunc(fresh, func(e uint32) bool {
		_, was := slices.BinarySearch(loaded, e)
		return was
	})
}

// take puts stored rows into the table.
func (s *rowSet) take(cols []arrow.Array, n int) []uint32 {
	nk, ids := len(s.tab.cols), make([]uint32, n)
	s.tab.insert(cols[:nk], ids)
	s.grow()
	for p := range s.w {
		for i, w := range types.Int64s(cols[nk+p]) {
			s.w[p][ids[i]] = w
		}
	}
	return ids
}

// unsaved notes that all rows have yet to be written.
func (s *rowSet) unsaved() {
	if s.page == nil {
		return
	}
	for _, e := range s.tab.all() {
		s.page.dirty = append(s.page.dirty, cell{hash: s.tab.hashes[e]})
	}
}

func (s *rowSet) savePages(op string) error {
	if s.page.err != nil {
		return damaged(op, s.page.err)
	}
	return s.page.save(s.tab, func(uint32) int64 { return 0 }, func(ids []uint32) ([]arrow.Array, error) { return s.chunk(ids).Cols, nil })
}

func (s *rowSet) used() int64 {
	if s.tab.cap() == 0 {
		return 0
	}
	_, bytes := s.inMemory()
	return int64(float64(bytes) * float64(s.tab.n) / float64(s.tab.cap()))
}

func (s *rowSet) release(part float64) {
	hot := func(e uint32) bool {
		was := s.hot[e]
		s.hot[e] = false
		return was
	}
	for _, e := range s.page.victims(s.tab, int(part*float64(s.tab.n))+1, hot, func(e uint32) bool { return s.isTouched[e] }) {
		s.tab.remove(e)
	}
}

func (s *rowSet) paging(o *OpStats) {
	if s.page == nil {
		return
	}
	o.MemoryRows, o.MemoryBytes = s.inMemory()
	o.Reads, o.Writes = o.Reads+s.page.reads, o.Writes+s.page.writes
}

// stateCols are the columns of a row and its weights.
func (s *rowSet) stateCols() plan.Schema {
	cols := slices.Clone(s.names)
	for p := range s.w {
		name := "weight"
		if len(s.w) > 1 {
			name = [...]string{"weight_left", "weight_right"}[p]
		}
		cols = append(cols, plan.Col{Name: name, Type: types.Int8})
	}
	return cols
}

func (s *rowSet) stateRows(emit func(*types.Batch) error) error {
	for part := range slices.Chunk(s.tab.all(), outBatch) {
		if err := emit(s.chunk(part)); err != nil {
			return err
		}
	}
	if s.page == nil {
		return nil
	}
	return s.page.each(func(r *rowReader) error { return emit(&types.Batch{Cols: r.arrays(), N: r.n}) })
}
