package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// aggUse is an aggregate call of a SELECT block, bound over its FROM.
type aggUse struct {
	call plan.AggCall
	pos  int
	mark expr.Expr
}

// groupingUse is a grouping() call: its arguments.
type groupingUse struct {
	args []expr.Expr
	pos  []int
}

// aggAllowed checks the place of an aggregate.
func (b *binder) aggAllowed(a *ast.Call, s *scope, nested bool) error {
	switch {
	case nested:
		return sqlerr.New(sqlerr.GroupingError, "aggregate function calls cannot be nested").At(a.Offset())
	case s.clause != "" && s.clause != "HAVING":
		return sqlerr.New(sqlerr.GroupingError, "aggregate functions are not allowed in %s", s.clause).At(a.Offset())
	}
	return nil
}

// aggCall leaves a mark for an aggregate.
func (b *binder) aggCall(a *ast.Call, who callee, s *scope) (expr.Expr, error) {
	nested := s.inAgg
	call, ret, err := b.aggParts(a, who, s, false)
	if err != nil {
		return nil, err
	}
	if at := b.outerOf(call, s); at != nil {
		if err := b.aggAllowed(a, at, at.inAgg); err != nil {
			return nil, err
		}
		call = b.overScope(call, at)
		nested := append(slices.Clone(call.Args), call.Filter)
		for _, k := range call.OrderBy {
			nested = append(nested, k.X)
		}
		for _, x := range nested {
			if x != nil && b.hasMark(x, markAgg) {
				return nil, sqlerr.New(sqlerr.GroupingError, "aggregate function calls cannot be nested").At(a.Offset())
			}
		}
		inner := b.placeAgg(at, call, ret, a.Offset())
		return b.outerRef(at, inner, a.Offset()), nil
	}
	if err := b.aggAllowed(a, s, nested); err != nil {
		return nil, err
	}
	if len(a.Within) > 0 {
		s.addDirect(call.Args[:len(a.Args)], a.Args)
	}
	return b.placeAgg(s, call, ret, a.Offset()), nil
}

// placeAgg gives the mark of an aggregate of scope s, the same one for the same aggregate.
func (b *binder) placeAgg(s *scope, call *plan.AggCall, ret types.Type, pos int) expr.Expr {
	for _, u := range s.aggs {
		if sameAgg(&u.call, call) && u.mark.Type() == ret {
			return u.mark
		}
	}
	m := b.newMark(mark{kind: markAgg, scope: s, idx: len(s.aggs), pos: pos}, ret)
	s.aggs = append(s.aggs, aggUse{*call, pos, m})
	return m
}

// aggParts resolves an aggregate and binds its arguments, ORDER BY and FILTER.
func (b *binder) aggParts(a *ast.Call, who callee, s *scope, over bool) (*plan.AggCall, types.Type, error) {
	var none types.Type
	name := who.name
	defer func(old bool) { s.inAgg = old }(s.inAgg)
	s.inAgg = !over // sum(sum(x)) OVER () is no nesting
	if a.Star && len(a.Args) == 0 && name != "count" {
		return nil, none, sqlerr.New(sqlerr.UndefinedFunction, "function %s() does not exist", name).At(a.Offset()).
			WithHint("No function matches the given name and argument types. You might need to add explicit type casts.")
	}
	if !a.Star && len(a.Args) == 0 && len(a.Within) == 0 && name == "count" {
		return nil, none, sqlerr.New(sqlerr.WrongObjectType, "%s(*) must be used to call a parameterless aggregate function", name).At(a.Offset())
	}
	asts := slices.Clone(a.Args)
	for _, w := range a.Within {
		asts = append(asts, w.X)
	}
	args, err := b.exprs(asts, s)
	if err != nil {
		return nil, none, err
	}
	r, user, err := b.resolveAgg(who, args)
	if err != nil {
		return nil, none, b.unresolved(err, a, name, args)
	}
	b.env.Trace.call(a, r.Agg.Args, nil, r.ArgType, r.Ret, user)
	if r.Agg.WithinGroup && len(a.Within) == 0 {
		return nil, none, sqlerr.New(sqlerr.WrongObjectType, "WITHIN GROUP is required for ordered-set aggregate %s", name).At(a.Offset())
	}
	if len(a.Within) > 0 && len(a.OrderBy) > 0 {
		return nil, none, sqlerr.New(sqlerr.SyntaxError, "cannot use multiple ORDER BY clauses with WITHIN GROUP").At(a.Offset())
	}
	if !r.Agg.WithinGroup && len(a.Within) > 0 {
		return nil, none, sqlerr.New(sqlerr.WrongObjectType, "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", name).At(a.Offset())
	}
	call := &plan.AggCall{Fn: r.Agg, Typ: r.Ret, Distinct: a.Distinct}
	for i, x := range args {
		if x, err = b.cast(x, r.ArgType[i], 'i', loc(asts[i])); err != nil {
			return nil, none, err
		}
		call.Args = append(call.Args, x)
	}
	for i, o := range a.Within {
		key := sortKey(o)
		key.X = call.Args[len(a.Args)+i]
		call.OrderBy = append(call.OrderBy, key)
	}
	if err := b.aggOrder(a, call, s); err != nil {
		return nil, none, err
	}
	if a.Filter != nil {
		s.inAgg = false
		old := s.clause
		s.clause = "FILTER"
		call.Filter, err = b.boolean(a.Filter, s, "FILTER")
		s.clause = old
	}
	return call, r.Ret, err
}

