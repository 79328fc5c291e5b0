package plan

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// Range says that in the pairs of a join column L of the left side lies in [R + Lo, R + Hi], R being a column of the right one. Of times Lo and Hi are in µs.
type Range struct {
	L, R   int
	Lo, Hi int64 // MinInt64, MaxInt64: open
	UTC    bool  // it holds where the time zone is UTC, as in continuous queries
}

// Closed says whether the range has both ends.
func (r Range) Closed() bool { return r.Lo != math.MinInt64 && r.Hi != math.MaxInt64 }

// Ranges proves ranges from the parts of a join's condition over the columns of both sides, the left one having split columns: equal columns, BETWEEN, or
// comparisons of a column of each side, shifted by constants. They are in the order of their columns.
func Ranges(conds []expr.Expr, split int) []Range {
	var out []Range
	get := func(l, r int) *Range {
		i := slices.IndexFunc(out, func(x Range) bool { return x.L == l && x.R == r })
		if i < 0 {
			i = len(out)
			out = append(out, Range{L: l, R: r, Lo: math.MinInt64, Hi: math.MaxInt64})
		}
		return &out[i]
	}
	for _, c := range conds {
		call, ok := c.(*expr.Call)
		if !ok || len(call.Args) != 2 {
			continue
		}
		op := call.Fn.Name
		x, okx := movedColumn(call.Args[0])
		y, oky := movedColumn(call.Args[1])
		if !okx || !oky {
			if x, y, op, okx = difference(call); !okx {
				continue
			}
		}
		if x.col >= split && y.col < split {
			x, y, op = y, x, Mirrored(op)
		}
		if x.col >= split || y.col < split {
			continue
		}
		// x.col + x.by  op  y.col + y.by   ⇔   x.col  op  y.col + d
		d := y.by - x.by
		r := get(x.col, y.col-split)
		r.UTC = r.UTC || x.utc || y.utc
		switch op {
		case "=":
			r.Lo, r.Hi = max(r.Lo, d), min(r.Hi, d)
		case "<":
			r.Hi = min(r.Hi, d-1)
		case "<=":
			r.Hi = min(r.Hi, d)
		case ">":
			r.Lo = max(r.Lo, d+1)
		case ">=":
			r.Lo = max(r.Lo, d)
		}
	}
	slices.SortFunc(out, func(a, b Range) int { return slices.Compare([]int{a.L, a.R}, []int{b.L, b.R}) })
	return out
}

// difference takes t - u op interval apart, t and u being times, as t op u + interval; also with the interval first.
func difference(c *expr.Call) (t, u moved, op string, ok bool) {
	minus, by, op := c.Args[0], c.Args[1], c.Fn.Name
	if _, first := minus.(*expr.Const); first {
		minus, by, op = by, minus, Mirrored(op)
	}
	call, is := minus.(*expr.Call)
	if !is || call.Fn.Name != "-" || len(call.Args) != 2 || !call.Type().Is(types.Interval) {
		return t, u, op, false
	}
	t, okt := movedColumn(call.Args[0])
	u, oku := movedColumn(call.Args[1])
	d, _, okd := constShift(by)
	u.by += d
	return t, u, op, okt && oku && okd
}

// moved is a column plus a constant; utc: only where the time zone is UTC.
type moved struct {
	col int
	by  int64
	utc bool
}

func movedColumn(x expr.Expr) (moved, bool) {
	switch x := x.(type) {
	case *expr.Column:
		return moved{col: x.Idx}, true
	case *expr.Cast:
		if x.Typ.Is(types.TimestampTZ) || x.Typ.Is(types.Timestamp) {
			m, ok := movedColumn(x.X)
			m.utc = true
			return m, ok
		}
	case *expr.Call:
		if n := x.Fn.Name; len(x.Args) == 2 && (n == "+" || n == "-") {
			s, ok := movedColumn(x.Args[0])
			d, utc, is := constShift(x.Args[1])
			if !ok || !is {
				return s, false
			}
			if n == "-" {
				d = -d
			}
			s.by += d
			s.utc = s.utc || utc
			return s, true
		}
	}
	return moved{}, false
}

// constShift is a constant interval without months, in µs, or an integer that is not large.
func constShift(x expr.Expr) (d int64, utc, ok bool) {
	c, ok := x.(*expr.Const)
	if !ok || c.IsNull() {
		return 0, false, false
	}
	switch a := c.Arr.(type) {
	case *array.FixedSizeBinary:
		if !c.Typ.Is(types.Interval) {
			return 0, false, false
		}
		iv := types.IntervalAt(a, 0)
		return iv.Micros + int64(iv.Days)*types.Day, iv.Days != 0, iv.Months == 0
	case *array.Int32:
		return int64(a.Value(0)), false, true
	case *array.Int64:
		return a.Value(0), false, a.Value(0) > math.MinInt32 && a.Value(0) < math.MaxInt32
	}
	return 0, false, false
}
