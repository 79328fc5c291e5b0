package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// fullOn is a FULL JOIN as a LEFT JOIN, and the rows of a RIGHT JOIN that no left row came with.
func (b *binder) fullOn(n *plan.Join, subs []expr.Expr, pos int) (plan.Node, error) {
	left := *n
	left.Kind = "left"
	out, err := b.outerOn(&left, slices.Clone(subs), pos)
	if err != nil {
		return nil, err
	}
	lc, lw := n.L.Schema(), plan.Width(n.L)
	found := plan.Col{Name: "found", Type: types.Bool}
	mark := &plan.Project{In: n.L, Items: append(columnsOf(lc, 0), expr.ConstBool(true)), Cols: append(slices.Clone(lc), found), Pos: pos}
	shift := func(x expr.Expr) expr.Expr {
		return expr.Remap(x, func(i int) int {
			if i >= lw {
				return i + 1
			}
			return i
		})
	}
	right := *n
	right.Kind, right.L, right.Cols = "right", mark, slices.Concat(mark.Cols, n.R.Schema())
	if n.Cond != nil {
		right.Cond = shift(n.Cond)
	}
	moved := make([]expr.Expr, len(subs))
	for i, x := range subs {
		moved[i], err = subst(shift(x), func(e expr.Expr) (expr.Expr, bool, error) {
			m := b.markOf(e)
			if m == nil || m.kind != markSub {
				return e, false, nil
			}
			x, err := b.withRefs(e, m, func(x expr.Expr, _ int) (expr.Expr, error) { return shift(x), nil })
			return x, true, err
		})
		if err != nil {
			return nil, err
		}
	}
	alone, err := b.outerOn(&right, moved, pos)
	if err != nil {
		return nil, err
	}
	alone = &plan.Filter{In: alone, Cond: &expr.IsTest{X: &expr.Column{Idx: lw, Name: "found", Typ: types.Bool}, Test: "null"}, Pos: pos}
	items := slices.Concat(columnsOf(lc, 0), columnsOf(n.R.Schema(), lw+1))
	return unionAll(out, &plan.Project{In: alone, Items: items, Cols: n.Cols, Pos: pos}), nil
}
