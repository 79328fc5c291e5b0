package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// navArg is the argument of a navigation function or an aggregate while it is bound: all its columns are of one variable.
type navArg struct {
	known bool
	name  string // "": all rows
	vars  []int
	fn    string
}

func (g *navArg) use(name string, vars []int, pos int) error {
	if g.known && g.name != name {
		return sqlerr.New(sqlerr.SyntaxError, "the argument of %s mixes rows of several pattern variables", g.fn).At(pos).
			WithHint("Qualify all its columns with the same pattern variable.")
	}
	g.known, g.name, g.vars = true, name, vars
	return nil
}

// variable finds a pattern variable or subset; "" is all rows.
func (m *matcher) variable(name string, pos int) ([]int, error) {
	if name == "" {
		return nil, nil
	}
	vars := m.vars[name]
	if vars == nil {
		return nil, unknownVar(name, pos)
	}
	return vars, nil
}

// nav is the expression that reads a value of the match.
func (m *matcher) nav(n plan.MatchNav) expr.Expr {
	n.Final = n.Final && n.Kind != "number"
	same := func(o plan.MatchNav) bool {
		return o.Kind == n.Kind && o.Col == n.Col && slices.Equal(o.Vars, n.Vars) && (o.Vars == nil) == (n.Vars == nil) && o.First == n.First &&
			o.Offset == n.Offset && o.Shift == n.Shift && o.Final == n.Final && o.Agg == n.Agg && slices.Equal(o.Args, n.Args) && o.Typ == n.Typ &&
			o.Distinct == n.Distinct && slices.Equal(o.OrderBy, n.OrderBy) && o.Filter == n.Filter
	}
	i := slices.IndexFunc(m.node.Navs, same)
	if i < 0 {
		i = len(m.node.Navs)
		m.node.Navs = append(m.node.Navs, n)
	}
	return &expr.Column{Idx: i, Name: n.Name, Typ: n.Typ}
}

// matchColumn binds a column in DEFINE or MEASURES: [variable.]column is its value in the last row of the variable.
func (b *binder) matchColumn(m *matcher, r *ast.ColumnRef) (expr.Expr, error) {
	if r.Star || len(r.Names) > 2 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "only columns of pattern variables can be named here").At(r.Offset())
	}
	name := r.Names[len(r.Names)-1]
	v := ""
	if len(r.Names) == 2 {
		v = r.Names[0]
	}
	vars, err := m.variable(v, r.Offset())
	if err != nil {
		return nil, err
	}
	c, err := oneOf(m.src.cols, name, r.Offset())
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, m.src.missing(&ast.ColumnRef{Pos: r.Pos, Names: []string{name}})
	}
	b.uses.column(c)
	if m.arg != nil {
		return c.x, m.arg.use(v, vars, r.Offset())
	}
	return m.nav(plan.MatchNav{Kind: "value", Col: m.input(c.x, plan.Col{Name: name}), Vars: vars, Final: m.final, Typ: c.x.Type(), Name: strings.Join(r.Names, ".")}), nil
}

// matchCall binds what is a function of the match; ok is false for other functions.
func (b *binder) matchCall(m *matcher, a *ast.Call, name string) (x expr.Expr, ok bool, err error) {
	isNav := name == "first" || name == "last" || name == "prev" || name == "next"
	isAgg := expr.IsAgg(name)
	bad := func(code, format string, args ...any) (expr.Expr, bool, error) {
		return nil, true, sqlerr.New(code, format, args...).At(a.Offset())
	}
	if a.Semantics != "" {
		m.prefix = a.Semantics
	}
	if m.prefix != "" && (name == "prev" || name == "next" || a.Semantics != "" && !isNav && !isAgg) {
		return bad(sqlerr.SyntaxError, "RUNNING and FINAL must be followed by FIRST, LAST or an aggregate function")
	}
	if !isNav && !isAgg && name != "classifier" && name != "match_number" {
		return nil, false, nil
	}
	switch {
	case a.Over != nil:
		return bad(sqlerr.WindowingError, "window functions are not allowed in MATCH_RECOGNIZE")
	case m.arg != nil:
		return bad(sqlerr.SyntaxError, "%s cannot be called inside %s", name, m.arg.fn)
	case name == "match_number":
		if len(a.Args) > 0 {
			return bad(sqlerr.UndefinedFunction, "match_number takes no arguments")
		}
		return m.nav(plan.MatchNav{Kind: "number", Typ: types.Int8, Name: "match_number()"}), true, nil
	case name == "classifier":
		vars, label, err := b.classifier(m, a)
		return m.nav(plan.MatchNav{Kind: "classifier", Vars: vars, Final: m.final, Typ: types.Text, Name: label}), true, err
	}
	final := m.final
	if m.prefix != "" {
		final, m.prefix = m.prefix == "final" || !m.node.AllRows, ""
	}
	if isAgg {
		x, err = b.matchAgg(m, a, name, final)
	} else {
		x, err = b.matchNav(m, a, name, final)
	}
	return x, true, err
}

