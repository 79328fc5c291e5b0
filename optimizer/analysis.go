package optimizer

import (
	"fmt"
	"maps"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// analysis walks a plan from the leaves up and sets Close, OnClose, Keep and Time of the operators.
type analysis struct {
	mode  plan.Mode
	props map[plan.Node]*props
	fin   *Finality
	err   error
	clock bool // windows over the processing time close by the clock, which then is the only watermark
}

func (a *analysis) visit(n plan.Node) plan.Node {
	if a.err != nil {
		return n
	}
	out, p, err := a.node(n)
	if err != nil {
		a.err = err
		return n
	}
	a.props[out] = p
	return out
}

func (a *analysis) node(n plan.Node) (plan.Node, *props, error) {
	switch n := n.(type) {
	case *plan.Scan:
		return n, a.scan(n), nil
	case *plan.Values:
		return n, &props{appendOnly: true}, nil
	case *plan.Project:
		return n, a.project(n), nil
	case *plan.Filter:
		return n, a.filter(n), nil
	case *plan.TableFunc:
		return n, a.props[n.In], nil
	case *plan.Sort:
		return n, a.props[n.In], nil
	case *plan.TimeWindow:
		return a.timeWindow(n)
	case *plan.Aggregate:
		return a.aggregate(n)
	case *plan.Distinct:
		return a.distinct(n)
	case *plan.Limit:
		return a.limit(n)
	case *plan.SetOp:
		return n, a.setOp(n), nil
	case *plan.Join:
		return a.join(n)
	case *plan.Match:
		return a.match(n)
	case *plan.Over:
		return a.over(n)
	}
	return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported, "%T is not supported in a continuous query", n).At(n.Offset())
}

func (a *analysis) scan(n *plan.Scan) *props {
	p := &props{times: map[int]timeCol{}, source: n.Rel.Name}
	switch n.Rel.Kind {
	case catalog.Stream:
		p.appendOnly = true
	case catalog.MatView, catalog.Sink:
		p.appendOnly = n.Rel.Mode == string(plan.Append)
	}
	if !p.appendOnly {
		p.why = noAppend(n.Pos, "Use output_mode = 'update'; or, for a join, FOR SYSTEM_TIME AS OF PROCTIME().", "rows of %s %q can change", n.Rel.Kind, n.Rel.Name)
		return p
	}
	if n.Rel.Kind == catalog.Stream && n.Rel.Watermark == nil {
		p.free = map[int]bool{}
	}
	for i, c := range n.Cols {
		if a.clock {
			break
		}
		if p.free != nil {
			p.free[i] = isTimestamp(n, i)
		}
		if w := n.Rel.Watermark; w != nil && c == w.Column && n.Rel.Kind == catalog.Stream {
			p.times[i] = timeCol{close: rawClose, raw: true, label: n.Rel.Columns[c].Name, rank: rankRaw}
			p.source = fmt.Sprintf("%s.%s", n.Rel.Name, n.Rel.Columns[c].Name)
		}
		for _, t := range n.Rel.Times {
			if t.Col == c {
				p.times[i] = timeCol{close: types.IntervalValue{Micros: t.Close}, raw: true, label: n.Rel.Columns[c].Name, rank: rankRaw, grid: grid{t.Every, t.From}}
			}
		}
	}
	return p
}

// filter is that of the input; rows that go by the clock make the result change, and no watermark says when the last one has gone.
func (a *analysis) filter(n *plan.Filter) *props {
	if a.mode == plan.Append || !plan.ClockEnds(n.Cond) {
		return a.props[n.In]
	}
	return &props{source: a.props[n.In].source, times: map[int]timeCol{}, why: noAppend(n.Pos, "Use output_mode = 'update'.", "rows go by the processing time")}
}

