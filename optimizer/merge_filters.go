package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// mergeFilters makes one filter of two that follow each other.
func mergeFilters(root plan.Node) plan.Node {
	return plan.Transform(root, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		in, ok := f.In.(*plan.Filter)
		if !ok {
			return n
		}
		return &plan.Filter{In: in.In, Cond: expr.Conjunction(append(expr.Conjuncts(in.Cond), expr.Conjuncts(f.Cond)...)), Pos: f.Pos}
	})
}
