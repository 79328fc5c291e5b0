package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// tuples are the distinct tuples of some columns in each group, in the order of arrival. Calls of DISTINCT over the same columns, each with its filter, have them in common:
// a multiset has the weights for one call.
type tuples struct {
	types      []types.Type
	tab        *keyTable // group number, then the columns
	next, prev []uint32  // by entry: the list of the group
	head, tail []uint32  // by group
	sets       []*multiset
	gcol       []int64
	ids        []uint32

	whole tupleBatch
}

// tupleBatch is what was found for the rows of the batch that is being added, for the calls with a filter; ids is nil where it was not.
type tupleBatch struct {
	ids  []uint32
	cols []arrow.Array
}

func newTuples(ts []types.Type) *tuples {
	return &tuples{types: ts, tab: newKeyTable(append([]types.Type{types.Int8}, ts...))}
}

// shareTuples lets calls of DISTINCT with the same arguments have their tuples in common.
func shareTuples(calls []*aggCall) {
	for i, c := range calls {
		if c.kind != onceEach {
			continue
		}
		for _, o := range calls[:i] {
			if o.kind == onceEach && slices.EqualFunc(o.xs, c.xs, expr.Equal) {
				c.set.tuples = o.set.tuples
				c.set.sets = append(c.set.sets, c.set)
				break
			}
		}
	}
}

// grow makes room for groups 0..n-1.
func (t *tuples) grow(n int) {
	for len(t.head) < n {
		t.head, t.tail = append(t.head, none), append(t.tail, none)
	}
}

func (t *tuples) groups(gids []uint32) arrow.Array {
	t.gcol = scratch(t.gcol, len(gids))
	for i, g := range gids {
		t.gcol[i] = int64(g)
	}
	return types.Int64Array(t.gcol, nil, 0)
}

// find gives the entries of the rows' tuples, making those that are new, with weight 0 in all multisets. They are good until the next call.
func (t *tuples) find(gids []uint32, cols []arrow.Array) []uint32 {
	t.ids = scratch(t.ids, len(gids))
	t.tab.insert(append([]arrow.Array{t.groups(gids)}, cols...), t.ids)
	n := t.tab.cap()
	t.next, t.prev = resize(t.next, n), resize(t.prev, n)
	for _, m := range t.sets {
		m.growEntries(n)
	}
	for _, e := range t.tab.fresh {
		g := t.group(e)
		for _, m := range t.sets {
			m.setWeight(e, 0)
			m.page.enter(e)
		}
		t.next[e], t.prev[e] = none, t.tail[g]
		if t.tail[g] == none {
			t.head[g] = e
		} else {
			t.next[t.tail[g]] = e
		}
		t.tail[g] = e
	}
	return t.ids
}

func (t *tuples) group(e uint32) uint32 { return uint32(t.tab.cols[0].ints[e]) }

// isFree says that no multiset has the entry.
func (t *tuples) isFree(e uint32) bool {
	for _, m := range t.sets {
		if m.weight(e) != 0 || m.isTouched[e] {
			return false
		}
	}
	return true
}

func (t *tuples) unlink(e uint32) {
	g := t.group(e)
	if p := t.prev[e]; p != none {
		t.next[p] = t.next[e]
	} else {
		t.head[g] = t.next[e]
	}
	if n := t.next[e]; n != none {
		t.prev[n] = t.prev[e]
	} else {
		t.tail[g] = t.prev[e]
	}
	t.tab.remove(e)
}

// forget removes the groups' entries from all multisets; no step may be under way.
func (t *tuples) forget(gids []uint32) {
	for _, g := range gids {
		for e := t.head[g]; e != none; e = t.next[e] {
			for _, m := range t.sets {
				m.setWeight(e, 0)
				m.page.note(m, e)
			}
			t.tab.remove(e)
		}
		t.head[g], t.tail[g] = none, none
	}
}

// values gives the columns of entries.
func (t *tuples) values(entries []uint32) []arrow.Array { return t.tab.gather(entries)[1:] }

func (t *tuples) memory() int64 {
	return t.tab.memory() + int64(cap(t.next)*8+cap(t.head)*8)
}
