package state

import (
	"context"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// orderIndex keeps rows in the order of some columns, NULLs last, for ranges and ORDER BY: built when it is first asked for, and brought up to date by each
// look-up. New rows make a run of their own; runs of about the same size become one, so that there are few.
type orderIndex struct {
	cols []int
	runs []*orderRun // large ones first; they never change
	next int64       // rows below this id are in it
}

// orderRun is rows in order: their keys, and their ids.
type orderRun struct {
	keys []arrow.Array
	ids  []int64
}

// OrderQuery asks for the rows of which the first of Cols equal values and the next one lies between two.
type OrderQuery struct {
	Cols      []int
	Equal     []arrow.Array // of one row each; none is NULL
	Low, High arrow.Array   // of one row each; nil: open
	// LowOut, HighOut: the bound itself does not count.
	LowOut, HighOut bool
	Desc            bool // the other way round
}

// The rows of the first batch, and of the largest one: who wants few rows gets few.
const (
	firstOrdered = 32
	mostOrdered  = 8192
)

// ReadOrdered hands on the rows of version that q asks for, in order, with the given columns. The version must be pinned.
func (t *Table) ReadOrdered(ctx context.Context, q *OrderQuery, version int64, cols []int, emit func(*types.Batch) error) error {
	c := t.orderCursor(q)
	for n := firstOrdered; ; n = min(2*n, mostOrdered) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		ids := c.take(n)
		if len(ids) == 0 {
			return nil
		}
		b, err := t.gather(ids, version, cols)
		if err != nil {
			return err
		}
		if b.N > 0 {
			if err := emit(b); err != nil {
				return err
			}
		}
	}
}

