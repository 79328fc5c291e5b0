package optimizer

import (
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// grid says that times are from plus multiples of every (µs); every 0: any time. Windows over the starts or ends of other windows know by it which is
// the last time that they can take, and close as soon as that has come.
type grid struct{ every, from int64 }

var daily = grid{every: microsPerDay}

// fits says whether the boundaries of b are all times of g.
func (g grid) fits(b grid) bool {
	return g.every > 0 && b.every > 0 && b.every%g.every == 0 && (b.from-g.from)%g.every == 0
}

// lastStep is how long before the end of a bucket its last time is at most, for buckets with boundaries on the grid b.
func (t timeCol) lastStep(b grid) int64 {
	if t.grid.fits(b) {
		return t.grid.every
	}
	return 1
}

// truncGrid is the grid of date_trunc, in UTC.
func truncGrid(unit types.IntervalValue) grid {
	switch {
	case unit.Months > 0:
		return daily
	case unit.Days == 7:
		return grid{7 * microsPerDay, 4 * microsPerDay} // Monday
	}
	return grid{every: unit.Micros + int64(unit.Days)*microsPerDay}
}

// binGrid is the grid of date_bin; origin is a constant.
func binGrid(stride types.IntervalValue, origin expr.Expr) grid {
	c, ok := origin.(*expr.Const)
	if !ok || c.Arr.IsNull(0) {
		return grid{}
	}
	at, ok := c.Arr.(*array.Timestamp)
	if !ok {
		return grid{}
	}
	return grid{stride.Micros + int64(stride.Days)*microsPerDay, int64(at.Value(0))}
}

// windowGrids are the grids of window_start, where windows of all sizes end as well, and of window_end.
func windowGrids(n *plan.TimeWindow) (starts, ends grid) {
	switch {
	case n.Func == "session":
	case n.Func == "tumble" || n.Slide == 0:
		starts = grid{n.Size, n.Origin}
		ends = starts
	case n.Size%n.Slide == 0:
		starts = grid{n.Slide, n.Origin}
		ends = starts
	}
	return starts, ends
}

// longest is a close as micros; of months it takes the longest.
func longest(iv types.IntervalValue) int64 {
	return iv.Micros + (int64(iv.Days)+31*int64(iv.Months))*microsPerDay
}
