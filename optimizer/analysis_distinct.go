package optimizer

import (
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// distinctOn: the first row by arrival is final at once; with an order a better one may come until the watermark closes the value, or passes the row where
// the order is that of the event time.
func (a *analysis) distinctOn(n *plan.Distinct) (plan.Node, *props, error) {
	in := a.props[n.In]
	c := *n
	c.Keep = a.mode == plan.Complete
	if k, t := closing(n.On, in.times, func(int) bool { return true }); k >= 0 {
		var err error
		col := plan.Col{Name: n.On[k].String(), Type: n.On[k].Type()}
		if c.Close, err = closeExpr(k, col, t); err != nil {
			return nil, nil, err
		}
	}
	if c.Close == nil && !c.Keep {
		a.grows(n.Pos, "DISTINCT")
	}
	p := &props{appendOnly: in.appendOnly, why: in.why, source: in.source, times: in.times}
	if len(n.First()) > 0 || !in.appendOnly {
		p.times = timesAmong(n.On, in.times)
	}
	switch {
	case len(n.First()) == 0:
	case a.mode == plan.Append && in.appendOnly && c.Close != nil:
		c.OnClose = true
		a.fin.line("append: final when %s <= watermark(%s)", closeText(c.Close), in.source)
	case a.mode == plan.Append && in.appendOnly:
		top := firstByTime(n)
		if _, is := in.orderedByTime(top); is {
			return a.over(top)
		}
		fallthrough
	default:
		p.appendOnly = false
		p.why = noAppend(n.Pos, "Leave ORDER BY out to keep the first row by arrival, or use output_mode = 'update'.", "a later row may come first in the order of DISTINCT ON")
	}
	return &c, p, nil
}

// firstByTime is DISTINCT ON as the top 1 of a window function.
func firstByTime(n *plan.Distinct) *plan.Over {
	first := []plan.OverCall{{Name: "row_number", Typ: types.Int8}}
	return &plan.Over{In: n.In, Partition: n.On, Order: n.First(), Funcs: first, Cols: n.Schema(), TopN: 1, HideRank: true, Pos: n.Pos}
}
