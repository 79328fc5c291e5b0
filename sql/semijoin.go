package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// semiJoin takes a condition of WHERE that is EXISTS or IN (query), perhaps under NOT, and gives how it is joined; nil: it is something else.
func (b *binder) semiJoin(c ast.Expr, s *scope) (func(plan.Node) (plan.Node, error), error) {
	not := false
	for {
		u, ok := c.(*ast.Unary)
		if !ok || u.Op != "not" {
			break
		}
		c, not = u.X, !not
	}
	switch a := c.(type) {
	case *ast.Exists:
		return b.existsJoin(a, not, s)
	case *ast.In:
		if a.Query != nil {
			return b.inJoin(a.X, a.Query, a.Not != not, a.Offset(), s)
		}
	case *ast.Quantified:
		if a.Query != nil && a.Op == "=" && !a.All {
			return b.inJoin(a.X, a.Query, not, a.Offset(), s)
		}
		if a.Query != nil && (a.Op == "<>" || a.Op == "!=") && a.All {
			return b.inJoin(a.X, a.Query, !not, a.Offset(), s)
		}
	}
	return nil, nil
}

func kindOf(not bool) string {
	if not {
		return "anti"
	}
	return "semi"
}

func (b *binder) existsJoin(a *ast.Exists, not bool, s *scope) (func(plan.Node) (plan.Node, error), error) {
	out, err := b.subQuery(a.Query, s)
	if err != nil {
		return nil, err
	}
	inner := stripExists(out.node)
	return func(l plan.Node) (plan.Node, error) {
		n, conds, err := b.correlate(l, inner, s, a.Offset(), true)
		if err != nil {
			return nil, err
		}
		return &plan.Join{Kind: kindOf(not), L: l, R: n, Cond: andAll(conds), Cols: l.Schema(), LTime: -1, RTime: -1, Pos: a.Offset()}, nil
	}, nil
}

// correlate gives the sub-select inner as the right side of a join of l, and the conditions over that join: pulled up, or by its domain. dups: it
// does not matter how often inner gives a row.
func (b *binder) correlate(l, inner plan.Node, s *scope, pos int, dups bool) (plan.Node, []expr.Expr, error) {
	d := &decorrelator{b: b, s: s, dups: dups}
	n, conds, err := d.pull(inner)
	if err != nil {
		return b.domainOf(l, inner, d.refs(inner), s, pos)
	}
	out := make([]expr.Expr, len(conds))
	for i, c := range conds {
		if out[i], err = b.overJoin(c, d.refs(inner), plan.Width(l)); err != nil {
			return nil, nil, err
		}
	}
	return n, out, nil
}

// stripExists takes off what does not change whether there is a row.
func stripExists(n plan.Node) plan.Node {
	for {
		switch m := n.(type) {
		case *plan.Project:
			n = m.In
		case *plan.Sort:
			n = m.In
		case *plan.Distinct:
			n = m.In
		case *plan.Limit:
			if n = m.In; m.Skip != nil || !atLeastOne(m.Count) {
				return m
			}
		default:
			return n
		}
	}
}

func atLeastOne(count expr.Expr) bool {
	c, ok := count.(*expr.Const)
	if !ok {
		return false
	}
	v, ok := constInt(c)
	return ok && v > 0
}

// inJoin joins by the equality of x, or of each item of a row, with the sub-select's columns.
func (b *binder) inJoin(x ast.Expr, q *ast.Query, not bool, pos int, s *scope) (func(plan.Node) (plan.Node, error), error) {
	asts := []ast.Expr{x}
	if row, ok := x.(*ast.Row); ok {
		asts = row.Items
	}
	out, err := b.inColumns(q, s, len(asts), pos)
	if err != nil {
		return nil, err
	}
	left, err := b.exprs(asts, s)
	if err != nil {
		return nil, err
	}
	cols := out.cols()
	join := func(l plan.Node) (plan.Node, error) {
		left := slices.Clone(left)
		l, err := b.attach(l, left)
		if err != nil {
			return nil, err
		}
		n, all, err := b.correlate(l, out.node, s, pos, true)
		if err != nil {
			return nil, err
		}
		at := plan.Width(l)
		var eqs []expr.Expr
		for i, lx := range left {
			rx := &expr.Column{Idx: at + i, Name: cols[i].Name, Typ: cols[i].Type}
			eq, err := b.op("=", lx, rx, pos, loc(asts[i]), pos)
			if err != nil {
				return nil, err
			}
			eqs = append(eqs, eq)
		}
		aware := not && len(all) == 0 && len(eqs) == 1
		cond := andAll(eqs)
		if not && !aware { // a row that might be equal keeps the left one out
			cond = &expr.IsTest{X: cond, Test: "false", Not: true}
		}
		return &plan.Join{Kind: kindOf(not), L: l, R: n, Cond: andAll(append(all, cond)), NotIn: aware, Cols: l.Schema(), LTime: -1, RTime: -1, Pos: pos}, nil
	}
	// The comparison is checked at once, so that its error comes in the order of the text.
	for i, lx := range left {
		if _, err := b.op("=", lx, &expr.Column{Typ: cols[i].Type}, pos, loc(asts[i]), pos); err != nil {
			return nil, err
		}
	}
	return join, nil
}
