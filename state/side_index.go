package state

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// sideIndex is an index over other columns than the table's key, for unique constraints and secondary indexes: built when it is first asked for, and brought up to date by
// each look-up. heads gives the newest row with a hash, prev the next older one with the same hash.
type sideIndex struct {
	SideKey
	heads map[uint64]int64
	prev  map[int64]int64
	next  int64 // rows below this id are in it
}

// SideKey is what a side index is over: columns of the table, or values of type Ts that Of computes from its rows; then Name tells it from other indexes.
// A row for which one of those is NULL is not in the index.
type SideKey struct {
	Cols []int
	Name string
	Ts   []types.Type
	Of   func(b *types.Batch) ([]arrow.Array, error)
}

func (k *SideKey) same(o *SideKey) bool { return k.Name == o.Name && slices.Equal(k.Cols, o.Cols) }

// values are the keys of b's rows.
func (k *SideKey) values(b *types.Batch) ([]arrow.Array, error) {
	if k.Of != nil {
		return k.Of(b)
	}
	return b.Project(k.Cols).Cols, nil
}

// LookupBy calls fn for all rows of version whose columns cols equal row i of key (in the order of cols), newest first, until it gives false. fn must
// not call the table. NULLs equal each other.
func (t *Table) LookupBy(cols []int, key []arrow.Array, i int, version int64, fn func(b *types.Batch, row int) bool) {
	_ = t.LookupKey(&SideKey{Cols: cols}, key, i, version, fn) // columns have no errors
}

// LookupKey is LookupBy over keys that may be computed; its errors are those of SideKey.Of.
func (t *Table) LookupKey(of *SideKey, key []arrow.Array, i int, version int64, fn func(b *types.Batch, row int) bool) error {
	x, unlock, err := t.sideLocked(of)
	defer unlock()
	if err != nil {
		return err
	}
	one := make([]arrow.Array, len(key))
	for k := range key {
		one[k] = (&types.Batch{Cols: key[k : k+1], N: key[k].Len()}).Slice(i, i+1).Cols[0]
	}
	var hash [1]uint64
	types.HashCols(one, x.Ts, 1, hash[:])
	id, ok := x.heads[hash[0]]
	for ; ok; id, ok = x.prev[id] {
		c, j, there := t.locateMaybe(id)
		if !there || c.ins[j] > version || c.went(j) <= version {
			continue
		}
		b, row := c.b, j
		if of.Of != nil {
			b, row = c.b.Slice(j, j+1), 0
		}
		has, err := of.values(b)
		if err != nil {
			return err
		}
		if types.RowsEqual(one, 0, has, row, x.Ts) && !fn(c.b, j) {
			return nil
		}
	}
	return nil
}

// sideLocked gives the index over a key with all rows in it, under a lock that the caller gives back: one that readers share where the index is
// up to date.
func (t *Table) sideLocked(of *SideKey) (*sideIndex, func(), error) {
	t.mu.RLock()
	for _, x := range t.sides {
		if x.next == t.nextRow && x.same(of) {
			return x, t.mu.RUnlock, nil
		}
	}
	t.mu.RUnlock()
	t.mu.Lock()
	x, err := t.side(of)
	return x, t.mu.Unlock, err
}

// side gives the index over a key with all rows in it. mu is held.
func (t *Table) side(of *SideKey) (*sideIndex, error) {
	at := slices.IndexFunc(t.sides, func(x *sideIndex) bool { return x.same(of) })
	if at < 0 {
		x := &sideIndex{SideKey: SideKey{Cols: slices.Clone(of.Cols), Name: of.Name, Ts: of.Ts}, heads: map[uint64]int64{}, prev: map[int64]int64{}}
		if of.Of == nil {
			x.Ts = make([]types.Type, len(of.Cols))
			for i, c := range of.Cols {
				x.Ts[i] = t.ts[c]
			}
		}
		at = len(t.sides)
		t.sides = append(t.sides, x)
	}
	x := t.sides[at]
	if x.next == t.nextRow {
		return x, nil
	}
	floor := t.floor()
	var hash []uint64
	for k := t.chunkFrom(x.next); k < len(t.chunks); k++ {
		c := t.chunks[k]
		key, err := of.values(c.b)
		if err != nil {
			return nil, err
		}
		hash = slices.Grow(hash[:0], c.b.N)[:c.b.N]
		types.HashCols(key, x.Ts, c.b.N, hash)
		for i, h := range hash {
			if id := c.id(i); id >= x.next && (of.Of == nil || !anyNull(key, i)) {
				x.put(t, h, id, floor)
			}
		}
		if c.b.N > 0 {
			x.next = max(x.next, c.id(c.b.N-1)+1)
		}
	}
	x.next = t.nextRow
	return x, nil
}

func anyNull(cols []arrow.Array, i int) bool {
	return slices.ContainsFunc(cols, func(c arrow.Array) bool { return c.IsNull(i) })
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
