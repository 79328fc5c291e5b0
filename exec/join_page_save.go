package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// enterAll makes the next save write all rows of a side: they were loaded from chunks.
func (j *join) enterAll(port int) {
	s, p := j.side[port], j.page.side[port]
	for _, e := range s.rows.tab.all() {
		p.enter(e)
		s.unsave(e)
	}
	for g := range j.page.whole[port] {
		if j.keys.live[g] {
			j.page.whole[port][g] = allRows
		}
	}
}

// savePages writes what changed.
func (j *join) savePages() error {
	for port, s := range j.side {
		live := s.unsaved[:0]
		for _, e := range s.unsaved {
			if s.flags[e] &^= rowUnsaved; s.rows.tab.live[e] {
				live = append(live, e)
			}
		}
		slices.Sort(live)
		err := j.page.side[port].save(slices.Compact(live), func(e uint32) storedRow { return j.place(s, e) },
			func(rows []uint32) ([]arrow.Array, error) { return j.storedCols(port, rows), nil }, s.rows.tab.n)
		if s.unsaved = s.unsaved[:0]; err != nil {
			return err
		}
	}
	return nil
}

// place is where a row lies, but for its number.
func (j *join) place(s *joinSide, e uint32) storedRow {
	r := storedRow{hash: j.keys.hashes[s.key[e]]}
	if s.expiry != nil {
		r.ts = s.timeOf(e)
	}
	return r
}

// used is about the bytes of the rows in memory.
func (j *join) used() int64 {
	used, bytes := int64(0), j.keys.memory()
	for _, s := range j.side {
		if n := s.rows.cap(); n > 0 {
			used += int64(float64(s.memory()) * float64(s.rows.tab.n) / float64(n))
		}
	}
	if n := j.keys.cap(); n > 0 {
		used += int64(float64(bytes) * float64(j.keys.n) / float64(n))
	}
	return used
}

// release forgets keys with a part of the rows in memory: the clock's hand goes round, and keys that were used since it passed stay.
func (j *join) release(part float64) {
	p := j.page
	rows := int(part*float64(j.side[0].rows.tab.n+j.side[1].rows.tab.n)) + 1
	for range 2 * j.keys.cap() {
		if rows <= 0 {
			return
		}
		if p.hand >= j.keys.cap() {
			p.hand = 0
		}
		g := uint32(p.hand)
		p.hand++
		if !j.keys.live[g] {
			continue
		}
		if p.hot[g] {
			p.hot[g] = false
			continue
		}
		rows -= j.forgetKey(g)
	}
}

// forgetKey drops the rows of a key from memory and says how many they were.
func (j *join) forgetKey(g uint32) (rows int) {
	for port, s := range j.side {
		for e := s.head[g]; e != none; e = s.head[g] {
			j.page.side[port].forget(e)
			s.unlink(e)
			s.rows.remove(e)
			rows++
		}
	}
	j.dropKey(g)
	return rows
}

// paging gives the counters.
func (j *join) paging(o *OpStats) {
	if j.page == nil {
		return
	}
	o.MemoryRows, o.MemoryBytes = 0, j.keys.memory()
	for port, s := range j.side {
		p := j.page.side[port]
		o.MemoryRows += int64(s.rows.tab.n)
		o.MemoryBytes += s.memory()
		o.Reads, o.Writes = o.Reads+p.reads, o.Writes+p.writes
	}
}

func (j *join) isPaged() bool { return j.page != nil }

// coldRows gives the rows that are stored.
func (j *join) coldRows(emit func(part string, b *types.Batch) error) error {
	for port, p := range j.page.side {
		err := p.each(func(numbers []uint64, cols []arrow.Array) error {
			ids := make([]int32, len(numbers))
			for i, n := range numbers {
				ids[i] = int32(n)
			}
			return emit(joinTags[port], &types.Batch{Cols: append([]arrow.Array{types.Int32Array(ids, nil, 0)}, cols...), N: len(ids)})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
