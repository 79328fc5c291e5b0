package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// recursive binds a WITH RECURSIVE item that reads itself.
func (b *binder) recursive(c *ast.CTE, parent *scope) (*bound, error) {
	pos := c.Pos.Offset()
	if b.env.Continuous {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "WITH RECURSIVE is not supported in a continuous query").At(pos).
			WithHint("Run it as a SELECT over the result of a materialized view.")
	}
	q := c.Query
	switch {
	case len(q.OrderBy) > 0:
		return nil, notYet(loc(q.OrderBy[0].X), "ORDER BY in a recursive query is not implemented")
	case q.Offset != nil:
		return nil, notYet(loc(q.Offset), "OFFSET in a recursive query is not implemented")
	case q.Limit != nil:
		return nil, notYet(loc(q.Limit), "LIMIT in a recursive query is not implemented")
	}
	outer := b.ctes
	defer func() { b.ctes = outer }()
	if err := b.with(&ast.Query{With: q.With}, parent); err != nil {
		return nil, err
	}
	op, ok := q.Body.(*ast.SetOp)
	if !ok || op.Op != "union" {
		return nil, sqlerr.New(sqlerr.InvalidRecursion, "recursive query %q does not have the form non-recursive-term UNION [ALL] recursive-term", c.Name).At(pos)
	}
	if readsName(&ast.Query{Body: op.L}, c.Name) {
		return nil, sqlerr.New(sqlerr.InvalidRecursion, "recursive reference to query %q must not appear within its non-recursive term", c.Name).At(pos)
	}
	base, err := b.body(op.L, parent, false)
	if err != nil {
		return nil, err
	}
	b.works++
	n := &plan.Recursive{ID: b.works, All: op.All, Pos: pos}
	for i, col := range base.cols() {
		if i < len(c.Cols) {
			col.Name = c.Cols[i]
		}
		n.Cols = append(n.Cols, plan.Col{Name: col.Name, Type: col.Type})
	}
	b.ctes = &cteScope{name: c.Name, out: &bound{node: &plan.WorkTable{ID: n.ID, Cols: n.Cols, Pos: pos}}, next: b.ctes}
	step, err := b.body(op.R, parent, true)
	if err != nil {
		return nil, err
	}
	cols := step.cols()
	if len(cols) != len(n.Cols) {
		return nil, sqlerr.New(sqlerr.SyntaxError, "each UNION query must have the same number of columns").At(step.pos[0])
	}
	for i := range cols {
		if !cols[i].Type.Is(n.Cols[i].Type) && !expr.CanCast(cols[i].Type, n.Cols[i].Type, 'i') {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "recursive query %q column %d has type %s in non-recursive term but type %s overall", c.Name, i+1, n.Cols[i].Type, cols[i].Type).
				At(base.pos[i]).WithHint("Cast the output of the non-recursive term to the correct type.")
		}
	}
	n.Base = base.node
	if n.Step, err = b.coerce(step.node, n.Cols.Types(), step.pos); err != nil {
		return nil, err
	}
	return &bound{node: n, pos: slices.Clone(base.pos)}, nil
}
