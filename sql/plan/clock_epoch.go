package plan

import (
	"math"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

const microsPerSecond = 1_000_000

// epochRow makes a number of the row double precision, in seconds since 1970; only where it is compared with the clock in seconds.
func epochRow(row, clock expr.Expr) (expr.Expr, []clockStep, bool) {
	if !numeric(row.Type()) || !numeric(clock.Type()) || !plainRow(row) {
		return nil, nil, false
	}
	steps, ok := epochSteps(clock)
	if !ok {
		return nil, nil, false
	}
	at, err := expr.NewCast(row, types.Float8, 'e', 0)
	return at, steps, err == nil
}

func numeric(t types.Type) bool {
	switch t.Base() {
	case types.Int2, types.Int4, types.Int8, types.Numeric, types.Float8:
		return true
	}
	return false
}

// epochSteps reads extract(epoch FROM clock), with numbers added or taken away, floor, and casts that round or keep the number.
func epochSteps(x expr.Expr) ([]clockStep, bool) {
	switch x := x.(type) {
	case *expr.Cast:
		in, ok := epochSteps(x.X)
		switch to := x.Typ; {
		case !ok || to != to.Base():
			return nil, false
		case to == types.Numeric || to == types.Float8:
			return in, true
		case to == types.Int4 || to == types.Int8:
			return append(in, shift(microsPerSecond/2), grid(microsPerSecond)), true
		}
	case *expr.Call:
		switch name := x.Fn.Name; {
		case (name == "extract" || name == "date_part") && len(x.Args) == 2:
			if k, ok := x.Args[0].(*expr.Const); ok && !k.IsNull() && k.Arr.ValueStr(0) == "epoch" {
				return clockSteps(x.Args[1])
			}
		case name == "floor" && len(x.Args) == 1:
			in, ok := epochSteps(x.Args[0])
			return append(in, grid(microsPerSecond)), ok
		case (name == "+" || name == "-") && len(x.Args) == 2:
			in, ok := epochSteps(x.Args[0])
			by, is := seconds(x.Args[1])
			return append(in, shift(sign(name == "-")*by)), ok && is
		}
	}
	return nil, false
}

// seconds is a constant number of seconds in µs.
func seconds(x expr.Expr) (int64, bool) {
	if len(expr.Columns(x)) > 0 || expr.MaxVolatility(x) != expr.Immutable || expr.HasSubquery(x) || !numeric(x.Type()) {
		return 0, false
	}
	f, err := expr.NewCast(x, types.Float8, 'e', 0)
	if err != nil {
		return 0, false
	}
	k, err := expr.EvalConst(&expr.Ctx{}, f)
	if err != nil || k.IsNull() {
		return 0, false
	}
	s := math.Round(types.Float64s(k.Arr)[0] * microsPerSecond)
	return int64(s), math.Abs(s) < 1e17
}
