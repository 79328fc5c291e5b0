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
		return &plan.Filter{In: in.In, Cond: conjunction(append(conjuncts(in.Cond), conjuncts(f.Cond)...)), Pos: f.Pos}
	})
}

// conjuncts takes an AND apart.
func conjuncts(x expr.Expr) []expr.Expr {
	a, ok := x.(*expr.And)
	if !ok {
		if x == nil {
			return nil
		}
		return []expr.Expr{x}
	}
	var out []expr.Expr
	for _, y := range a.Args {
		out = append(out, conjuncts(y)...)
	}
	return out
}

// conjunction puts an AND together; nil for none.
func conjunction(xs []expr.Expr) expr.Expr {
	switch len(xs) {
	case 0:
		return nil
	case 1:
		return xs[0]
	}
	return &expr.And{Args: xs}
}
