package exec

import (
	"cmp"
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// sessionPlan is an aggregate whose groups are the sessions of the window below it.
type sessionPlan struct {
	win   *plan.TimeWindow
	agg   *plan.Aggregate
	keyOf []int // for each group key: its place in win.By, or isStart, isEnd
}

// planSession tells how to do the aggregate session by session; nil: it can't be done so.
func planSession(n *plan.Aggregate, changes *changes) *sessionPlan {
	w, ok := n.In.(*plan.TimeWindow)
	if !ok || w.Func != "session" || n.Sets != nil || changes.of(w.In) {
		return nil
	}
	start := len(w.In.Schema())
	s := &sessionPlan{win: w, agg: n}
	found := map[int]bool{}
	for _, g := range n.Group {
		c, isCol := g.(*expr.Column)
		if !isCol {
			return nil
		}
		k := slices.Index(w.By, c.Idx)
		if c.Idx >= start {
			k = isStart - (c.Idx - start)
		} else if k < 0 {
			return nil
		}
		found[k] = true
		s.keyOf = append(s.keyOf, k)
	}
	for k := range w.By {
		if !found[k] {
			return nil
		}
	}
	if !found[isStart] && !found[isEnd] {
		return nil
	}
	for _, a := range n.Aggs {
		if a.Distinct || len(a.OrderBy) > 0 || a.Fn.Ordered || a.Fn.Whole || a.Fn.WithinGroup || readsFrom(a.Filter, start) ||
			slices.ContainsFunc(a.Args, func(x expr.Expr) bool { return readsFrom(x, start) }) {
			return nil
		}
	}
	return s
}

// sessionAgg groups rows by session: a session is a group of accumulators, and when two become one their accumulators are merged. Rows that could be late
// are held until the step's other rows are in: they count if they belong to a session that goes on.
type sessionAgg struct {
	*node
	plan  *sessionPlan
	calls []*aggCall
	keys  *keyTable
	lists [][]uint32 // by key: its sessions, by time
	cur   []uint32   // by key: the session of its last row

	start, last []int64  // by session: the first and the last time
	key         []uint32 // by session
	into        []uint32 // by session: itself, or what it was merged into in this step
	flags       []uint8  // by session: isDirty, isEmitted, isGone
	free        []uint32
	live        int

	dirty   []uint32
	fresh   []uint32 // merged away during a Push
	old     oldSessions
	oldRows []*types.Batch
	oldIDs  []uint32
	held    []*types.Batch
	page    *listPages // nil: all sessions are in memory
	closing *closing   // by session; nil: none ever ends
	onClose bool
	batch   bool
	keep    int64 // how long sessions are kept when they are over, see sessions.keep

	saving  bool
	unsaved []uint32 // keys
	isSaved []bool   // by key: not in unsaved
	log     []Chunk

	gids, sids []uint32
}

// oldSessions are sessions that had been handed on, as they were before the rows of a Push.
type oldSessions struct {
	ids         []uint32
	start, last []int64
}

const isGone = 1 << 5

func (b *builder) sessionAggregate(s *sessionPlan) (Op, error) {
	in, err := b.build(s.win.In)
	if err != nil {
		return nil, err
	}
	b.graph.clock = b.graph.clock || s.win.TimeIsProc && b.cfg.Mode != plan.Batch
	n := s.agg
	a := &sessionAgg{node: b.node("aggregate", n), plan: s, batch: b.cfg.Mode == plan.Batch, saving: b.cfg.Mode != plan.Batch && !b.cfg.Ephemeral}
	ts := make([]types.Type, len(s.win.By))
	for i, c := range s.win.By {
		ts[i] = s.win.In.Schema()[c].Type
	}
	a.keys = newKeyTable(ts)
	for i := range n.Aggs {
		a.calls = append(a.calls, newAggCall(&n.Aggs[i], false))
	}
	a.onClose = n.OnClose && !a.batch
	if !a.batch && !n.Keep && !s.win.Keep {
		a.closing = newClosing(nil)
		if !a.onClose {
			a.keep = s.win.Gap
		}
	}
	return b.link(a, in), nil
}

// Push adds rows to their sessions.
func (a *sessionAgg) Push(st *run, _ int, b *types.Batch) error {
	sc := &stageCtx{keep: st.Dropped != nil}
	b = timedRows(sc, a.node, expandWeights(b), a.plan.win.Col)
	deliver(st, sc)
	if a.closing != nil {
		b = a.hold(st, b)
	}
	if b.N == 0 {
		return nil
	}
	if held, ready := a.page.hold(b); ready {
		return a.drain(st)
	} else if held {
		return nil
	}
	return a.add(st, b)
}

// hold puts the rows aside whose own session would be over.
func (a *sessionAgg) hold(st *run, b *types.Batch) *types.Batch {
	ts := types.Int64s(b.Cols[a.plan.win.Col])
	over := a.plan.win.Gap + a.plan.win.Slack
	if len(ts) == 0 || st.WMStart == NoWatermark || slices.Min(ts)+over > st.WMStart {
		return b
	}
	var keep, held []int32
	for i, t := range ts {
		if t+over <= st.WMStart {
			held = append(held, int32(i))
		} else {
			keep = append(keep, int32(i))
		}
	}
	a.held = append(a.held, types.Filter(b, held))
	return types.Filter(b, keep)
}

// add finds the rows' sessions, and adds the rows to them.
func (a *sessionAgg) add(st *run, b *types.Batch) error {
	if err := a.assign(b); err != nil {
		return err
	}
	if err := a.takeDown(); err != nil {
		return err
	}
	for _, c := range a.calls {
		c.grow(len(a.start))
		if err := c.add(st, b, a.sids); err != nil {
			return err
		}
	}
	if err := a.mergeFresh(); err != nil {
		return err
	}
	return st.budget.check(a)
}

// judge takes the late rows out of those that were held: they and what they touch had ended before the step.
func (a *sessionAgg) judge(st *run, b *types.Batch) *types.Batch {
	gids, ts := make([]uint32, b.N), types.Int64s(b.Cols[a.plan.win.Col])
	a.keys.find(b.Project(a.plan.win.By).Cols, gids)
	rows := make([]int32, b.N)
	for i := range rows {
		rows[i] = int32(i)
	}
	slices.SortFunc(rows, func(x, y int32) int {
		return cmp.Or(cmp.Compare(gids[x], gids[y]), cmp.Compare(ts[x], ts[y]))
	})
	var keep, late []int32
	for len(rows) > 0 {
		k, n := gids[rows[0]], 1
		for n < len(rows) && gids[rows[n]] == k {
			n++
		}
		w := lateWalk{gap: a.plan.win.Gap, over: a.plan.win.Gap + a.plan.win.Slack, wm: st.WMStart}
		if k != none {
			for _, s := range a.lists[k] {
				w.sessions = append(w.sessions, [2]int64{a.start[s], a.last[s]})
			}
		}
		for i, isLate := range w.late(n, func(i int) int64 { return ts[rows[i]] }) {
			if isLate {
				late = append(late, rows[i])
			} else {
				keep = append(keep, rows[i])
			}
		}
		rows = rows[n:]
	}
	slices.Sort(keep)
	slices.Sort(late)
	if late != nil {
		a.drop(st, "late", len(late), types.Filter(b, late))
	}
	return types.Filter(b, keep)
}

// unlist takes a session from its key; a key without sessions goes.
func (a *sessionAgg) unlist(s uint32) {
	k := a.key[s]
	a.lists[k] = slices.DeleteFunc(a.lists[k], func(x uint32) bool { return x == s })
	a.cur[k] = none
	if len(a.lists[k]) == 0 {
		a.isSaved[k] = true
		a.keys.remove(k)
	}
}

// takeDown keeps the rows of sessions that had been handed on, before they change.
func (a *sessionAgg) takeDown() error {
	if len(a.old.ids) == 0 {
		return nil
	}
	b, err := a.rows(a.old.ids, a.old.start, a.old.last)
	a.oldRows, a.oldIDs = append(a.oldRows, b), append(a.oldIDs, a.old.ids...)
	a.old.ids, a.old.start, a.old.last = a.old.ids[:0], a.old.start[:0], a.old.last[:0]
	return err
}

// mergeFresh adds the accumulators of sessions that were merged away to those they went into.
func (a *sessionAgg) mergeFresh() error {
	if len(a.fresh) == 0 {
		return nil
	}
	to := make([]uint32, len(a.fresh))
	for i, s := range a.fresh {
		for a.into[s] != s {
			s = a.into[s]
		}
		to[i] = s
	}
	for _, c := range a.calls {
		state, err := c.acc.Save(a.fresh)
		if err != nil {
			return err
		}
		if err := c.acc.Merge(to, state); err != nil {
			return err
		}
	}
	a.fresh = a.fresh[:0]
	return nil
}

// rows gives the result rows of sessions with these times.
func (a *sessionAgg) rows(ids []uint32, start, last []int64) (*types.Batch, error) {
	b := &types.Batch{N: len(ids)}
	ks := make([]uint32, len(ids))
	for i, s := range ids {
		ks[i] = a.key[s]
	}
	by := a.keys.gather(ks)
	for i, k := range a.plan.keyOf {
		dt := a.plan.agg.Group[i].Type().Arrow()
		switch k {
		case isStart:
			b.Cols = append(b.Cols, types.NewFixed(dt, slices.Clone(start), nil, 0))
		case isEnd:
			end := make([]int64, len(last))
			for j, t := range last {
				end[j] = t + a.plan.win.Gap
			}
			b.Cols = append(b.Cols, types.NewFixed(dt, end, nil, 0))
		default:
			b.Cols = append(b.Cols, by[k])
		}
	}
	for _, c := range a.calls {
		r, err := c.acc.Result(ids)
		if err != nil {
			return nil, err
		}
		b.Cols = append(b.Cols, r)
	}
	return b, nil
}

// now gives the result rows of sessions as they are.
func (a *sessionAgg) now(ids []uint32) (*types.Batch, error) {
	start, last := make([]int64, len(ids)), make([]int64, len(ids))
	for i, s := range ids {
		start[i], last[i] = a.start[s], a.last[s]
	}
	return a.rows(ids, start, last)
}
