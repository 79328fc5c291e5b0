package exec

import (
	"iter"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// aggRuns has the tuples of an aggregate of a batch query that do not fit into memory: a sorter puts them, with the numbers of their groups, into the order of the groups and, within
// one, of ORDER BY or, for DISTINCT, of the values. The accumulator then takes those of some groups after the other; a tuple of DISTINCT that equals the one before is passed over.
type aggRuns struct {
	sorter *sorter
	merger *merger      // nil: still being filled
	ahead  *types.Batch // of the merger, not taken yet
	args   int          // columns behind the group's number that the accumulator takes
	same   []func(a arrow.Array, i int, b arrow.Array, j int) int
	last   *types.Batch // DISTINCT: the row before; nil: there is none
	rows   []int        // by group
	total  int
	bytes  int64
}

// keepsRows says whether the memory of an aggregation may be that of multisets.
func (a *aggregate) keepsRows() bool {
	return slices.ContainsFunc(a.calls, func(c *aggCall) bool { return c.set != nil })
}

// sortCalls takes the tuples of all calls out of memory.
func (a *aggregate) sortCalls(st *run) error {
	a.mayShard = false
	all := a.keys.all()
	if len(a.keys.cols) == 0 {
		all = []uint32{0}
	}
	for _, c := range a.calls {
		if c.set == nil {
			continue
		}
		c.runs = newAggRuns(c)
		for gids := range slices.Chunk(all, spillBatch) {
			entries, place := c.set.collect(gids, c.call.Distinct)
			for i, k := range place {
				place[i] = gids[k]
			}
			for from := 0; from < len(entries); from += outBatch {
				to := min(from+outBatch, len(entries))
				if err := c.runs.add(st, place[from:to], c.set.values(entries[from:to])); err != nil {
					return err
				}
			}
		}
		c.acc.Reset(all)
		c.kind, c.set = sorted, nil
	}
	return nil
}

func newAggRuns(c *aggCall) *aggRuns {
	ts := []types.Type{types.Int8}
	keys := []plan.SortKey{{X: &expr.Column{Typ: types.Int8}}}
	for i, x := range c.xs {
		ts = append(ts, x.Type())
		k := plan.SortKey{X: &expr.Column{Idx: i + 1, Typ: x.Type()}}
		if i >= c.args {
			k.Desc, k.NullsFirst = c.call.OrderBy[i-c.args].Desc, c.call.OrderBy[i-c.args].NullsFirst
		}
		if i >= c.args || c.kind == onceEach {
			keys = append(keys, k)
		}
	}
	r := &aggRuns{args: c.args, sorter: &sorter{node: newNode(""), plan: &plan.Sort{Keys: keys}, types: ts}}
	if c.call.Distinct {
		for _, t := range ts[:c.args+1] {
			r.same = append(r.same, types.NewComparer(t))
		}
	}
	return r
}

func (r *aggRuns) add(st *run, gids []uint32, cols []arrow.Array) error {
	gs := make([]int64, len(gids))
	for i, g := range gids {
		gs[i] = int64(g)
		r.rows = resize(r.rows, max(len(r.rows), int(g)+1))
		r.rows[g]++
	}
	b := &types.Batch{N: len(gids), Cols: append([]arrow.Array{types.Int64Array(gs, nil, 0)}, cols...)}
	r.total += b.N
	r.bytes += types.BatchBytes(b)
	return r.sorter.Push(st, 0, b)
}

// portions gives the groups in portions to hand on: where tuples are on disk, as many as the memory has room for.
func (a *aggregate) portions(st *run, all []uint32) iter.Seq[[]uint32] {
	var runs []*aggRuns
	for _, c := range a.calls {
		if c.runs != nil {
			runs = append(runs, c.runs)
		}
	}
	if runs == nil {
		return slices.Chunk(all, outBatch)
	}
	slices.Sort(all)
	return func(yield func([]uint32) bool) {
		for len(all) > 0 {
			n, bytes := 0, int64(0)
			for n < min(len(all), outBatch) && (n == 0 || bytes <= st.budget.limit/4) {
				for _, r := range runs {
					if g := int(all[n]); g < len(r.rows) {
						bytes += int64(r.rows[g]) * r.bytes / int64(max(1, r.total))
					}
				}
				n++
			}
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}

// settle makes the accumulators right for a portion of the groups; those of the portion before lose what they had from disk.
func (a *aggregate) settle(st *run, gids []uint32) error {
	for _, c := range a.calls {
		if c.runs == nil {
			if err := c.settle(gids); err != nil {
				return err
			}
			continue
		}
		if err := c.runs.fill(st, c, gids[len(gids)-1]); err != nil {
			return err
		}
		if err := st.budget.mayHold(a); err != nil {
			return err
		}
	}
	return nil
}

// empty drops what the accumulators took from disk for a portion.
func (a *aggregate) empty(gids []uint32) {
	for _, c := range a.calls {
		if c.runs != nil {
			c.acc.Reset(gids)
		}
	}
}

// fill gives the accumulator the tuples of the groups up to last.
func (r *aggRuns) fill(st *run, c *aggCall, last uint32) error {
	if err := r.begin(st); err != nil {
		return err
	}
	for {
		b := r.ahead
		if b == nil {
			var err error
			if b, err = r.merger.next(st, outBatch); err != nil || b == nil {
				return err
			}
		}
		gs := types.Int64s(b.Cols[0])
		n := sort.Search(b.N, func(i int) bool { return gs[i] > int64(last) })
		if n > 0 {
			if err := r.give(c, b.Slice(0, n)); err != nil {
				return err
			}
		}
		if r.ahead = nil; n < b.N {
			r.ahead = b.Slice(n, b.N)
			return nil
		}
		if st.budget.limit > 0 && c.acc.Bytes() > 2*st.budget.limit+16<<20 {
			return st.budget.take(c.acc.Bytes())
		}
	}
}

// begin writes what is in memory, and begins to read.
func (r *aggRuns) begin(st *run) error {
	if r.merger != nil {
		return nil
	}
	if r.sorter.rows > 0 {
		if err := r.sorter.spill(st); err != nil {
			return err
		}
	}
	var err error
	r.merger, err = r.sorter.merged(st)
	return err
}

// give hands rows to the accumulator.
func (r *aggRuns) give(c *aggCall, b *types.Batch) error {
	if r.same != nil {
		all := b
		var rows []int32
		for i := range b.N {
			if !r.repeats(b, i) {
				rows = append(rows, int32(i))
			}
		}
		b, r.last = types.TakeBatch(b, rows), all.Slice(all.N-1, all.N)
	}
	gids := make([]uint32, b.N)
	for i, g := range types.Int64s(b.Cols[0]) {
		gids[i] = uint32(g)
	}
	return c.acc.Add(gids, b.Cols[1:r.args+1], nil)
}

// repeats says whether row i equals the one before it.
func (r *aggRuns) repeats(b *types.Batch, i int) bool {
	was, at := b, i-1
	if i == 0 {
		if r.last == nil {
			return false
		}
		was, at = r.last, 0
	}
	for k, same := range r.same {
		x, y := was.Cols[k], b.Cols[k]
		if x.IsNull(at) != y.IsNull(i) || x.IsValid(at) && same(x, at, y, i) != 0 {
			return false
		}
	}
	return true
}
