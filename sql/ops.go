package sql

import (
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// op binds an infix operator over bound operands. pos is the operator's place, lpos and rpos the operands'.
func (b *binder) op(op string, l, r expr.Expr, pos, lpos, rpos int) (expr.Expr, error) {
	res, err := expr.ResolveOp(op, l.Type(), r.Type())
	if err != nil {
		return nil, sqlerr.AtDefault(err, pos)
	}
	return b.apply(res, []expr.Expr{l, r}, []int{lpos, rpos}, pos)
}

// apply calls a resolved function on arguments cast to what it takes.
func (b *binder) apply(r *expr.Resolved, args []expr.Expr, at []int, pos int) (expr.Expr, error) {
	cast := make([]expr.Expr, len(args))
	for i, a := range args {
		x, err := b.cast(a, r.ArgType[i], 'i', at[i])
		if err != nil {
			return nil, err
		}
		cast[i] = x
	}
	return &expr.Call{Fn: r.Fn, Args: cast, Typ: r.Ret, Pos: pos}, nil
}

// fn calls a scalar function by name.
func (b *binder) fn(name string, args []expr.Expr, at []int, pos int) (expr.Expr, error) {
	r, err := expr.ResolveFunc(name, exprTypes(args))
	if err != nil {
		return nil, sqlerr.AtDefault(err, pos)
	}
	return b.apply(r, args, at, pos)
}

func (b *binder) unary(a *ast.Unary, s *scope) (expr.Expr, error) {
	if a.Op == "not" {
		x, err := b.boolean(a.X, s, "NOT")
		if err != nil {
			return nil, err
		}
		return &expr.Not{X: x}, nil
	}
	if lit, ok := a.X.(*ast.Literal); ok && a.Op == "-" && (lit.Kind == ast.LitInt || lit.Kind == ast.LitNum) {
		return b.literal(lit, "-"+lit.Text)
	}
	x, err := b.expr(a.X, s)
	if err != nil {
		return nil, err
	}
	r, err := expr.ResolveOp(a.Op, types.Type{}, x.Type())
	if err != nil {
		return nil, sqlerr.AtDefault(err, a.Offset())
	}
	return b.apply(r, []expr.Expr{x}, []int{loc(a.X)}, a.Offset())
}

func (b *binder) binary(a *ast.Binary, s *scope) (expr.Expr, error) {
	switch a.Op {
	case "and", "or":
		return b.logic(a, s)
	}
	if lr, ok := a.L.(*ast.Row); ok {
		if rr, ok := a.R.(*ast.Row); ok {
			return b.rowCompare(a.Op, lr, rr, a.Offset(), s)
		}
		if q, ok := a.R.(*ast.Subquery); ok {
			return b.rowSubquery(a, lr, q, s)
		}
	}
	l, err := b.expr(a.L, s)
	if err != nil {
		return nil, err
	}
	r, err := b.expr(a.R, s)
	if err != nil {
		return nil, err
	}
	return b.op(a.Op, l, r, a.Offset(), loc(a.L), loc(a.R))
}

// logic binds a chain of ANDs or ORs as one node.
func (b *binder) logic(a *ast.Binary, s *scope) (expr.Expr, error) {
	what := "AND"
	if a.Op == "or" {
		what = "OR"
	}
	var args []expr.Expr
	for _, x := range flatten(a, a.Op, nil) {
		c, err := b.boolean(x, s, what)
		if err != nil {
			return nil, err
		}
		args = append(args, c)
	}
	if a.Op == "or" {
		return &expr.Or{Args: args}, nil
	}
	return &expr.And{Args: args}, nil
}

// flatten lists the operands of a chain of the same operator, from left to right.
func flatten(a ast.Expr, op string, out []ast.Expr) []ast.Expr {
	var stack []ast.Expr
	for {
		x, ok := a.(*ast.Binary)
		if !ok || x.Op != op {
			out = append(out, a)
			if len(stack) == 0 {
				return out
			}
			a, stack = stack[len(stack)-1], stack[:len(stack)-1]
			continue
		}
		stack = append(stack, x.R)
		a = x.L
	}
}

// rowCompare is (a, b) op (c, d).
func (b *binder) rowCompare(op string, l, r *ast.Row, pos int, s *scope) (expr.Expr, error) {
	if len(l.Items) == 0 && len(r.Items) == 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cannot compare rows of zero length").At(pos)
	}
	if len(l.Items) != len(r.Items) {
		return nil, sqlerr.New(sqlerr.SyntaxError, "unequal number of entries in row expressions").At(pos)
	}
	ls, err := b.exprs(l.Items, s)
	if err != nil {
		return nil, err
	}
	rs, err := b.exprs(r.Items, s)
	if err != nil {
		return nil, err
	}
	return b.rowOp(op, ls, rs, locs(l.Items), locs(r.Items), pos)
}

// rowOp compares row-wise: = and <> pair by pair, the others by the first pair that differs.
func (b *binder) rowOp(op string, ls, rs []expr.Expr, lpos, rpos []int, pos int) (expr.Expr, error) {
	each := func(op string, i int) (expr.Expr, error) { return b.op(op, ls[i], rs[i], pos, lpos[i], rpos[i]) }
	var args []expr.Expr
	switch op {
	case "=", "<>", "!=":
		for i := range ls {
			x, err := each(op, i)
			if err != nil {
				return nil, err
			}
			args = append(args, x)
		}
		switch {
		case len(args) == 1:
			return args[0], nil
		case op == "=":
			return &expr.And{Args: args}, nil
		}
		return &expr.Or{Args: args}, nil
	case "<", "<=", ">", ">=", "~<~", "~<=~", "~>~", "~>=~":
	default:
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "could not determine interpretation of row comparison operator %s", op).At(pos)
	}
	last := len(ls) - 1
	out, err := each(op, last)
	if err != nil {
		return nil, err
	}
	for i := last - 1; i >= 0; i-- {
		less, err := each(strictOp(op), i)
		if err != nil {
			return nil, err
		}
		same, err := each("=", i)
		if err != nil {
			return nil, err
		}
		out = &expr.Or{Args: []expr.Expr{less, &expr.And{Args: []expr.Expr{same, out}}}}
	}
	return out, nil
}

