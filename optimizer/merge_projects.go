package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// mergeProjects makes one projection of two, where no costly or volatile expression would be computed twice.
func mergeProjects(root plan.Node) plan.Node {
	uses := useCounts(root)
	return plan.Transform(root, func(n plan.Node) plan.Node {
		p, ok := n.(*plan.Project)
		if !ok {
			return n
		}
		in, ok := p.In.(*plan.Project)
		if !ok || uses[in] > 1 {
			return n
		}
		reads := make([]int, len(in.Items))
		for _, x := range p.Items {
			expr.Walk(x, func(e expr.Expr) bool {
				if c, ok := e.(*expr.Column); ok {
					reads[c.Idx]++
				}
				return true
			})
		}
		for i, x := range in.Items {
			if reads[i] > 1 && !cheap(x) || expr.MaxVolatility(x) == expr.Volatile {
				return n
			}
		}
		return &plan.Project{In: in.In, Items: substitute(p.Items, in.Items), Cols: p.Cols, Pos: p.Pos}
	})
}

func cheap(x expr.Expr) bool {
	switch x.(type) {
	case *expr.Column, *expr.Const, *expr.Param:
		return true
	}
	return false
}
