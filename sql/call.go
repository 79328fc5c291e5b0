package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// call binds a function call of any kind.
func (b *binder) call(a *ast.Call, s *scope) (expr.Expr, error) {
	who, err := b.callee(a)
	if err != nil {
		return nil, err
	}
	name := who.name
	if err := plainArgs(a, who); err != nil {
		return nil, err
	}
	if who.only {
		switch {
		case a.Over != nil:
			return b.overCall(a, who, s)
		case who.isAgg():
			return b.aggCall(a, who, s)
		}
		return b.plainCallOf(a, who, s)
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
		return b.overCall(a, who, s)
	}
	if who.isAgg() && !who.takes(a) {
		return b.aggCall(a, who, s)
	}
	if len(a.Within) > 0 && (name == "rank" || name == "dense_rank" || name == "percent_rank" || name == "cume_dist") {
		return b.hypothetical(a, name, s)
	}
	if windowOnly(name) {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "window function %s requires an OVER clause", name).At(a.Offset())
	}
	switch name { // what has the form of a call and is none
	case "coalesce":
		return b.coalesce(a, s)
	case "nullif":
		return b.nullif(a, s)
	case "greatest", "least":
		return b.extreme(a, s)
	case "proctime":
		return b.callWith(a, callee{name: "now"}, nil, nil)
	}
	return b.plainCallOf(a, who, s)
}

// plainArgs refuses names and VARIADIC before arguments where they are not taken.
func plainArgs(a *ast.Call, who callee) error {
	named := slices.IndexFunc(a.ArgNames, func(n string) bool { return n != "" })
	if named < 0 && !a.Variadic {
		return nil
	}
	switch {
	case a.Over != nil || who.isAgg() && !who.takes(a):
		what := "named arguments"
		if a.Variadic {
			what = "VARIADIC arguments"
		}
		return notYet(a.Offset(), "%s of aggregates and window functions are not supported", what)
	case slices.Contains([]string{"coalesce", "nullif", "greatest", "least"}, who.name) && !who.only:
		return sqlerr.New(sqlerr.SyntaxError, "syntax error in the arguments of %s", strings.ToUpper(who.name)).At(a.Offset())
	}
	return nil
}

// isAgg says whether the name is one of aggregates.
func (c callee) isAgg() bool {
	return !c.only && expr.IsAgg(c.name) || slices.ContainsFunc(c.users, func(f *catalog.Function) bool { return f.Aggregate })
}

// takes says whether a user's function of the name of an aggregate takes so many arguments, which no aggregate of that name does.
func (c callee) takes(a *ast.Call) bool {
	return slices.ContainsFunc(c.users, func(f *catalog.Function) bool { return !f.Aggregate && len(f.Args) == len(a.Args) }) &&
		!slices.ContainsFunc(c.users, func(f *catalog.Function) bool { return f.Aggregate && len(f.Args) == len(a.Args) }) &&
		!slices.ContainsFunc(expr.Aggs(), func(g *expr.Agg) bool { return g.Name == c.name && len(g.Args) == len(a.Args) })
}

// plainCallOf binds a call of a function.
func (b *binder) plainCallOf(a *ast.Call, who callee, s *scope) (expr.Expr, error) {
	args, err := b.exprs(a.Args, s)
	if err != nil {
		return nil, err
	}
	if err := plainCall(a, who.name); err != nil {
		if _, none := expr.Resolve(b.overloads(who), shape(a, who, args)); none != nil && !expr.IsFunc(who.name) && len(who.users) == 0 {
			return nil, b.unresolved(none, a, who.name, args)
		}
		return nil, err
	}
	at := locs(a.Args)
	if !who.only && expr.IsSetReturning(who.name) {
		return b.setCall(a, who, args, at, s)
	}
	if t, ok := types.Lookup(who.name); ok && !who.only && len(args) == 1 && !expr.IsFunc(who.name) && t.Info().Name == who.name && len(who.users) == 0 &&
		(isUnknown(args[0]) || expr.CanCast(args[0].Type(), t, 'e')) {
		return b.cast(args[0], t, 'e', a.Offset())
	}
	return b.callWith(a, who, args, at)
}

