package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// extractJoinKeys takes equalities between the two sides out of a join's condition: the executor hashes on them. Conjuncts over one side
// only go below the join where the kind allows; a cross join with a condition is an inner one.
func extractJoinKeys(root plan.Node) plan.Node {
	return plan.Transform(root, func(n plan.Node) plan.Node {
		j, ok := n.(*plan.Join)
		if !ok || j.LKeys != nil || j.Cond == nil || j.NotIn {
			return n
		}
		split := plan.Width(j.L)
		c := *j
		var rest []expr.Expr
		for _, x := range expr.Conjuncts(j.Cond) {
			l, r, ok := equiKey(x, split)
			if !ok {
				rest = append(rest, x)
				continue
			}
			c.LKeys = append(c.LKeys, l)
			c.RKeys = append(c.RKeys, expr.Remap(r, func(k int) int { return k - split }))
		}
		if len(c.LKeys) == 0 {
			return n
		}
		c.Rest = expr.Conjunction(rest)
		return &c
	})
}

// equiKey says whether x is left = right with each operand over one side only, and gives the operands left first.
func equiKey(x expr.Expr, split int) (l, r expr.Expr, ok bool) {
	c, is := x.(*expr.Call)
	if !is || c.Fn.Name != "=" || len(c.Args) != 2 || c.Args[0].Type().Base() != c.Args[1].Type().Base() {
		return nil, nil, false
	}
	side := func(e expr.Expr) int {
		cols := expr.Columns(e)
		switch {
		case len(cols) == 0:
			return 0
		case !slices.ContainsFunc(cols, func(k int) bool { return k >= split }):
			return -1
		case !slices.ContainsFunc(cols, func(k int) bool { return k < split }):
			return 1
		}
		return 0
	}
	switch a, b := side(c.Args[0]), side(c.Args[1]); {
	case a < 0 && b > 0:
		return c.Args[0], c.Args[1], true
	case a > 0 && b < 0:
		return c.Args[1], c.Args[0], true
	}
	return nil, nil, false
}
