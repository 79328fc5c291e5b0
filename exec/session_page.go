package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// pageable says whether the sessions can lie in a Cold: key by key.
func (a *sessionAgg) pageable() bool { return (a.saving || a.page != nil) && len(a.keys.cols) > 0 }

// pages makes the operator keep its sessions in c.
func (a *sessionAgg) pages(c Cold, prefix []byte, stored bool) error {
	cols, err := a.storedCols(nil)
	if err != nil {
		return err
	}
	dts := make([]arrow.DataType, len(cols))
	for k, col := range cols {
		dts[k] = col.DataType()
	}
	p := &listPages{op: a.name, keys: a.keys, rowPages: *newRowPages(c, prefix, 0, false, dts)}
	if a.closing != nil {
		p.marks = newColdMarks(c, append(slices.Clone(prefix), 'k'))
	}
	a.page, a.saving = p, false
	if stored {
		return p.open()
	}
	return nil
}

func (a *sessionAgg) drain(st *run) error {
	if a.page == nil {
		return nil
	}
	return a.page.queue.drain(func(_ int, b *types.Batch) error { return a.add(st, b) })
}

// pageIn notes that the keys ks are used, and reads the sessions of those of them that came new into memory.
func (a *sessionAgg) pageIn(ks []uint32) error {
	p, fresh := a.page, slices.Clone(a.keys.fresh)
	p.grown(fresh, a.keys.cap())
	for _, k := range ks {
		p.hot[k] = true
	}
	if hashes := p.absent(fresh); len(hashes) > 0 {
		return a.readHashes(hashes)
	}
	return nil
}

// pageJudged reads the sessions of the keys of rows that may be late.
func (a *sessionAgg) pageJudged(b *types.Batch) error {
	if a.page == nil || a.page.away == 0 {
		return nil
	}
	ks := make([]uint32, b.N)
	a.keys.find(b.Project(a.plan.win.By).Cols, ks)
	var hashes []uint64
	for i, k := range ks {
		if h := a.keys.hs[i]; k == none && len(a.keys.withHash(nil, h)) == 0 {
			hashes = append(hashes, h)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	slices.Sort(hashes)
	return a.readHashes(slices.Compact(hashes))
}

// readHashes brings the sessions of the keys with these hashes, which ascend, into memory, where none of them is.
func (a *sessionAgg) readHashes(hashes []uint64) error {
	p := a.page
	f, err := p.fetch(hashes)
	if err != nil {
		return damaged(a.name, err)
	}
	if f.n == 0 {
		return nil
	}
	nk := len(a.keys.cols)
	ks, ids := make([]uint32, f.n), make([]uint32, f.n)
	a.keys.insert(f.cols[:nk], ks)
	a.growKeys()
	p.grown(a.keys.fresh, a.keys.cap())
	start, last := types.Int64s(f.cols[nk]), types.Int64s(f.cols[nk+1])
	for i, k := range ks {
		s := a.alloc(k, start[i])
		ids[i], a.last[s] = s, last[i]
		p.grow(int(s) + 1)
		p.load(s, f.numbers[i])
		p.part[s], p.hot[k] = k, true
		at, _ := slices.BinarySearchFunc(a.lists[k], start[i], func(s uint32, t int64) int {
			if a.start[s] <= t {
				return -1
			}
			return 1
		})
		a.lists[k] = slices.Insert(a.lists[k], at, s)
	}
	if err := a.loadAccs(ids, f.cols[nk+2:]); err != nil {
		return err
	}
	for _, s := range ids {
		a.settle(s)
	}
	return nil
}

// storedCols are the columns of sessions as they are stored: keys, the first and the last time, the accumulators' columns.
func (a *sessionAgg) storedCols(ids []uint32) ([]arrow.Array, error) {
	ks, start, last := make([]uint32, len(ids)), make([]int64, len(ids)), make([]int64, len(ids))
	for i, s := range ids {
		ks[i], start[i], last[i] = a.key[s], a.start[s], a.last[s]
	}
	cols := append(a.keys.gather(ks), types.Int64Array(start, nil, 0), types.Int64Array(last, nil, 0))
	for _, c := range a.calls {
		state, err := c.acc.Save(ids)
		if err != nil {
			return nil, err
		}
		cols = append(cols, state...)
	}
	return cols, nil
}

// savePages writes the sessions that changed.
func (a *sessionAgg) savePages() error {
	return a.page.saveRows(a.mark, a.storedCols, a.live)
}

// mark puts the times at which the sessions of key k end into the Cold.
func (a *sessionAgg) mark(k uint32) {
	for _, s := range a.lists[k] {
		a.page.marks.set(k, a.keys.hashes[k], a.closing.at[s])
	}
}

// used is about the bytes of the sessions in memory.
func (a *sessionAgg) used() int64 {
	if len(a.start) == 0 {
		return 0
	}
	return int64(float64(a.memory()) * float64(a.live) / float64(len(a.start)))
}

// release forgets keys with a part of the sessions in memory.
func (a *sessionAgg) release(part float64) {
	p := a.page
	var gone []uint32
	for _, k := range p.oldest(int(part*float64(a.live))+1, func(k uint32) int { return len(a.lists[k]) }) {
		for _, s := range a.lists[k] {
			p.forget(s)
			gone = append(gone, s)
		}
		a.lists[k], a.cur[k] = nil, none
		a.keys.remove(k)
	}
	a.giveBack(gone)
	if a.closing != nil {
		a.closing.leave(gone, a.live, a.isLive)
	}
}

// paging gives the counters.
func (a *sessionAgg) paging(s *OpStats) {
	if a.page == nil {
		return
	}
	s.MemoryRows, s.MemoryBytes = int64(a.live), a.memory()
	s.Reads, s.Writes = s.Reads+a.page.reads, s.Writes+a.page.writes
}

func (a *sessionAgg) isPaged() bool { return a.page != nil }

// coldRows gives the sessions that are stored.
func (a *sessionAgg) coldRows(emit func(part string, b *types.Batch) error) error {
	return a.page.each(func(numbers []uint64, cols []arrow.Array) error {
		return emit("s", &types.Batch{Cols: cols, N: len(numbers)})
	})
}