// gather makes a batch of those of the rows that version sees, in the order of their ids in the list.
func (t *Table) gather(ids []int64, version int64, cols []int) (*types.Batch, error) {
	type place struct {
		c  *chunk
		at int
	}
	var places []place
	t.mu.RLock()
	for _, id := range ids {
		if c, i, there := t.locateMaybe(id); there && c.ins[i] <= version && c.went(i) > version {
			places = append(places, place{c, i})
		}
	}
	t.mu.RUnlock()
	rows := map[*chunk][]int32{}
	var chunks []*chunk
	for _, p := range places {
		if rows[p.c] == nil {
			chunks = append(chunks, p.c)
		}
		rows[p.c] = append(rows[p.c], int32(p.at))
	}
	if len(places) == 0 {
		return &types.Batch{}, nil
	}
	var parts []*types.Batch
	first := map[*chunk]int32{} // the next row of the chunk's part among all
	n := int32(0)
	for _, c := range chunks {
		first[c] = n
		n += int32(len(rows[c]))
		parts = append(parts, types.TakeBatch(c.b.Project(cols), rows[c]))
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	all, err := types.ConcatBatches(parts)
	if err != nil {
		return nil, err
	}
	order := make([]int32, len(places))
	for i, p := range places {
		order[i] = first[p.c]
		first[p.c]++
	}
	return types.TakeBatch(all, order), nil
}

// orderCursor is the way through the runs of an index.
type orderCursor struct {
	runs    []*orderRun
	at, end []int // of each run: the next row and the one behind the last; with desc the next one is at end-1
	desc    bool
	compare []types.Comparer
}

func (t *Table) orderCursor(q *OrderQuery) *orderCursor {
	x := t.ordered(q.Cols)
	c := &orderCursor{runs: x, desc: q.Desc, compare: t.comparers(q.Cols)}
	for _, r := range x {
		from, to := r.span(q, c.compare)
		c.at, c.end = append(c.at, from), append(c.end, to)
	}
	return c
}

// span is where the rows of a query lie in a run.
func (r *orderRun) span(q *OrderQuery, cmp []types.Comparer) (from, to int) {
	// against orders row i against the query's values: the equal ones, then the bound; past: what a row that is equal to all counts as.
	against := func(i int, bound arrow.Array, past int) int {
		for k, v := range q.Equal {
			if d := compareKeys(cmp[k], r.keys[k], i, v, 0); d != 0 {
				return d
			}
		}
		if bound != nil {
			if k := len(q.Equal); k < len(r.keys) {
				if d := compareKeys(cmp[k], r.keys[k], i, bound, 0); d != 0 {
					return d
				}
			}
		}
		return past
	}
	low, high := 1, -1 // rows that are equal are within
	if q.Low != nil && q.LowOut {
		low = -1
	}
	if q.High != nil && q.HighOut {
		high = 1
	}
	from = sort.Search(len(r.ids), func(i int) bool { return against(i, q.Low, low) > 0 })
	to = sort.Search(len(r.ids), func(i int) bool { return against(i, q.High, high) > 0 })
	return from, max(from, to)
}

// compareKeys is the order of two keys, NULLs last.
func compareKeys(cmp types.Comparer, a arrow.Array, i int, b arrow.Array, j int) int {
	switch an, bn := a.IsNull(i), b.IsNull(j); {
	case an && bn:
		return 0
	case an:
		return 1
	case bn:
		return -1
	}
	return cmp(a, i, b, j)
}

// take gives the ids of the next rows, n at most.
func (c *orderCursor) take(n int) []int64 {
	var out []int64
	for len(out) < n {
		best := -1
		for k := range c.runs {
			if c.at[k] < c.end[k] && (best < 0 || c.before(k, best)) {
				best = k
			}
		}
		if best < 0 {
			return out
		}
		out = append(out, c.runs[best].ids[c.head(best)])
		if c.desc {
			c.end[best]--
		} else {
			c.at[best]++
		}
	}
	return out
}

func (c *orderCursor) head(k int) int {
	if c.desc {
		return c.end[k] - 1
	}
	return c.at[k]
}

// before says whether the next row of run k comes before that of run o.
func (c *orderCursor) before(k, o int) bool {
	d := compareRuns(c.compare, c.runs[k].keys, c.head(k), c.runs[o].keys, c.head(o))
	if c.desc {
		return d > 0
	}
	return d < 0
}

func compareRuns(cmp []types.Comparer, a []arrow.Array, i int, b []arrow.Array, j int) int {
	for k := range cmp {
		if d := compareKeys(cmp[k], a[k], i, b[k], j); d != 0 {
			return d
		}
	}
	return 0
}

func (t *Table) comparers(cols []int) []types.Comparer {
	out := make([]types.Comparer, len(cols))
	for i, c := range cols {
		out[i] = types.NewComparer(t.ts[c])
	}
	return out
}

// ordered gives the runs of the index over columns with all rows in it.
func (t *Table) ordered(cols []int) []*orderRun {
	find := func() *orderIndex {
		for _, x := range t.orders {
			if slices.Equal(x.cols, cols) {
				return x
			}
		}
		return nil
	}
	t.mu.RLock()
	if x := find(); x != nil && x.next == t.nextRow {
		runs := x.runs
		t.mu.RUnlock()
		return runs
	}
	t.mu.RUnlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	x := find()
	if x == nil {
		x = &orderIndex{cols: slices.Clone(cols)}
		t.orders = append(t.orders, x)
	}
	t.addOrdered(x)
	return x.runs
}

// addOrdered takes new rows into the index. mu is held.
func (t *Table) addOrdered(x *orderIndex) {
	if x.next == t.nextRow {
		return
	}
	floor := t.floor()
	var parts []*types.Batch
	var ids []int64
	for k := t.chunkFrom(x.next); k < len(t.chunks); k++ {
		c := t.chunks[k]
		var rows []int32
		for i := range c.b.N {
			if id := c.id(i); id >= x.next && c.del[i] > floor {
				rows, ids = append(rows, int32(i)), append(ids, id)
			}
		}
		if len(rows) > 0 {
			parts = append(parts, types.TakeBatch(c.b.Project(x.cols), rows))
		}
	}
	x.next = t.nextRow
	if len(ids) == 0 {
		return
	}
	keys := concatKeys(parts)
	cmp := t.comparers(x.cols)
	order := make([]int32, len(ids))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int { return compareRuns(cmp, keys, int(i), keys, int(j)) })
	runs := append(slices.Clone(x.runs), takeRun(keys, ids, order))
	for n := len(runs); n >= 2 && len(runs[n-1].ids)*2 >= len(runs[n-2].ids); n = len(runs) {
		runs = append(runs[:n-2], t.mergeRuns(runs[n-2], runs[n-1], cmp, floor))
	}
	x.runs = runs
}

func concatKeys(parts []*types.Batch) []arrow.Array {
	all, err := types.ConcatBatches(parts)
	if err != nil {
		panic(err) // columns of one table have one layout
	}
	return all.Cols
}

func takeRun(keys []arrow.Array, ids []int64, order []int32) *orderRun {
	r := &orderRun{keys: make([]arrow.Array, len(keys)), ids: make([]int64, len(order))}
	for k := range keys {
		r.keys[k] = types.Take(keys[k], order)
	}
	for i, o := range order {
		r.ids[i] = ids[o]
	}
	return r
}

// mergeRuns makes one run of two, without the rows that nobody can see any more.
func (t *Table) mergeRuns(a, b *orderRun, cmp []types.Comparer, floor int64) *orderRun {
	keys := concatKeys([]*types.Batch{{N: len(a.ids), Cols: a.keys}, {N: len(b.ids), Cols: b.keys}})
	ids := slices.Concat(a.ids, b.ids)
	order := make([]int32, 0, len(ids))
	seen := func(i int) bool {
		c, k, there := t.locateMaybe(ids[i])
		return there && c.del[k] > floor
	}
	i, j := 0, len(a.ids)
	for i < len(a.ids) || j < len(ids) {
		next := &i
		if i == len(a.ids) || j < len(ids) && compareRuns(cmp, keys, j, keys, i) < 0 {
			next = &j
		}
		if seen(*next) {
			order = append(order, int32(*next))
		}
		*next++
	}
	return takeRun(keys, ids, order)
}
