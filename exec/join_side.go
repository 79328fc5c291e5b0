package exec

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// joinSide is what a join keeps of one input: its rows, those of one key in a list. Keys are numbered by join.keys, for both sides together.
type joinSide struct {
	types    []types.Type
	keys     []expr.Expr // over the input
	changing bool        // rows may be taken back
	tracked  bool        // the result depends on whether a row has a partner
	waiting  bool        // ... and says so only when no partner can come any more
	own      expr.Expr   // of a waiting side: what the condition asks of its rows alone, over the input; nil: nothing
	rows     *rowStore
	time     int   // column with the time of the bound, -1: none
	close    int64 // a row with time t is late when t + close <= watermark
	done     int64 // ... and finds no partner any more when t + done <= watermark
	expiry   *expiry
	band     *joinBand // nil: none

	head, tail []uint32 // by key
	weight     []int64  // by key: of its rows
	found      []bool   // by key: whether the other side has rows, as of the last settling; only where tracked
	next, prev []uint32 // by row
	key        []uint32 // by row
	partners   []int64  // by row: weight of its partners; only where they are counted by row
	out        []int64  // by row: weight with which it stands in the result for its own sake; only where tracked
	flags      []uint8  // by row
	touched    []uint32
	unsaved    []uint32
}

// Flags of a stored row.
const (
	rowTouched = 1 << iota // changed in this step
	rowUnsaved             // changed since the state was last saved
)

// growKeys makes room for n keys.
func (s *joinSide) growKeys(n int) {
	for len(s.head) < n {
		s.head, s.tail = append(s.head, none), append(s.tail, none)
	}
	s.weight = resize(s.weight, n)
	if s.tracked {
		s.found = resize(s.found, n)
	}
}

func (s *joinSide) growRows() {
	n := s.rows.cap()
	s.next, s.prev, s.key, s.flags = resize(s.next, n), resize(s.prev, n), resize(s.key, n), resize(s.flags, n)
	if s.tracked {
		s.partners, s.out = resize(s.partners, n), resize(s.out, n)
	}
}

// link puts row e at the end of the list of key g.
func (s *joinSide) link(e, g uint32) {
	last := s.tail[g]
	s.key[e], s.next[e], s.prev[e] = g, none, last
	if last == none {
		s.head[g] = e
	} else {
		s.next[last] = e
	}
	s.tail[g] = e
	if s.band != nil {
		s.band.add(s, e, g)
	}
}

func (s *joinSide) unlink(e uint32) {
	g := s.key[e]
	if s.band != nil {
		s.band.remove(s, e, g)
	}
	if p := s.prev[e]; p != none {
		s.next[p] = s.next[e]
	} else {
		s.head[g] = s.next[e]
	}
	if n := s.next[e]; n != none {
		s.prev[n] = s.prev[e]
	} else {
		s.tail[g] = s.prev[e]
	}
}

func (s *joinSide) touch(e uint32) {
	if s.flags[e]&rowTouched == 0 {
		s.flags[e] |= rowTouched
		s.touched = append(s.touched, e)
	}
}

func (s *joinSide) unsave(e uint32) {
	if s.flags[e]&rowUnsaved == 0 {
		s.flags[e] |= rowUnsaved
		s.unsaved = append(s.unsaved, e)
	}
}

// timeOf is the time of row e.
func (s *joinSide) timeOf(e uint32) int64 { return s.rows.tab.cols[s.time].ints[e] }

func (s *joinSide) memory() int64 {
	m := s.rows.memory() + int64(cap(s.head)*8+cap(s.weight)*8+cap(s.next)*13+cap(s.partners)*16+cap(s.unsaved)*4)
	if s.expiry != nil {
		m += int64(s.rows.tab.n) * 4
	}
	if s.band != nil {
		m += s.band.memory()
	}
	return m
}
