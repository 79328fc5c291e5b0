package sql

import (
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// funcName is the name that functions are registered with: without pg_catalog.
func funcName(a *ast.Call) (string, error) {
	if len(a.Name) == 1 {
		return a.Name[0], nil
	}
	switch schema := a.Name[len(a.Name)-2]; schema {
	case "pg_catalog", "streamsql", "information_schema", "public":
		return a.Name[len(a.Name)-1], nil
	default:
		return "", sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", schema).At(a.Offset())
	}
}

// call binds a function call of any kind.
func (b *binder) call(a *ast.Call, s *scope) (expr.Expr, error) {
	name, err := funcName(a)
	if err != nil {
		return nil, err
	}
	for i, n := range a.ArgNames {
		if n != "" {
			return nil, notYet(loc(a.Args[i]), "named arguments are not supported")
		}
	}
	if s.match != nil {
		if x, ok, err := b.matchCall(s.match, a, name); ok || err != nil {
			return x, err
		}
	}
	if name == "grouping" && a.Over == nil {
		return b.groupingCall(a, s)
	}
	if a.Over != nil {
		return b.overCall(a, name, s)
	}
	if expr.IsAgg(name) {
		return b.aggCall(a, name, s)
	}
	if windowOnly(name) {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "window function %s requires an OVER clause", name).At(a.Offset())
	}
	if err := plainCall(a, name); err != nil {
		return nil, err
	}
	switch name { // what has the form of a call and is none
	case "coalesce":
		return b.coalesce(a, s)
	case "nullif":
		return b.nullif(a, s)
	case "greatest", "least":
		return b.extreme(a, s)
	case "proctime":
		return b.callWith(a, "now", nil, nil)
	}
	args, err := b.exprs(a.Args, s)
	if err != nil {
		return nil, err
	}
	at := locs(a.Args)
	if expr.IsSetReturning(name) {
		return b.setCall(a, name, args, at, s)
	}
	if t, ok := types.Lookup(name); ok && len(args) == 1 && !expr.IsFunc(name) && t.Info().Name == name &&
		(isUnknown(args[0]) || expr.CanCast(args[0].Type(), t, 'e')) {
		return b.cast(args[0], t, 'e', a.Offset())
	}
	return b.callWith(a, name, args, at)
}

// callWith resolves a call; a VARIADIC array stands for the repeated arguments.
func (b *binder) callWith(a *ast.Call, name string, args []expr.Expr, at []int) (expr.Expr, error) {
	if a.Variadic {
		return nil, notYet(a.Offset(), "VARIADIC arguments are not supported")
	}
	r, err := expr.ResolveFunc(name, exprTypes(args))
	if err != nil {
		return nil, b.unresolved(err, a, name, args)
	}
	return b.apply(r, args, at, a.Offset())
}

// unresolved gives the error of a call that no function fits: the name as written.
func (b *binder) unresolved(err error, a *ast.Call, name string, args []expr.Expr) error {
	if full := strings.Join(a.Name, "."); full != name {
		e := *sqlerr.From(err)
		e.Message = strings.Replace(e.Message, "function "+name, "function "+full, 1)
		return e.At(a.Offset())
	}
	return sqlerr.AtDefault(err, a.Offset())
}

// plainCall refuses the clauses that only aggregates and window functions have.
func plainCall(a *ast.Call, name string) error {
	bad := func(what string) error {
		return sqlerr.New(sqlerr.WrongObjectType, "%s specified, but %s is not an aggregate function", what, name).At(a.Offset())
	}
	switch {
	case a.Star:
		return sqlerr.New(sqlerr.WrongObjectType, "%s(*) specified, but %s is not an aggregate function", name, name).At(a.Offset())
	case a.Distinct:
		return bad("DISTINCT")
	case len(a.Within) > 0:
		return bad("WITHIN GROUP")
	case len(a.OrderBy) > 0:
		return bad("ORDER BY")
	case a.Filter != nil:
		return bad("FILTER")
	}
	return nil
}

func (b *binder) coalesce(a *ast.Call, s *scope) (expr.Expr, error) {
	args, err := b.exprs(a.Args, s)
	if err != nil {
		return nil, err
	}
	if err := b.noSets(args, locs(a.Args), "COALESCE"); err != nil {
		return nil, err
	}
	args, t, err := b.common(args, locs(a.Args), "COALESCE")
	if err != nil {
		return nil, err
	}
	return &expr.Coalesce{Args: args, Typ: t}, nil
}

// nullif is CASE WHEN a = b THEN NULL ELSE a END.
func (b *binder) nullif(a *ast.Call, s *scope) (expr.Expr, error) {
	args, err := b.exprs(a.Args, s)
	if err != nil {
		return nil, err
	}
	if len(args) != 2 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "NULLIF takes two arguments").At(a.Offset())
	}
	eq, err := b.op("=", args[0], args[1], a.Offset(), loc(a.Args[0]), loc(a.Args[1]))
	if err != nil {
		return nil, err
	}
	x := args[0]
	switch {
	case isUnknown(x):
		x = eq.Children()[0]
	case x.Type().Is(types.Varchar): // compared as text, and of that type
		if x, err = b.cast(x, types.Text, 'i', loc(a.Args[0])); err != nil {
			return nil, err
		}
	}
	return &expr.Case{Whens: []expr.When{{Cond: eq, Then: expr.ConstNull(x.Type())}}, Else: x, Typ: x.Type()}, nil
}

// extreme is GREATEST or LEAST.
func (b *binder) extreme(a *ast.Call, s *scope) (expr.Expr, error) {
	args, err := b.exprs(a.Args, s)
	if err != nil {
		return nil, err
	}
	name := a.Name[len(a.Name)-1]
	args, _, err = b.common(args, locs(a.Args), strings.ToUpper(name))
	if err != nil {
		return nil, err
	}
	return b.callWith(a, name, args, locs(a.Args))
}

// setUse is a set-returning function in a select list.
type setUse struct {
	call *expr.Call
	pos  int
	name string
	// placed: a node computes it already, as this column.
	placed bool
	col    int
}

// setCall leaves a mark for a set-returning function in a select list.
func (b *binder) setCall(a *ast.Call, name string, args []expr.Expr, at []int, s *scope) (expr.Expr, error) {
	if s.clause != "" && s.clause != "GROUP BY" {
		return nil, notYet(a.Offset(), "set-returning functions are not allowed in %s", s.clause)
	}
	if s.inAgg {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls").At(a.Offset()).
			WithHint("You might be able to move the set-returning function into a LATERAL FROM item.")
	}
	x, err := b.callWith(a, name, args, at)
	if err != nil {
		return nil, err
	}
	call := x.(*expr.Call)
	if len(call.Fn.RetCols) > 1 {
		return nil, notYet(a.Offset(), "%s gives rows of several columns: call it in FROM", name)
	}
	for i, u := range s.sets {
		if expr.Equal(u.call, call) {
			return b.newMark(mark{kind: markSet, scope: s, idx: i, pos: a.Offset()}, call.Typ), nil
		}
	}
	s.sets = append(s.sets, setUse{call: call, pos: a.Offset(), name: name})
	return b.newMark(mark{kind: markSet, scope: s, idx: len(s.sets) - 1, pos: a.Offset()}, call.Typ), nil
}
