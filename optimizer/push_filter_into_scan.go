package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// pushFilterIntoScan lets the scan drop rows as it reads them. Filters with sub-selects stay outside; in a continuous query also those that read the clock:
// a row must go by what was judged when it came.
func pushFilterIntoScan(continuous bool) func(root plan.Node) plan.Node {
	return func(root plan.Node) plan.Node { return filtersIntoScans(root, continuous) }
}

func filtersIntoScans(root plan.Node, continuous bool) plan.Node {
	uses := useCounts(root)
	return plan.Transform(root, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		s, ok := f.In.(*plan.Scan)
		if !ok || uses[s] > 1 || expr.HasSubquery(f.Cond) || expr.MaxVolatility(f.Cond) == expr.Volatile || continuous && expr.Varies(f.Cond) {
			return n
		}
		c := *s
		c.Filter = expr.Conjunction(append(expr.Conjuncts(s.Filter), expr.Conjuncts(f.Cond)...))
		return &c
	})
}
