package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// hopPlan is a hopping window with the aggregate over it, done by panes: rows are grouped by pane, the greatest common divisor of size and slide wide,
// and the panes' groups are merged into the windows. So a row costs one update, whatever the overlap.
type hopPlan struct {
	win    *plan.TimeWindow
	agg    *plan.Aggregate
	keyOf  []int // for each group key of agg: its place in the other keys, or isStart, isEnd
	others []expr.Expr
	paned  *plan.Aggregate // groups by pane, then the other keys
}

const (
	isStart = -1
	isEnd   = -2
)

// planHop tells how to do the aggregate by panes; nil: it can't be done so.
func planHop(n *plan.Aggregate, changing bool) *hopPlan {
	w, ok := n.In.(*plan.TimeWindow)
	if !ok || w.Func != "hop" || w.Slide >= w.Size || n.Sets != nil || changing {
		return nil
	}
	start := len(w.In.Schema())
	h := &hopPlan{win: w, agg: n}
	windowed := false
	for _, g := range n.Group {
		c, isCol := g.(*expr.Column)
		switch {
		case isCol && c.Idx >= start:
			h.keyOf = append(h.keyOf, isStart-(c.Idx-start))
			windowed = true
		case readsFrom(g, start):
			return nil
		default:
			h.keyOf = append(h.keyOf, len(h.others))
			h.others = append(h.others, g)
		}
	}
	for _, a := range n.Aggs {
		if a.Distinct || len(a.OrderBy) > 0 || a.Fn.Ordered || a.Fn.Whole || a.Fn.WithinGroup || readsFrom(a.Filter, start) {
			return nil
		}
		for _, x := range a.Args {
			if readsFrom(x, start) {
				return nil
			}
		}
	}
	if !windowed {
		return nil
	}
	h.paned = &plan.Aggregate{In: w, Aggs: n.Aggs, Pos: n.Pos}
	h.paned.Group = append([]expr.Expr{&expr.Column{Idx: start, Typ: w.Schema()[start].Type}}, h.others...)
	return h
}

// overWindow is an aggregate over a projection over a hopping window as one over the window itself; else it is n.
func overWindow(n *plan.Aggregate, uses map[plan.Node]int) *plan.Aggregate {
	p, ok := n.In.(*plan.Project)
	if !ok || uses[p] != 1 {
		return n
	}
	if _, ok := p.In.(*plan.TimeWindow); !ok {
		return n
	}
	xs := slices.Clone(n.Exprs())
	for i, x := range xs {
		xs[i] = expr.Transform(x, func(e expr.Expr) expr.Expr {
			if c, ok := e.(*expr.Column); ok {
				return p.Items[c.Idx]
			}
			return e
		})
		if expr.MaxVolatility(xs[i]) == expr.Volatile {
			return n
		}
	}
	return n.WithExprs(xs).WithInputs([]plan.Node{p.In}).(*plan.Aggregate)
}

// readsFrom says whether x reads a column from idx on.
func readsFrom(x expr.Expr, idx int) bool {
	return x != nil && slices.ContainsFunc(expr.Columns(x), func(c int) bool { return c >= idx })
}

// panes is the assignment of rows to panes.
func (h *hopPlan) panes() *plan.TimeWindow {
	w := *h.win
	a, b := w.Size, w.Slide
	for b != 0 {
		a, b = b, a%b
	}
	w.Func, w.Size, w.Slide = "tumble", a, a
	return &w
}

// closeOf is the watermark that closes the window which begins at start.
func (h *hopPlan) closeOf(start int64) int64 { return start + h.win.Size + h.win.Slack }

// lastClose is the watermark that closes the last window that a pane lies in.
func (h *hopPlan) lastClose(pane int64) int64 {
	return h.closeOf(floorTo(pane, h.win.Slide, h.win.Origin))
}

// firstStart is the start of the first window that a pane lies in.
func (h *hopPlan) firstStart(pane int64) int64 {
	return floorTo(pane-h.win.Size, h.win.Slide, h.win.Origin) + h.win.Slide
}

