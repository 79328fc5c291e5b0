package optimizer

import (
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// bound says that in a join the left time lies in [right time + lo, right time + hi]. l and r are columns of the two sides.
type bound struct {
	l, r   int
	lo, hi int64 // µs; MinInt64, MaxInt64: open
}

// timeBound proves a bound from a join's condition: equal time columns, BETWEEN, or comparisons of a time column of each side, shifted by constants.
func timeBound(j *plan.Join, l, r *props) (bound, bool) {
	split := len(j.L.Schema())
	bounds := map[[2]int]*bound{}
	get := func(a, b int) *bound {
		k := [2]int{a, b}
		if bounds[k] == nil {
			bounds[k] = &bound{l: a, r: b, lo: math.MinInt64, hi: math.MaxInt64}
		}
		return bounds[k]
	}
	for _, c := range conjuncts(j.Cond) {
		call, ok := c.(*expr.Call)
		if !ok || len(call.Args) != 2 {
			continue
		}
		x, okx := shifted(call.Args[0])
		y, oky := shifted(call.Args[1])
		op := call.Fn.Name
		if !okx || !oky {
			continue
		}
		if x.col >= split && y.col < split {
			x, y, op = y, x, mirrored(op)
		}
		if x.col >= split || y.col < split || !hasTime(j.L, l, x.col) || !hasTime(j.R, r, y.col-split) {
			continue
		}
		// x.col + x.by  op  y.col + y.by   ⇔   x.col  op  y.col + d
		d := y.by - x.by
		b := get(x.col, y.col-split)
		switch op {
		case "=":
			b.lo, b.hi = max(b.lo, d), min(b.hi, d)
		case "<":
			b.hi = min(b.hi, d-1)
		case "<=":
			b.hi = min(b.hi, d)
		case ">":
			b.lo = max(b.lo, d+1)
		case ">=":
			b.lo = max(b.lo, d)
		}
	}
	var best *bound
	for _, k := range sortedKeys(bounds) {
		if b := bounds[k]; b.lo != math.MinInt64 && b.hi != math.MaxInt64 && (best == nil || b.hi-b.lo < best.hi-best.lo) {
			best = b
		}
	}
	if best == nil {
		return bound{}, false
	}
	return *best, true
}

func sortedKeys(m map[[2]int]*bound) [][2]int {
	var ks [][2]int
	for k := range m {
		ks = append(ks, k)
	}
	slices.SortFunc(ks, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	return ks
}

// hasTime says whether a timestamp column of n carries event time with a fixed close.
func hasTime(n plan.Node, p *props, c int) bool {
	t, ok := p.times[c]
	return ok && t.close.Months == 0 && !n.Schema()[c].Type.Is(types.Date)
}

func mirrored(op string) string {
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

// shift is a column plus a constant time.
type shift struct {
	col int
	by  int64
}

func shifted(x expr.Expr) (shift, bool) {
	switch x := x.(type) {
	case *expr.Column:
		return shift{col: x.Idx}, true
	case *expr.Cast:
		if x.Typ.Is(types.TimestampTZ) || x.Typ.Is(types.Timestamp) {
			return shifted(x.X)
		}
	case *expr.Call:
		if n := x.Fn.Name; len(x.Args) == 2 && (n == "+" || n == "-") {
			s, ok := shifted(x.Args[0])
			iv, is := constInterval(x.Args[1])
			if !ok || !is || iv.Months != 0 {
				return s, false
			}
			d := iv.Micros + int64(iv.Days)*microsPerDay
			if n == "-" {
				d = -d
			}
			s.by += d
			return s, true
		}
	}
	return shift{}, false
}

// carry tells which columns of the join carry event time: a pair comes out as long as one of its rows can still come in, and a row without a partner when
// none can. A side whose columns may be NULL for want of a partner carries none.
func (b bound) carry(p *props, j *plan.Join, l, r *props) {
	if j.Kind != "right" && j.Kind != "full" {
		side(p, l, 0, b.l, max(j.LClose, j.RClose-b.lo))
	}
	if j.Kind == "inner" || j.Kind == "cross" || j.Kind == "right" {
		side(p, r, len(j.L.Schema()), b.r, max(j.RClose, j.LClose+b.hi))
	}
}

// side carries the columns of one side, whose time of the bound is column c: they come out later than they came in by as much as that one. Only columns that
// close no earlier than c go along: the windows of a raw time, and the other end of a window.
func side(p, in *props, at, c int, micros int64) {
	t := in.times[c]
	by := micros - closeMicros(t)
	t.close = plus(t.close, by)
	p.times[at+c] = t
	var windows []int
	raws := 0
	for k, x := range in.times {
		switch {
		case x.rank == rankRaw:
			raws++
		case k != c && (x.rank == rankStart || x.rank == rankEnd) && x.close.Months == 0:
			windows = append(windows, k)
		}
	}
	ends := len(windows) == 1 && (t.rank == rankStart || t.rank == rankEnd) && in.times[windows[0]].rank != t.rank
	if !ends && (t.rank != rankRaw || raws != 1) {
		return
	}
	for _, k := range windows {
		x := in.times[k]
		x.close = plus(x.close, by)
		p.times[at+k] = x
	}
}

// closeMicros is a close without months.
func closeMicros(t timeCol) int64 { return t.close.Micros + int64(t.close.Days)*microsPerDay }

func plus(iv types.IntervalValue, us int64) types.IntervalValue {
	iv.Micros += us
	return iv
}
