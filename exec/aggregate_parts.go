package exec

import (
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// partGroups is how many groups are worth to be gathered from some of the rows.
const partGroups = 1 << 15

// aggParts says how workers group rows beforehand: keys and saved accumulators come, which are merged in the order of the rows. With too many groups that
// is no gain, and the rows come as they are.
type aggParts struct {
	whole atomic.Bool // no more grouping beforehand
	bytes int64       // of the groups of a worker, at most
}

// spreads says whether workers may group some of the rows beforehand: where merging gives exactly what all rows together give.
func (a *aggregate) spreads(st *run) bool {
	if !a.mayPart || a.changing || a.sets != nil || volatile(a.plan) {
		return false
	}
	if slices.ContainsFunc(a.calls, func(c *aggCall) bool { return c.kind != direct || !c.call.Fn.Exact }) {
		return false
	}
	a.gathered = &aggParts{bytes: 16 << 20}
	if st.budget.limit > 0 {
		a.gathered.bytes = min(a.gathered.bytes, st.budget.limit/64)
	}
	return true
}

// aggWorker groups the rows of some splits.
type aggWorker struct {
	*node
	whole *aggregate
	part  *aggregate
}

func (a *aggregate) worker(_ *run, n *node) Op {
	return &aggWorker{node: n, whole: a, part: a.fresh()}
}

// fresh is an empty aggregation of the same kind.
func (a *aggregate) fresh() *aggregate {
	p := newAggregate(newNode(a.name), a.plan, a.cfg, false)
	p.started = true
	if len(a.plan.Group) == 0 {
		p.insert(nil, make([]uint32, 1))
	}
	return p
}

// Push groups rows, or hands them on as they are where there are too many groups.
func (w *aggWorker) Push(st *run, _ int, b *types.Batch) error {
	g := w.whole.gathered
	if g.whole.Load() {
		if err := w.Finish(st); err != nil {
			return err
		}
		return w.emit(st, b.Own()) // it may be lent
	}
	keys, err := evalCols(st.ec, w.part.plan.Group, b)
	if err != nil {
		return err
	}
	if err := w.part.pushSet(st, 0, b, keys); err != nil {
		return err
	}
	if n, bytes := w.part.inMemory(); n > partGroups || bytes > g.bytes {
		g.whole.Store(true)
	}
	return nil
}

// Finish hands on the groups.
func (w *aggWorker) Finish(st *run) error {
	b, err := w.part.states(w.part.keys.all())
	if err != nil || b.N == 0 {
		return err
	}
	w.part = w.whole.fresh()
	return w.outs[0].op.Push(st, partsPort, b)
}

// states are the keys of groups and what their accumulators save.
func (a *aggregate) states(gids []uint32) (*types.Batch, error) {
	cols := a.keys.gather(gids)
	for _, c := range a.calls {
		st, err := c.acc.Save(gids)
		if err != nil {
			return nil, err
		}
		cols = append(cols, st...)
	}
	return &types.Batch{Cols: cols, N: len(gids)}, nil
}

// takeParts merges what workers grouped.
func (a *aggregate) takeParts(st *run, b *types.Batch) error {
	if err := a.start(); err != nil {
		return err
	}
	if a.shards == nil && a.shardable(st, b.N) {
		if err := a.split(st); err != nil {
			return err
		}
	}
	switch {
	case a.shards != nil:
		return a.shards.takeParts(st, a, b)
	case a.parts != nil:
		return a.mergeLate(b)
	}
	if err := a.mergeStates(b); err != nil || st.spillDir != "" {
		return err
	}
	return st.budget.check(a)
}

func (a *aggregate) mergeStates(b *types.Batch) error {
	nk := len(a.keys.cols)
	gids := make([]uint32, b.N)
	if nk > 0 {
		a.insert(b.Cols[:nk], gids)
	}
	return a.mergeInto(gids, b.Cols[nk:])
}

// mergeInto merges saved accumulators into groups.
func (a *aggregate) mergeInto(gids []uint32, cols []arrow.Array) error {
	for _, c := range a.calls {
		n := len(c.acc.StateTypes())
		if err := c.acc.Merge(gids, cols[:n]); err != nil {
			return err
		}
		cols = cols[n:]
	}
	return nil
}

// mergeLate is takeParts where rows of groups that are not in memory lie in files: what belongs to those waits for them.
func (a *aggregate) mergeLate(b *types.Batch) error {
	nk := len(a.keys.cols)
	gids := make([]uint32, b.N)
	a.keys.find(b.Cols[:nk], gids)
	var here, away []int32
	for i, g := range gids {
		if g == none {
			away = append(away, int32(i))
		} else {
			here = append(here, int32(i))
		}
	}
	part := types.TakeBatch(b, here)
	if err := a.mergeInto(takeGids(gids, here), part.Cols[nk:]); err != nil || len(away) == 0 {
		return err
	}
	if a.late == nil {
		a.late = a.fresh()
	}
	return a.late.mergeStates(types.TakeBatch(b, away))
}

// lateOf gives the late groups whose rows lie in file p, of all.
func (a *aggregate) lateOf(p int) (*types.Batch, error) {
	var gids []uint32
	if a.late != nil {
		for _, g := range a.late.keys.all() {
			if spillPart(a.late.keys.hashes[g], a.depth) == p {
				gids = append(gids, g)
			}
		}
	}
	if gids == nil {
		return nil, nil
	}
	return a.late.states(gids)
}

// takeParts gives grouped rows to their shards.
func (s *shards) takeParts(st *run, a *aggregate, b *types.Batch) error {
	s.begin(st)
	s.hash.load(b.Cols[:len(a.plan.Group)], b.N)
	sel := make([][]int32, len(s.parts))
	for i, h := range s.hash.hs {
		k := s.of(h)
		sel[k] = append(sel[k], int32(i))
	}
	countNulls(b.Cols)
	err := together(len(s.parts), func(k int) error {
		if len(sel[k]) == 0 {
			return nil
		}
		return s.parts[k].takeParts(s.runs[k], types.TakeBatch(b, sel[k]))
	})
	if err != nil || st.spillDir != "" {
		return err
	}
	return st.budget.check(a)
}
