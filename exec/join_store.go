package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// rowStore keeps one side's rows in columns, each with a weight. A row has a number, which is used again when the row went. Where rows may be taken
// back they are found by their values; rows are the same where every value has the same representation.
type rowStore struct {
	types   []types.Type
	tab     *keyTable // its slots are used only where rows are found by value
	indexed bool
	w       []int64 // by row
	ids     []uint32
}

func newRowStore(ts []types.Type, indexed bool) *rowStore {
	return &rowStore{types: ts, tab: newKeyTable(ts).exact(), indexed: indexed}
}

// cap is one more than the greatest number ever given.
func (s *rowStore) cap() int { return len(s.tab.live) }

// add puts the rows of b in, with their weights, and gives their numbers; fresh lists the numbers that are new, in the order of the rows. Both are
// good until the next call.
func (s *rowStore) add(b *types.Batch) (ids, fresh []uint32) {
	s.ids = scratch(s.ids, b.N)
	if !s.indexed {
		s.append(b.Cols)
		s.w = resize(s.w, s.cap())
		for i, e := range s.ids {
			s.w[e] = b.Weight(i)
		}
		return s.ids, s.ids
	}
	s.tab.insert(b.Cols, s.ids)
	s.w = resize(s.w, s.cap())
	for _, e := range s.tab.fresh {
		s.w[e] = 0
	}
	for i, e := range s.ids {
		s.w[e] += b.Weight(i)
	}
	return s.ids, s.tab.fresh
}

// append stores rows without looking for their like: free numbers first, the rest at the end.
func (s *rowStore) append(cols []arrow.Array) {
	t := s.tab
	for k, c := range t.cols {
		c.read(&t.vecs[k], cols[k])
	}
	n := len(s.ids)
	reused := min(n, len(t.free))
	for i := range reused {
		g := t.free[len(t.free)-1]
		t.free = t.free[:len(t.free)-1]
		for k, c := range t.cols {
			c.set(&t.vecs[k], i, g)
		}
		t.live[g] = true
		s.ids[i] = g
	}
	base := len(t.live)
	t.live = resize(t.live, base+n-reused)
	for i := reused; i < n; i++ {
		g := base + i - reused
		t.live[g] = true
		s.ids[i] = uint32(g)
	}
	if reused < n {
		for k, c := range t.cols {
			c.extend(&t.vecs[k], reused, n)
		}
	}
	t.n += n
}

// extend stores rows from..to of v as new entries at the end.
func (c *keyCol) extend(v *keyVec, from, to int) {
	base, n := c.len(), to-from
	if v.valid != nil && c.nulls == nil {
		c.nulls = make([]bool, base, base+n)
	}
	if c.nulls != nil {
		c.nulls = resize(c.nulls, base+n)
		for i := range n {
			c.nulls[base+i] = v.isNull(from + i)
		}
	}
	if c.isInt {
		c.ints = append(c.ints, v.ints[from:to]...)
		return
	}
	c.start, c.size = resize(c.start, base+n), resize(c.size, base+n)
	for i := range n {
		b := v.bytes(from + i)
		c.start[base+i], c.size[base+i] = c.arena.put(b), uint32(len(b))
	}
}

// remove takes row e out.
func (s *rowStore) remove(e uint32) {
	s.w[e] = 0
	if s.indexed {
		s.tab.remove(e)
		return
	}
	for _, c := range s.tab.cols {
		c.drop(e)
	}
	s.tab.live[e] = false
	s.tab.free = append(s.tab.free, e)
	s.tab.n--
}

// put stores the rows of cols under given numbers, which are not in use; settle must follow the last put.
func (s *rowStore) put(ids []uint32, cols []arrow.Array) {
	t := s.tab
	t.load(cols, len(ids))
	for i, e := range ids {
		n := int(e) + 1
		if len(t.live) < n {
			t.live = resize(t.live, n)
			for _, c := range t.cols {
				c.growTo(n)
			}
		}
		for k, c := range t.cols {
			c.set(&t.vecs[k], i, e)
		}
		t.live[e] = true
		t.n++
		if s.indexed {
			t.hashes = resize(t.hashes, len(t.live))
			t.place(e, t.hs[i])
		}
	}
	s.w = resize(s.w, s.cap())
}

// growTo makes room for n entries.
func (c *keyCol) growTo(n int) {
	if c.isInt {
		c.ints = resize(c.ints, n)
	} else {
		c.start, c.size = resize(c.start, n), resize(c.size, n)
	}
	if c.nulls != nil {
		c.nulls = resize(c.nulls, n)
	}
}

// place enters the live entry e, which has the hash h, into the slots.
func (t *keyTable) place(e uint32, h uint64) {
	t.hashes[e] = h
	p := h >> 32 & t.mask
	for t.slots[p] != 0 {
		p = (p + 1) & t.mask
	}
	t.slots[p] = h<<32 | uint64(e+1)
	t.reserve(1)
}

// settle makes the list of free numbers after loading.
func (s *rowStore) settle() {
	s.tab.free = s.tab.free[:0]
	for e := len(s.tab.live) - 1; e >= 0; e-- {
		if !s.tab.live[e] {
			s.tab.free = append(s.tab.free, uint32(e))
		}
	}
}

// column gives column k of rows.
func (s *rowStore) column(k int, rows []uint32) arrow.Array {
	return s.tab.cols[k].gather(rows)
}

// columns gives all columns of rows.
func (s *rowStore) columns(rows []uint32) []arrow.Array {
	out := make([]arrow.Array, len(s.types))
	for k := range out {
		out[k] = s.column(k, rows)
	}
	return out
}

func (s *rowStore) memory() int64 { return s.tab.memory() + int64(cap(s.w)*8+cap(s.tab.live)) }
