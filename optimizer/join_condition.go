package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// mergeJoinFilter makes the conjuncts of a filter over an inner join that read both sides part of the join's condition.
func mergeJoinFilter(root plan.Node) plan.Node {
	uses := useCounts(root)
	return plan.Transform(root, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok || uses[f.In] > 1 {
			return n
		}
		j, ok := f.In.(*plan.Join)
		if !ok || j.Kind != "inner" && j.Kind != "cross" || j.ASOF || j.Lookup != "" {
			return n
		}
		var in, stay []expr.Expr
		for _, c := range expr.Conjuncts(f.Cond) {
			if expr.MaxVolatility(c) != expr.Volatile && !expr.HasSubquery(c) && len(expr.Columns(c)) > 0 && joinSide(j, expr.Columns(c)) == 0 {
				in = append(in, c)
			} else {
				stay = append(stay, c)
			}
		}
		if len(in) == 0 {
			return n
		}
		if j.Cond != nil {
			in = slices.Concat(expr.Conjuncts(j.Cond), in)
		}
		out := withCondition(j, in)
		out.Kind = "inner"
		if rest := expr.Conjunction(stay); rest != nil {
			return &plan.Filter{In: out, Cond: rest, Pos: f.Pos}
		}
		return out
	})
}

// withCondition is j with another condition, whose keys are to be found again.
func withCondition(j *plan.Join, conds []expr.Expr) *plan.Join {
	c := *j
	c.Cond, c.LKeys, c.RKeys, c.Rest = expr.Conjunction(conds), nil, nil, nil
	return &c
}

// pushJoinCondition filters an input by the conjuncts of a join's condition that read it alone. Rows of a side that stays without a partner must not
// be filtered by them.
func pushJoinCondition(root plan.Node) plan.Node {
	return plan.Transform(root, func(n plan.Node) plan.Node {
		j, ok := n.(*plan.Join)
		if !ok || j.Cond == nil || j.ASOF || j.NotIn || j.Kind == "full" {
			return n
		}
		var l, r, stay []expr.Expr
		split := plan.Width(j.L)
		for _, c := range expr.Conjuncts(j.Cond) {
			cols := expr.Columns(c)
			plain := len(cols) > 0 && expr.MaxVolatility(c) != expr.Volatile && !expr.HasSubquery(c)
			switch {
			case plain && j.Kind != "left" && j.Kind != "anti" && slices.Max(cols) < split:
				l = append(l, c)
			case plain && j.Kind != "right" && slices.Min(cols) >= split:
				r = append(r, expr.Remap(c, func(k int) int { return k - split }))
			default:
				stay = append(stay, c)
			}
		}
		if len(l)+len(r) == 0 {
			return n
		}
		out := withCondition(j, stay)
		if len(l) > 0 {
			out.L = &plan.Filter{In: j.L, Cond: expr.Conjunction(l), Pos: j.Pos}
		}
		if len(r) > 0 {
			out.R = &plan.Filter{In: j.R, Cond: expr.Conjunction(r), Pos: j.Pos}
		}
		return out
	})
}
