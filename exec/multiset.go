package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// multiset keeps, for each group, the distinct tuples of some columns with their weights, in the order of arrival: what aggregates need that
// cannot take a value back, and DISTINCT.
type multiset struct {
	tab        *keyTable // group number, then the columns
	w          []int64   // by entry
	next, prev []uint32  // by entry: the list of the group
	head, tail []uint32  // by group
	touched    []uint32  // entries changed in this step
	isTouched  []bool
	gcol       []int64
	ids        []uint32
	page       *setPages // nil: all entries are in memory
}

// newMultiset gives an empty one; distinct: equal values are one, however they are written.
func newMultiset(ts []types.Type, distinct bool) *multiset {
	tab := newKeyTable(append([]types.Type{types.Int8}, ts...))
	if !distinct {
		tab.exact()
	}
	return &multiset{tab: tab}
}

// grow makes room for groups 0..n-1.
func (m *multiset) grow(n int) {
	for len(m.head) < n {
		m.head, m.tail = append(m.head, none), append(m.tail, none)
	}
}

// add changes the weights of the rows' tuples (w nil: +1 each). It tells which rows made a tuple come into being (came) or go (went), for
// DISTINCT; a tuple may do both in one call.
func (m *multiset) add(gids []uint32, cols []arrow.Array, w []int64) (came, went []int32) {
	ids := m.find(gids, cols)
	for i, e := range ids {
		d := int64(1)
		if w != nil {
			d = w[i]
		}
		before := m.w[e]
		m.w[e] = before + d
		switch {
		case before <= 0 && m.w[e] > 0:
			came = append(came, int32(i))
		case before > 0 && m.w[e] <= 0:
			went = append(went, int32(i))
		}
		m.touch(e)
	}
	return came, went
}

// find gives the entries of the rows' tuples, making those that are new, with weight 0.
func (m *multiset) find(gids []uint32, cols []arrow.Array) []uint32 {
	m.gcol = scratch(m.gcol, len(gids))
	for i, g := range gids {
		m.gcol[i] = int64(g)
	}
	m.ids = scratch(m.ids, len(gids))
	m.tab.insert(append([]arrow.Array{types.Int64Array(m.gcol, nil, 0)}, cols...), m.ids)
	n := m.tab.cap()
	m.w, m.next, m.prev, m.isTouched = resize(m.w, n), resize(m.next, n), resize(m.prev, n), resize(m.isTouched, n)
	m.page.grow(n)
	for _, e := range m.tab.fresh {
		g := m.group(e)
		m.page.enter(e)
		m.w[e], m.next[e], m.prev[e] = 0, none, m.tail[g]
		if m.tail[g] == none {
			m.head[g] = e
		} else {
			m.next[m.tail[g]] = e
		}
		m.tail[g] = e
	}
	return m.ids
}

func (m *multiset) group(e uint32) uint32 { return uint32(m.tab.cols[0].ints[e]) }

func (m *multiset) touch(e uint32) {
	if !m.isTouched[e] {
		m.isTouched[e] = true
		m.touched = append(m.touched, e)
	}
}

// has says whether the tuple stands in the group with a positive weight.
func (m *multiset) has(gids []uint32, cols []arrow.Array) []bool {
	gcol := make([]int64, len(gids))
	for i, g := range gids {
		gcol[i] = int64(g)
	}
	ids := make([]uint32, len(gids))
	m.tab.find(append([]arrow.Array{types.Int64Array(gcol, nil, 0)}, cols...), ids)
	out := make([]bool, len(gids))
	for i, e := range ids {
		out[i] = e != none && m.w[e] > 0
	}
	return out
}

// collect lists the entries of the groups in order of arrival, each as often as its weight (once: distinct), with the place of
// its group in gids.
func (m *multiset) collect(gids []uint32, distinct bool) (entries, place []uint32) {
	for k, g := range gids {
		for e := m.head[g]; e != none; e = m.next[e] {
			n := m.w[e]
			if distinct {
				n = min(n, 1)
			}
			for range n {
				entries, place = append(entries, e), append(place, uint32(k))
			}
		}
	}
	return entries, place
}

// values gives the columns of entries.
func (m *multiset) values(entries []uint32) []arrow.Array { return m.tab.gather(entries)[1:] }

// sweep ends a step: entries of weight 0 go.
func (m *multiset) sweep() {
	for _, e := range m.touched {
		m.isTouched[e] = false
		m.page.note(m, e)
		if m.w[e] == 0 {
			m.unlink(e)
		}
	}
	m.touched = m.touched[:0]
}

func (m *multiset) unlink(e uint32) {
	g := m.group(e)
	if p := m.prev[e]; p != none {
		m.next[p] = m.next[e]
	} else {
		m.head[g] = m.next[e]
	}
	if n := m.next[e]; n != none {
		m.prev[n] = m.prev[e]
	} else {
		m.tail[g] = m.prev[e]
	}
	m.tab.remove(e)
}

// forget removes the groups' entries; no step may be under way.
func (m *multiset) forget(gids []uint32) {
	for _, g := range gids {
		for e := m.head[g]; e != none; e = m.next[e] {
			m.w[e] = 0
			m.page.note(m, e)
			m.tab.remove(e)
		}
		m.head[g], m.tail[g] = none, none
	}
}

func (m *multiset) memory() int64 { return m.tab.memory() + int64(cap(m.w)*17+cap(m.head)*8) }

// inOrder lists all entries, group by group in order of arrival.
func (m *multiset) inOrder() []uint32 {
	out := make([]uint32, 0, m.tab.n)
	for _, e := range m.head {
		for ; e != none; e = m.next[e] {
			out = append(out, e)
		}
	}
	return out
}

// load takes saved entries: their columns, and the weights last.
func (m *multiset) load(gids []uint32, cols []arrow.Array) {
	last := len(cols) - 1
	for i, e := range m.find(gids, cols[:last]) {
		m.w[e] = types.Int64s(cols[last])[i]
		m.touch(e)
	}
	m.sweep()
}
