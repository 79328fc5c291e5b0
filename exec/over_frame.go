package exec

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// frames are the frames of all rows: [lo, hi) less [xlo, xhi), in which the row itself stays if self is set.
type frames struct {
	lo, hi   []int32
	xlo, xhi []int32 // nil: nothing is excluded
	self     bool
}

// pieces are the at most three runs of rows that make row i's frame, in order.
func (f *frames) pieces(i int32) (out [3][2]int32) {
	lo, hi := f.lo[i], f.hi[i]
	if f.xlo == nil {
		out[0] = [2]int32{lo, hi}
		return out
	}
	out[0] = [2]int32{lo, max(lo, min(hi, f.xlo[i]))}
	if f.self && i >= lo && i < hi {
		out[1] = [2]int32{i, i + 1}
	}
	out[2] = [2]int32{min(hi, max(lo, f.xhi[i])), hi}
	return out
}

// at is the nth row (from 1) of row i's frame, from its end if back; -1: there is none.
func (f *frames) at(i int32, nth int64, back bool) int32 {
	ps := f.pieces(i)
	if back {
		for k := 2; k >= 0; k-- {
			if p := ps[k]; p[0] < p[1] {
				return p[1] - 1
			}
		}
		return -1
	}
	for _, p := range ps {
		if n := int64(p[1] - p[0]); nth <= n {
			return p[0] + int32(nth) - 1
		} else if n > 0 {
			nth -= n
		}
	}
	return -1
}

// frames finds the frames of all rows.
func (r *overRows) frames(ec *expr.Ctx, f *plan.Frame) (*frames, error) {
	out := &frames{}
	var err error
	if out.lo, err = r.edge(ec, f, f.Start, f.StartX, false); err != nil {
		return nil, err
	}
	if out.hi, err = r.edge(ec, f, f.End, f.EndX, true); err != nil {
		return nil, err
	}
	for i, lo := range out.lo {
		out.hi[i] = max(lo, out.hi[i])
	}
	if f.Exclude == "" || f.Exclude == "no others" {
		return out, nil
	}
	out.xlo, out.xhi = make([]int32, r.n), make([]int32, r.n)
	out.self = f.Exclude == "ties"
	for i := range int32(r.n) {
		out.xlo[i], out.xhi[i] = i, i+1
		if f.Exclude != "current row" {
			out.xlo[i], out.xhi[i] = r.peers(i)
		}
	}
	return out, nil
}

// edge finds where frames start, or behind which row they end.
func (r *overRows) edge(ec *expr.Ctx, f *plan.Frame, kind string, x expr.Expr, end bool) ([]int32, error) {
	out := make([]int32, r.n)
	switch {
	case kind == "unbounded preceding":
		copy(out, r.lo)
		return out, nil
	case kind == "unbounded following":
		copy(out, r.hi)
		return out, nil
	case kind == "current row":
		for i := range int32(r.n) {
			switch from, to := r.peers(i); {
			case f.Mode == "rows":
				out[i] = i + int32(btoi(end))
			case end:
				out[i] = to
			default:
				out[i] = from
			}
		}
		return out, nil
	case r.n == 0:
		return out, nil
	}
	off, err := expr.EvalConst(ec, x)
	if err != nil {
		return nil, err
	}
	side := "starting"
	if end {
		side = "ending"
	}
	if off.IsNull() {
		return nil, sqlerr.New(sqlerr.NullValueNotAllowed, "frame %s offset must not be null", side)
	}
	if f.Mode == "range" {
		return r.rangeEdge(ec, off, kind == "preceding", end)
	}
	by := types.Int64s(off.Arr)[0]
	if by < 0 {
		return nil, sqlerr.New(invalidFrameSize, "frame %s offset must not be negative", side)
	}
	by = min(by, int64(r.n)+1)
	if kind == "preceding" {
		by = -by
	}
	for i := range int32(r.n) {
		if f.Mode == "rows" {
			out[i] = int32(min(max(int64(i)+by+int64(btoi(end)), int64(r.lo[i])), int64(r.hi[i])))
			continue
		}
		out[i] = r.groupEdge(i, int64(r.group[i])+by+int64(btoi(end)))
	}
	return out, nil
}

// groupEdge is where group g starts, within row i's partition.
func (r *overRows) groupEdge(i int32, g int64) int32 {
	if g >= int64(len(r.groups)) {
		return r.hi[i]
	}
	if g < 0 {
		return r.lo[i]
	}
	return min(max(r.groups[g], r.lo[i]), r.hi[i])
}
