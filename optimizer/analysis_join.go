package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// join: an inner join of append-only inputs is append-only. Its columns carry event time on only where a time bound or equal windows keep the rows of
// both sides near each other; without that a row of long ago may still find a partner.
func (a *analysis) join(n *plan.Join) (plan.Node, *props, error) {
	l, r := a.props[n.L], a.props[n.R]
	c := *n
	c.LTime, c.RTime = -1, -1
	c.Keep = a.mode == plan.Complete
	c.OnClose = a.mode == plan.Append
	p := &props{source: sources(l, r), times: map[int]timeCol{}, appendOnly: l.appendOnly && r.appendOnly, why: l.why}
	if p.why == nil {
		p.why = r.why
	}
	if n.Lookup == "proctime" {
		p.appendOnly, p.why, p.times = l.appendOnly, l.why, l.times
		return &c, p, nil
	}
	if n.Lookup == "time" {
		a.temporal(&c, p, l)
		return &c, p, nil
	}
	if n.ASOF {
		p.appendOnly = false
		p.why = noAppend(n.Pos, "Use output_mode = 'update'; or keep the right side in a table or materialized view and join it FOR SYSTEM_TIME AS OF PROCTIME().", "a later row may be the nearest of ASOF JOIN")
		if !c.Keep {
			a.grows(n.Offset(), "join")
		}
		return &c, p, nil
	}
	b, bounded := timeBound(&c, l, r)
	if bounded {
		c.LTime, c.RTime, c.Lo, c.Hi = b.l, b.r, b.lo, b.hi
		c.LClose, c.RClose = b.lClose, b.rClose
		b.carry(p, &c, l, r)
	}
	if p.appendOnly && !c.Keep && (!bounded || b.open()) {
		a.grows(n.Offset(), "join")
	}
	outer := n.Kind == "left" || n.Kind == "right" || n.Kind == "full" || n.Kind == "anti"
	switch {
	case !p.appendOnly || !outer:
	case bounded && c.OnClose && b.settles(n.Kind):
		a.fin.line("append: rows without a partner are final when the watermark(%s) passes the time bound of the join", p.source)
	default:
		p.appendOnly = false
		p.why = noAppend(n.Pos, partnerHint(n, l, r), "a row without a partner may still find one")
	}
	return &c, p, nil
}

// partnerHint says what an outer join lacks whose rows without a partner are never final: a bound in time, or the watermark of a side.
func partnerHint(n *plan.Join, l, r *props) string {
	for _, x := range plan.Ranges(expr.Conjuncts(n.Cond), plan.Width(n.L)) {
		if b := (bound{lo: x.Lo, hi: x.Hi}); b.settles(n.Kind) && isTimestamp(n.L, x.L) && !(hasTime(n.L, l, x.L) && hasTime(n.R, r, x.R)) {
			return "Declare WATERMARK FOR the event time in CREATE STREAM on both sides of the join, or use output_mode = 'update'."
		}
	}
	return "Bound the join in time, as in ON ... AND a.ts BETWEEN b.ts - INTERVAL '1 minute' AND b.ts, or use output_mode = 'update'."
}

// over: rows of a partition change as others come, until its window is closed.
func (a *analysis) over(n *plan.Over) (plan.Node, *props, error) {
	in := a.props[n.In]
	c := *n
	c.Keep = a.mode == plan.Complete
	p := &props{source: in.source, times: timesAmong(n.Partition, in.times)}
	k, t := closing(n.Partition, in.times, func(int) bool { return true })
	if k >= 0 {
		var err error
		col := plan.Col{Name: n.Partition[k].String(), Type: n.Partition[k].Type()}
		if c.Close, err = closeExpr(k, col, t); err != nil {
			return nil, nil, err
		}
	}
	if a.mode != plan.Append {
		p.why = noAppend(n.Pos, "Use output_mode = 'update'.", "window functions can still change")
		if k < 0 && !c.Keep {
			a.grows(n.Pos, "window function")
		}
		return &c, p, nil
	}
	if !in.appendOnly {
		return nil, nil, in.why
	}
	if k < 0 {
		by, is := in.orderedByTime(n)
		if !is && len(in.times) == 0 {
			return nil, nil, noAppend(n.Pos, "Declare WATERMARK FOR the event time in CREATE STREAM and order by it, or partition by its window; or use output_mode = 'update'.",
				"OVER is final only behind a watermark, and its input has none")
		}
		if !is {
			return nil, nil, noAppend(n.Pos, "Partition by window_start of a windowed input, order by the event time with frames that end a known number of rows or a constant time later, or use output_mode = 'update'.",
				"OVER is final only within a closed window")
		}
		c.OnClose, c.ByTime, p.appendOnly = true, true, true
		c.Behind, c.Ahead, c.Span, c.Back, c.TimeIsProc = by.behind, by.rows, by.span, by.back, by.proc
		p.times = timesAmong([]expr.Expr{n.Order[0].X}, in.times)
		if by.rows+by.span > 0 {
			p.times = nil // its rows come when the watermark has long passed their time
		}
		if by.proc {
			p.proc = in.proc
			return &c, p, nil
		}
		a.fin.line("append: final when %s < watermark(%s)%s", n.Order[0].X.String(), in.source, by.wait())
		return &c, p, nil
	}
	c.OnClose, p.appendOnly = true, true
	a.fin.line("append: final when %s <= watermark(%s)", closeText(c.Close), in.source)
	return &c, p, nil
}