// callWith resolves a call and binds it: a function of the server stays a call, one in SQL becomes what its body is.
func (b *binder) callWith(a *ast.Call, who callee, args []expr.Expr, at []int) (expr.Expr, error) {
	r, err := expr.Resolve(b.overloads(who), shape(a, who, args))
	if err != nil {
		return nil, b.unresolved(err, a, who.name, args)
	}
	f := who.userOf(r.Fn)
	b.env.Trace.call(a, r.Fn.Args, r.Order, r.ArgType, r.Ret, f)
	if f == nil {
		return b.builtin(r, args, at, a.Offset())
	}
	c, err := b.userArgs(f, r, args, at, a.Offset())
	if err != nil {
		return nil, err
	}
	if f.Language != "sql" {
		fn, err := b.routine(f)
		if err != nil {
			return nil, sqlerr.AtDefault(err, a.Offset())
		}
		return &expr.Call{Fn: fn, Args: c.args, Typ: c.ret, Pos: a.Offset()}, nil
	}
	if f.SetOf {
		return nil, notYet(a.Offset(), "%s returns a set and can only be called in FROM", f.Signature()).WithHint("Call it in FROM, for each row with LATERAL.")
	}
	return b.inline(c)
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
	switch compared := eq.Children()[0]; {
	case isUnknown(x), compared.Type().Is(types.Numeric), compared.Type().Is(types.Float8) && !x.Type().Is(types.Float4): // = has no operator for its own type
		x = compared
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
	args, t, err := b.common(args, locs(a.Args), strings.ToUpper(name))
	if err != nil {
		return nil, err
	}
	x, err := b.callWith(a, callee{name: name}, args, locs(a.Args))
	if c, ok := x.(*expr.Call); ok && c.Typ.Is(t) {
		c.Typ = t // with the modifier that all have
	}
	return x, err
}

// setUse is a set-returning function in a select list.
type setUse struct {
	call *expr.Call
	pos  int
	name string
	mark expr.Expr
	// placed: a node computes it already, as this column.
	placed bool
	col    int
}

// setCall leaves a mark for a set-returning function in a select list.
func (b *binder) setCall(a *ast.Call, who callee, args []expr.Expr, at []int, s *scope) (expr.Expr, error) {
	if s.clause != "" && s.clause != "GROUP BY" {
		return nil, notYet(a.Offset(), "set-returning functions are not allowed in %s", s.clause)
	}
	if s.inAgg {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls").At(a.Offset()).
			WithHint("You might be able to move the set-returning function into a LATERAL FROM item.")
	}
	if s.inOver {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "window function calls cannot contain set-returning function calls").At(a.Offset()).
			WithHint("You might be able to move the set-returning function into a LATERAL FROM item.")
	}
	x, err := b.callWith(a, who, args, at)
	if err != nil {
		return nil, err
	}
	name, call := who.name, x.(*expr.Call)
	typ := call.Typ
	cols := setCols(call)
	if len(cols) > 1 {
		fields := make([]types.Field, len(cols))
		for i, c := range cols {
			fields[i] = types.Field{Name: c.Name, Type: c.Type}
		}
		typ = types.RecordOf(fields)
	}
	for _, u := range s.sets {
		if expr.Equal(u.call, call) {
			return u.mark, nil
		}
	}
	m := b.newMark(mark{kind: markSet, scope: s, idx: len(s.sets), pos: a.Offset()}, typ)
	s.sets = append(s.sets, setUse{call: call, pos: a.Offset(), name: name, mark: m})
	return m, nil
}

// setCols are the columns of a call that gives sets, nil where it has one that is named by the function.
func setCols(c *expr.Call) []expr.SetCol {
	cols := slices.Clone(c.Fn.RetCols)
	for i := range cols {
		if cols[i].Type.Is(types.AnyElement) {
			cols[i].Type = c.Args[0].Type().Elem()
		}
	}
	return cols
}