// classifier reads CLASSIFIER([variable]).
func (b *binder) classifier(m *matcher, a *ast.Call) (vars []int, label string, err error) {
	if len(a.Args) == 0 && !a.Star {
		return nil, "classifier()", nil
	}
	if r, ok := a.Args[0].(*ast.ColumnRef); ok && len(a.Args) == 1 && len(r.Names) == 1 && !r.Star {
		vars, err = m.variable(r.Names[0], r.Offset())
		return vars, "classifier(" + r.Names[0] + ")", err
	}
	return nil, "", sqlerr.New(sqlerr.SyntaxError, "the argument of CLASSIFIER must be a pattern variable").At(a.Offset())
}

// matchNav binds FIRST, LAST, PREV, NEXT, and FIRST or LAST inside PREV or NEXT.
func (b *binder) matchNav(m *matcher, a *ast.Call, name string, final bool) (expr.Expr, error) {
	n := plan.MatchNav{Kind: "value", Final: final, Name: name}
	if err := plainCall(a, name); err != nil {
		return nil, err
	}
	x, k, err := b.navArgs(a, name)
	if err != nil {
		return nil, err
	}
	logical := name
	if name == "prev" || name == "next" {
		n.Shift, logical = int(k), "last"
		if name == "prev" {
			n.Shift = -int(k)
		}
		if in, ok := x.(*ast.Call); ok {
			if f := in.Name[len(in.Name)-1]; f == "first" || f == "last" {
				logical, n.Name = f, name+" "+f
				var inner int64
				if x, inner, err = b.navArgs(in, f); err != nil {
					return nil, err
				}
				n.Offset = int(inner)
			}
		}
	} else {
		n.Offset = int(k)
	}
	n.First = logical == "first"
	if c, ok := x.(*ast.Call); ok && c.Name[len(c.Name)-1] == "classifier" {
		var label string
		n.Kind, n.Typ = "classifier", types.Text
		n.Vars, label, err = b.classifier(m, c)
		n.Name += "(" + label + ")"
		return m.nav(n), err
	}
	m.arg = &navArg{fn: name}
	v, err := b.expr(x, &scope{match: m, clause: "a navigation function"})
	arg := m.arg
	m.arg = nil
	if err != nil {
		return nil, err
	}
	if !arg.known {
		return nil, sqlerr.New(sqlerr.SyntaxError, "the argument of %s must name a column or CLASSIFIER", name).At(loc(x))
	}
	n.Col, n.Vars, n.Typ = m.input(v, plan.Col{Name: name}), arg.vars, v.Type()
	n.Name += "(" + argName(arg.name, v) + ")"
	return m.nav(n), nil
}

func argName(v string, x expr.Expr) string {
	if v == "" {
		return x.String()
	}
	return v + "." + x.String()
}

// navArgs gives the value and the offset of a navigation function: 1 of PREV and NEXT, 0 of FIRST and LAST where it is not written.
func (b *binder) navArgs(a *ast.Call, name string) (ast.Expr, int64, error) {
	k := int64(0)
	if name == "prev" || name == "next" {
		k = 1
	}
	switch len(a.Args) {
	case 1:
		return a.Args[0], k, nil
	case 2:
	default:
		return nil, 0, sqlerr.New(sqlerr.UndefinedFunction, "%s takes a value and an offset", name).At(a.Offset())
	}
	bad := sqlerr.New(sqlerr.InvalidParameterValue, "the offset of %s must be a constant integer that is not negative", name).At(loc(a.Args[1]))
	x, err := b.scalar(a.Args[1], &scope{}, name)
	if err != nil || !expr.IsConst(x) {
		return nil, 0, bad
	}
	c, err := expr.EvalConst(&expr.Ctx{Format: b.env.Format}, x)
	if err != nil {
		return nil, 0, sqlerr.AtDefault(err, loc(a.Args[1]))
	}
	if k, ok := constInt(c); ok && k >= 0 && k < 1<<30 {
		return a.Args[0], k, nil
	}
	return nil, 0, bad
}

