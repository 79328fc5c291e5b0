package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// setPages ties the entries of a multiset to a Cold, under the hash of their group's keys. Memory has all entries of a group that is there, and none of another.
// A nil one does nothing: all entries are in memory.
type setPages struct {
	rowPages
	keys      *keyTable // the groups
	unsaved   []uint32
	isUnsaved []bool // by entry
}

func (p *setPages) grow(n int) {
	if p != nil {
		p.rowPages.grow(n)
		p.isUnsaved = resize(p.isUnsaved, n)
	}
}

func (p *setPages) enter(e uint32) {
	if p != nil {
		p.rowPages.enter(e)
	}
}

// note is told that an entry changed, or goes.
func (p *setPages) note(m *multiset, e uint32) {
	switch {
	case p == nil:
	case m.weight(e) == 0:
		p.remove(e, 0, p.keys.hashes[m.group(e)])
	case !p.isUnsaved[e]:
		p.isUnsaved[e] = true
		p.unsaved = append(p.unsaved, e)
	}
}

// storedEntries are the columns of entries as they are stored: the group's keys, theirs, and the weight.
func (m *multiset) storedEntries(keys *keyTable, entries []uint32) []arrow.Array {
	gids, w := make([]uint32, len(entries)), make([]int64, len(entries))
	for i, e := range entries {
		gids[i], w[i] = m.group(e), m.weight(e)
	}
	return append(append(keys.gather(gids), m.values(entries)...), types.Int64Array(w, nil, 0))
}

// pages makes the multiset of a call keep its entries in c.
func (m *multiset) pages(c Cold, prefix []byte, call int, keys *keyTable, stored bool) error {
	cols := m.storedEntries(keys, nil)
	dts := make([]arrow.DataType, len(cols))
	for k, col := range cols {
		dts[k] = col.DataType()
	}
	if len(m.sets) > 1 { // the entries of each call are stored for themselves
		m.tuples = newTuples(m.types)
		m.sets = []*multiset{m}
	}
	m.page = &setPages{rowPages: *newRowPages(c, append(slices.Clone(prefix), 's'), byte(call), false, dts), keys: keys}
	if stored {
		return m.page.open()
	}
	return nil
}

// pageIn reads the entries of groups that came into memory.
func (m *multiset) pageIn(gids []uint32) error {
	p := m.page
	if p.away == 0 {
		return nil
	}
	hashes, wanted := make([]uint64, len(gids)), make(map[uint32]bool, len(gids))
	for i, g := range gids {
		hashes[i], wanted[g] = p.keys.hashes[g], true
	}
	slices.Sort(hashes)
	f, err := p.fetch(slices.Compact(hashes))
	if err != nil || f.n == 0 {
		return err
	}
	nk, last := len(p.keys.cols), len(f.cols)-1
	of := make([]uint32, f.n)
	p.keys.find(f.cols[:nk], of)
	var sel []int32
	for i, g := range of {
		if g != none && wanted[g] {
			sel = append(sel, int32(i))
		}
	}
	cols, w := takeCols(f.cols[nk:last], sel), types.Int64s(f.cols[last])
	for k, e := range m.find(takeGids(of, sel), cols) {
		m.setWeight(e, w[sel[k]])
		p.load(e, f.numbers[sel[k]])
	}
	return nil
}

// release forgets the entries of groups, which stay in the Cold.
func (m *multiset) release(gids []uint32) {
	for _, g := range gids {
		for e := m.head[g]; e != none; e = m.next[e] {
			m.page.forget(e)
			m.setWeight(e, 0)
			m.tab.remove(e)
		}
		m.head[g], m.tail[g] = none, none
	}
}

// savePages writes the entries that changed.
func (m *multiset) savePages() error {
	p := m.page
	live := p.unsaved[:0]
	for _, e := range p.unsaved {
		p.isUnsaved[e] = false
		if m.tab.live[e] {
			live = append(live, e)
		}
	}
	err := p.save(live, func(e uint32) storedRow { return storedRow{hash: p.keys.hashes[m.group(e)]} },
		func(entries []uint32) ([]arrow.Array, error) { return m.storedEntries(p.keys, entries), nil }, m.tab.n)
	p.unsaved = p.unsaved[:0]
	return err
}
