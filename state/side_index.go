package state

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// sideIndex is an index over other columns than the table's key, for unique constraints and secondary indexes: built when it is first asked for, and brought up to date by
// each look-up. heads gives the newest row with a hash, prev the next older one with the same hash.
type sideIndex struct {
	cols  []int
	ts    []types.Type
	heads map[uint64]int64
	prev  map[int64]int64
	next  int64 // rows below this id are in it
}

// LookupBy calls fn for all rows of version whose columns cols equal row i of key (in the order of cols), newest first, until it gives false. fn must
// not call the table. NULLs equal each other.
func (t *Table) LookupBy(cols []int, key []arrow.Array, i int, version int64, fn func(b *types.Batch, row int) bool) {
	x, unlock := t.sideLocked(cols)
	defer unlock()
	one := make([]arrow.Array, len(key))
	for k := range key {
		one[k] = (&types.Batch{Cols: key[k : k+1], N: key[k].Len()}).Slice(i, i+1).Cols[0]
	}
	var hash [1]uint64
	types.HashCols(one, x.ts, 1, hash[:])
	id, ok := x.heads[hash[0]]
	for ; ok; id, ok = x.prev[id] {
		c, j, there := t.locateMaybe(id)
		if !there || c.ins[j] > version || c.went(j) <= version || !types.RowsEqual(one, 0, c.b.Project(cols).Cols, j, x.ts) {
			continue
		}
		if !fn(c.b, j) {
			return
		}
	}
}

// sideLocked gives the index over cols with all rows in it, under a lock that the caller gives back: one that readers share where the index is
// up to date.
func (t *Table) sideLocked(cols []int) (*sideIndex, func()) {
	t.mu.RLock()
	for _, x := range t.sides {
		if x.next == t.nextRow && slices.Equal(x.cols, cols) {
			return x, t.mu.RUnlock
		}
	}
	t.mu.RUnlock()
	t.mu.Lock()
	return t.side(cols), t.mu.Unlock
}

// side gives the index over cols with all rows in it. mu is held.
func (t *Table) side(cols []int) *sideIndex {
	at := slices.IndexFunc(t.sides, func(x *sideIndex) bool { return slices.Equal(x.cols, cols) })
	if at < 0 {
		x := &sideIndex{cols: slices.Clone(cols), heads: map[uint64]int64{}, prev: map[int64]int64{}}
		for _, c := range cols {
			x.ts = append(x.ts, t.ts[c])
		}
		at = len(t.sides)
		t.sides = append(t.sides, x)
	}
	x := t.sides[at]
	if x.next == t.nextRow {
		return x
	}
	floor := t.floor()
	var hash []uint64
	for k := t.chunkFrom(x.next); k < len(t.chunks); k++ {
		c := t.chunks[k]
		hash = slices.Grow(hash[:0], c.b.N)[:c.b.N]
		types.HashCols(c.b.Project(cols).Cols, x.ts, c.b.N, hash)
		for i, h := range hash {
			if id := c.id(i); id >= x.next {
				x.put(t, h, id, floor)
			}
		}
	}
	x.next = t.nextRow
	return x
}

// put makes row id the newest of its hash, and forgets the ones behind it that nobody can see.
func (x *sideIndex) put(t *Table, h uint64, id, floor int64) {
	old, ok := x.heads[h]
	for ok {
		c, i, there := t.locateMaybe(old)
		if there && c.del[i] > floor {
			x.prev[id] = old
			break
		}
		dead := old
		old, ok = x.prev[dead]
		delete(x.prev, dead)
	}
	x.heads[h] = id
}

// chunkFrom is the first chunk that may have rows from id on.
func (t *Table) chunkFrom(id int64) int {
	for k := len(t.chunks); k > 0; k-- {
		if t.chunks[k-1].base <= id {
			return k - 1
		}
	}
	return 0
}

// locateMaybe is locate for a row that may be forgotten.
func (t *Table) locateMaybe(id int64) (*chunk, int, bool) {
	if len(t.chunks) == 0 || t.chunks[0].base > id {
		return nil, 0, false
	}
	c, i := t.locate(id)
	return c, i, i < c.b.N && c.id(i) == id
}