// keys puts the group keys of windows together.
func (h *hopPlan) keys(starts []int64, others []arrow.Array) []arrow.Array {
	out := make([]arrow.Array, len(h.keyOf))
	for i, k := range h.keyOf {
		switch k {
		case isStart:
			out[i] = types.NewFixed(h.agg.Group[i].Type().Arrow(), starts, nil, 0)
		case isEnd:
			ends := make([]int64, len(starts))
			for j, s := range starts {
				ends[j] = s + h.win.Size
			}
			out[i] = types.NewFixed(h.agg.Group[i].Type().Arrow(), ends, nil, 0)
		default:
			out[i] = others[k]
		}
	}
	return out
}

// dropLate takes the rows all of whose windows have closed out of b, which has their panes in the last columns but one. Every window that a row is late
// for counts.
func (h *hopPlan) dropLate(st *run, n *node, b *types.Batch) *types.Batch {
	panes := types.Int64s(b.Cols[len(b.Cols)-2])
	var gone []int32
	missed := 0
	for i, p := range panes {
		if p+h.win.Slack >= st.WMStart {
			continue
		}
		for s := h.firstStart(p); s <= p && st.late(h.closeOf(s)); s += h.win.Slide {
			missed++
		}
		if st.late(h.lastClose(p)) {
			gone = append(gone, int32(i))
		}
	}
	if missed == 0 {
		return b
	}
	n.drop(st, "late", missed, types.Filter(b, gone))
	if len(gone) == 0 {
		return b
	}
	var keep []int32
	for i := range b.N {
		if _, late := slices.BinarySearch(gone, int32(i)); !late {
			keep = append(keep, int32(i))
		}
	}
	return types.Filter(b, keep)
}

// hopMerge is a hopping aggregate whose windows are the state (update, complete, batch): the rows of a step are grouped by pane first, and at its
// end the panes are merged into the windows.
type hopMerge struct {
	*aggregate
	hop  *hopPlan
	cfg  Config
	step *aggregate // the groups of the step by pane
}

func (h *hopMerge) fresh() *aggregate {
	cfg := h.cfg
	cfg.Ephemeral, cfg.Mode = true, plan.Update
	return newAggregate(newNode(h.name), h.hop.paned, cfg, false)
}

// Push groups rows by pane.
func (h *hopMerge) Push(st *run, port int, b *types.Batch) error {
	if h.closing != nil {
		if b = h.hop.dropLate(st, h.node, b); b.N == 0 {
			return nil
		}
	}
	if h.step == nil {
		h.step = h.fresh()
	}
	if err := st.budget.check(h.step); err != nil {
		return err
	}
	return h.step.Push(st, port, b)
}

// Finish merges the panes into the windows.
func (h *hopMerge) Finish(st *run) error {
	if h.step != nil {
		for part := range slices.Chunk(h.step.keys.all(), chunkRows/8) {
			if err := h.mergePanes(st, part); err != nil {
				return err
			}
		}
		h.step = nil
	}
	return h.aggregate.Finish(st)
}

func (h *hopMerge) mergePanes(st *run, gids []uint32) error {
	cols := h.step.keys.gather(gids)
	var from []int32
	var starts []int64
	for i, p := range types.Int64s(cols[0]) {
		for s := h.hop.firstStart(p); s <= p; s += h.hop.win.Slide {
			from, starts = append(from, int32(i)), append(starts, s)
		}
	}
	keys := h.hop.keys(starts, takeCols(cols[1:], from))
	state := make([][]arrow.Array, len(h.calls))
	for i, c := range h.step.calls {
		saved, err := c.acc.Save(gids)
		if err != nil {
			return err
		}
		state[i] = takeCols(saved, from)
	}
	return h.merge(st, keys, state, len(from))
}

// merge adds saved states of the calls to the groups of keys.
func (a *aggregate) merge(st *run, keys []arrow.Array, state [][]arrow.Array, n int) error {
	gids := make([]uint32, n)
	a.insert(keys, gids)
	if a.closing != nil && len(a.keys.fresh) > 0 {
		late, err := a.register(st, a.keys.fresh)
		if err != nil {
			return err
		}
		if late {
			var keep []int32 // the rows that are late have been counted when they came
			keep, _, gids = a.takeLate(gids)
			for i := range state {
				state[i] = takeCols(state[i], keep)
			}
		}
	}
	if !a.batch {
		if err := a.touch(gids); err != nil {
			return err
		}
	}
	for i, c := range a.calls {
		if err := c.acc.Merge(gids, state[i]); err != nil {
			return err
		}
	}
	return st.budget.check(a)
}
