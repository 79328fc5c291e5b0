package sql

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

func (b *binder) in(a *ast.In, s *scope) (expr.Expr, error) {
	if a.Query != nil {
		return b.inSubquery(a.X, a.Query, a.Not, a.Offset(), s)
	}
	if row, ok := a.X.(*ast.Row); ok {
		return b.inRows(a, row, s)
	}
	xs, err := b.exprs(append([]ast.Expr{a.X}, a.List...), s)
	if err != nil {
		return nil, err
	}
	at := append([]int{loc(a.X)}, locs(a.List)...)
	if t, err := expr.CommonType(exprTypes(xs), "IN"); err == nil && (len(xs) > 2 || t == xs[0].Type()) {
		for i := range xs {
			if xs[i], err = b.cast(xs[i], t.Base(), 'i', at[i]); err != nil {
				return nil, err
			}
		}
		if _, err := b.op("=", xs[0], xs[1], a.Offset(), at[0], at[1]); err != nil {
			return nil, err
		}
		return &expr.InList{X: xs[0], List: xs[1:], Not: a.Not}, nil
	}
	or := &expr.Or{}
	for i := 1; i < len(xs); i++ {
		eq, err := b.op("=", xs[0], xs[i], a.Offset(), at[0], at[i])
		if err != nil {
			return nil, err
		}
		or.Args = append(or.Args, eq)
	}
	return negate(one(or), a.Not), nil
}

// inRows is (a, b) IN ((1, 2), ...).
func (b *binder) inRows(a *ast.In, row *ast.Row, s *scope) (expr.Expr, error) {
	or := &expr.Or{}
	for _, it := range a.List {
		r, ok := it.(*ast.Row)
		if !ok {
			return nil, notYet(loc(it), "comparing a row with this value is not supported")
		}
		x, err := b.rowCompare("=", row, r, a.Offset(), s)
		if err != nil {
			return nil, err
		}
		or.Args = append(or.Args, x)
	}
	return negate(one(or), a.Not), nil
}

// one is the only operand of an OR, or the OR.
func one(or *expr.Or) expr.Expr {
	if len(or.Args) == 1 {
		return or.Args[0]
	}
	return or
}

func negate(x expr.Expr, not bool) expr.Expr {
	if not {
		return &expr.Not{X: x}
	}
	return x
}

// quantified is x op ANY|ALL (array or query).
func (b *binder) quantified(a *ast.Quantified, s *scope) (expr.Expr, error) {
	if a.Query != nil {
		if a.Op == "=" && !a.All || (a.Op == "<>" || a.Op == "!=") && a.All {
			return b.inSubquery(a.X, a.Query, a.All, a.Offset(), s)
		}
	}
	if a.Query != nil {
		return b.quantifiedQuery(a, s)
	}
	x, err := b.expr(a.X, s)
	if err != nil {
		return nil, err
	}
	arr, err := b.expr(a.Array, s)
	if err != nil {
		return nil, err
	}
	return b.anyAll(x, arr, a.Op, a.All, a.Offset(), loc(a.X), loc(a.Array))
}

// quantifiedQuery is x op ANY|ALL (SELECT ...).
func (b *binder) quantifiedQuery(a *ast.Quantified, s *scope) (expr.Expr, error) {
	if row, ok := a.X.(*ast.Row); ok {
		return b.quantifiedRow(a, row, s)
	}
	out, err := b.inColumns(a.Query, s, 1, a.Offset())
	if err != nil {
		return nil, err
	}
	x, err := b.expr(a.X, s)
	if err != nil {
		return nil, err
	}
	at, ok := out.cols()[0].Type.Base().Array()
	if !ok || b.correlated(out.node) || b.env.Continuous {
		return b.anySubquery(a.Op, a.All, []expr.Expr{x}, []ast.Expr{a.X}, out, a.Offset(), s)
	}
	arr := &expr.Subquery{Plan: out.node, Kind: "array", Typ: at}
	return b.anyAll(x, arr, a.Op, a.All, a.Offset(), loc(a.X), a.Offset())
}

// quantifiedRow is (x, y) op ANY|ALL (SELECT ...).
func (b *binder) quantifiedRow(a *ast.Quantified, row *ast.Row, s *scope) (expr.Expr, error) {
	out, err := b.inColumns(a.Query, s, len(row.Items), a.Offset())
	if err != nil {
		return nil, err
	}
	xs, err := b.exprs(row.Items, s)
	if err != nil {
		return nil, err
	}
	return b.anySubquery(a.Op, a.All, xs, row.Items, out, a.Offset(), s)
}

// anyAll resolves the operator over the element type.
func (b *binder) anyAll(x, arr expr.Expr, op string, all bool, pos, xpos, apos int) (expr.Expr, error) {
	elem := types.Unknown
	if !isUnknown(arr) {
		if !arr.Type().IsArray() {
			return nil, sqlerr.New(sqlerr.WrongObjectType, "op ANY/ALL (array) requires array on right side").At(pos)
		}
		elem = arr.Type().Elem().Base()
	}
	r, err := expr.ResolveOp(op, x.Type(), elem)
	if err != nil {
		return nil, sqlerr.AtDefault(err, pos)
	}
	if !r.Ret.Is(types.Bool) {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean").At(pos)
	}
	if x, err = b.cast(x, r.ArgType[0], 'i', xpos); err != nil {
		return nil, err
	}
	at, ok := r.ArgType[1].Base().Array()
	if !ok {
		return nil, sqlerr.New(sqlerr.UndefinedObject, "could not find array type for data type %s", r.ArgType[1]).At(apos)
	}
	if arr, err = b.cast(arr, at, 'i', apos); err != nil {
		return nil, err
	}
	return &expr.AnyAll{X: x, Array: arr, Op: r.Fn, All: all}, nil
}
