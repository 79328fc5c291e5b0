package sql

import (
	"fmt"
	"maps"
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// subselect is a sub-select inside an expression that becomes a left join of the query around it.
type subselect struct {
	node   plan.Node         // without correlation
	conds  []expr.Expr       // over node's columns, and marks for the columns of the query around it
	refs   map[int]expr.Expr // what these marks are over the node that it is joined to
	value  expr.Expr         // over node's columns and marks: the value of the expression
	args   bool              // the marks are arguments of a function, which are expressions
	scopes []*scope          // whose columns EXISTS names
	inner  plan.Node         // instead of node and conds: the sub-select with its correlation, joined by its domain
}

// subQuery binds a query inside an expression.
func (b *binder) subQuery(q *ast.Query, s *scope) (*bound, error) {
	defer b.place("a subquery")()
	out, err := b.query(q, s, false)
	if err != nil {
		return nil, err
	}
	out.node, out.hidden = out.visible(), 0
	return out, nil
}

// oneColumn binds a query that must give one column.
func (b *binder) oneColumn(q *ast.Query, s *scope, pos int) (*bound, error) {
	out, err := b.subQuery(q, s)
	if err == nil && len(out.cols()) != 1 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "subquery must return only one column").At(pos)
	}
	return out, err
}

// inColumns binds the query of IN, which must give n columns.
func (b *binder) inColumns(q *ast.Query, s *scope, n, pos int) (*bound, error) {
	out, err := b.subQuery(q, s)
	if err != nil {
		return nil, err
	}
	switch c := len(out.cols()); {
	case c > n:
		return nil, sqlerr.New(sqlerr.SyntaxError, "subquery has too many columns").At(pos)
	case c < n:
		return nil, sqlerr.New(sqlerr.SyntaxError, "subquery has too few columns").At(pos)
	}
	return out, nil
}

// correlated says whether a sub-select reads columns of any query around it.
func (b *binder) correlated(n plan.Node) bool { return len(b.outerMarks(n, nil)) > 0 }

// scalarSubquery is (SELECT x ...): run once, or joined where it is correlated or the query is continuous.
func (b *binder) scalarSubquery(a *ast.Subquery, s *scope) (expr.Expr, error) {
	out, err := b.oneColumn(a.Query, s, a.Offset())
	if err != nil {
		return nil, err
	}
	typ := out.cols()[0].Type
	if !b.correlated(out.node) && !b.env.Continuous {
		return &expr.Subquery{Plan: out.node, Kind: "scalar", Typ: typ}, nil
	}
	return b.markScalar(out.node, s, a.Offset(), typ)
}

func (b *binder) markScalar(n plan.Node, s *scope, pos int, typ types.Type) (expr.Expr, error) {
	d := &decorrelator{b: b, s: s}
	sub, err := d.scalar(n, pos)
	if err != nil {
		return nil, err
	}
	return b.newMark(mark{kind: markSub, scope: s, sub: sub, pos: pos}, typ), nil
}

// existsExpr is EXISTS (...) where it is no condition of WHERE by itself.
func (b *binder) existsExpr(a *ast.Exists, s *scope) (expr.Expr, error) {
	out, err := b.subQuery(a.Query, s)
	if err != nil {
		return nil, err
	}
	if !b.correlated(out.node) && !b.env.Continuous {
		return &expr.Subquery{Plan: out.node, Kind: "exists", Typ: types.Bool}, nil
	}
	d := &decorrelator{b: b, s: s}
	sub, err := d.exists(out.node, a.Offset())
	if err != nil {
		return nil, err
	}
	for _, k := range b.outerMarks(out.node, nil) {
		sub.scopes = append(sub.scopes, b.marks[-k-1].scope)
	}
	return b.newMark(mark{kind: markSub, scope: s, sub: sub, pos: a.Offset()}, types.Bool), nil
}

// arraySubquery is ARRAY(SELECT x ...).
func (b *binder) arraySubquery(a *ast.Array, s *scope) (expr.Expr, error) {
	defer b.place("a subquery")()
	out, err := b.query(a.Query, s, false)
	if err != nil {
		return nil, err
	}
	if len(out.cols()) != 1 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "subquery must return only one column").At(a.Offset())
	}
	col := out.cols()[0]
	at, ok := col.Type.Array()
	if isArray(col.Type) {
		at, ok = col.Type.Base(), true
	}
	if !ok {
		return nil, sqlerr.New(sqlerr.UndefinedObject, "could not find array type for data type %s", col.Type).At(a.Offset())
	}
	if !b.correlated(out.node) && !b.env.Continuous {
		return &expr.Subquery{Plan: out.visible(), Kind: "array", Typ: at}, nil
	}
	n, err := b.arrayAgg(out.node, col, at, a.Offset())
	if err != nil {
		return nil, err
	}
	return b.markScalar(n, s, a.Offset(), at)
}

