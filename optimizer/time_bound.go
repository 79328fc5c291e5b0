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
		if x.col >= split || y.col < split || !hasTime(l, x.col) || !hasTime(r, y.col-split) {
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

func hasTime(p *props, c int) bool {
	t, ok := p.times[c]
	return ok && t.close.Months == 0
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

// carry tells which columns of the join carry event time: a row can come out as long as its partner can still come in.
func (b bound) carry(p, l, r *props, split int) {
	lt, rt := l.times[b.l], r.times[b.r]
	// A left row is done when no right row with time up to left - lo can come: slack -lo; a right row when no left row up to right + hi can come.
	lt.close = plus(lt.close, max(0, -b.lo))
	rt.close = plus(rt.close, max(0, b.hi))
	p.times[b.l], p.times[split+b.r] = lt, rt
	if b.lo != 0 || b.hi != 0 {
		return
	}
	for c, t := range l.times { // equal windows: the other columns of the window go with them
		if _, ok := p.times[c]; !ok {
			p.times[c] = t
		}
	}
	for c, t := range r.times {
		if _, ok := p.times[split+c]; !ok {
			p.times[split+c] = t
		}
	}
}

func plus(iv types.IntervalValue, us int64) types.IntervalValue {
	iv.Micros += us
	return iv
}
