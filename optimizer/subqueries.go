package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// optimizeSubqueries rewrites the plans of uncorrelated sub-selects inside expressions, and of recursive queries.
func optimizeSubqueries(root plan.Node, rules []Rule) plan.Node {
	return plan.Transform(root, func(n plan.Node) plan.Node {
		if r, ok := n.(*plan.Recursive); ok {
			c := *r
			base, _ := rewrite(r.Base, rules, nil)
			step, _ := rewrite(r.Step, rules, nil)
			c.Base, c.Step = optimizeSubqueries(base, rules), optimizeSubqueries(step, rules)
			return &c
		}
		return mapExprs(n, func(x expr.Expr) expr.Expr {
			return expr.Transform(x, func(e expr.Expr) expr.Expr {
				s, ok := e.(*expr.Subquery)
				if !ok {
					return e
				}
				c := *s
				inner, _ := rewrite(s.Plan.(plan.Node), rules, nil)
				c.Plan = optimizeSubqueries(inner, rules)
				return &c
			})
		})
	})
}
