package optimizer

import (
	"math"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// bound says that in a join the left time lies in [right time + lo, right time + hi]. l and r are columns of the two sides.
type bound struct {
	l, r           int
	lo, hi         int64 // µs; MinInt64, MaxInt64: open
	lClose, rClose int64 // µs, see plan.Join; MaxInt64: no watermark says when the last row has come
}

// timeBound proves a bound from a join's condition: the closest range of a time column of each side. Without one a range that is open on one side will do,
// one by which rows without a partner become final if there is such.
func timeBound(j *plan.Join, l, r *props) (out bound, ok bool) {
	settled := false
	conds := expr.Conjuncts(j.Cond)
	for _, x := range append(plan.Ranges(conds, plan.Width(j.L)), bucketRanges(conds, j, l, r)...) {
		b, is := closesOf(j, l, r, x)
		if !is || b.lo == math.MinInt64 && b.hi == math.MaxInt64 {
			continue
		}
		closer := !ok || out.open() && (!b.open() || !settled && b.settles(j.Kind)) || !out.open() && !b.open() && b.hi-b.lo < out.hi-out.lo
		if closer {
			out, ok, settled = b, true, b.settles(j.Kind)
		}
	}
	return out, ok
}

// bucketRanges says that the times of two rows in the same bucket, of date_trunc, date_bin or a date, are less than its size apart.
func bucketRanges(conds []expr.Expr, j *plan.Join, l, r *props) (out []plan.Range) {
	split := plan.Width(j.L)
	for _, c := range conds {
		call, ok := c.(*expr.Call)
		if !ok || call.Fn.Name != "=" || len(call.Args) != 2 {
			continue
		}
		x, y := call.Args[0], call.Args[1]
		if at := expr.Columns(x); len(at) == 1 && at[0] >= split {
			x, y = y, x
		}
		xs, ys := expr.Columns(x), expr.Columns(y)
		if len(xs) != 1 || len(ys) != 1 || xs[0] >= split || ys[0] < split {
			continue
		}
		y = expr.Remap(y, func(k int) int { return k - split })
		t, okl := timeOf(x, l.times)
		u, okr := timeOf(y, r.times)
		if size := t.grid.every; okl && okr && t.rank == rankBucket && u.rank == rankBucket && t.grid == u.grid && size > 0 && t.close.Months == 0 {
			out = append(out, plan.Range{L: xs[0], R: ys[0] - split, Lo: 1 - size, Hi: size - 1, UTC: true})
		}
	}
	return out
}

// closesOf says when the rows of both sides of a range have come. A side may be without a watermark if its rows never go: then those of the other side alone
// are forgotten, unless the times are equal and the stream has none at all. Both are then judged by the one that there is.
func closesOf(j *plan.Join, l, r *props, x plan.Range) (bound, bool) {
	b := bound{l: x.L, r: x.R, lo: x.Lo, hi: x.Hi, lClose: math.MaxInt64, rClose: math.MaxInt64}
	lok, rok := hasTime(j.L, l, x.L), hasTime(j.R, r, x.R)
	switch {
	case lok && rok:
		b.lClose, b.rClose = closeMicros(l.times[x.L]), closeMicros(r.times[x.R])
	case lok && r.appendOnly && isTimestamp(j.R, x.R):
		if b.lClose = closeMicros(l.times[x.L]); x.Lo == x.Hi && r.free[x.R] {
			b.rClose = b.lClose + x.Lo
		}
	case rok && l.appendOnly && isTimestamp(j.L, x.L):
		if b.rClose = closeMicros(r.times[x.R]); x.Lo == x.Hi && l.free[x.L] {
			b.lClose = b.rClose - x.Lo
		}
	default:
		return b, false
	}
	return b, true
}

// settles says whether every row that comes out where it has no partner finds none from some time on.
func (b bound) settles(kind string) bool {
	switch kind {
	case "left", "anti":
		return b.leftEnds()
	case "right":
		return b.rightEnds()
	default:
		return !b.open()
	}
}

// leftEnds says whether a left row finds no partner from some time on; rightEnds says it of a right row.
func (b bound) leftEnds() bool  { return b.lo != math.MinInt64 && b.rClose != math.MaxInt64 }
func (b bound) rightEnds() bool { return b.hi != math.MaxInt64 && b.lClose != math.MaxInt64 }

// open says whether one side's rows may find partners for ever.
func (b bound) open() bool { return !b.leftEnds() || !b.rightEnds() }

// hasTime says whether a timestamp column of n carries event time with a fixed close.
func hasTime(n plan.Node, p *props, c int) bool {
	t, ok := p.times[c]
	return ok && t.close.Months == 0 && !n.Schema()[c].Type.Is(types.Date)
}

func isTimestamp(n plan.Node, c int) bool {
	t := n.Schema()[c].Type
	return t.Is(types.TimestampTZ) || t.Is(types.Timestamp)
}

// carry tells which columns of the join carry event time: a pair comes out as long as one of its rows can still come in, and a row without a partner when
// none can. The columns of a side that may be without a partner are then NULL.
func (b bound) carry(p *props, j *plan.Join, l, r *props) {
	if b.leftEnds() && b.lClose != math.MaxInt64 {
		side(p, l, 0, b.l, borrowed(l, b.l, b.lClose, r.times[b.r], b.lo), max(b.lClose, b.rClose-b.lo), j.Kind == "right" || j.Kind == "full")
	}
	if j.Kind != "semi" && j.Kind != "anti" && b.rightEnds() && b.rClose != math.MaxInt64 {
		side(p, r, plan.Width(j.L), b.r, borrowed(r, b.r, b.rClose, l.times[b.l], -b.lo), max(b.rClose, b.lClose+b.hi), j.Kind == "left" || j.Kind == "full")
	}
}

// borrowed is the event time of column c, which without a watermark of its own has that of its equal in the other input, less by.
func borrowed(in *props, c int, close int64, other timeCol, by int64) timeCol {
	if t, ok := in.times[c]; ok {
		return t
	}
	other.close, other.grid.from = types.IntervalValue{Micros: close}, other.grid.from+by
	return other
}

// side carries the columns of one side, whose time of the bound is column c: they come out later than they came in by as much as that one. Only columns that
// close no earlier than c go along: the windows of a raw time, and the other end of a window.
func side(p, in *props, at, c int, t timeCol, micros int64, nullable bool) {
	by := micros - closeMicros(t)
	t.close, t.nullable = plus(t.close, by), t.nullable || nullable
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
		x.close, x.nullable = plus(x.close, by), x.nullable || nullable
		p.times[at+k] = x
	}
}

// closeMicros is a close without months.
func closeMicros(t timeCol) int64 { return t.close.Micros + int64(t.close.Days)*microsPerDay }

func plus(iv types.IntervalValue, us int64) types.IntervalValue {
	iv.Micros += us
	return iv
}