// strictOp is the operator of less or greater that goes with one of a row comparison.
func strictOp(op string) string {
	if strings.HasPrefix(op, "~") {
		return op[:2] + "~"
	}
	return op[:1]
}

func (b *binder) isTest(a *ast.IsTest, s *scope) (expr.Expr, error) {
	if row, ok := a.X.(*ast.Row); ok && a.Test == "null" {
		and := &expr.And{}
		for _, it := range row.Items {
			x, err := b.expr(it, s)
			if err != nil {
				return nil, err
			}
			and.Args = append(and.Args, &expr.IsTest{X: x, Test: a.Test, Not: a.Not})
		}
		return and, nil
	}
	x, err := b.expr(a.X, s)
	if err != nil {
		return nil, err
	}
	if a.Test != "null" {
		what := map[string]string{"true": "IS TRUE", "false": "IS FALSE", "unknown": "IS UNKNOWN"}[a.Test]
		if a.Not {
			what = "IS NOT" + what[2:]
		}
		if x, err = b.toBool(x, loc(a.X), what); err != nil {
			return nil, err
		}
	} else if isUnknown(x) {
		if x, err = b.cast(x, types.Text, 'i', loc(a.X)); err != nil {
			return nil, err
		}
	}
	return &expr.IsTest{X: x, Test: a.Test, Not: a.Not}, nil
}

func (b *binder) isDistinct(a *ast.IsDistinct, s *scope) (expr.Expr, error) {
	if l, ok := a.L.(*ast.Row); ok {
		if r, ok := a.R.(*ast.Row); ok {
			return b.rowsDistinct(a, l, r, s)
		}
	}
	l, err := b.expr(a.L, s)
	if err != nil {
		return nil, err
	}
	r, err := b.expr(a.R, s)
	if err != nil {
		return nil, err
	}
	eq, err := b.op("=", l, r, a.Offset(), loc(a.L), loc(a.R))
	if err != nil {
		return nil, err
	}
	args := eq.Children()
	xs, _, err := b.common(args, []int{loc(a.L), loc(a.R)}, "IS DISTINCT FROM")
	if err != nil {
		return nil, err
	}
	return &expr.IsDistinct{L: xs[0], R: xs[1], Not: a.Not}, nil
}

func (b *binder) between(a *ast.Between, s *scope) (expr.Expr, error) {
	xs, err := b.exprs([]ast.Expr{a.X, a.Lo, a.Hi}, s)
	if err != nil {
		return nil, err
	}
	side := func(lo, hi int) (expr.Expr, error) {
		at := []int{loc(a.X), loc(a.Lo), loc(a.Hi)}
		ge, err := b.op(">=", xs[0], xs[lo], a.Offset(), at[0], at[lo])
		if err != nil {
			return nil, err
		}
		le, err := b.op("<=", xs[0], xs[hi], a.Offset(), at[0], at[hi])
		if err != nil {
			return nil, err
		}
		return &expr.And{Args: []expr.Expr{ge, le}}, nil
	}
	out, err := side(1, 2)
	if err == nil && a.Symmetric {
		var other expr.Expr
		other, err = side(2, 1)
		out = &expr.Or{Args: []expr.Expr{out, other}}
	}
	if err != nil {
		return nil, err
	}
	if a.Not {
		out = &expr.Not{X: out}
	}
	return out, nil
}

func (b *binder) like(a *ast.Like, s *scope) (expr.Expr, error) {
	x, err := b.expr(a.X, s)
	if err != nil {
		return nil, err
	}
	p, err := b.expr(a.Pattern, s)
	if err != nil {
		return nil, err
	}
	args, at := []expr.Expr{p}, []int{loc(a.Pattern)}
	if a.Escape != nil {
		e, err := b.expr(a.Escape, s)
		if err != nil {
			return nil, err
		}
		args, at = append(args, e), append(at, loc(a.Escape))
	}
	op := map[string]string{"like": "~~", "ilike": "~~*", "similar": "~"}[a.Op]
	switch {
	case a.Op == "similar":
		p, err = b.fn("similar_to_escape", args, at, a.Offset())
	case a.Escape != nil:
		p, err = b.fn("like_escape", args, at, a.Offset())
	}
	if err != nil {
		return nil, err
	}
	if a.Not {
		op = "!" + op
	}
	return b.op(op, x, p, a.Offset(), loc(a.X), loc(a.Pattern))
}

// rowsDistinct is (a, b) IS [NOT] DISTINCT FROM (c, d): whether one of the pairs is.
func (b *binder) rowsDistinct(a *ast.IsDistinct, l, r *ast.Row, s *scope) (expr.Expr, error) {
	if len(l.Items) != len(r.Items) {
		return nil, sqlerr.New(sqlerr.SyntaxError, "unequal number of entries in row expressions").At(a.Offset())
	}
	or := &expr.Or{}
	for i := range l.Items {
		x, err := b.isDistinct(&ast.IsDistinct{Pos: a.Pos, L: l.Items[i], R: r.Items[i]}, s)
		if err != nil {
			return nil, err
		}
		or.Args = append(or.Args, x)
	}
	if len(or.Args) == 0 {
		return expr.ConstBool(a.Not), nil
	}
	return negate(one(or), a.Not), nil
}
