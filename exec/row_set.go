package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// rowSet counts rows: distinct rows, each with one or two weights. It is the state of distinct, the set operations and top-n, and knows how
// to save itself: a chunk has the rows' columns, then the weights (all 0: the row went).
type rowSet struct {
	tab       *keyTable
	w         [][]int64 // by port, by row
	touched   []uint32  // rows changed in this step
	isTouched []bool
	before    [][]int64 // by port: weights before the step, of touched
	saving    bool
	log       []*types.Batch
	ids       []uint32
	names     plan.Schema // of the rows' columns, where the operator shows its state
	page      *pages      // nil: all rows are in memory
	hot       []bool      // with pages: used since the clock's hand passed
}

// newRowSet gives the set of the rows of tab, which says what rows are one: equal ones, or (exact) identical ones.
func newRowSet(tab *keyTable, ports int, saving bool) *rowSet {
	return &rowSet{tab: tab, w: make([][]int64, ports), before: make([][]int64, ports), saving: saving}
}

// add changes weights of port by the rows of b and gives the rows' numbers.
func (s *rowSet) add(port int, cols []arrow.Array, b *types.Batch) []uint32 {
	ids := s.find(cols, b.N)
	w := s.w[port]
	for i, e := range ids {
		s.touch(e)
		w[e] += b.Weight(i)
	}
	return ids
}

// find gives the rows' numbers, making those that are new with weight 0.
func (s *rowSet) find(cols []arrow.Array, n int) []uint32 {
	s.ids = scratch(s.ids, n)
	s.tab.insert(cols, s.ids)
	s.grow()
	for p := range s.w {
		for _, e := range s.tab.fresh {
			s.w[p][e] = 0
		}
	}
	if s.page != nil {
		if len(s.tab.fresh) > 0 {
			s.pageIn()
		}
		for _, e := range s.ids {
			s.hot[e] = true
		}
	}
	return s.ids
}

// grow makes room for what belongs to the rows of the table.
func (s *rowSet) grow() {
	k := s.tab.cap()
	s.isTouched = resize(s.isTouched, k)
	for p := range s.w {
		s.w[p] = resize(s.w[p], k)
	}
	if s.page != nil {
		s.hot = resize(s.hot, k)
	}
}

func (s *rowSet) touch(e uint32) {
	if s.isTouched[e] {
		return
	}
	s.isTouched[e] = true
	s.touched = append(s.touched, e)
	if s.page != nil {
		s.page.dirty = append(s.page.dirty, cell{hash: s.tab.hashes[e]})
	}
	for p := range s.w {
		s.before[p] = append(s.before[p], s.w[p][e])
	}
}

// sweep ends a step: what changed is noted for SaveDelta, and rows without weight go.
func (s *rowSet) sweep() {
	if s.saving && len(s.touched) > 0 {
		s.log = append(s.log, s.chunk(s.touched))
	}
	for _, e := range s.touched {
		s.isTouched[e] = false
		if s.isEmpty(e) {
			s.tab.remove(e)
		}
	}
	s.touched = s.touched[:0]
	for p := range s.before {
		s.before[p] = s.before[p][:0]
	}
}

func (s *rowSet) isEmpty(e uint32) bool {
	for p := range s.w {
		if s.w[p][e] != 0 {
			return false
		}
	}
	return true
}

func (s *rowSet) chunk(ids []uint32) *types.Batch {
	cols := s.tab.gather(ids)
	for p := range s.w {
		w := make([]int64, len(ids))
		for i, e := range ids {
			w[i] = s.w[p][e]
		}
		cols = append(cols, types.Int64Array(w, nil, 0))
	}
	return &types.Batch{Cols: cols, N: len(ids)}
}

// saveDelta gives what sweep noted.
func (s *rowSet) saveDelta(op string) []Chunk {
	out := make([]Chunk, len(s.log))
	for i, b := range s.log {
		out[i] = Chunk{op, "rows", b}
	}
	s.log = nil
	return out
}

// saveAll gives all rows.
func (s *rowSet) saveAll(op string) []Chunk {
	s.log = nil
	var out []Chunk
	for part := range slices.Chunk(s.tab.all(), chunkRows) {
		out = append(out, Chunk{op, "rows", s.chunk(part)})
	}
	return out
}

// load takes a chunk and gives the rows' numbers; rows that went are removed and have the number none.
func (s *rowSet) load(b *types.Batch) []uint32 {
	nk := len(s.tab.cols)
	ids := s.find(b.Cols[:nk], b.N)
	for p := range s.w {
		for i, w := range types.Int64s(b.Cols[nk+p]) {
			s.w[p][ids[i]] = w
		}
	}
	for i, e := range ids {
		if s.isEmpty(e) {
			s.tab.remove(e)
			ids[i] = none
		}
	}
	return ids
}

// result makes a change of the given rows, each with its weight.
func (s *rowSet) result(ids []uint32, w []int64) *types.Batch {
	return &types.Batch{Cols: s.tab.gather(ids), N: len(ids), W: w}
}

func (s *rowSet) size() (rows, bytes int64) {
	if s.page != nil {
		rows = int64(s.tab.n) + s.page.away
		return rows, s.page.bytesOf(rows)
	}
	return s.inMemory()
}

func (s *rowSet) inMemory() (rows, bytes int64) {
	return int64(s.tab.n), s.tab.memory() + int64(cap(s.isTouched)*(1+8*len(s.w)))
}
