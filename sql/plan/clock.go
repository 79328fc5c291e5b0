package plan

import (
	"math"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// ClockCond is a condition that compares a value of the row with a function of the processing time that never falls, such as now() - interval '1 hour'. For
// each row it is true in one span of time: a row that it keeps goes, or comes, without any change of the input.
type ClockCond struct {
	Row   expr.Expr // timestamp, timestamp with time zone, date, or double precision: seconds since 1970
	steps []clockStep
	// The condition holds from the first time at which the function reaches the value, plus 1 µs where Later says so, and until it does.
	from, until           bool
	fromLater, untilLater int64
}

// clockStep is a function of a time in µs that never falls: first gives the first time at which it is at least y.
type clockStep interface{ first(y int64) int64 }

// Never is the time of what does not come; its negative stands for what always was.
const Never = math.MaxInt64

// ClockConds takes the conditions that the clock turns out of cond; rest are its other conjuncts.
func ClockConds(cond expr.Expr) (clock []ClockCond, rest []expr.Expr) {
	if a, ok := cond.(*expr.And); ok {
		for _, x := range a.Args {
			c, r := ClockConds(x)
			clock, rest = append(clock, c...), append(rest, r...)
		}
		return clock, rest
	}
	if c, ok := clockCond(cond); ok {
		return []ClockCond{c}, nil
	}
	return nil, []expr.Expr{cond}
}

// ClockEnds says whether rows for which cond was true go by the clock alone.
func ClockEnds(cond expr.Expr) bool {
	clock, _ := ClockConds(cond)
	return slices.ContainsFunc(clock, func(c ClockCond) bool { return c.until })
}

// Span is when the condition holds for a row with value x (µs): from <= time < until.
func (c *ClockCond) Span(x int64) (from, until int64) {
	from, until = -Never, Never
	if c.from {
		from = c.first(x, c.fromLater)
	}
	if c.until {
		until = c.first(x, c.untilLater)
	}
	return from, until
}

func (c *ClockCond) first(x, later int64) int64 {
	for i := len(c.steps); ; i-- {
		if x >= Never-later || x <= -Never {
			return x
		}
		if i == 0 {
			return x + later
		}
		if x, later = c.steps[i-1].first(x+later), 0; x <= -Never {
			return x
		}
	}
}

// clockCond reads a comparison with the clock on one side.
func clockCond(x expr.Expr) (c ClockCond, ok bool) {
	call, is := x.(*expr.Call)
	if !is || len(call.Args) != 2 {
		return c, false
	}
	row, clock, op := call.Args[0], call.Args[1], call.Fn.Name
	if expr.Varies(row) {
		row, clock, op = clock, row, Mirrored(op)
	}
	if iv, is := intervalConst(row); is && clock.Type().Base() == types.Interval {
		return clockDifference(clock, iv, op)
	}
	switch at, steps, is := epochRow(row, clock); {
	case is:
		c.Row, c.steps = at, steps
	case !ofRow(row):
		return c, false
	default:
		if c.steps, ok = clockSteps(clock); !ok {
			return c, false
		}
		c.Row = row
	}
	return c, c.compare(op)
}

// ofRow says whether x is a time that only the row decides.
func ofRow(x expr.Expr) bool {
	switch x.Type().Base() {
	case types.Timestamp, types.TimestampTZ, types.Date:
		return plainRow(x)
	}
	return false
}

// plainRow says whether only the row decides the value of x.
func plainRow(x expr.Expr) bool {
	plain := !expr.Varies(x) && expr.MaxVolatility(x) != expr.Volatile
	expr.Walk(x, func(e expr.Expr) bool {
		_, sub := e.(*expr.Subquery)
		plain = plain && !sub
		return plain
	})
	return plain
}

// compare sets when "row op clock" holds.
func (c *ClockCond) compare(op string) bool {
	switch op {
	case ">":
		c.until = true
	case ">=":
		c.until, c.untilLater = true, 1
	case "<":
		c.from, c.fromLater = true, 1
	case "<=":
		c.from = true
	case "=":
		c.from, c.until, c.untilLater = true, true, 1
	default:
		return false
	}
	return true
}

// Mirrored is a comparison with its sides exchanged; other operators are what they are.
func Mirrored(op string) string {
	switch op {
	case "<":
		return ">"
	case "<=":
		return ">="
	case ">":
		return "<"
	case ">=":
		return "<="
	}
	return op
}

// clockDifference reads "const op (now() - row)" and "const op (row - now())".
func clockDifference(diff expr.Expr, iv types.IntervalValue, op string) (c ClockCond, ok bool) {
	call, is := diff.(*expr.Call)
	if !is || call.Fn.Name != "-" || len(call.Args) != 2 {
		return c, false
	}
	by := iv.Micros + (int64(iv.Days)+30*int64(iv.Months))*microsPerDay // as intervals are compared
	row, clock := call.Args[1], call.Args[0]
	if expr.Varies(row) { // const op row - clock: row Mirrored(op) clock + const
		row, clock, op = clock, row, Mirrored(op)
	} else { // const op clock - row: row op clock - const
		by = -by
	}
	if !ofRow(row) || row.Type().Base() == types.Date {
		return c, false
	}
	if c.steps, ok = clockSteps(clock); !ok {
		return c, false
	}
	c.Row, c.steps = row, append(c.steps, shift(by))
	return c, c.compare(op)
}

func intervalConst(x expr.Expr) (types.IntervalValue, bool) {
	k, ok := x.(*expr.Const)
	if !ok || k.Typ.Base() != types.Interval || k.Arr.IsNull(0) {
		return types.IntervalValue{}, false
	}
	return types.IntervalAt(k.Arr.(*array.FixedSizeBinary), 0), true
}

// clockSteps reads a function of the clock in UTC, which is a continuous query's zone.
func clockSteps(x expr.Expr) ([]clockStep, bool) {
	switch x := x.(type) {
	case *expr.Cast:
		in, ok := clockSteps(x.X)
		switch from, to := x.X.Type().Base(), x.Typ; {
		case !ok || to != to.Base():
			return nil, false
		case to == types.Date && from != types.Date:
			return append(in, grid(microsPerDay)), true
		case to == types.Timestamp || to == types.TimestampTZ || to == types.Date:
			return in, true
		}
	case *expr.Call:
		return callSteps(x)
	}
	return nil, false
}

func callSteps(x *expr.Call) ([]clockStep, bool) {
	switch x.Fn.Name {
	case "now", "proctime", "current_timestamp", "transaction_timestamp", "statement_timestamp", "localtimestamp":
		return nil, len(x.Args) == 0
	case "current_date":
		return []clockStep{grid(microsPerDay)}, true
	case "date_trunc":
		return truncSteps(x.Args)
	case "+", "-":
	default:
		return nil, false
	}
	if len(x.Args) != 2 {
		return nil, false
	}
	in, ok := clockSteps(x.Args[0])
	k, is := x.Args[1].(*expr.Const)
	if !ok || !is || k.Arr.IsNull(0) {
		return nil, false
	}
	minus := x.Fn.Name == "-"
	switch arr := k.Arr.(type) {
	case *array.Int32:
		if x.Args[0].Type().Base() != types.Date {
			return nil, false
		}
		return append(in, shift(sign(minus)*int64(arr.Value(0))*microsPerDay)), true
	case *array.FixedSizeBinary:
		iv, is := intervalConst(k)
		if !is {
			return nil, false
		}
		return append(in, intervalStep(iv, minus)...), true
	}
	return nil, false
}

func intervalStep(iv types.IntervalValue, minus bool) []clockStep {
	if minus {
		iv = types.IntervalValue{Months: -iv.Months, Days: -iv.Days, Micros: -iv.Micros}
	}
	var out []clockStep
	if iv.Months != 0 {
		out = append(out, months(iv.Months))
	}
	return append(out, shift(int64(iv.Days)*microsPerDay+iv.Micros))
}

func truncSteps(args []expr.Expr) ([]clockStep, bool) {
	if len(args) != 2 {
		return nil, false
	}
	k, ok := args[0].(*expr.Const)
	if !ok || k.Arr.IsNull(0) {
		return nil, false
	}
	in, ok := clockSteps(args[1])
	unit := map[string]int64{"second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000, "day": microsPerDay}[k.Arr.ValueStr(0)]
	return append(in, grid(unit)), ok && unit > 0
}

func sign(minus bool) int64 {
	if minus {
		return -1
	}
	return 1
}

const microsPerDay = 24 * int64(time.Hour/time.Microsecond)

// shift adds µs.
type shift int64

func (s shift) first(y int64) int64 { return bounded(y, -int64(s)) }

// grid rounds down to a multiple of so many µs.
type grid int64

func (g grid) first(y int64) int64 {
	r := y % int64(g)
	if r < 0 {
		r += int64(g)
	}
	if r == 0 {
		return y
	}
	return bounded(y, int64(g)-r)
}

// months adds calendar months; a day that the month lacks becomes its last.
type months int32

func (m months) first(y int64) int64 {
	at := func(t int64) int64 {
		v, err := types.TimestampAddInterval(t, types.IntervalValue{Months: int32(m)}, time.UTC)
		if err != nil {
			return Never
		}
		return v
	}
	mid, err := types.TimestampAddInterval(y, types.IntervalValue{Months: -int32(m)}, time.UTC)
	if err != nil {
		return Never
	}
	lo, hi := mid-5*microsPerDay, mid+5*microsPerDay
	for lo < hi {
		if half := lo + (hi-lo)/2; at(half) >= y {
			hi = half
		} else {
			lo = half + 1
		}
	}
	return lo
}

func bounded(y, d int64) int64 {
	switch z := y + d; {
	case d > 0 && z < y:
		return Never
	case d < 0 && z > y:
		return -Never
	default:
		return z
	}
}
