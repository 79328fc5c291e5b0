package deparse

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// resolve settles an operator over the types of its operands; l is nil of a prefix operator.
func (a *analyzer) resolve(op string, l, r node) *expr.Resolved {
	var lt types.Type
	if l != nil {
		lt = under(l.typ())
	}
	res, err := expr.ResolveOp(op, lt, under(r.typ()))
	if err != nil {
		a.fail(err.Error())
	}
	if l != nil && crosses(op, lt, under(r.typ())) {
		out := *res
		out.ArgType = []types.Type{lt, under(r.typ())}
		return &out
	}
	return res
}

// crosses says whether PostgreSQL has an operator of its own for two different types, for which the server converts one of them.
func crosses(op string, l, r types.Type) bool {
	in := func(ts ...types.Type) bool { return slices.ContainsFunc(ts, l.Is) && slices.ContainsFunc(ts, r.Is) }
	switch op {
	case "=", "<>", "!=", "<", "<=", ">", ">=":
		return in(types.Int2, types.Int4, types.Int8) || in(types.Float4, types.Float8) || in(types.Date, types.Timestamp, types.TimestampTZ) || in(types.Name, types.Text)
	case "+", "-", "*", "/":
		return in(types.Int2, types.Int4, types.Int8) || in(types.Float4, types.Float8)
	}
	return false
}

// operands converts the operands of an operator to what it takes.
func (a *analyzer) operands(op string, l, r node) (node, node) {
	res := a.resolve(op, l, r)
	return a.coerce(l, res.ArgType[0]), a.coerce(r, res.ArgType[1])
}

// op is an infix operator.
func (a *analyzer) op(op string, l, r node) node {
	if op == "!=" {
		op = "<>"
	}
	res := a.resolve(op, l, r)
	return &operator{typed{res.Ret}, op, []node{a.coerce(l, res.ArgType[0]), a.coerce(r, res.ArgType[1])}}
}

func logic(op string, xs ...node) node {
	if len(xs) == 1 && op != "not" {
		return xs[0]
	}
	return &boolean{typed{types.Bool}, op, xs}
}

func (a *analyzer) unary(x *ast.Unary, s *scope) node {
	if x.Op == "not" {
		return logic("not", a.coerce(a.expr(x.X, s), types.Bool))
	}
	if lit, ok := x.X.(*ast.Literal); ok && x.Op == "-" && (lit.Kind == ast.LitInt || lit.Kind == ast.LitNum) {
		return a.literal(lit, "-"+lit.Text)
	}
	in := a.expr(x.X, s)
	res := a.resolve(x.Op, nil, in)
	return &operator{typed{res.Ret}, x.Op, []node{a.coerce(in, res.ArgType[0])}}
}

func (a *analyzer) binary(x *ast.Binary, s *scope) node {
	if x.Op == "and" || x.Op == "or" {
		return a.chain(x, s)
	}
	if l, ok := x.L.(*ast.Row); ok {
		if r, ok := x.R.(*ast.Row); ok {
			return a.rowOp(x.Op, a.exprs(l.Items, s), a.exprs(r.Items, s))
		}
		if q, ok := x.R.(*ast.Subquery); ok {
			return a.sublinkOf("row", x.Op, a.exprs(l.Items, s), q.Query, s)
		}
	}
	l := a.expr(x.L, s)
	return a.op(x.Op, l, a.expr(x.R, s))
}

// chain is a AND b AND c, one node as far as it goes to the left.
func (a *analyzer) chain(x *ast.Binary, s *scope) node {
	var list []ast.Expr
	at := ast.Expr(x)
	for {
		in, ok := at.(*ast.Binary)
		if !ok || in.Op != x.Op {
			break
		}
		list = append(list, in.R)
		at = in.L
	}
	list = append(list, at)
	slices.Reverse(list)
	xs := a.exprs(list, s)
	for i := range xs {
		xs[i] = a.coerce(xs[i], types.Bool)
	}
	return logic(x.Op, xs...)
}