func (a *analysis) project(n *plan.Project) *props {
	in := a.props[n.In]
	p := &props{appendOnly: in.appendOnly, why: in.why, source: in.source, times: map[int]timeCol{}, proc: map[int]bool{}, free: map[int]bool{}}
	for i, x := range n.Items {
		if c, ok := x.(*expr.Column); ok && in.free[c.Idx] {
			p.free[i] = true
		}
		if isProcTime(x, in.proc) {
			p.proc[i] = true
		}
		if t, ok := timeOf(x, in.times); ok {
			p.times[i] = t
		}
	}
	return p
}

// timeWindow adds the window columns. Windows over processing time close by the clock, which is in order by itself.
func (a *analysis) timeWindow(n *plan.TimeWindow) (plan.Node, *props, error) {
	in := a.props[n.In]
	p := &props{appendOnly: in.appendOnly, why: in.why, source: in.source, times: maps.Clone(in.times), free: maps.Clone(in.free)}
	c := *n
	c.Keep = a.mode == plan.Complete
	t, ok := in.times[n.Col]
	if in.proc[n.Col] {
		t, ok, c.TimeIsProc, p.source = timeCol{close: rawClose, raw: true}, true, true, "processing time"
		p.times = map[int]timeCol{}
	}
	c.Keep = c.Keep || !ok // a watermark is then that of another input
	if in.free[n.Col] && n.Func != "session" {
		w := plan.Width(n.In)
		p.free[w], p.free[w+1] = true, true
	}
	if ok && p.times != nil {
		w := plan.Width(n.In)
		starts, ends := windowGrids(n)
		c.Slack = longest(t.close) - t.lastStep(starts)
		p.times[w] = timeCol{close: types.IntervalValue{Micros: n.Size + c.Slack}, raw: true, label: "window_start", rank: rankStart, grid: starts}
		p.times[w+1] = timeCol{close: types.IntervalValue{Micros: c.Slack}, raw: true, label: "window_end", rank: rankEnd, grid: ends}
		if n.Func == "session" || n.Func == "cumulate" {
			delete(p.times, w) // the end of a session or of a cumulated window does not follow from its start
		}
	}
	if n.Func == "session" {
		// A row comes, or comes again with another end, long after its own time.
		end, has := p.times[plan.Width(n.In)+1]
		if p.times = map[int]timeCol{}; has {
			p.times[plan.Width(n.In)+1] = end
		}
		c.OnClose = a.mode == plan.Append
		if has && !c.OnClose {
			end.close.Micros += n.Gap // a session that is over still goes on with rows that are in time
			p.times[plan.Width(n.In)+1] = end
		}
		switch {
		case c.OnClose && !in.appendOnly:
			return nil, nil, in.why
		case c.OnClose && !ok:
			return nil, nil, noAppend(n.Pos, "Declare WATERMARK FOR the column in CREATE STREAM, or use output_mode = 'update'.", "sessions end by a watermark, and %q has none", n.In.Schema()[n.Col].Name)
		case !c.OnClose:
			p.appendOnly = false
			p.why = noAppend(n.Pos, "Use output_mode = 'update'.", "sessions still grow")
		}
	}
	return &c, p, nil
}

// closing finds the time column among group keys that closes groups first and best; -1: none.
func closing(group []expr.Expr, times map[int]timeCol, in func(i int) bool) (int, timeCol) {
	at, best := -1, timeCol{}
	for i, x := range group {
		if t, ok := timeOf(x, times); ok && in(i) && (at < 0 || !t.nullable && best.nullable || t.nullable == best.nullable && t.rank < best.rank) {
			at, best = i, t
		}
	}
	return at, best
}

