package deparse

import (
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// call analyzes a call of any kind.
func (a *analyzer) call(c *ast.Call, s *scope) node {
	name := c.Name[len(c.Name)-1]
	switch name {
	case "coalesce", "greatest", "least", "grouping":
		if len(c.Name) == 1 {
			return a.listCall(c, name, s)
		}
	case "nullif":
		xs := a.exprs(c.Args, s)
		l, r := a.operands("=", xs[0], xs[1])
		return &nullif{typed{a.typeOf(c)}, l, r}
	}
	if len(c.Args) == 0 && c.Special {
		return &words{typed{a.typeOf(c)}, strings.ToUpper(name)}
	}
	if w := clockWord(c, name); w != nil {
		w.t = a.typeOf(c)
		return w
	}
	tc := a.trace.Calls[c]
	switch {
	case c.Over != nil, tc != nil && (tc.User != nil && tc.User.Aggregate || tc.User == nil && expr.IsAgg(name)), len(c.Within) > 0:
		return a.aggregate(c, tc, s)
	case tc == nil && s.free:
		return a.matchCall(c, s)
	case tc == nil:
		return a.castCall(c, s)
	}
	out := &call{typed: typed{a.callType(c, tc)}, name: name, names: c.ArgNames, variadic: c.Variadic, special: c.Special}
	if tc.User != nil {
		out.name = a.names.function(tc.User)
	} else {
		out.name = a.names.builtin(name)
	}
	for i, x := range a.exprs(c.Args, s) {
		out.args = append(out.args, a.argument(x, tc, i))
	}
	return out
}

// argument is argument i as the function takes it.
func (a *analyzer) argument(x node, tc *sql.TracedCall, i int) node {
	if tc.Any[i] && x.typ().Is(types.Unknown) {
		return x
	}
	return a.coerce(x, tc.ArgType[i])
}

func (a *analyzer) callType(c *ast.Call, tc *sql.TracedCall) types.Type {
	if t, ok := a.trace.Types[c]; ok {
		return t
	}
	return tc.Ret
}

// clockWord is CURRENT_TIMESTAMP(precision) and the like.
func clockWord(c *ast.Call, name string) *words {
	switch name {
	case "current_time", "current_timestamp", "localtime", "localtimestamp":
		if lit, ok := c.Args[0].(*ast.Literal); ok && c.Special {
			return &words{text: strings.ToUpper(name) + "(" + lit.Text + ")"}
		}
	}
	return nil
}

// listCall is COALESCE and its like.
func (a *analyzer) listCall(c *ast.Call, name string, s *scope) node {
	xs := a.exprs(c.Args, s)
	word := strings.ToUpper(name)
	if name == "grouping" {
		return &listOf{typed{types.Int4}, word, xs}
	}
	xs, t := a.common(xs, word)
	return &listOf{typed{t}, word, xs}
}

// castCall is a conversion that is written as a call: int4(x).
func (a *analyzer) castCall(c *ast.Call, s *scope) node {
	t, ok := types.Lookup(c.Name[len(c.Name)-1])
	if !ok || len(c.Args) != 1 {
		a.fail("a call of " + strings.Join(c.Name, "."))
	}
	x := a.expr(c.Args[0], s)
	if x.typ().Is(types.Unknown) || expr.CastMethod(under(x.typ()), t) != 'f' {
		return a.castTo(x, t)
	}
	return &call{typed: typed{t}, name: c.Name[len(c.Name)-1], args: []node{x}}
}

// aggregate is an aggregate or a window function.
func (a *analyzer) aggregate(c *ast.Call, tc *sql.TracedCall, s *scope) node {
	name := c.Name[len(c.Name)-1]
	out := &aggregate{typed: typed{a.typeOf(c)}, name: a.names.builtin(name), star: c.Star, distinct: c.Distinct}
	if tc != nil && tc.User != nil {
		out.name = a.names.function(tc.User)
	}
	args := a.exprs(c.Args, s)
	switch {
	case tc != nil:
		for i := range args {
			args[i] = a.argument(args[i], tc, i)
		}
	case len(c.Within) == 0:
		args = a.windowArgs(name, args)
	}
	out.args = args
	for _, o := range c.OrderBy {
		out.order = append(out.order, sorted(o, a.known(a.expr(o.X, s))))
	}
	for i, o := range c.Within {
		x := a.expr(o.X, s)
		if tc != nil {
			x = a.coerce(x, tc.ArgType[len(c.Args)+i])
		} else if i < len(args) {
			xs, _ := a.common([]node{args[i], x}, "WITHIN GROUP")
			args[i], x = xs[0], xs[1]
		}
		out.within = true
		out.order = append(out.order, sorted(o, a.known(x)))
	}
	if c.Filter != nil {
		out.filter = a.coerce(a.expr(c.Filter, s), types.Bool)
	}
	switch {
	case c.Over == nil:
	case c.Over.OnlyRef:
		out.overName = c.Over.Ref
	default:
		out.over = a.window(c.Over, s)
	}
	return out
}

// windowArgs converts the arguments of a function that needs OVER.
func (a *analyzer) windowArgs(name string, args []node) []node {
	for i := range args {
		switch {
		case name == "ntile", i == 1:
			args[i] = a.coerce(args[i], types.Int4)
		case i == 2:
			xs, _ := a.common([]node{args[0], args[2]}, name)
			args[0], args[2] = xs[0], xs[1]
		default:
			args[i] = a.known(args[i])
		}
	}
	return args
}

func (a *analyzer) window(d *ast.WindowDef, s *scope) *window {
	w := &window{ref: d.Ref}
	for _, x := range d.PartitionBy {
		w.partition = append(w.partition, a.known(a.expr(x, s)))
	}
	for _, o := range d.OrderBy {
		w.order = append(w.order, sorted(o, a.known(a.expr(o.X, s))))
	}
	if d.Frame == nil {
		return w
	}
	w.frame = &frame{between: d.Frame.Between, mode: d.Frame.Mode, start: d.Frame.Start, end: d.Frame.End, exclude: d.Frame.Exclude}
	offset := func(x ast.Expr) node {
		if x == nil {
			return nil
		}
		n := a.expr(x, s)
		if d.Frame.Mode != "range" {
			return a.coerce(n, types.Int8)
		}
		if n.typ().Is(types.Unknown) && len(w.order) > 0 {
			return a.coerce(n, offsetType(w.order[0].x.typ()))
		}
		return n
	}
	w.frame.lo, w.frame.hi = offset(d.Frame.StartExpr), offset(d.Frame.EndExpr)
	return w
}

// offsetType is the type of what a frame of RANGE adds to a value.
func offsetType(t types.Type) types.Type {
	switch t.Category() {
	case types.CatDateTime, types.CatTimespan:
		return types.Interval
	}
	return t
}