// rowOp compares rows.
func (a *analyzer) rowOp(op string, l, r []node) node {
	if len(l) != len(r) {
		a.fail("rows of different length")
	}
	if op == "!=" {
		op = "<>"
	}
	var each []node
	cmp := &rowCompare{typed: typed{types.Bool}, op: op}
	for i := range l {
		x := a.op(op, l[i], r[i])
		each = append(each, x)
		cmp.l, cmp.r = append(cmp.l, x.(*operator).args[0]), append(cmp.r, x.(*operator).args[1])
	}
	switch {
	case len(each) == 1:
		return each[0]
	case op == "=":
		return logic("and", each...)
	case op == "<>":
		return logic("or", each...)
	}
	return cmp
}

func (a *analyzer) isTest(x *ast.IsTest, s *scope) node {
	in := a.expr(x.X, s)
	word := map[string]string{"null": "NULL", "true": "TRUE", "false": "FALSE", "unknown": "UNKNOWN"}[x.Test]
	if x.Not {
		word = "NOT " + word
	}
	if x.Test != "null" {
		in = a.coerce(in, types.Bool)
	}
	return &test{typed{types.Bool}, a.known(in), word}
}

func (a *analyzer) isDistinct(x *ast.IsDistinct, s *scope) node {
	out := a.distinct(x.L, x.R, x.Not, s)
	if _, ok := out.(*test); ok || !x.Not {
		return out
	}
	return logic("not", out)
}

func (a *analyzer) distinct(l, r ast.Expr, not bool, s *scope) node {
	if lr, ok := l.(*ast.Row); ok {
		if rr, ok := r.(*ast.Row); ok && len(lr.Items) == len(rr.Items) {
			var each []node
			for i := range lr.Items {
				each = append(each, a.distinctOf(a.expr(lr.Items[i], s), a.expr(rr.Items[i], s)))
			}
			return logic("or", each...)
		}
	}
	ln, rn := a.expr(l, s), a.expr(r, s)
	word := "NOT NULL"
	if not {
		word = "NULL"
	}
	if isNull(r) {
		return &test{typed{types.Bool}, a.known(ln), word}
	}
	if isNull(l) {
		return &test{typed{types.Bool}, a.known(rn), word}
	}
	return a.distinctOf(ln, rn)
}

func (a *analyzer) distinctOf(l, r node) node {
	l, r = a.operands("=", l, r)
	return &distinct{typed{types.Bool}, l, r}
}

func isNull(x ast.Expr) bool {
	lit, ok := x.(*ast.Literal)
	return ok && lit.Kind == ast.LitNull
}

func (a *analyzer) between(x *ast.Between, s *scope) node {
	in := a.expr(x.X, s)
	lo, hi := a.expr(x.Lo, s), a.expr(x.Hi, s)
	side := func(lo, hi node) node {
		if x.Not {
			return logic("or", a.op("<", in, lo), a.op(">", in, hi))
		}
		return logic("and", a.op(">=", in, lo), a.op("<=", in, hi))
	}
	switch {
	case !x.Symmetric:
		return side(lo, hi)
	case x.Not:
		return logic("and", side(lo, hi), side(hi, lo))
	}
	return logic("or", side(lo, hi), side(hi, lo))
}

// in is x IN (...): one comparison, an array where several values are no columns, and comparisons of the rest.
func (a *analyzer) in(x *ast.In, s *scope) node {
	if x.Query != nil {
		return a.inQuery(x.X, x.Query, x.Not, s)
	}
	op, join := "=", "or"
	if x.Not {
		op, join = "<>", "and"
	}
	var each []node
	if row, ok := x.X.(*ast.Row); ok {
		for _, it := range x.List {
			r, ok := it.(*ast.Row)
			if !ok {
				a.fail("a row in IN")
			}
			each = append(each, a.rowOp(op, a.exprs(row.Items, s), a.exprs(r.Items, s)))
		}
		return logic(join, each...)
	}
	in := a.expr(x.X, s)
	var plain, vars []node
	for _, it := range x.List {
		if n := a.expr(it, s); a.hasColumn(it) {
			vars = append(vars, n)
		} else {
			plain = append(plain, n)
		}
	}
	if len(plain) > 1 {
		ts := []types.Type{under(in.typ())}
		for _, n := range plain {
			ts = append(ts, under(n.typ()))
		}
		t, err := expr.CommonType(ts, "IN")
		if arr, ok := t.Base().Array(); err == nil && ok {
			items := make([]node, len(plain))
			for i, n := range plain {
				items[i] = a.coerce(n, t)
			}
			each = append(each, a.anyAll(op, x.Not, in, &arrayOf{typed{arr}, items}))
			plain = nil
		}
	}
	for _, n := range append(plain, vars...) {
		each = append(each, a.op(op, in, n))
	}
	return logic(join, each...)
}

