package sql

import (
	"strconv"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// hypothetical is rank, dense_rank, percent_rank or cume_dist of a row that is not there, WITHIN GROUP: a count of the rows that stand before it.
func (b *binder) hypothetical(a *ast.Call, name string, s *scope) (expr.Expr, error) {
	pos := a.Offset()
	if len(a.Args) != len(a.Within) {
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "function %s does not exist", name).At(pos).
			WithHint("To use the hypothetical-set aggregate %s, the number of hypothetical direct arguments must match the number of ordering columns.", name)
	}
	keys, args, err := b.hypotheticalKeys(a, name, s)
	if err != nil {
		return nil, err
	}
	from := s
	if at := b.outerOf(&plan.AggCall{OrderBy: keys}, s); at != nil {
		call := b.overScope(&plan.AggCall{Args: args, OrderBy: keys}, at)
		keys, args, s = call.OrderBy, call.Args, at
	}
	if err := b.aggAllowed(a, s, s.inAgg); err != nil {
		return nil, err
	}
	var filter expr.Expr
	if a.Filter != nil {
		old := s.clause
		s.clause = "FILTER"
		filter, err = b.boolean(a.Filter, s, "FILTER")
		if s.clause = old; err != nil {
			return nil, err
		}
	}
	count := func(distinct bool, cond expr.Expr) (expr.Expr, error) {
		var of []expr.Expr
		if distinct {
			of = []expr.Expr{rankValue(keys)}
		}
		r, err := expr.ResolveAgg("count", exprTypes(of))
		if err != nil {
			return nil, sqlerr.AtDefault(err, pos)
		}
		if cond == nil {
			cond = filter
		} else if filter != nil {
			cond = &expr.And{Args: []expr.Expr{cond, filter}}
		}
		x := b.placeAgg(s, &plan.AggCall{Fn: r.Agg, Args: of, Typ: types.Int8, Distinct: distinct, Filter: cond}, types.Int8, pos)
		if s != from {
			x = b.outerRef(s, x, pos)
		}
		return x, nil
	}
	if s == from {
		s.addDirect(args, a.Args)
	}
	before, err := b.precedes(keys, args, name == "cume_dist", pos)
	if err != nil {
		return nil, err
	}
	n, err := count(name == "dense_rank", before)
	if err != nil {
		return nil, err
	}
	return b.hypotheticalValue(name, keys, n, before, count, pos)
}

// rankValue is what dense_rank counts the different values of: the key, or the row of them.
func rankValue(keys []plan.SortKey) expr.Expr {
	if len(keys) == 1 {
		return keys[0].X
	}
	xs, fields := make([]expr.Expr, len(keys)), make([]types.Field, len(keys))
	for i, k := range keys {
		xs[i], fields[i] = k.X, types.Field{Name: "f" + strconv.Itoa(i+1), Type: k.X.Type()}
	}
	return expr.NewRow(xs, types.RecordOf(fields), false, -1)
}

// hypotheticalValue makes the function's value of n, how many rows precede.
func (b *binder) hypotheticalValue(name string, keys []plan.SortKey, n, before expr.Expr, count func(bool, expr.Expr) (expr.Expr, error), pos int) (expr.Expr, error) {
	add := func(x, y expr.Expr) (expr.Expr, error) { return b.op("+", x, y, pos, pos, pos) }
	one := expr.ConstInt8(1)
	switch name {
	case "rank":
		return add(n, one)
	case "dense_rank":
		if len(keys) > 1 { // rows are no NULLs, so that all are counted
			return add(n, one)
		}
		nulls, err := count(false, &expr.And{Args: []expr.Expr{&expr.IsTest{X: keys[0].X, Test: "null"}, before}})
		if err != nil {
			return nil, err
		}
		if n, err = add(n, one); err != nil {
			return nil, err
		}
		some, err := b.op(">", nulls, expr.ConstInt8(0), pos, pos, pos)
		if err != nil {
			return nil, err
		}
		return add(n, &expr.Case{Typ: types.Int8, Else: expr.ConstInt8(0), Whens: []expr.When{{Cond: some, Then: one}}})
	}
	all, err := count(false, nil)
	if err != nil {
		return nil, err
	}
	if name == "cume_dist" {
		if n, err = add(n, one); err != nil {
			return nil, err
		}
		if all, err = add(all, one); err != nil {
			return nil, err
		}
	}
	if n, err = b.cast(n, types.Float8, 'e', pos); err != nil {
		return nil, err
	}
	if all, err = b.cast(all, types.Float8, 'e', pos); err != nil {
		return nil, err
	}
	empty, err := b.op("=", all, expr.ConstInt8(0), pos, pos, pos)
	if err != nil {
		return nil, err
	}
	share, err := b.op("/", n, all, pos, pos, pos)
	return &expr.Case{Typ: types.Float8, Else: share, Whens: []expr.When{{Cond: empty, Then: n}}}, err
}

// hypotheticalKeys binds the keys of WITHIN GROUP, and the direct arguments as values of the same types.
func (b *binder) hypotheticalKeys(a *ast.Call, name string, s *scope) (keys []plan.SortKey, args []expr.Expr, err error) {
	defer func(old bool) { s.inAgg = old }(s.inAgg)
	s.inAgg = true
	if args, err = b.exprs(a.Args, s); err != nil {
		return nil, nil, err
	}
	for i, w := range a.Within {
		x, err := b.expr(w.X, s)
		if err != nil {
			return nil, nil, err
		}
		xs, _, err := b.common([]expr.Expr{args[i], x}, []int{loc(a.Args[i]), loc(w.X)}, "WITHIN GROUP")
		if err != nil {
			return nil, nil, err
		}
		args[i] = xs[0]
		key := sortKey(w)
		key.X = xs[1]
		keys = append(keys, key)
	}
	return keys, args, nil
}

// precedes is the condition that keys stand before args in the order, or, where equal, that they do not stand behind.
func (b *binder) precedes(keys []plan.SortKey, args []expr.Expr, equal bool, pos int) (expr.Expr, error) {
	var out expr.Expr = expr.ConstBool(equal)
	for i := len(keys) - 1; i >= 0; i-- {
		k, h := keys[i], args[i]
		op := "<"
		if k.Desc {
			op = ">"
		}
		less, err := b.op(op, k.X, h, pos, pos, pos)
		if err != nil {
			return nil, err
		}
		none, some := k.X, h // NULL and the other
		if !k.NullsFirst {
			none, some = h, k.X
		}
		nulls := &expr.And{Args: []expr.Expr{&expr.IsTest{X: none, Test: "null"}, &expr.IsTest{X: some, Test: "null", Not: true}}}
		out = &expr.Case{Typ: types.Bool, Else: expr.ConstBool(false), Whens: []expr.When{
			{Cond: less, Then: expr.ConstBool(true)},
			{Cond: nulls, Then: expr.ConstBool(true)},
			{Cond: &expr.IsDistinct{L: k.X, R: h, Not: true}, Then: out}}}
	}
	return out, nil
}
