package sql

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// expr binds a scalar expression. String literals, NULL and untyped parameters come out with type Unknown.
func (b *binder) expr(a ast.Expr, s *scope) (expr.Expr, error) {
	if b.depth++; b.depth > maxDepth {
		return nil, sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded").At(a.Offset())
	}
	defer func() { b.depth-- }()
	x, err := b.exprOf(a, s)
	if err == nil {
		b.env.Trace.expr(a, x)
	}
	return x, err
}

func (b *binder) exprOf(a ast.Expr, s *scope) (expr.Expr, error) {
	switch a := a.(type) {
	case *ast.Literal:
		return b.literal(a, a.Text)
	case *ast.ColumnRef:
		return b.column(a, s)
	case *ast.Param:
		return b.param(a, s)
	case *ast.Unary:
		return b.unary(a, s)
	case *ast.Binary:
		return b.binary(a, s)
	case *ast.IsTest:
		return b.isTest(a, s)
	case *ast.IsDistinct:
		return b.isDistinct(a, s)
	case *ast.Between:
		return b.between(a, s)
	case *ast.In:
		if a.Query != nil {
			return b.once(a, s, func() (expr.Expr, error) { return b.in(a, s) })
		}
		return b.in(a, s)
	case *ast.Like:
		return b.like(a, s)
	case *ast.Quantified:
		if a.Query != nil {
			return b.once(a, s, func() (expr.Expr, error) { return b.quantified(a, s) })
		}
		return b.quantified(a, s)
	case *ast.Case:
		return b.caseExpr(a, s)
	case *ast.Cast:
		return b.castExpr(a, s)
	case *ast.Call:
		return b.call(a, s)
	case *ast.Array:
		if a.Query != nil {
			return b.once(a, s, func() (expr.Expr, error) { return b.array(a, s) })
		}
		return b.array(a, s)
	case *ast.Subscript:
		return b.subscript(a, s)
	case *ast.Collate:
		return b.collate(a, s)
	case *ast.Subquery:
		return b.once(a, s, func() (expr.Expr, error) { return b.scalarSubquery(a, s) })
	case *ast.Exists:
		return b.once(a, s, func() (expr.Expr, error) { return b.existsExpr(a, s) })
	case *ast.Default:
		return nil, sqlerr.New(sqlerr.SyntaxError, "DEFAULT is not allowed in this context").At(a.Offset())
	case *ast.Row:
		return b.row(a, s)
	case *ast.Field:
		return b.field(a, s)
	}
	return nil, notYet(a.Offset(), "this expression is not supported")
}

// exprs binds a list.
func (b *binder) exprs(as []ast.Expr, s *scope) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(as))
	for i, a := range as {
		x, err := b.expr(a, s)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// literal binds a literal with the given text (a sign may have been put before it).
func (b *binder) literal(a *ast.Literal, text string) (expr.Expr, error) {
	switch a.Kind {
	case ast.LitNull:
		return expr.ConstNull(types.Unknown), nil
	case ast.LitBool:
		return expr.ConstBool(text == "true"), nil
	case ast.LitString:
		return expr.ConstUnknown(text), nil
	case ast.LitBits:
		c, err := expr.ConstOf(types.Bit, text, nil)
		if err != nil {
			return nil, sqlerr.AtDefault(err, a.Offset())
		}
		return c, nil
	}
	if strings.Trim(text, "-0123456789") == "" {
		if v, err := strconv.ParseInt(text, 10, 64); err == nil {
			if int64(int32(v)) == v {
				return expr.ConstInt4(int32(v)), nil
			}
			return expr.ConstInt8(v), nil
		}
	}
	c, err := expr.ConstOf(types.Numeric, text, b.env.Format)
	if err != nil {
		return nil, sqlerr.AtDefault(err, a.Offset())
	}
	return c, nil
}

// boolean binds a condition; what names it in the error: "WHERE", "AND", "JOIN/ON".
func (b *binder) boolean(a ast.Expr, s *scope, what string) (expr.Expr, error) {
	x, err := b.expr(a, s)
	if err != nil {
		return nil, err
	}
	return b.toBool(x, loc(a), what)
}

func (b *binder) toBool(x expr.Expr, pos int, what string) (expr.Expr, error) {
	if !x.Type().Is(types.Bool) && !isUnknown(x) {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "argument of %s must be type boolean, not type %s", what, x.Type().Base()).At(pos)
	}
	return b.cast(x, types.Bool, 'i', pos)
}

// common casts the expressions to the type they have in common.
func (b *binder) common(xs []expr.Expr, pos []int, what string) ([]expr.Expr, types.Type, error) {
	t, err := b.commonType(exprTypes(xs), pos, what)
	if err != nil {
		return nil, t, err
	}
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		if out[i], err = b.cast(x, t, 'i', pos[i]); err != nil {
			return nil, t, err
		}
	}
	return out, t, nil
}