func (a *analysis) aggregate(n *plan.Aggregate) (plan.Node, *props, error) {
	in := a.props[n.In]
	c := *n
	c.Keep = a.mode == plan.Complete
	k, t := closing(n.Group, in.times, func(i int) bool { return inAllSets(n.Sets, i) })
	p := &props{source: in.source, times: map[int]timeCol{}}
	if k >= 0 {
		var err error
		if c.Close, err = closeExpr(k, n.Cols[k], t); err != nil {
			return nil, nil, err
		}
		for i, x := range n.Group {
			if t, ok := timeOf(x, in.times); ok && inAllSets(n.Sets, i) {
				t.raw = true // a bucket is a time of its own for what follows
				p.times[i] = t
			}
		}
	}
	if a.mode == plan.Append {
		switch {
		case !in.appendOnly:
			return nil, nil, in.why
		case k < 0:
			return nil, nil, appendGroup(n, in)
		}
		c.OnClose, p.appendOnly = true, true
		a.fin.line("append: final when %s <= watermark(%s)", closeText(c.Close), in.source)
		return &c, p, nil
	}
	p.why = noAppend(n.Pos, "Use output_mode = 'update' or 'complete'.", "groups can still change")
	switch {
	case c.Keep:
	case k >= 0:
		a.fin.line("state: forgotten when %s <= watermark(%s)", closeText(c.Close), in.source)
	case len(n.Group) > 0:
		a.grows(n.Offset(), "aggregation")
	}
	return &c, p, nil
}

// appendGroup refuses an aggregation in append mode and says which of the two things is missing.
func appendGroup(n *plan.Aggregate, in *props) *sqlerr.Error {
	if len(in.times) == 0 {
		return noAppend(n.Pos, "Declare WATERMARK FOR the event time in CREATE STREAM and group by its window, or use output_mode = 'update' or 'complete'.",
			"an aggregation hands a group on when a watermark closes it, and its input has no watermark")
	}
	return noAppend(n.Pos, "Group by window_start of tumble(...) or hop(...), or by date_trunc of the event time; or use output_mode = 'update' or 'complete'.",
		"the aggregation is not grouped by the event time under a watermark, so its groups are never final")
}

func inAllSets(sets [][]int, i int) bool {
	for _, s := range sets {
		found := false
		for _, k := range s {
			found = found || k == i
		}
		if !found {
			return false
		}
	}
	return true
}

// grows tells the user of state without a bound.
func (a *analysis) grows(_ int, what string) {
	a.fin.Notices = append(a.fin.Notices, Notice{"the state of the " + what + " can grow for ever: no watermark bounds it", "Group by a window of a watermarked event time where old results need not change."})
}

func (a *analysis) distinct(n *plan.Distinct) (plan.Node, *props, error) {
	if n.On != nil {
		return a.distinctOn(n)
	}
	in := a.props[n.In]
	c := *n
	c.Keep = a.mode == plan.Complete
	var keys []expr.Expr
	for i, col := range n.Schema() {
		keys = append(keys, &expr.Column{Idx: i, Name: col.Name, Typ: col.Type})
	}
	if k, t := closing(keys, in.times, func(int) bool { return true }); k >= 0 {
		var err error
		if c.Close, err = closeExpr(k, n.Schema()[k], t); err != nil {
			return nil, nil, err
		}
	}
	if c.Close == nil && !c.Keep {
		a.grows(n.Pos, "DISTINCT")
	}
	return &c, &props{appendOnly: in.appendOnly, why: in.why, source: in.source, times: in.times}, nil
}

func (a *analysis) setOp(n *plan.SetOp) *props {
	l, r := a.props[n.L], a.props[n.R]
	p := &props{appendOnly: l.appendOnly && r.appendOnly && n.Op != "except", why: l.why, source: sources(l, r), times: map[int]timeCol{}}
	if p.why == nil {
		p.why = r.why
	}
	if p.why == nil {
		p.why = noAppend(n.Pos, "Use output_mode = 'update'.", "a later row may take one of %s back", n.Op)
	}
	for i, t := range l.times {
		if u, ok := r.times[i]; ok && t.close.Months == 0 && u.close.Months == 0 {
			if t.grid != u.grid {
				t.grid, u.grid = grid{}, grid{}
			}
			nullable := t.nullable || u.nullable
			if later(u, t) {
				t = u
			}
			t.nullable = nullable
			p.times[i] = t
		}
	}
	if !n.All {
		a.grows(n.Pos, n.Op)
	}
	return p
}

func later(a, b timeCol) bool { return closeMicros(a) > closeMicros(b) }
