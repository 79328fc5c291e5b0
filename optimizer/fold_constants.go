package optimizer

import (
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// foldConstants computes immutable constant expressions. What fails stays, so that the error comes when a row meets it.
func foldConstants(root plan.Node) plan.Node {
	ctx := &expr.Ctx{Format: types.UTCFormat(0)}
	return plan.Transform(root, func(n plan.Node) plan.Node {
		n = mapExprs(n, func(x expr.Expr) expr.Expr {
			if _, ok := x.(*expr.Const); ok {
				return x
			}
			if f, err := expr.Fold(ctx, x); err == nil && !expr.Equal(f, x) {
				return f
			}
			return x
		})
		if f, ok := n.(*plan.Filter); ok && isTrue(f.Cond) {
			return f.In
		}
		return n
	})
}

func isTrue(x expr.Expr) bool {
	c, ok := x.(*expr.Const)
	return ok && c.Typ.Is(types.Bool) && !c.Arr.IsNull(0) && c.Arr.(*array.Boolean).Value(0)
}

// mapExprs rewrites a node's expressions; the node stays the same where none changed.
func mapExprs(n plan.Node, f func(expr.Expr) expr.Expr) plan.Node {
	xs := n.Exprs()
	var out []expr.Expr
	for i, x := range xs {
		if x == nil {
			continue
		}
		if y := f(x); y != x {
			if out == nil {
				out = append([]expr.Expr(nil), xs...)
			}
			out[i] = y
		}
	}
	if out == nil {
		return n
	}
	return n.WithExprs(out)
}
