package optimizer

import (
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// limit: the first rows in the order of the event time are final when the watermark has passed them.
func (a *analysis) limit(n *plan.Limit) (plan.Node, *props, error) {
	in := a.props[n.In]
	sort, sorted := n.In.(*plan.Sort)
	if !sorted && in.appendOnly {
		return n, in, nil
	}
	if sorted && in.appendOnly && a.mode == plan.Append {
		if top, ok := topByTime(n, sort); ok {
			if _, is := in.orderedByTime(top); is {
				return a.over(top)
			}
		}
	}
	return n, &props{source: in.source, why: noAppend(n.Pos, "Order by the event time, without OFFSET, or use output_mode = 'update' or 'complete'.", "a later row may take a place within ORDER BY ... LIMIT")}, nil
}

// topByTime is ORDER BY ... LIMIT as the top of a window function.
func topByTime(n *plan.Limit, sort *plan.Sort) (*plan.Over, bool) {
	count, ok := constInt(n.Count)
	if !ok || count <= 0 || n.Skip != nil {
		return nil, false
	}
	rank := "row_number"
	if n.WithTies {
		rank = "rank"
	}
	calls := []plan.OverCall{{Name: rank, Typ: types.Int8}}
	return &plan.Over{In: sort.In, Order: sort.Keys, Funcs: calls, Cols: n.Schema(), TopN: count, HideRank: true, Pos: n.Pos}, true
}
