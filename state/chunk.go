package state

import (
	"math"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

const (
	noRow = -1
	// alive is the version in which a row went that is still there.
	alive = math.MaxInt64
	// Chunks are merged while they are smaller than this.
	fullChunk = 8192
)

// chunk is some rows of a Table with ascending row ids. Rows, ids and ins never change. del is written atomically under the table's lock and
// read without it: a reader of version v doesn't care whether a later version has taken the row away. prev is used under the lock only.
type chunk struct {
	base   int64   // id of the first row
	ids    []int64 // ids of the rows, nil: base, base+1, ...
	b      *types.Batch
	keys   []arrow.Array // the index's columns, numerics in canonical form; nil while the table has no index
	ins    []int64       // the version in which a row came
	del    []int64       // the version in which it went
	prev   []int64       // the next older row of the same key, noRow
	maxIns int64
	dead   int   // rows that went
	tried  int64 // the floor at which compact last looked
	bytes  int64
}

func newChunk(base int64, b *types.Batch, version int64) *chunk {
	c := &chunk{base: base, b: b, ins: make([]int64, b.N), del: make([]int64, b.N), maxIns: version, bytes: types.BatchBytes(b)}
	for i := range c.ins {
		c.ins[i], c.del[i] = version, alive
	}
	return c
}

func (c *chunk) id(i int) int64 {
	if c.ids == nil {
		return c.base + int64(i)
	}
	return c.ids[i]
}

// find is the place of row id; the row must be there.
func (c *chunk) find(id int64) int {
	if c.ids == nil {
		return int(id - c.base)
	}
	i, _ := slices.BinarySearch(c.ids, id)
	return i
}

func (c *chunk) went(i int) int64 { return atomic.LoadInt64(&c.del[i]) }

// visible are the rows of version v; all says that it is all of them.
func (c *chunk) visible(v int64) (idx []int32, all bool) {
	for i := range c.ins {
		if c.ins[i] <= v && c.went(i) > v {
			idx = append(idx, int32(i))
		}
	}
	return idx, len(idx) == len(c.ins)
}

// deadAt is the number of rows that no reader at floor or later sees.
func (c *chunk) deadAt(floor int64) (n int) {
	for i := range c.del {
		if c.del[i] <= floor {
			n++
		}
	}
	return n
}

// locate finds a row by its id.
func (t *Table) locate(id int64) (*chunk, int) {
	i := sort.Search(len(t.chunks), func(i int) bool { return t.chunks[i].base > id }) - 1
	c := t.chunks[i]
	return c, c.find(id)
}

// keyColumns gives the columns of the index, in canonical form.
func (t *Table) keyColumns(cols []arrow.Array) []arrow.Array {
	out := make([]arrow.Array, len(t.key))
	for i, k := range t.key {
		out[i] = canonical(cols[i], t.ts[k])
	}
	return out
}

// compact forgets rows that no reader can see any more, and merges small neighbours. mu is held.
func (t *Table) compact() {
	floor := t.floor()
	for i := 0; i < len(t.chunks); i++ {
		if c := t.chunks[i]; c.dead > 64 && c.dead*2 > c.b.N && c.tried != floor {
			c.tried = floor
			if c.deadAt(floor)*2 > c.b.N {
				t.rewrite(i, i+1, floor)
			}
		}
	}
	for n := len(t.chunks); n >= 2; n = len(t.chunks) {
		a, b := t.chunks[n-2].b.N, t.chunks[n-1].b.N
		if a > 2*b || a+b > fullChunk {
			return
		}
		from := n - 2
		for from > 0 && t.chunks[from-1].b.N <= 2*b && a+b+t.chunks[from-1].b.N <= fullChunk {
			from--
			a += t.chunks[from].b.N
		}
		t.rewrite(from, n, floor)
	}
}

// rewrite replaces the chunks [from, to) by one without the rows that are dead at floor. mu is held.
func (t *Table) rewrite(from, to int, floor int64) {
	t.unlink(t.chunks[from:to], floor)
	out := &chunk{}
	var parts []*types.Batch
	for _, c := range t.chunks[from:to] {
		var keep []int32
		for i := range c.ins {
			if c.del[i] > floor {
				keep = append(keep, int32(i))
			}
		}
		t.rowSize -= c.bytes
		if len(keep) == 0 {
			t.dropped = max(t.dropped, floor)
			continue
		}
		b := c.b
		if len(keep) < c.b.N {
			b = types.TakeBatch(c.b, keep)
			t.dropped = max(t.dropped, floor)
		}
		parts = append(parts, b)
		for _, i := range keep {
			out.ids = append(out.ids, c.id(int(i)))
			out.ins = append(out.ins, c.ins[i])
			out.del = append(out.del, c.del[i])
			if c.prev != nil {
				out.prev = append(out.prev, c.prev[i])
			}
			if c.del[i] != alive {
				out.dead++
			}
			out.maxIns = max(out.maxIns, c.ins[i])
		}
	}
	if len(parts) == 0 {
		t.chunks = slices.Delete(slices.Clone(t.chunks), from, to)
		return
	}
	b, err := types.ConcatBatches(parts)
	if err != nil {
		panic(err) // columns of one table have one layout
	}
	out.b, out.base, out.bytes = b, out.ids[0], types.BatchBytes(b)
	if n := len(out.ids); out.ids[n-1]-out.base == int64(n-1) {
		out.ids = nil
	}
	if t.index != nil {
		out.keys = t.keyColumns(b.Project(t.key).Cols)
	}
	t.rowSize += out.bytes
	t.chunks = slices.Replace(slices.Clone(t.chunks), from, to, out)
}