// commonType is expr.CommonType with the error at the first that does not fit.
func (b *binder) commonType(ts []types.Type, pos []int, what string) (types.Type, error) {
	t, err := expr.CommonType(ts, what)
	if err == nil {
		return t, nil
	}
	for i := 1; i < len(ts); i++ {
		if _, e := expr.CommonType(ts[:i+1], what); e != nil {
			return t, sqlerr.AtDefault(err, pos[i])
		}
	}
	return t, err
}

func exprTypes(xs []expr.Expr) []types.Type {
	ts := make([]types.Type, len(xs))
	for i, x := range xs {
		ts[i] = x.Type()
	}
	return ts
}

func locs(as []ast.Expr) []int {
	out := make([]int, len(as))
	for i, a := range as {
		out[i] = loc(a)
	}
	return out
}

func (b *binder) caseExpr(a *ast.Case, s *scope) (expr.Expr, error) {
	c := &expr.Case{}
	var subject expr.Expr
	var err error
	if a.X != nil {
		if subject, err = b.expr(a.X, s); err != nil {
			return nil, err
		}
		if isUnknown(subject) {
			if subject, err = b.cast(subject, types.Text, 'i', loc(a.X)); err != nil {
				return nil, err
			}
		}
	}
	var arms []expr.Expr
	var pos []int
	for _, w := range a.Whens {
		var cond expr.Expr
		if subject == nil {
			if cond, err = b.boolean(w.Cond, s, "CASE/WHEN"); err == nil && b.hasMark(cond, markSet) {
				err = sqlerr.New(sqlerr.DatatypeMismatch, "argument of CASE/WHEN must not return a set").At(loc(w.Cond))
			}
		} else if cond, err = b.expr(w.Cond, s); err == nil {
			cond, err = b.op("=", subject, cond, loc(w.Cond), loc(a.X), loc(w.Cond))
		}
		if err != nil {
			return nil, err
		}
		then, err := b.expr(w.Then, s)
		if err != nil {
			return nil, err
		}
		c.Whens = append(c.Whens, expr.When{Cond: cond})
		arms, pos = append(arms, then), append(pos, loc(w.Then))
	}
	if a.Else != nil {
		x, err := b.expr(a.Else, s)
		if err != nil {
			return nil, err
		}
		arms, pos = append([]expr.Expr{x}, arms...), append([]int{loc(a.Else)}, pos...)
	}
	if err := b.noSets(arms, pos, "CASE"); err != nil {
		return nil, err
	}
	arms, c.Typ, err = b.common(arms, pos, "CASE")
	if err != nil {
		return nil, err
	}
	if a.Else == nil { // its NULL has no type modifier
		c.Typ = c.Typ.Base()
	}
	if a.Else != nil {
		c.Else, arms = arms[0], arms[1:]
	}
	for i := range c.Whens {
		c.Whens[i].Then = arms[i]
	}
	return c, nil
}

func (b *binder) castExpr(a *ast.Cast, s *scope) (expr.Expr, error) {
	t, err := b.typeName(a.Type)
	if err != nil {
		return nil, err
	}
	if base, ok := t.Domain(); ok {
		return b.castDomain(a, t, base, s)
	}
	if arr, ok := a.X.(*ast.Array); ok && t.IsArray() && arr.Query == nil {
		return b.arrayAs(arr, t, s)
	}
	if lit, ok := a.X.(*ast.Literal); ok && t.Base() == types.Interval && t.Mod >= 0 && lit.Kind == ast.LitString {
		bld := types.NewBuilder(t)
		if err := types.ParseText(bld, lit.Text, t, b.env.Format); err != nil {
			return nil, sqlerr.AtDefault(err, loc(a.X))
		}
		return &expr.Const{Arr: bld.NewArray(), Typ: t}, nil
	}
	x, err := b.expr(a.X, s)
	if err != nil {
		return nil, err
	}
	pos := a.Offset()
	if isUnknown(x) {
		pos = loc(a.X)
	}
	return b.cast(x, t, 'e', pos)
}

// collate accepts the collations that order as the server does: by code point.
func (b *binder) collate(a *ast.Collate, s *scope) (expr.Expr, error) {
	x, err := b.expr(a.X, s)
	if err != nil {
		return nil, err
	}
	if c := x.Type().Category(); c != types.CatString && c != types.CatUnknown {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "collations are not supported by type %s", x.Type().Base()).At(a.Offset())
	}
	switch name := a.Name[len(a.Name)-1]; name {
	case "C", "POSIX", "default", "ucs_basic", "C.utf8", "C.UTF-8":
		return x, nil
	default:
		return nil, sqlerr.New(sqlerr.UndefinedObject, "collation %q for encoding \"UTF8\" does not exist", name).At(a.Offset()).
			WithHint(`Text is ordered by code point: use COLLATE "C".`)
	}
}
