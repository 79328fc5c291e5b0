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
	case q.ForUpdate:
		return nil, notYet(pos, "FOR UPDATE/SHARE in a recursive query is not implemented")
	}
	for _, w := range q.With {
		if w.Query != nil && readsName(w.Query, c.Name) {
			return nil, sqlerr.New(sqlerr.InvalidRecursion, "recursive reference to query %q must not appear within a subquery", c.Name).At(w.Pos.Offset())
		}
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
	asWritten, extra := op.R, 0
	if c.Search != nil || c.Cycle != nil {
		names := columnNames(c, base)
		if c, op, err = b.searchOrCycle(c, op, names, parent); err != nil {
			return nil, err
		}
		extra = len(c.Cols) - len(names)
		if base, err = b.body(op.L, parent, false); err != nil {
			return nil, err
		}
	}
	b.works++
	n := &plan.Recursive{ID: b.works, All: op.All, Pos: pos}
	for i, col := range base.cols() {
		if i < len(c.Cols) {
			col.Name = c.Cols[i]
		}
		n.Cols = append(n.Cols, plan.Col{Name: col.Name, Type: col.Type})
	}
	work := &bound{node: &plan.WorkTable{ID: n.ID, Cols: hideLast(n.Cols, extra), Pos: pos}}
	b.ctes = &cteScope{name: c.Name, out: work, self: &recursion{from: len(b.places)}, next: b.ctes}
	step, err := b.body(op.R, parent, true)
	if err != nil {
		return nil, err
	}
	if agg := topAggregate(step.node); agg != nil && readsItself(asWritten, c.Name) {
		return nil, sqlerr.New(sqlerr.InvalidRecursion, "aggregate functions are not allowed in a recursive query's recursive term").At(agg.Pos)
	}
	cols := step.cols()
	if len(cols) != len(n.Cols) {
		return nil, sqlerr.New(sqlerr.SyntaxError, "each UNION query must have the same number of columns").At(step.pos[0])
	}
	for i := range cols {
		have, overall := n.Cols[i].Type, cols[i].Type
		otherMod := have.Mod >= 0 && have.Mod != overall.Mod && !have.IsRow()
		if overall.Is(have) && otherMod || !overall.Is(have) && !expr.CanCast(overall, have, 'i') {
			if otherMod {
				overall.Mod = -1
			}
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "recursive query %q column %d has type %s in non-recursive term but type %s overall", c.Name, i+1, have, overall).
				At(base.pos[i]).WithHint("Cast the output of the non-recursive term to the correct type.")
		}
	}
	n.Base = base.node
	if n.Step, err = b.coerce(step.node, n.Cols.Types(), step.pos); err != nil {
		return nil, err
	}
	return &bound{node: n, pos: slices.Clone(base.pos)}, nil
}

// recursion is what is known of the recursive query that is being bound.
type recursion struct {
	from int // so many places lie around its recursive term
	uses int // how often that reads it
}

// place says that the text to come stands in a place where no recursive query may be read, until the function that it gives is called.
func (b *binder) place(name string) (leave func()) {
	b.places = append(b.places, name)
	return func() { b.places = b.places[:len(b.places)-1] }
}

// outerSide binds a side of a join; kind is the join, besides a full one, that may make its rows NULL.
func (b *binder) outerSide(j *ast.Join, kind string, bind func() (*fromItem, error)) (*fromItem, error) {
	if j.Kind == kind || j.Kind == "full" {
		defer b.place("an outer join")()
	}
	return bind()
}

// readSelf checks that the recursive term may read its query here. Errors: 42P19.
func (b *binder) readSelf(c *cteScope, pos int) error {
	if c.self.uses++; len(b.places) > c.self.from {
		return sqlerr.New(sqlerr.InvalidRecursion, "recursive reference to query %q must not appear within %s", c.name, b.places[c.self.from]).At(pos)
	}
	if c.self.uses > 1 {
		return sqlerr.New(sqlerr.InvalidRecursion, "recursive reference to query %q must not appear more than once", c.name).At(pos)
	}
	return nil
}

// topAggregate is the aggregation of a SELECT; nil: it has none, or only groups.
func topAggregate(n plan.Node) *plan.Aggregate {
	for {
		switch t := n.(type) {
		case *plan.Aggregate:
			if len(t.Aggs) == 0 {
				return nil
			}
			return t
		case *plan.Project:
			n = t.In
		case *plan.Filter:
			n = t.In
		default:
			return nil
		}
	}
}

// readsItself says whether a SELECT names a relation in its own FROM, not in a sub-select there.
func readsItself(body ast.Body, name string) bool {
	sel, ok := body.(*ast.Select)
	var ref func(ast.TableRef) bool
	ref = func(t ast.TableRef) bool {
		switch t := t.(type) {
		case *ast.Table:
			return len(t.Names) == 1 && t.Names[0] == name
		case *ast.Join:
			return ref(t.L) || ref(t.R)
		}
		return false
	}
	return ok && slices.ContainsFunc(sel.From, ref)
}