// hasColumn says whether an expression reads a column of its own query.
func (a *analyzer) hasColumn(x ast.Expr) bool {
	found := false
	sql.WalkTree(x, func(n any) {
		_, ok := n.(*ast.ColumnRef)
		found = found || ok
	})
	return found
}

func (a *analyzer) anyAll(op string, all bool, x, arr node) node {
	elem := types.Unknown
	if !arr.typ().Is(types.Unknown) {
		elem = under(arr.typ()).Elem().Base()
	}
	res := a.resolve(op, x, &words{typed: typed{elem}})
	to, ok := res.ArgType[1].Base().Array()
	if !ok {
		a.fail("an array of " + res.ArgType[1].String())
	}
	return &anyAll{typed{types.Bool}, op, all, a.coerce(x, res.ArgType[0]), a.coerce(arr, to)}
}

func (a *analyzer) inQuery(x ast.Expr, q *ast.Query, not bool, s *scope) node {
	test := []ast.Expr{x}
	if row, ok := x.(*ast.Row); ok {
		test = row.Items
	}
	out := a.sublinkOf("any", "=", a.exprs(test, s), q, s)
	if not {
		return logic("not", out)
	}
	return out
}

func (a *analyzer) sublinkOf(kind, op string, test []node, q *ast.Query, s *scope) node {
	if op == "!=" {
		op = "<>"
	}
	out := &sublink{typed: typed{types.Bool}, kind: kind, op: op, q: a.query(q, s, s.ctes, nil)}
	if len(out.q.targets) != len(test) {
		a.fail("a sub-select")
	}
	for i, x := range test {
		l, _ := a.operands(op, x, out.q.targets[i].x)
		out.test = append(out.test, l)
	}
	return out
}

func (a *analyzer) quantified(x *ast.Quantified, s *scope) node {
	if x.Query == nil {
		in := a.expr(x.X, s)
		op := x.Op
		if op == "!=" {
			op = "<>"
		}
		return a.anyAll(op, x.All, in, a.expr(x.Array, s))
	}
	kind := "any"
	if x.All {
		kind = "all"
	}
	test := []ast.Expr{x.X}
	if row, ok := x.X.(*ast.Row); ok {
		test = row.Items
	}
	return a.sublinkOf(kind, x.Op, a.exprs(test, s), x.Query, s)
}

func (a *analyzer) like(x *ast.Like, s *scope) node {
	in, p := a.expr(x.X, s), a.expr(x.Pattern, s)
	text := types.Text
	if in.typ().Is(types.Bytea) || p.typ().Is(types.Bytea) {
		text = types.Bytea
	}
	args := []node{a.coerceUnknown(p, text)}
	if x.Escape != nil {
		args = append(args, a.coerceUnknown(a.expr(x.Escape, s), text))
	}
	switch {
	case x.Op == "similar":
		p = &call{typed: typed{types.Text}, name: "similar_to_escape", args: args}
	case x.Escape != nil:
		p = &call{typed: typed{text}, name: "like_escape", args: args}
	}
	op := map[string]string{"like": "~~", "ilike": "~~*", "similar": "~"}[x.Op]
	if x.Not {
		op = "!" + op
	}
	return a.op(op, in, p)
}
