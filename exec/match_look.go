package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// matchLook is what conditions see of the rows taken so far: for each set of variables that one asks for, the rows that were taken as one
// of them.
type matchLook struct {
	dynamic bool // some condition depends on the way taken
	path    bool // some condition may see all of it
	sets    []matchSet
	hashes  []uint64 // of the way after each row, with path
	behind  int32    // how far measures look behind the match
	back    int32    // how far anything looks before a row
}

// matchSet are the rows of a set of variables; first and last say how many from both ends can be asked for.
type matchSet struct {
	member      []bool
	rows        []int32
	first, last int
}

// set finds the set of a nav; -1: all rows.
func (l *matchLook) set(n *plan.MatchNav, vars int) int {
	member := matchMembers(n, vars)
	if member == nil {
		return -1
	}
	at := -1
	for i := range l.sets {
		if slices.Equal(l.sets[i].member, member) {
			at = i
		}
	}
	if at < 0 {
		at = len(l.sets)
		l.sets = append(l.sets, matchSet{member: member})
	}
	s := &l.sets[at]
	if n.First {
		s.first = max(s.first, n.Offset+1)
	} else {
		s.last = max(s.last, n.Offset+1)
	}
	return at
}

// matchMembers marks the variables whose rows count for a nav; nil: all.
func matchMembers(n *plan.MatchNav, vars int) []bool {
	if n.Vars == nil {
		return nil
	}
	member := make([]bool, vars)
	for _, v := range n.Vars {
		member[v] = true
	}
	return member
}

func (l *matchLook) push(pos, v int32) {
	for i := range l.sets {
		if s := &l.sets[i]; s.member[v] {
			s.rows = append(s.rows, pos)
		}
	}
	if l.path {
		h := uint64(0)
		if k := len(l.hashes); k > 0 {
			h = l.hashes[k-1]
		}
		l.hashes = append(l.hashes, mix(h, uint64(v)))
	}
}

// cut goes back to where pos is the next row, and n rows are taken.
func (l *matchLook) cut(pos int32, n int) {
	for i := range l.sets {
		s := &l.sets[i]
		k := len(s.rows)
		for k > 0 && (s.rows[k-1] >= pos || n == 0) {
			k--
		}
		s.rows = s.rows[:k]
	}
	if l.path {
		l.hashes = l.hashes[:min(n, len(l.hashes))]
	}
}

// seen is a hash of what conditions can see from here on.
func (m *matcher) seen() uint64 {
	l := &m.look
	h := uint64(1)
	if l.path {
		if k := len(l.hashes); k > 0 {
			h = l.hashes[k-1]
		}
		return h
	}
	for i := range l.sets {
		s := &l.sets[i]
		n := len(s.rows)
		for _, r := range s.rows[:min(n, s.first)] {
			h = mix(h, uint64(r)+1)
		}
		h = mix(h, 0)
		for _, r := range s.rows[max(0, n-s.last):] {
			h = mix(h, uint64(r)+1)
		}
	}
	return h
}

// resolve is the row that nav n sees when the row at pos is tried as v; -1: none.
func (m *matcher) resolve(n *plan.MatchNav, set int, pos, v int32) int32 {
	taken := int(pos - m.start)
	row := func(k int) int32 { return m.start + int32(k) }
	count := taken + 1
	if set >= 0 {
		s := &m.look.sets[set]
		row = func(k int) int32 {
			if k == len(s.rows) {
				return pos
			}
			return s.rows[k]
		}
		count = len(s.rows)
		if s.member[v] {
			count++
		}
	}
	k := n.Offset
	if !n.First {
		k = count - 1 - n.Offset
	}
	if k < 0 || k >= count {
		return -1
	}
	return m.shifted(row(k), n.Shift)
}

// shifted is the row so many rows on in the partition; -1: none.
func (m *matcher) shifted(r int32, by int) int32 {
	if to := int(r) + by; to >= int(m.part.lo) && to < int(m.part.hi) {
		return int32(to)
	}
	return -1
}

// matchMemo remembers which choices were made, so that none is made twice: the second time would lead where the first one did, nowhere.
type matchMemo struct {
	number []int32 // by place in the program: of the choice
	n      int
	hashed bool
	stamps []uint32
	gen    uint32
	seen   map[memoKey]struct{}
}

type memoKey struct{ at, ctx uint64 }

// memoStamps bounds the table that a partition gets; beyond it a map is used.
const memoStamps = 1 << 22

func (m *matchMemo) init(prog []matchInst, look *matchLook) {
	m.number = make([]int32, len(prog))
	for i, in := range prog {
		if in.op == matchSplit {
			m.number[i] = int32(m.n)
			m.n++
		}
	}
	m.hashed, m.seen = look.dynamic, map[memoKey]struct{}{}
}

// reset prepares for a partition of so many rows.
func (m *matchMemo) reset(rows int) {
	m.forget()
	if m.hashed || (rows+1)*m.n > memoStamps {
		m.stamps = nil
		return
	}
	m.stamps = resize(m.stamps, (rows+1)*m.n)
}

// forget starts anew.
func (m *matchMemo) forget() {
	if m.gen++; m.gen == 0 {
		clear(m.stamps)
		m.gen = 1
	}
	switch k := len(m.seen); {
	case k > 256:
		m.seen = map[memoKey]struct{}{}
	case k > 0:
		clear(m.seen)
	}
}

// visit says whether the choice is new.
func (m *matchMemo) visit(pc, row int32, ctx uint64) bool {
	at := uint64(row)*uint64(m.n) + uint64(m.number[pc])
	if m.stamps != nil {
		if m.stamps[at] == m.gen {
			return false
		}
		m.stamps[at] = m.gen
		return true
	}
	k := memoKey{at, ctx}
	if _, ok := m.seen[k]; ok {
		return false
	}
	m.seen[k] = struct{}{}
	return true
}