func (b *binder) aggOrder(a *ast.Call, call *plan.AggCall, s *scope) error {
	for _, o := range a.OrderBy {
		x, err := b.expr(o.X, s)
		if err != nil {
			return err
		}
		if x, err = b.known(x, loc(o.X)); err != nil {
			return err
		}
		if k, ok := matchArg(call.Args, x); ok {
			x = k
		} else if call.Distinct {
			return sqlerr.New(sqlerr.InvalidColumnReference, "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list").At(loc(o.X))
		}
		key := sortKey(o)
		key.X = x
		call.OrderBy = append(call.OrderBy, key)
	}
	return nil
}

// matchArg finds x among the arguments, also where the argument was cast.
func matchArg(args []expr.Expr, x expr.Expr) (expr.Expr, bool) {
	for _, a := range args {
		if expr.Equal(a, x) {
			return a, true
		}
		if c, ok := a.(*expr.Cast); ok && !c.Explicit && expr.Equal(c.X, x) {
			return a, true
		}
	}
	return nil, false
}

// known makes an untyped literal text.
func (b *binder) known(x expr.Expr, pos int) (expr.Expr, error) {
	if !isUnknown(x) {
		return x, nil
	}
	return b.cast(x, types.Text, 'i', pos)
}

func sortKey(o ast.SortItem) plan.SortKey {
	k := plan.SortKey{Desc: o.Desc, NullsFirst: o.Desc}
	if o.Using == ">" {
		k.Desc, k.NullsFirst = true, true
	}
	if o.Nulls != "" {
		k.NullsFirst = o.Nulls == "first"
	}
	return k
}

func sameAgg(a, b *plan.AggCall) bool {
	sameKey := func(x, y plan.SortKey) bool {
		return x.Desc == y.Desc && x.NullsFirst == y.NullsFirst && expr.Equal(x.X, y.X)
	}
	return a.Fn == b.Fn && a.Distinct == b.Distinct && a.Typ == b.Typ && slices.EqualFunc(a.Args, b.Args, expr.Equal) &&
		expr.Equal(a.Filter, b.Filter) && slices.EqualFunc(a.OrderBy, b.OrderBy, sameKey)
}

// groupingCall leaves a mark for grouping(a, b).
func (b *binder) groupingCall(a *ast.Call, s *scope) (expr.Expr, error) {
	if s.clause != "" && s.clause != "HAVING" {
		return nil, sqlerr.New(sqlerr.GroupingError, "grouping operations are not allowed in %s", s.clause).At(a.Offset())
	}
	if len(a.Args) > 31 {
		return nil, sqlerr.New("54023", "GROUPING must have fewer than 32 arguments").At(a.Offset())
	}
	args, err := b.exprs(a.Args, s)
	if err != nil {
		return nil, err
	}
	if at := b.outerOf(&plan.AggCall{Args: args}, s); at != nil {
		args = b.overScope(&plan.AggCall{Args: args}, at).Args
		return b.outerRef(at, b.placeGrouping(at, args, a), a.Offset()), nil
	}
	return b.placeGrouping(s, args, a), nil
}

// placeGrouping gives the mark of grouping() in scope s.
func (b *binder) placeGrouping(s *scope, args []expr.Expr, a *ast.Call) expr.Expr {
	s.grouping = append(s.grouping, groupingUse{args, locs(a.Args)})
	return b.newMark(mark{kind: markGrouping, scope: s, idx: len(s.grouping) - 1, pos: a.Offset()}, types.Int4)
}

// ColumnName is what PostgreSQL calls an output column that has no alias.
func ColumnName(a ast.Expr) string {
	if n, _ := figureName(a); n != "" {
		return n
	}
	return "?column?"
}

// figureName gives a name and how strong it is: 2 for a column or function, 1 for a cast's type.
func figureName(a ast.Expr) (string, int) {
	switch a := a.(type) {
	case *ast.ColumnRef:
		if a.Star && len(a.Names) == 0 {
			return "", 0
		}
		return a.Names[len(a.Names)-1], 2
	case *ast.Call:
		return a.Name[len(a.Name)-1], 2
	case *ast.Field:
		return a.Name, 2
	case *ast.Subscript:
		return figureName(a.X)
	case *ast.Collate:
		return figureName(a.X)
	case *ast.Cast:
		if n, strength := figureName(a.X); strength > 1 {
			return n, strength
		}
		return a.Type.Name[len(a.Type.Name)-1], 1
	case *ast.Case:
		if a.Else != nil {
			if n, strength := figureName(a.Else); strength > 1 {
				return n, strength
			}
		}
		return "case", 1
	case *ast.Array:
		return "array", 2
	case *ast.Row:
		return "row", 2
	case *ast.Exists:
		return "exists", 2
	case *ast.Subquery:
		body := a.Query.Body
		for {
			switch q := body.(type) {
			case *ast.Query:
				body = q.Body
			case *ast.SetOp:
				body = q.L
			case *ast.Select:
				if len(q.Items) == 0 {
					return "", 0
				}
				if q.Items[0].Alias != "" {
					return q.Items[0].Alias, 2
				}
				return ColumnName(q.Items[0].X), 2
			case *ast.Values:
				return "column1", 2
			default:
				return "", 0
			}
		}
	}
	return "", 0
}
