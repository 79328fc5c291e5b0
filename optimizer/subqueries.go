package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// optimizeSubqueries rewrites the plans of uncorrelated sub-selects inside expressions.
func optimizeSubqueries(root plan.Node, rules []Rule) plan.Node {
	return plan.Transform(root, func(n plan.Node) plan.Node {
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
