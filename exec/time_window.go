package exec

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// timeWindow assigns rows to tumbling, hopping and cumulating windows: a row is given once for each of its windows, by ascending start (cumulate:
// ascending end). A row whose time is NULL or infinite belongs to no window and counts as late.
type timeWindow struct {
	*node
	plan *plan.TimeWindow
}

func (w *timeWindow) apply(sc *stageCtx, b *types.Batch) (*types.Batch, error) {
	b = timedRows(sc, w.node, b, w.plan.Col)
	ts := types.Int64s(b.Cols[w.plan.Col])
	dt := b.Cols[w.plan.Col].DataType()
	var rows []int32
	var start, end []int64
	switch {
	case w.plan.Func == "cumulate":
		rows, start, end = w.cumulate(ts)
	case w.plan.Slide == w.plan.Size || w.plan.Slide == 0:
		start, end = w.tumble(ts)
	default:
		rows, start, end = w.hop(ts)
	}
	out := b
	if rows != nil {
		out = types.TakeBatch(b, rows)
	}
	cols := append(append([]arrow.Array{}, out.Cols...), types.NewFixed(dt, start, nil, 0), types.NewFixed(dt, end, nil, 0))
	return &types.Batch{Cols: cols, N: out.N, W: out.W}, nil
}

// timedRows is b without the rows whose time in column col is NULL or infinite, which are dropped as late.
func timedRows(sc *stageCtx, n *node, b *types.Batch, col int) *types.Batch {
	a := b.Cols[col]
	ts := types.Int64s(a)
	bad := a.NullN()
	for _, t := range ts {
		if t == math.MinInt64 || t == math.MaxInt64 {
			bad++
		}
	}
	if bad == 0 {
		return b
	}
	var good, gone []int32
	for i, t := range ts {
		if a.IsNull(i) || t == math.MinInt64 || t == math.MaxInt64 {
			gone = append(gone, int32(i))
		} else {
			good = append(good, int32(i))
		}
	}
	if len(gone) == 0 {
		return b
	}
	sc.drop(n, "late", len(gone), func() *types.Batch { return types.Filter(b, gone) })
	return types.Filter(b, good)
}

// floorTo is the greatest x <= t with x = origin + k*width.
func floorTo(t, width, origin int64) int64 {
	m := (t - origin) % width
	if m < 0 {
		m += width
	}
	return t - m
}

// floorAll is floorTo for a column. Neighbouring times mostly lie in one window, so that is looked at first.
func floorAll(ts []int64, width, origin int64) []int64 {
	out := make([]int64, len(ts))
	lo, hi := int64(1), int64(0)
	for i, t := range ts {
		if t < lo || t >= hi {
			lo = floorTo(t, width, origin)
			hi = lo + width
		}
		out[i] = lo
	}
	return out
}

func (w *timeWindow) tumble(ts []int64) (start, end []int64) {
	start = floorAll(ts, w.plan.Size, w.plan.Origin)
	end = make([]int64, len(ts))
	for i, s := range start {
		end[i] = s + w.plan.Size
	}
	return start, end
}

func (w *timeWindow) hop(ts []int64) (rows []int32, start, end []int64) {
	size, slide := w.plan.Size, w.plan.Slide
	n := len(ts) * int((size+slide-1)/slide)
	rows, start, end = make([]int32, 0, n), make([]int64, 0, n), make([]int64, 0, n)
	for i, t := range ts {
		for s := floorTo(t-size, slide, w.plan.Origin) + slide; s <= t; s += slide {
			rows, start, end = append(rows, int32(i)), append(start, s), append(end, s+size)
		}
	}
	return rows, start, end
}

func (w *timeWindow) cumulate(ts []int64) (rows []int32, start, end []int64) {
	size, step := w.plan.Size, w.plan.Slide
	rows = make([]int32, 0, len(ts))
	for i, t := range ts {
		s := floorTo(t, size, w.plan.Origin)
		for e := s + ((t-s)/step+1)*step; e <= s+size; e += step {
			rows, start, end = append(rows, int32(i)), append(start, s), append(end, e)
		}
	}
	return rows, start, end
}
