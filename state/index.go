package state

import (
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

const (
	emptySlot = -1
	tombSlot  = -2
)

// index is an open-addressing hash table from a key to the id of its newest row; older rows hang on it by chunk.prev. Nothing is
// in it but heads of chains whose rows are in the chunks.
type index struct {
	tags  []uint32
	heads []int64
	mask  uint64
	live  int // slots with a head
	used  int // slots with a head or a tombstone
}

func newIndex(n int) *index {
	size := 64
	for size < n*2 {
		size *= 2
	}
	x := &index{tags: make([]uint32, size), heads: make([]int64, size), mask: uint64(size - 1)}
	for i := range x.heads {
		x.heads[i] = emptySlot
	}
	return x
}

// find gives the slot of the key in row i of keys, whose hash is h; where it isn't there, found is false and slot is where it may be put.
func (t *Table) find(keys []arrow.Array, i int, h uint64) (slot uint64, found bool) {
	x := t.index
	tag := uint32(h >> 32)
	free, has := uint64(0), false
	for s := h & x.mask; ; s = (s + 1) & x.mask {
		switch id := x.heads[s]; {
		case id == emptySlot:
			if has {
				return free, false
			}
			return s, false
		case id == tombSlot:
			if !has {
				free, has = s, true
			}
		case x.tags[s] == tag:
			if c, j := t.locate(id); types.SameRows(keys, i, c.keys, j) {
				return s, true
			}
		}
	}
}

// buildIndex makes the index over the rows there are. mu is held.
func (t *Table) buildIndex() {
	if t.index != nil {
		return
	}
	n := 0
	for _, c := range t.chunks {
		n += c.b.N
	}
	t.index = newIndex(n)
	for _, c := range t.chunks {
		t.indexChunk(c)
	}
}

// indexChunk puts the rows of a chunk into the index as the newest of their keys. mu is held.
func (t *Table) indexChunk(c *chunk) {
	c.keys = t.keyColumns(c.b.Project(t.key).Cols)
	c.prev = make([]int64, c.b.N)
	floor := t.floor()
	for i, h := range types.HashRows(c.keys, c.b.N, nil) {
		if t.index.used*4 >= len(t.index.heads)*3 {
			t.growIndex()
		}
		slot, found := t.find(c.keys, i, h)
		x := t.index
		c.prev[i] = noRow
		if found {
			c.prev[i] = t.skipDead(x.heads[slot], floor)
		} else {
			if x.heads[slot] == emptySlot {
				x.used++
			}
			x.live++
			x.tags[slot] = uint32(h >> 32)
		}
		x.heads[slot] = c.id(i)
	}
}

// skipDead follows a chain past the rows that nobody can see.
func (t *Table) skipDead(id, floor int64) int64 {
	for id != noRow {
		c, i := t.locate(id)
		if c.del[i] > floor {
			return id
		}
		id = c.prev[i]
	}
	return noRow
}

// growIndex rehashes into a table with room.
func (t *Table) growIndex() {
	old := t.index
	t.index = newIndex(old.live * 2)
	x := t.index
	var h []uint64
	for _, c := range t.chunks {
		h = types.HashRows(c.keys, c.b.N, h)
		for i := range h {
			// Only heads are put; a row is one if its old slot says so.
			if !old.isHead(h[i], c.id(i)) {
				continue
			}
			s := h[i] & x.mask
			for x.heads[s] != emptySlot {
				s = (s + 1) & x.mask
			}
			x.heads[s], x.tags[s] = c.id(i), uint32(h[i]>>32)
			x.live++
			x.used++
		}
	}
}

func (x *index) isHead(h uint64, id int64) bool {
	for s := h & x.mask; x.heads[s] != emptySlot; s = (s + 1) & x.mask {
		if x.heads[s] == id {
			return true
		}
	}
	return false
}

// unlink takes the rows that are dead at floor out of their chains, before they are forgotten.
func (t *Table) unlink(chunks []*chunk, floor int64) {
	if t.index == nil {
		return
	}
	seen := map[uint64]bool{}
	for _, c := range chunks {
		var gone []int32
		for i := range c.del {
			if c.del[i] <= floor {
				gone = append(gone, int32(i))
			}
		}
		if len(gone) == 0 {
			continue
		}
		keys := types.TakeBatch(&types.Batch{Cols: c.keys, N: c.b.N}, gone).Cols
		for i, h := range types.HashRows(keys, len(gone), nil) {
			if slot, found := t.find(keys, i, h); found && !seen[slot] {
				if t.cleanChain(slot, floor) > 4 {
					seen[slot] = true
				}
			}
		}
	}
}

// cleanChain drops the dead rows of a chain and gives its length.
func (t *Table) cleanChain(slot uint64, floor int64) (n int) {
	x := t.index
	head := t.skipDead(x.heads[slot], floor)
	if head == noRow {
		x.heads[slot] = tombSlot
		x.live--
		return 0
	}
	x.heads[slot] = head
	for id := head; id != noRow; n++ {
		c, i := t.locate(id)
		c.prev[i] = t.skipDead(c.prev[i], floor)
		id = c.prev[i]
	}
	return n
}

// applyRows brings the rows to a version. mu is held.
func (t *Table) applyRows(version int64, b *types.Batch) {
	var come, gone []int32
	for i := range b.W {
		for w := b.W[i]; w > 0; w-- {
			come = append(come, int32(i))
		}
		for w := b.W[i]; w < 0; w++ {
			gone = append(gone, int32(i))
		}
	}
	if b.W == nil {
		t.insert(version, b)
		return
	}
	b = b.Plain()
	var left *types.Batch
	if len(gone) > 0 {
		t.buildIndex()
		left = t.remove(version, types.TakeBatch(b, gone))
	}
	if len(come) > 0 {
		t.insert(version, types.TakeBatch(b, come))
	}
	if left != nil {
		t.remove(version, left) // what came and went in the same version
	}
}

func (t *Table) insert(version int64, b *types.Batch) {
	if b.N > maxChunkRows {
		for from := 0; from < b.N; from += maxChunkRows {
			t.insert(version, b.Slice(from, min(from+maxChunkRows, b.N)))
		}
		return
	}
	if b.N == 0 {
		return
	}
	c := newChunk(t.nextRow, b.Plain(), version)
	t.nextRow += int64(b.N)
	t.live += int64(b.N)
	t.rowSize += c.bytes
	t.chunks = append(t.chunks[:len(t.chunks):len(t.chunks)], c)
	if t.index != nil {
		t.indexChunk(c)
	}
}

// remove marks the rows as gone in version; it gives those that weren't found, nil: none.
func (t *Table) remove(version int64, b *types.Batch) *types.Batch {
	keys := t.keyColumns(b.Project(t.key).Cols)
	floor := t.floor()
	var left []int32
	for i, h := range types.HashRows(keys, b.N, nil) {
		slot, found := t.find(keys, i, h)
		if !found {
			left = append(left, int32(i))
			continue
		}
		if id := t.skipDead(t.index.heads[slot], floor); id != noRow {
			t.index.heads[slot] = id
		}
		c, j := t.pick(t.index.heads[slot], b, i)
		if c == nil {
			left = append(left, int32(i))
			continue
		}
		atomic.StoreInt64(&c.del[j], version)
		c.dead++
		t.live--
	}
	if left == nil {
		return nil
	}
	return types.TakeBatch(b, left)
}

// pick finds the row to remove in a chain: the newest live one that is the same as row i of b, else the newest live one.
func (t *Table) pick(id int64, b *types.Batch, i int) (*chunk, int) {
	var first *chunk
	at := 0
	for id != noRow {
		c, j := t.locate(id)
		if c.del[j] == alive {
			if types.SameRows(b.Cols, i, c.b.Cols, j) {
				return c, j
			}
			if first == nil {
				first, at = c, j
			}
		}
		id = c.prev[j]
	}
	return first, at
}
