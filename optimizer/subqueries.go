package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// optimizeSubqueries rewrites the plans of uncorrelated sub-selects inside expressions, and of recursive queries.
func optimizeSubqueries(root plan.Node, rules []Rule, off map[string]bool) plan.Node {
	done := map[*expr.Subquery]expr.Expr{}
	return plan.Transform(root, func(n plan.Node) plan.Node {
		if r, ok := n.(*plan.Recursive); ok {
			c := *r
			base, _ := rewrite(r.Base, rules, off)
			step, _ := rewrite(r.Step, rules, off)
			c.Base, c.Step = optimizeSubqueries(base, rules, off), optimizeSubqueries(step, rules, off)
			return &c
		}
		return mapExprs(n, func(x expr.Expr) expr.Expr {
			return expr.Transform(x, func(e expr.Expr) expr.Expr {
				s, ok := e.(*expr.Subquery)
				if !ok {
					return e
				}
				if done[s] == nil { // one that is read twice runs once
					c := *s
					inner, _ := rewrite(s.Plan.(plan.Node), rules, off)
					c.Plan = optimizeSubqueries(inner, rules, off)
					done[s] = &c
				}
				return done[s]
			})
		})
	})
}
