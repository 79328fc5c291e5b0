package optimizer

import (
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// timeCol is an output column that carries event time. No row with a value v comes any more once v + close <= watermark.
type timeCol struct {
	close types.IntervalValue
	// raw: the time of a row itself (close is 1 µs then: a row is late when its time < watermark), not the bucket of a window. Only from a raw time are
	// windows and buckets made.
	raw   bool
	label string // for EXPLAIN: "window_end", "ts"
	rank  int    // which of several closes a group: window_end, window_start, a bucket, the time itself
	grid  grid
	// nullable: NULL where an outer join found no partner. A group of such rows is never closed by this column.
	nullable bool
}

// Ranks of timeCol, best first.
const (
	rankEnd = iota
	rankStart
	rankBucket
	rankRaw
)

// props is what is known of a node's output.
type props struct {
	appendOnly bool
	why        *sqlerr.Error // where not append-only: the refusal of append mode
	times      map[int]timeCol
	proc       map[int]bool // columns that are the processing time
	free       map[int]bool // times of a stream that has no watermark, and windows over them
	source     string       // what the watermark is of, for EXPLAIN
}

// constantTimes are the time columns as the catalog keeps them.
func (p *props) constantTimes() []catalog.TimeCol {
	var out []catalog.TimeCol
	for c := 0; c < 4096 && len(out) < len(p.times); c++ {
		if t, ok := p.times[c]; ok {
			if t.close.Months != 0 || t.nullable {
				delete(p.times, c)
				continue
			}
			out = append(out, catalog.TimeCol{Col: c, Close: closeMicros(t), Every: t.grid.every, From: t.grid.from})
		}
	}
	return out
}

const microsPerDay = 24 * 3600 * 1_000_000

var rawClose = types.IntervalValue{Micros: 1}

// timeOf says which event time an expression over a node's columns carries, if any: a time column itself, a cast of it, a shift by a constant, or a bucket of it.
func timeOf(x expr.Expr, times map[int]timeCol) (timeCol, bool) {
	switch x := x.(type) {
	case *expr.Column:
		t, ok := times[x.Idx]
		return t, ok
	case *expr.Coalesce:
		return firstTime(x.Args, times)
	case *expr.Cast:
		t, ok := timeOf(x.X, times)
		if !ok {
			return t, false
		}
		switch {
		case x.Typ.Is(types.Date) && t.raw:
			return bucket(types.IntervalValue{Days: 1}, daily, t, "date"), true
		case (x.Typ.Is(types.Timestamp) || x.Typ.Is(types.TimestampTZ)) && x.Typ.Mod < 0 && !x.X.Type().Is(types.Date):
			return t, true
		}
	case *expr.Call:
		return timeOfCall(x, times)
	}
	return timeCol{}, false
}

// firstTime is the first of several times that is not NULL, as the merged column of FULL JOIN ... USING has it.
func firstTime(xs []expr.Expr, times map[int]timeCol) (out timeCol, ok bool) {
	for i, x := range xs {
		t, is := timeOf(x, times)
		if !is || t.close.Months != 0 {
			return out, false
		}
		switch {
		case i == 0:
			out = t
			continue
		case out.grid != t.grid:
			out.grid = grid{}
		}
		if later(t, out) {
			out.close = t.close
		}
		out.raw, out.rank, out.nullable = out.raw && t.raw, max(out.rank, t.rank), false
	}
	return out, true
}

// bucket is the time column of buckets of t, which begin on the grid at: the last time in a bucket is a step before its end, and has its own close to
// wait for.
func bucket(size types.IntervalValue, at grid, t timeCol, label string) timeCol {
	size.Micros += t.close.Micros - t.lastStep(at)
	size.Days += t.close.Days
	size.Months += t.close.Months
	return timeCol{close: size, label: label, rank: rankBucket, grid: at, nullable: t.nullable}
}

func timeOfCall(x *expr.Call, times map[int]timeCol) (timeCol, bool) {
	switch x.Fn.Name {
	case "date_trunc":
		unit, ok := constText(x.Args[0])
		if t, is := timeOf(x.Args[1], times); is && ok && t.raw {
			if c, ok := truncClose(unit); ok {
				return bucket(c, truncGrid(c), t, "date_trunc"), true
			}
		}
	case "date_bin":
		stride, ok := constInterval(x.Args[0])
		if t, is := timeOf(x.Args[1], times); is && ok && t.raw && stride.Months == 0 && expr.IsConst(x.Args[2]) {
			return bucket(stride, binGrid(stride, x.Args[2]), t, "date_bin"), true
		}
	case "+", "-":
		if len(x.Args) != 2 {
			break
		}
		iv, ok := constInterval(x.Args[1])
		if t, is := timeOf(x.Args[0], times); is && ok && iv.Months == 0 {
			d := iv.Micros + int64(iv.Days)*microsPerDay
			if x.Fn.Name == "+" {
				d = -d
			}
			t.close.Micros += d // v' = v + iv: v = v' - iv
			t.grid.from -= d
			return t, true
		}
	}
	return timeCol{}, false
}

func truncClose(unit string) (types.IntervalValue, bool) {
	switch unit {
	case "microseconds":
		return types.IntervalValue{Micros: 1}, true
	case "milliseconds":
		return types.IntervalValue{Micros: 1000}, true
	case "second":
		return types.IntervalValue{Micros: 1_000_000}, true
	case "minute":
		return types.IntervalValue{Micros: 60_000_000}, true
	case "hour":
		return types.IntervalValue{Micros: 3_600_000_000}, true
	case "day":
		return types.IntervalValue{Days: 1}, true
	case "week":
		return types.IntervalValue{Days: 7}, true
	case "month":
		return types.IntervalValue{Months: 1}, true
	case "quarter":
		return types.IntervalValue{Months: 3}, true
	case "year":
		return types.IntervalValue{Months: 12}, true
	}
	return types.IntervalValue{}, false
}

// closeExpr is the time at which a group is closed, over the group keys: key k plus the close of its time column. The group of the rows that an outer
// join found no partner for is never closed.
func closeExpr(k int, c plan.Col, t timeCol) (expr.Expr, error) {
	var x expr.Expr = &expr.Column{Idx: k, Name: c.Name, Typ: c.Type}
	var err error
	if !c.Type.Is(types.TimestampTZ) {
		if x, err = expr.NewCast(x, types.TimestampTZ, 'e', -1); err != nil {
			return nil, err
		}
	}
	if t.close != (types.IntervalValue{}) {
		if x, err = addInterval(x, t.close); err != nil {
			return nil, err
		}
	}
	if !t.nullable {
		return x, nil
	}
	forEver, err := expr.ConstOf(types.TimestampTZ, "infinity", types.UTCFormat(0))
	if err != nil {
		return nil, err
	}
	return &expr.Coalesce{Args: []expr.Expr{x, forEver}, Typ: types.TimestampTZ}, nil
}

// closeText is the time at which a group is closed, for EXPLAIN.
func closeText(x expr.Expr) string {
	if c, ok := x.(*expr.Coalesce); ok {
		return c.Args[0].String()
	}
	return x.String()
}

// sources names what the watermark is of where two inputs meet.
func sources(l, r *props) string {
	switch {
	case len(r.times) == 0 || l.source == r.source:
		return l.source
	case len(l.times) == 0:
		return r.source
	}
	return l.source + ", " + r.source
}

// addInterval is x + by.
func addInterval(x expr.Expr, by types.IntervalValue) (expr.Expr, error) {
	b := types.NewBuilder(types.Interval)
	types.AppendInterval(b.(*array.FixedSizeBinaryBuilder), by)
	r, err := expr.ResolveOp("+", types.TimestampTZ, types.Interval)
	if err != nil {
		return nil, err
	}
	return expr.NewCall(r, []expr.Expr{x, &expr.Const{Arr: b.NewArray(), Typ: types.Interval}}, -1)
}

// constText is the value of a text constant.
func constText(x expr.Expr) (string, bool) {
	c, ok := x.(*expr.Const)
	if !ok || c.Arr.IsNull(0) {
		return "", false
	}
	s, ok := c.Arr.(*array.String)
	if !ok {
		return "", false
	}
	return s.Value(0), true
}

// constInterval is the value of an interval constant.
func constInterval(x expr.Expr) (types.IntervalValue, bool) {
	c, ok := x.(*expr.Const)
	if !ok || !c.Typ.Is(types.Interval) || c.Arr.IsNull(0) {
		return types.IntervalValue{}, false
	}
	return types.IntervalAt(c.Arr.(*array.FixedSizeBinary), 0), true
}

// isProcTime says whether x is the processing time of the trigger.
func isProcTime(x expr.Expr, proc map[int]bool) bool {
	switch x := x.(type) {
	case *expr.Column:
		return proc[x.Idx]
	case *expr.Call:
		switch x.Fn.Name {
		case "proctime", "now", "current_timestamp", "transaction_timestamp", "statement_timestamp":
			return len(x.Args) == 0
		}
	}
	return false
}
