package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// pageable says whether the values can lie in a Cold; those that close or age can't.
func (f *firstRows) pageable() bool {
	return (f.saving || f.page != nil) && f.parts.closing == nil && f.ttl == nil
}

// pages makes the operator keep its values in c.
func (f *firstRows) pages(c Cold, prefix []byte, stored bool) error {
	var dts []arrow.DataType
	for _, col := range f.parts.keys.gather(nil) {
		dts = append(dts, col.DataType())
	}
	f.page, f.saving = newPages(c, prefix, false, dts), false
	if stored {
		return f.page.open()
	}
	return nil
}

func noTime(uint32) int64 { return 0 }

// pageIn reads those of the new values that are in the Cold, notes that gids are in use, and leaves in fresh what is new indeed.
func (f *firstRows) pageIn(gids []uint32) error {
	keys := f.parts.keys
	fresh := slices.Clone(keys.fresh)
	cols, n, err := f.page.fetch(f.page.absent(keys, fresh, noTime))
	if err != nil {
		return damaged(f.name, err)
	}
	if n > 0 {
		was := make([]uint32, n)
		keys.insert(cols, was)
		slices.Sort(was)
		fresh = slices.DeleteFunc(fresh, func(g uint32) bool {
			_, found := slices.BinarySearch(was, g)
			return found
		})
	}
	keys.fresh = fresh
	f.unsaved(fresh)
	f.hot = resize(f.hot, keys.cap())
	for _, g := range gids {
		f.hot[g] = true
	}
	return nil
}

// unsaved notes values that have yet to be written.
func (f *firstRows) unsaved(gids []uint32) {
	f.hot = resize(f.hot, f.parts.keys.cap())
	for _, g := range gids {
		f.page.dirty = append(f.page.dirty, cell{hash: f.parts.keys.hashes[g]})
	}
}

func (f *firstRows) savePages() error {
	return f.page.save(f.parts.keys, noTime, func(gids []uint32) ([]arrow.Array, error) { return f.parts.keys.gather(gids), nil })
}

func (f *firstRows) drain(st *run) error {
	return f.page.drain(func(_ int, b *types.Batch) error { return f.push(st, b) })
}

func (f *firstRows) used() int64 {
	keys := f.parts.keys
	if keys.cap() == 0 {
		return 0
	}
	return int64(float64(keys.memory()) * float64(keys.n) / float64(keys.cap()))
}

// release forgets a part of the values in memory.
func (f *firstRows) release(part float64) {
	keys := f.parts.keys
	hot := func(g uint32) bool {
		was := f.hot[g]
		f.hot[g] = false
		return was
	}
	for _, g := range f.page.victims(keys, int(part*float64(keys.n))+1, hot, func(uint32) bool { return false }) {
		keys.remove(g)
	}
}

// paging gives the counters.
func (f *firstRows) paging(s *OpStats) {
	if f.page == nil {
		return
	}
	s.MemoryRows, s.MemoryBytes = int64(f.parts.keys.n), f.parts.keys.memory()
	s.Reads, s.Writes = s.Reads+f.page.reads, s.Writes+f.page.writes
}
