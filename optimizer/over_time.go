package optimizer

import (
	"fmt"
	"slices"
	"time"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// overByTime says that a window is ordered by the event time itself, upwards, and that its functions look so far beyond the peers of the current row only as
// is known: a row is final as soon as the watermark has passed its time and the rows that it looks at.
func overByTime(n *plan.Over, times map[int]timeCol) (overTime, bool) {
	if len(n.Order) == 0 || n.Order[0].Desc {
		return overTime{}, false
	}
	x := n.Order[0].X
	t, ok := timeOf(x, times)
	if !ok || t.nullable || t.close.Months != 0 || !x.Type().Is(types.TimestampTZ) && !x.Type().Is(types.Timestamp) {
		return overTime{}, false
	}
	out := overTime{back: spanBack(n.Funcs), behind: t.close.Micros + int64(t.close.Days)*microsPerDay - rawClose.Micros}
	ok = out.looks(n)
	return out, ok
}

// orderedByTime is overByTime, also for the order of the processing time: its rows are final at once, as all that come are later.
func (p *props) orderedByTime(n *plan.Over) (overTime, bool) {
	if len(n.Order) == 0 || n.Order[0].Desc || !isProcTime(n.Order[0].X, p.proc) {
		return overByTime(n, p.times)
	}
	out := overTime{back: spanBack(n.Funcs), behind: -1, proc: true}
	ok := out.looks(n)
	return out, ok && out.rows+out.span == 0
}

// looks finds how far the functions look beyond the peers of the current row; false: that is not known.
func (o *overTime) looks(n *plan.Over) bool {
	for i := range n.Funcs {
		rows, µs, ok := ahead(&n.Funcs[i])
		if !ok || n.TopN > 0 && rows+µs > 0 {
			return false
		}
		o.rows, o.span = max(o.rows, rows), max(o.span, µs)
	}
	return true
}

// overTime is when a row of a window ordered by event time is final.
type overTime struct {
	behind int64 // µs that the time stays behind the watermark: 0 for a row's own time, the size for the start of a window
	rows   int64 // so many rows that follow it are looked at
	span   int64 // rows are looked at whose time is so many µs later
	proc   bool  // the time is the processing time
	back   int64 // and none whose time is more than so many µs earlier; -1: not known
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

// wait says what a row waits for besides its own time.
func (o *overTime) wait() (s string) {
	if o.span > 0 {
		s = fmt.Sprintf(" - %s", time.Duration(o.span)*time.Microsecond)
	}
	if o.rows > 0 {
		s += fmt.Sprintf(" and %d rows later are, too", o.rows)
	}
	return s
}

// ahead says on how many rows behind the peers of the current row a function depends, and of how many µs later. Not ok: of more than can be told.
func ahead(f *plan.OverCall) (rows, µs int64, ok bool) {
	if f.Agg == nil {
		switch f.Name {
		case "row_number", "rank", "dense_rank":
			return 0, 0, true
		case "lag", "lead":
			by, isConst := int64(1), true
			if len(f.Args) > 1 {
				by, isConst = constInt(f.Args[1])
			}
			if f.Name == "lag" {
				by = -by
			}
			return max(0, by), 0, isConst && by < farRows
		case "first_value", "last_value", "nth_value":
		default:
			return 0, 0, false
		}
	}
	switch f.Frame.End {
	case "current row":
		return 0, 0, true
	case "preceding":
		return 0, 0, f.Frame.Mode != "range" || !isNegative(f.Frame.EndX)
	case "following":
		switch f.Frame.Mode {
		case "rows":
			by, isConst := constInt(f.Frame.EndX)
			return by, 0, isConst && by >= 0 && by < farRows
		case "range":
			iv, _ := constInterval(f.Frame.EndX)
			return 0, int64(iv.Days)*microsPerDay + iv.Micros, !isNegative(f.Frame.EndX) && iv.Months == 0
		}
	}
	return 0, 0, false
}

// spanBack is how many µs before the current row's time functions look at most; -1: not known.
func spanBack(funcs []plan.OverCall) int64 {
	most := int64(0)
	for i := range funcs {
		f := &funcs[i].Frame
		rows, _, _ := ahead(&funcs[i])
		switch ranked := funcs[i].Agg == nil && !slices.Contains([]string{"first_value", "last_value", "nth_value"}, funcs[i].Name); {
		case ranked && (funcs[i].Name != "lead" || rows == 0):
			return -1
		case ranked:
		case f.Start == "current row" || f.Start == "following" && f.Mode == "rows":
		case f.Start == "preceding" && f.Mode == "range":
			iv, ok := constInterval(f.StartX)
			if !ok || iv.Months != 0 {
				return -1
			}
			most = max(most, int64(iv.Days)*microsPerDay+iv.Micros)
		default:
			return -1
		}
	}
	return most
}

// farRows is more rows than are waited for.
const farRows = 1 << 20

// isNegative says that a constant is less than zero, or that nothing is known of it.
func isNegative(x expr.Expr) bool {
	iv, ok := constInterval(x)
	return !ok || iv.Months < 0 || iv.Days < 0 || iv.Micros < 0
}
