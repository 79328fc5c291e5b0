package optimizer

import (
	"math"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// bound says that in a join the left time lies in [right time + lo, right time + hi]. l and r are columns of the two sides.
type bound struct {
	l, r   int
	lo, hi int64 // µs; MinInt64, MaxInt64: open
}

// timeBound proves a bound from a join's condition: the closest range of a time column of each side. Without one a range that is open on one side will do,
// one by which rows without a partner become final if there is such.
func timeBound(j *plan.Join, l, r *props) (out bound, ok bool) {
	settled := false
	for _, x := range plan.Ranges(expr.Conjuncts(j.Cond), len(j.L.Schema())) {
		b := bound{x.L, x.R, x.Lo, x.Hi}
		if !hasTime(j.L, l, x.L) || !hasTime(j.R, r, x.R) || b.lo == math.MinInt64 && b.hi == math.MaxInt64 {
			continue
		}
		closer := !ok || out.open() && (!b.open() || !settled && b.settles(j.Kind)) || !out.open() && !b.open() && b.hi-b.lo < out.hi-out.lo
		if closer {
			out, ok, settled = b, true, b.settles(j.Kind)
		}
	}
	return out, ok
}

// settles says whether every row that comes out where it has no partner finds none from some time on.
func (b bound) settles(kind string) bool {
	switch kind {
	case "left", "anti":
		return b.lo != math.MinInt64
	case "right":
		return b.hi != math.MaxInt64
	default:
		return !b.open()
	}
}

// open says whether one side's rows may find partners for ever.
func (b bound) open() bool { return b.lo == math.MinInt64 || b.hi == math.MaxInt64 }

// hasTime says whether a timestamp column of n carries event time with a fixed close.
func hasTime(n plan.Node, p *props, c int) bool {
	t, ok := p.times[c]
	return ok && t.close.Months == 0 && !n.Schema()[c].Type.Is(types.Date)
}

// carry tells which columns of the join carry event time: a pair comes out as long as one of its rows can still come in, and a row without a partner when
// none can. A side whose columns may be NULL for want of a partner carries none.
func (b bound) carry(p *props, j *plan.Join, l, r *props) {
	if j.Kind != "right" && j.Kind != "full" && b.lo != math.MinInt64 {
		side(p, l, 0, b.l, max(j.LClose, j.RClose-b.lo))
	}
	if (j.Kind == "inner" || j.Kind == "cross" || j.Kind == "right") && b.hi != math.MaxInt64 {
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