// matchAgg binds an aggregate over the rows of a variable.
func (b *binder) matchAgg(m *matcher, a *ast.Call, name string, final bool) (expr.Expr, error) {
	if len(a.Within) > 0 {
		return nil, notYet(a.Offset(), "WITHIN GROUP is not supported in aggregates of MATCH_RECOGNIZE")
	}
	n := plan.MatchNav{Kind: "aggregate", Final: final, Name: name + "(*)", Distinct: a.Distinct, Filter: -1}
	asts := a.Args
	if len(asts) == 1 && name == "count" {
		if r, ok := asts[0].(*ast.ColumnRef); ok && r.Star && len(r.Names) == 1 {
			var err error
			if n.Vars, err = m.variable(r.Names[0], r.Offset()); err != nil {
				return nil, err
			}
			n.Name, asts = "count("+r.Names[0]+".*)", nil
		}
	} else if len(asts) == 0 && !a.Star {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "%s() must have an argument", name).At(a.Offset())
	}
	arg := &navArg{fn: name}
	args, err := b.matchAggArgs(m, arg, asts)
	if err != nil {
		return nil, err
	}
	if len(asts) > 0 {
		n.Vars, n.Name = arg.vars, name+"("+argName(arg.name, args[0])+")"
	}
	r, err := expr.ResolveAgg(name, exprTypes(args))
	if err != nil {
		return nil, b.unresolved(err, a, name, args)
	}
	n.Agg, n.Typ = r.Agg, r.Ret
	for i, x := range args {
		if x == classifierArg {
			n.Args = append(n.Args, -1)
			continue
		}
		if x, err = b.cast(x, r.ArgType[i], 'i', loc(asts[i])); err != nil {
			return nil, err
		}
		n.Args = append(n.Args, m.input(x, plan.Col{Name: name}))
	}
	if err := b.matchAggRows(m, arg, a, args, &n); err != nil {
		return nil, err
	}
	return m.nav(n), nil
}

// matchAggRows binds ORDER BY and FILTER of an aggregate, which read rows of the same variable as its arguments.
func (b *binder) matchAggRows(m *matcher, arg *navArg, a *ast.Call, args []expr.Expr, n *plan.MatchNav) (err error) {
	s := &scope{match: m, clause: "an aggregate of MATCH_RECOGNIZE"}
	if n.Vars != nil && !arg.known {
		arg.known, arg.name, arg.vars = true, a.Args[0].(*ast.ColumnRef).Names[0], n.Vars
	}
	m.arg = arg
	defer func() { m.arg = nil }()
	for _, o := range a.OrderBy {
		x, err := b.expr(o.X, s)
		if err != nil {
			return err
		}
		if x, err = b.known(x, loc(o.X)); err != nil {
			return err
		}
		key := sortKey(o)
		at := slices.IndexFunc(args, func(y expr.Expr) bool { return expr.Equal(x, y) })
		if at < 0 && a.Distinct {
			return sqlerr.New(sqlerr.InvalidColumnReference, "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list").At(loc(o.X))
		}
		n.OrderBy = append(n.OrderBy, plan.MatchKey{Col: m.input(x, plan.Col{Name: a.Name[len(a.Name)-1]}), Desc: key.Desc, NullsFirst: key.NullsFirst})
	}
	if a.Filter != nil {
		x, err := b.boolean(a.Filter, s, "FILTER")
		if err != nil {
			return err
		}
		n.Filter = m.input(x, plan.Col{Name: "filter"})
	}
	n.Vars = arg.vars
	return nil
}

// classifierArg stands for CLASSIFIER() as the argument of an aggregate.
var classifierArg expr.Expr = &expr.Column{Idx: -1, Name: "classifier()", Typ: types.Text}

func (b *binder) matchAggArgs(m *matcher, arg *navArg, asts []ast.Expr) ([]expr.Expr, error) {
	args := make([]expr.Expr, len(asts))
	for i, a := range asts {
		if c, ok := a.(*ast.Call); ok && c.Name[len(c.Name)-1] == "classifier" {
			vars, _, err := b.classifier(m, c)
			if err == nil {
				name := ""
				if len(c.Args) == 1 {
					name = c.Args[0].(*ast.ColumnRef).Names[0]
				}
				err = arg.use(name, vars, c.Offset())
			}
			if err != nil {
				return nil, err
			}
			args[i] = classifierArg
			continue
		}
		m.arg = arg
		x, err := b.expr(a, &scope{match: m, clause: "an aggregate of MATCH_RECOGNIZE"})
		m.arg = nil
		if err != nil {
			return nil, err
		}
		args[i] = x
	}
	return args, nil
}
