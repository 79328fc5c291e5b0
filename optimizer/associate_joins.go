package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// associateJoins makes (a × b) ⋈ c into a ⋈ (b ⋈ c) where a condition ties b and c: the pairs of a and b are never made.
func associateJoins(root plan.Node) plan.Node {
	uses := useCounts(root)
	return plan.Transform(root, func(n plan.Node) plan.Node {
		top, ok := n.(*plan.Join)
		if !ok || !plainInner(top) || top.Cond == nil {
			return n
		}
		cross, ok := top.L.(*plan.Join)
		if !ok || !plainInner(cross) || cross.Cond != nil || uses[cross] > 1 {
			return n
		}
		split := len(cross.L.Schema())
		right := len(top.L.Schema())
		var below, stay []expr.Expr
		for _, c := range conjuncts(top.Cond) {
			cols := expr.Columns(c)
			if len(cols) > 0 && slices.Min(cols) >= split && slices.Min(cols) < right && slices.Max(cols) >= right {
				below = append(below, expr.Remap(c, func(k int) int { return k - split }))
			} else {
				stay = append(stay, c)
			}
		}
		if len(below) == 0 {
			return n
		}
		in := withCondition(top, below)
		in.L, in.Cols = cross.R, slices.Concat(cross.R.Schema(), top.R.Schema())
		out := withCondition(top, stay)
		out.L, out.R, out.Pos = cross.L, in, cross.Pos
		return out
	})
}

func plainInner(j *plan.Join) bool {
	return (j.Kind == "inner" || j.Kind == "cross") && !j.ASOF && j.Lookup == ""
}