// arrayAgg gathers the first column of a sub-select, in its order, in one array; an empty one where there is no row.
func (b *binder) arrayAgg(n plan.Node, col plan.Col, at types.Type, pos int) (plan.Node, error) {
	r, err := expr.ResolveAgg("array_agg", []types.Type{col.Type})
	if err != nil {
		return nil, sqlerr.AtDefault(err, pos)
	}
	call := plan.AggCall{Fn: r.Agg, Args: []expr.Expr{&expr.Column{Idx: 0, Name: col.Name, Typ: col.Type}}, Typ: r.Ret}
	if s, ok := n.(*plan.Sort); ok {
		n, call.OrderBy = s.In, s.Keys
	}
	agg := &plan.Aggregate{In: n, Aggs: []plan.AggCall{call}, Cols: plan.Schema{{Name: "array", Type: r.Ret}}, Pos: pos}
	empty, err := expr.ConstOf(at, "{}", b.env.Format)
	if err != nil {
		return nil, err
	}
	value := &expr.Coalesce{Args: []expr.Expr{&expr.Column{Name: "array", Typ: at}, empty}, Typ: at}
	return &plan.Project{In: agg, Items: []expr.Expr{value}, Cols: plan.Schema{{Name: "array", Type: at}}, Pos: pos}, nil
}

// inSubquery is x [NOT] IN (SELECT ...) where it is no condition of WHERE by itself.
func (b *binder) inSubquery(x ast.Expr, q *ast.Query, not bool, pos int, s *scope) (expr.Expr, error) {
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
	at, ok := out.cols()[0].Type.Array()
	if !ok || len(left) > 1 || b.correlated(out.node) || b.env.Continuous {
		in, err := b.anySubquery("=", false, left, asts, out, pos, s)
		return negate(in, not), err
	}
	op := "="
	if not {
		op = "<>"
	}
	return b.anyAll(left[0], &expr.Subquery{Plan: out.node, Kind: "array", Typ: at}, op, not, pos, loc(x), pos)
}

// anySubquery is left op ANY|ALL (SELECT ...) as a correlated aggregate: whether one comparison (all of them) is true, and how many are unknown.
func (b *binder) anySubquery(op string, all bool, left []expr.Expr, asts []ast.Expr, out *bound, pos int, s *scope) (expr.Expr, error) {
	cols := out.cols()
	outer := b.fromInside(left, s, pos)
	at := make([]int, len(left))
	for i := range at {
		at[i] = pos
	}
	cond, err := b.rowOp(op, outer, columnsOf(cols, 0), locs(asts), at, pos)
	if err != nil {
		return nil, err
	}
	name := "bool_or"
	if all {
		name = "bool_and"
	}
	settled, err := expr.ResolveAgg(name, []types.Type{types.Bool})
	if err != nil {
		return nil, sqlerr.AtDefault(err, pos)
	}
	count, err := expr.ResolveAgg("count", nil)
	if err != nil {
		return nil, sqlerr.AtDefault(err, pos)
	}
	agg := &plan.Aggregate{In: out.node, Pos: pos, Cols: plan.Schema{{Name: name, Type: types.Bool}, {Name: "count", Type: types.Int8}}, Aggs: []plan.AggCall{
		{Fn: settled.Agg, Args: []expr.Expr{cond}, Typ: types.Bool},
		{Fn: count.Agg, Filter: &expr.IsTest{X: cond, Test: "null"}, Typ: types.Int8}}}
	unknown, err := b.op(">", &expr.Column{Idx: 1, Name: "count", Typ: types.Int8}, expr.ConstInt8(0), pos, pos, pos)
	if err != nil {
		return nil, err
	}
	value := &expr.Case{Typ: types.Bool, Else: expr.ConstBool(all), Whens: []expr.When{
		{Cond: &expr.IsTest{X: &expr.Column{Idx: 0, Name: name, Typ: types.Bool}, Test: fmt.Sprint(!all)}, Then: expr.ConstBool(!all)},
		{Cond: unknown, Then: expr.ConstNull(types.Bool)}}}
	p := &plan.Project{In: agg, Items: []expr.Expr{value}, Cols: plan.Schema{{Name: "in", Type: types.Bool}}, Pos: pos}
	return b.markScalar(p, s, pos, types.Bool)
}

