package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// multiset keeps, for each group, the distinct tuples of some columns with their weights, in the order of arrival: what aggregates need that
// cannot take a value back, and DISTINCT.
type multiset struct {
	*tuples
	once      bool     // nothing is taken back, and only whether a tuple came counts
	came      []bool   // once, by entry: its weight is 1
	w         []int64  // else, by entry
	touched   []uint32 // entries changed in this step
	isTouched []bool
	page      *setPages // nil: all entries are in memory
}

// newMultiset gives an empty one; distinct: equal values are one, however they are written.
func newMultiset(ts []types.Type, distinct bool) *multiset {
	m := &multiset{tuples: newTuples(ts)}
	if m.sets = []*multiset{m}; !distinct {
		m.tab.exact()
	}
	return m
}

func (m *multiset) growEntries(n int) {
	if m.isTouched = resize(m.isTouched, n); m.once {
		m.came = resize(m.came, n)
	} else {
		m.w = resize(m.w, n)
	}
	m.page.grow(n)
}

func (m *multiset) weight(e uint32) int64 {
	if m.once {
		return int64(btoi(m.came[e]))
	}
	return m.w[e]
}

func (m *multiset) setWeight(e uint32, w int64) {
	if m.once {
		m.came[e] = w > 0
		return
	}
	m.w[e] = w
}

// add changes the weights of the rows' tuples (w nil: +1 each). It tells which rows made a tuple come into being (came) or go (went), for
// DISTINCT; a tuple may do both in one call.
func (m *multiset) add(gids []uint32, cols []arrow.Array, w []int64) (came, went []int32) {
	return m.change(m.find(gids, cols), w)
}

// change is add for tuples that were found.
func (m *multiset) change(ids []uint32, w []int64) (came, went []int32) {
	if m.once {
		for i, e := range ids {
			if !m.came[e] {
				m.came[e] = true
				m.touch(e)
				came = append(came, int32(i))
			}
		}
		return came, nil
	}
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

func (m *multiset) touch(e uint32) {
	if !m.isTouched[e] {
		m.isTouched[e] = true
		m.touched = append(m.touched, e)
	}
}

// has says whether the tuple stands in the group with a positive weight.
func (m *multiset) has(gids []uint32, cols []arrow.Array) []bool {
	ids := make([]uint32, len(gids))
	m.tab.find(append([]arrow.Array{m.groups(gids)}, cols...), ids)
	out := make([]bool, len(gids))
	for i, e := range ids {
		out[i] = e != none && m.weight(e) > 0
	}
	return out
}

// collect lists the entries of the groups in order of arrival, each as often as its weight (once: distinct), with the place of
// its group in gids.
func (m *multiset) collect(gids []uint32, distinct bool) (entries, place []uint32) {
	for k, g := range gids {
		for e := m.head[g]; e != none; e = m.next[e] {
			n := m.weight(e)
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

// sweep ends a step: entries of weight 0 go, where no other multiset has them.
func (m *multiset) sweep() {
	for _, e := range m.touched {
		m.isTouched[e] = false
		m.page.note(m, e)
		if m.weight(e) == 0 && m.isFree(e) {
			m.unlink(e)
		}
	}
	m.touched = m.touched[:0]
}

// memory is about the bytes of the weights, and of this one's part of what is common.
func (m *multiset) memory() int64 {
	return m.tuples.memory()/int64(len(m.sets)) + int64(cap(m.w)*8+cap(m.came)+cap(m.isTouched))
}

// inOrder lists all entries, group by group in order of arrival.
func (m *multiset) inOrder() []uint32 {
	out := make([]uint32, 0, m.tab.n)
	for _, e := range m.head {
		for ; e != none; e = m.next[e] {
			if m.weight(e) != 0 {
				out = append(out, e)
			}
		}
	}
	return out
}

// load takes saved entries: their columns, and the weights last.
func (m *multiset) load(gids []uint32, cols []arrow.Array) {
	last := len(cols) - 1
	for i, e := range m.find(gids, cols[:last]) {
		m.setWeight(e, types.Int64s(cols[last])[i])
		m.touch(e)
	}
	m.sweep()
}
