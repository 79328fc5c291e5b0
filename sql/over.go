package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// overUse is a window function call of a SELECT block.
type overUse struct {
	call      plan.OverCall
	partition []expr.Expr
	order     []plan.SortKey
	pos       int
}

// windowFn is a function that needs OVER: how many arguments it takes, and its result (zero: the type of the first argument).
type windowFn struct {
	min, max int
	ret      types.Type
}

var windowFns = map[string]windowFn{
	"row_number": {0, 0, types.Int8}, "rank": {0, 0, types.Int8}, "dense_rank": {0, 0, types.Int8},
	"percent_rank": {0, 0, types.Float8}, "cume_dist": {0, 0, types.Float8}, "ntile": {1, 1, types.Int4},
	"lag": {1, 3, types.Type{}}, "lead": {1, 3, types.Type{}}, "first_value": {1, 1, types.Type{}},
	"last_value": {1, 1, types.Type{}}, "nth_value": {2, 2, types.Type{}},
}

func windowOnly(name string) bool {
	_, ok := windowFns[name]
	return ok
}

// overCall leaves a mark for a window function.
func (b *binder) overCall(a *ast.Call, who callee, s *scope) (expr.Expr, error) {
	name, windowOnly := who.name, windowOnly(who.name) && !who.only
	bad := func(code, format string, args ...any) (expr.Expr, error) {
		return nil, sqlerr.New(code, format, args...).At(a.Offset())
	}
	switch {
	case s.inAgg:
		return bad(sqlerr.GroupingError, "aggregate function calls cannot contain window function calls")
	case s.inOver:
		return bad(sqlerr.WindowingError, "window function calls cannot be nested")
	case s.clause != "":
		return bad(sqlerr.WindowingError, "window functions are not allowed in %s", s.clause)
	case a.Distinct:
		return bad(sqlerr.FeatureNotSupported, "DISTINCT is not implemented for window functions")
	case len(a.Within) > 0:
		return bad(sqlerr.FeatureNotSupported, "OVER is not supported for ordered-set aggregate %s", name)
	case len(a.OrderBy) > 0:
		return bad(sqlerr.FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions")
	case !who.isAgg() && !windowOnly:
		if expr.IsFunc(name) || len(who.users) > 0 {
			return bad(sqlerr.WrongObjectType, "OVER specified, but %s is not a window function nor an aggregate function", name)
		}
	}
	s.inOver = true
	defer func() { s.inOver = false }()
	u := overUse{pos: a.Offset()}
	var err error
	if windowOnly && !(expr.IsAgg(name) && len(a.Args) > 0 && windowFns[name].max == 0) {
		if a.Filter != nil {
			return bad(sqlerr.FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions")
		}
		err = b.windowArgs(a, name, &u.call, s)
	} else {
		var agg *plan.AggCall
		if agg, u.call.Typ, err = b.aggParts(a, who, s, true); err == nil {
			u.call.Name, u.call.Agg, u.call.Args, u.call.Filter = name, agg.Fn, agg.Args, agg.Filter
		}
	}
	if err != nil {
		return nil, err
	}
	if err := b.windowDef(a.Over, &u, s, 0); err != nil {
		return nil, err
	}
	s.overs = append(s.overs, u)
	return b.newMark(mark{kind: markOver, scope: s, idx: len(s.overs) - 1, pos: a.Offset()}, u.call.Typ), nil
}

// windowArgs binds the arguments of a function that needs OVER.
func (b *binder) windowArgs(a *ast.Call, name string, c *plan.OverCall, s *scope) error {
	fn := windowFns[name]
	args, err := b.exprs(a.Args, s)
	if err != nil {
		return err
	}
	if len(args) < fn.min || len(args) > fn.max || a.Star {
		_, err := expr.ResolveFunc(name, exprTypes(args))
		return b.unresolved(err, a, name, args)
	}
	c.Name, c.Typ = name, fn.ret
	value := fn.ret == (types.Type{})
	for i, x := range args {
		switch {
		case i == 0 && value:
			if x, err = b.known(x, loc(a.Args[0])); err != nil {
				return err
			}
			c.Typ = x.Type().Base()
		case i == 2:
			xs, t, err := b.common([]expr.Expr{args[0], x}, []int{loc(a.Args[0]), loc(a.Args[2])}, name)
			if err != nil {
				return err
			}
			c.Args[0], x, c.Typ = xs[0], xs[1], t.Base()
		default:
			if !isUnknown(x) && !expr.CanCast(x.Type(), types.Int4, 'i') {
				_, err := expr.ResolveFunc(name, exprTypes(args))
				return b.unresolved(err, a, name, args)
			}
			if x, err = b.cast(x, types.Int4, 'i', loc(a.Args[i])); err != nil {
				return err
			}
		}
		c.Args = append(c.Args, x)
	}
	return nil
}

// windowDef binds a window specification, with what it takes over from a named one.
func (b *binder) windowDef(d *ast.WindowDef, u *overUse, s *scope, depth int) error {
	pos := d.Pos.Offset()
	if d.Ref != "" {
		i := slices.IndexFunc(s.windows, func(w ast.NamedWindow) bool { return w.Name == d.Ref })
		if i < 0 || depth > len(s.windows) {
			return sqlerr.New(sqlerr.UndefinedObject, "window %q does not exist", d.Ref).At(pos)
		}
		base := s.windows[i].Def
		if err := b.windowDef(base, u, s, depth+1); err != nil {
			return err
		}
		if d.OnlyRef {
			return nil
		}
		switch {
		case len(d.PartitionBy) > 0:
			return sqlerr.New(sqlerr.WindowingError, "cannot override PARTITION BY clause of window %q", d.Ref).At(pos)
		case len(d.OrderBy) > 0 && len(u.order) > 0:
			return sqlerr.New(sqlerr.WindowingError, "cannot override ORDER BY clause of window %q", d.Ref).At(pos)
		case base.Frame != nil:
			return sqlerr.New(sqlerr.WindowingError, "cannot copy window %q because it has a frame clause", d.Ref).At(pos)
		}
	}
	for _, p := range d.PartitionBy {
		x, err := b.expr(p, s)
		if err != nil {
			return err
		}
		if x, err = b.known(x, loc(p)); err != nil {
			return err
		}
		u.partition = append(u.partition, x)
	}
	for _, o := range d.OrderBy {
		x, err := b.expr(o.X, s)
		if err != nil {
			return err
		}
		key := sortKey(o)
		if key.X, err = b.known(x, loc(o.X)); err != nil {
			return err
		}
		u.order = append(u.order, key)
	}
	return b.frame(d.Frame, u, pos, s)
}

// frame binds a frame; without one it is RANGE UNBOUNDED PRECEDING.
func (b *binder) frame(f *ast.Frame, u *overUse, pos int, s *scope) error {
	if f == nil {
		u.call.Frame = plan.Frame{Mode: "range", Start: "unbounded preceding", End: "current row"}
		return nil
	}
	fr := plan.Frame{Mode: f.Mode, Start: f.Start, End: f.End, Exclude: f.Exclude}
	if fr.End == "" {
		fr.End = "current row"
	}
	if fr.Exclude == "no others" {
		fr.Exclude = ""
	}
	if err := frameOrder(fr, pos); err != nil {
		return err
	}
	offset := f.StartExpr != nil || f.EndExpr != nil
	switch {
	case f.Mode == "groups" && len(u.order) == 0:
		return sqlerr.New(sqlerr.WindowingError, "GROUPS mode requires an ORDER BY clause").At(pos)
	case f.Mode == "range" && offset && len(u.order) != 1:
		return sqlerr.New(sqlerr.WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column").At(pos)
	}
	var err error
	if fr.StartX, err = b.frameOffset(f.StartExpr, f.Mode, u, s); err != nil {
		return err
	}
	if fr.EndX, err = b.frameOffset(f.EndExpr, f.Mode, u, s); err != nil {
		return err
	}
	u.call.Frame = fr
	return nil
}

func frameOrder(f plan.Frame, pos int) error {
	bad := func(msg string) error { return sqlerr.New(sqlerr.WindowingError, "%s", msg).At(pos) }
	switch {
	case f.Start == "unbounded following":
		return bad("frame start cannot be UNBOUNDED FOLLOWING")
	case f.End == "unbounded preceding":
		return bad("frame end cannot be UNBOUNDED PRECEDING")
	case f.Start == "current row" && f.End == "preceding":
		return bad("frame starting from current row cannot have preceding rows")
	case f.Start == "following" && f.End == "preceding":
		return bad("frame starting from following row cannot have preceding rows")
	case f.Start == "following" && f.End == "current row":
		return bad("frame starting from following row cannot end with current row")
	}
	return nil
}

func (b *binder) frameOffset(a ast.Expr, mode string, u *overUse, s *scope) (expr.Expr, error) {
	if a == nil {
		return nil, nil
	}
	x, err := b.expr(a, s)
	if err != nil {
		return nil, err
	}
	word := map[string]string{"rows": "ROWS", "range": "RANGE", "groups": "GROUPS"}[mode]
	if len(expr.Columns(x)) > 0 {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "argument of %s must not contain variables", word).At(loc(a))
	}
	want := types.Int8
	if mode == "range" {
		key := u.order[0].X.Type()
		if want, err = rangeOffset(key, loc(a)); err != nil {
			return nil, err
		}
		if !isUnknown(x) && !expr.CanCast(x.Type(), want, 'i') {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s",
				key.Base(), x.Type().Base()).WithHint("Cast the offset value to an appropriate type.").At(loc(a))
		}
	}
	if !isUnknown(x) && !expr.CanCast(x.Type(), want, 'a') {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "argument of %s must be type %s, not type %s", word, want, x.Type().Base()).At(loc(a))
	}
	return b.cast(x, want, 'a', loc(a))
}

// rangeOffset is the type of what RANGE adds to an order key.
func rangeOffset(t types.Type, pos int) (types.Type, error) {
	switch t.Base() {
	case types.Int2, types.Int4, types.Int8:
		return types.Int8, nil
	case types.Float4, types.Float8:
		return types.Float8, nil
	case types.Numeric:
		return types.Numeric, nil
	case types.Date, types.Timestamp, types.TimestampTZ, types.Time, types.TimeTZ, types.Interval:
		return types.Interval, nil
	}
	return t, sqlerr.New(sqlerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s", t.Base()).At(pos)
}