// fromInside reads expressions over s from a sub-select, each as a whole: it may be what the query groups by, or what a later stage computes.
func (b *binder) fromInside(xs []expr.Expr, s *scope, pos int) []expr.Expr {
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		if out[i] = x; len(expr.Columns(x)) > 0 || b.hasMark(x, markAgg, markOver, markSet, markSub, markGrouping) {
			out[i] = b.outerRef(s, x, pos)
		}
	}
	return out
}

// rowSubquery is (a, b) op (SELECT x, y ...): a scalar sub-select that compares.
func (b *binder) rowSubquery(a *ast.Binary, row *ast.Row, q *ast.Subquery, s *scope) (expr.Expr, error) {
	out, err := b.inColumns(q.Query, s, len(row.Items), a.Offset())
	if err != nil {
		return nil, err
	}
	left, err := b.exprs(row.Items, s)
	if err != nil {
		return nil, err
	}
	cols := out.cols()
	at := make([]int, len(left))
	for i := range at {
		at[i] = a.Offset()
	}
	cond, err := b.rowOp(a.Op, b.fromInside(left, s, a.Offset()), columnsOf(cols, 0), locs(row.Items), at, a.Offset())
	if err != nil {
		return nil, err
	}
	p := &plan.Project{In: out.node, Items: []expr.Expr{cond}, Cols: plan.Schema{{Name: "row", Type: types.Bool}}, Pos: a.Offset()}
	return b.markScalar(p, s, a.Offset(), types.Bool)
}

// attach joins the correlated sub-selects that xs read to n, and puts their values in place of the marks.
func (b *binder) attach(n plan.Node, xs []expr.Expr) (plan.Node, error) {
	var err error
	for i, x := range xs {
		var out expr.Expr
		out, err = subst(x, func(e expr.Expr) (expr.Expr, bool, error) {
			m := b.markOf(e)
			if m == nil || m.kind != markSub {
				return e, false, nil
			}
			sub := m.sub
			if b.refsHave(sub, markOver, markSet) {
				return e, true, nil
			}
			if b.refsHave(sub, markSub) {
				if n, sub, err = b.attachArgs(n, sub); err != nil {
					return nil, false, err
				}
			}
			if sub.inner != nil {
				out, value, err := b.domainJoin(n, sub, m.scope, m.pos)
				n = out
				return value, true, err
			}
			at := plan.Width(n)
			conds := make([]expr.Expr, len(sub.conds))
			for j, c := range sub.conds {
				var err error
				if conds[j], err = b.overJoin(c, sub.refs, at); err != nil {
					return nil, false, err
				}
			}
			value, err := b.overJoin(sub.value, sub.refs, at)
			n = &plan.Join{Kind: "left", L: n, R: sub.node, Cond: andAll(conds), Cols: slices.Concat(n.Schema(), sub.node.Schema()), LTime: -1, RTime: -1, Pos: m.pos}
			return value, true, err
		})
		if err != nil {
			return nil, err
		}
		xs[i] = out
	}
	return n, nil
}

// refsHave says whether what a sub-select reads has marks of one of the kinds in it.
func (b *binder) refsHave(sub *subselect, kinds ...markKind) bool {
	for _, x := range sub.refs {
		if b.hasMark(x, kinds...) {
			return true
		}
	}
	return false
}

// attachArgs joins to n the sub-selects that what a sub-select reads has in it.
func (b *binder) attachArgs(n plan.Node, sub *subselect) (plan.Node, *subselect, error) {
	out := *sub
	out.refs = map[int]expr.Expr{}
	var err error
	for _, k := range slices.Sorted(maps.Keys(sub.refs)) {
		xs := []expr.Expr{sub.refs[k]}
		if n, err = b.attach(n, xs); err != nil {
			return nil, nil, err
		}
		out.refs[k] = xs[0]
	}
	return n, &out, nil
}

// overJoin reads an expression over a sub-select's columns over a join where they begin at place at; the marks in refs become what they are.
func (b *binder) overJoin(x expr.Expr, refs map[int]expr.Expr, at int) (expr.Expr, error) {
	return subst(x, func(e expr.Expr) (expr.Expr, bool, error) {
		switch e := e.(type) {
		case *expr.Column:
			c := *e
			c.Idx += at
			return &c, true, nil
		case *expr.Param:
			if y := refs[e.N]; y != nil {
				return y, true, nil
			}
		}
		return e, false, nil
	})
}
