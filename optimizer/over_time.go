package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// overByTime says that a window is ordered by the event time itself, upwards, and that its functions look at no row behind the peers of the current one: a
// row is final as soon as the watermark has passed its time.
//
// behind is how far the time stays behind the watermark, in µs: 0 for a row's own time, the size for the start of a window.
func overByTime(n *plan.Over, times map[int]timeCol) (behind int64, is bool) {
	if len(n.Order) == 0 || n.Order[0].Desc {
		return 0, false
	}
	x := n.Order[0].X
	t, ok := timeOf(x, times)
	if !ok || t.close.Months != 0 || !x.Type().Is(types.TimestampTZ) && !x.Type().Is(types.Timestamp) {
		return 0, false
	}
	for i := range n.Funcs {
		if !looksBack(&n.Funcs[i]) {
			return 0, false
		}
	}
	return t.close.Micros + int64(t.close.Days)*microsPerDay - rawClose.Micros, true
}

// timesAmong are the time columns among keys: of an operator that hands rows of a key on as long as the key is open, only these still carry event time.
func timesAmong(keys []expr.Expr, times map[int]timeCol) map[int]timeCol {
	out := map[int]timeCol{}
	for _, x := range keys {
		if c, ok := x.(*expr.Column); ok {
			if t, is := times[c.Idx]; is {
				out[c.Idx] = t
			}
		}
	}
	return out
}

// looksBack says that a function does not depend on rows behind the peers of the current row.
func looksBack(f *plan.OverCall) bool {
	if f.Agg == nil {
		switch f.Name {
		case "row_number", "rank", "dense_rank":
			return true
		case "lag":
			by, isConst := int64(1), true
			if len(f.Args) > 1 {
				by, isConst = constInt(f.Args[1])
			}
			return isConst && by >= 0
		case "first_value", "last_value", "nth_value":
		default:
			return false
		}
	}
	switch f.Frame.End {
	case "current row":
		return true
	case "preceding":
		return f.Frame.Mode != "range" || !isNegative(f.Frame.EndX)
	}
	return false
}

// isNegative says that a constant is less than zero, or that nothing is known of it.
func isNegative(x expr.Expr) bool {
	iv, ok := constInterval(x)
	return !ok || iv.Months < 0 || iv.Days < 0 || iv.Micros < 0
}
