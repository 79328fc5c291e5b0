package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// innerBelowOuter does an inner join before the left join that is one of its inputs, where its condition reads nothing of the left join's right side and it leaves fewer rows of the left one:
// (A left join B) join C is (A join C) left join B. The inner joins can then be put in order together.
func innerBelowOuter(stats Stats) func(root plan.Node) plan.Node {
	return func(root plan.Node) plan.Node {
		if stats == nil {
			return root
		}
		est := NewEstimator(stats)
		uses := useCounts(root)
		return plan.Transform(root, func(n plan.Node) plan.Node {
			j, ok := n.(*plan.Join)
			if !ok || !plainInner(j) || j.Cond == nil || !movable(expr.Conjuncts(j.Cond)) {
				return n
			}
			for _, right := range []bool{false, true} {
				in := j.L
				if right {
					in = j.R
				}
				outer, ok := in.(*plan.Join)
				if !ok || outer.Kind != "left" || outer.ASOF || outer.Lookup != "" || uses[outer] > 1 || !movable(expr.Conjuncts(outer.Cond)) {
					continue
				}
				if out := swapped(est, j, outer, right); out != nil {
					return out
				}
			}
			return n
		})
	}
}

// swapped does j before outer, which is its right input or its left one; nil: that cannot be, or is no gain.
func swapped(est *Estimator, j, outer *plan.Join, right bool) plan.Node {
	a, b, c := outer.L, outer.R, j.R
	first := 0 // of outer's columns in j
	if right {
		c, first = j.L, len(j.L.Schema())
	}
	na, nb, nc := len(a.Schema()), len(b.Schema()), len(c.Schema())
	// place is where a column of j is in the join of a, c and b.
	place := func(k int) int {
		switch at := k - first; {
		case at >= 0 && at < na:
			return at
		case at >= na && at < na+nb:
			return at + nc
		case right:
			return na + k
		}
		return na + k - na - nb
	}
	if slices.ContainsFunc(expr.Columns(j.Cond), func(k int) bool { return place(k) >= na+nc }) {
		return nil
	}
	inner := withCondition(j, []expr.Expr{expr.Remap(j.Cond, place)})
	inner.Kind, inner.L, inner.R, inner.Cols = "inner", a, c, slices.Concat(a.Schema(), c.Schema())
	before, known := est.Rows(a)
	after, sized := est.Rows(inner)
	if !known || !sized || after*clearly >= before {
		return nil
	}
	var cond []expr.Expr
	if outer.Cond != nil {
		cond = append(cond, expr.Remap(outer.Cond, func(k int) int {
			if k < na {
				return k
			}
			return k + nc
		}))
	}
	top := withCondition(outer, cond)
	top.L, top.R, top.Cols = inner, b, slices.Concat(inner.Cols, b.Schema())
	items := make([]expr.Expr, len(j.Cols))
	for i, col := range j.Cols {
		items[i] = &expr.Column{Idx: place(i), Name: col.Name, Typ: col.Type}
	}
	return &plan.Project{In: top, Items: items, Cols: j.Cols, Pos: j.Pos}
}
