package engine

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// statTarget is how many common values and parts of the histogram are kept of a column.
const statTarget = 100

// ranked are the types of whose values ANALYZE makes more than a count of NULLs.
var ranked = map[uint32]bool{
	types.Bool.OID: true, types.Int2.OID: true, types.Int4.OID: true, types.Int8.OID: true, types.OID.OID: true, types.Float4.OID: true, types.Float8.OID: true,
	types.Numeric.OID: true, types.Text.OID: true, types.Varchar.OID: true, types.BPChar.OID: true, types.Name.OID: true, types.UUID.OID: true, types.Date.OID: true,
	types.Time.OID: true, types.Timestamp.OID: true, types.TimestampTZ.OID: true,
}

// columnStats says what there is to say of a column from a sample of a relation of rows rows.
func columnStats(a arrow.Array, t types.Type, rows float64) *catalog.ColStats {
	n := a.Len()
	s := &catalog.ColStats{NullFrac: float64(a.NullN()) / float64(n), Width: averageWidth(a)}
	if !ranked[t.OID] || a.NullN() == n {
		return s
	}
	order := make([]int32, 0, n-a.NullN())
	for i := range n {
		if a.IsValid(i) {
			order = append(order, int32(i))
		}
	}
	compare := types.NewComparer(t)
	slices.SortStableFunc(order, func(i, j int32) int { return compare(a, int(i), a, int(j)) })
	c := &columnSample{a: a, t: t, order: order, rows: rows, f: types.UTCFormat(0)}
	for i := range order {
		if i == 0 || compare(a, int(order[i-1]), a, int(order[i])) != 0 {
			c.starts = append(c.starts, i)
		}
	}
	s.Distinct = c.distinct()
	c.common(s)
	c.histogram(s)
	s.Correlation = correlation(order)
	return s
}

// columnSample is a sample of a column in its order.
type columnSample struct {
	a      arrow.Array
	t      types.Type
	order  []int32 // rows with a value, by value
	starts []int   // where each value begins in order
	rows   float64 // of the relation
	f      *types.Format
}

func (c *columnSample) count(k int) int {
	if k+1 < len(c.starts) {
		return c.starts[k+1] - c.starts[k]
	}
	return len(c.order) - c.starts[k]
}

func (c *columnSample) text(at int) string {
	return string(types.AppendText(nil, c.a, int(c.order[at]), c.t, c.f))
}

// distinct estimates the number of values, as ColStats.Distinct, by Haas and Stokes' estimator: from how many values the sample has, and how many of
// these once.
func (c *columnSample) distinct() float64 {
	n, d, once := float64(len(c.order)), float64(len(c.starts)), 0.0
	for k := range c.starts {
		if c.count(k) == 1 {
			once++
		}
	}
	total := math.Max(n, c.rows*n/float64(c.a.Len())) // rows of the relation that have a value
	v := d
	switch {
	case once == n:
		v = total
	case n < total:
		v = math.Min(total, math.Max(d, n*d/(n-once+once*n/total)))
	}
	if v > 0.1*c.rows {
		return -v / math.Max(1, c.rows)
	}
	return math.Round(v)
}

// common notes the values that are clearly more frequent than the average, or all where they are few.
func (c *columnSample) common(s *catalog.ColStats) {
	few := len(c.starts) <= statTarget && s.Distinct > 0
	least := math.Max(2, 1.25*float64(len(c.order))/float64(len(c.starts)))
	var top []int
	for k := range c.starts {
		if n := float64(c.count(k)); few || n >= least {
			top = append(top, k)
		}
	}
	slices.SortStableFunc(top, func(i, j int) int { return c.count(j) - c.count(i) })
	for _, k := range top[:min(len(top), statTarget)] {
		s.Common = append(s.Common, c.text(c.starts[k]))
		s.Freqs = append(s.Freqs, float64(c.count(k))/float64(c.a.Len()))
	}
}

func (c *columnSample) histogram(s *catalog.ColStats) {
	if len(c.starts) < 2 {
		return
	}
	parts := min(statTarget, len(c.starts)-1)
	last := len(c.order) - 1
	for k := range parts + 1 {
		at := k * last / parts
		s.Bounds = append(s.Bounds, c.text(at))
		if v, ok := types.Number(c.a, int(c.order[at]), c.t); ok {
			s.Numbers = append(s.Numbers, v)
		}
	}
	if len(s.Numbers) != len(s.Bounds) {
		s.Numbers = nil
	}
}

// correlation is that between the places of values in their order and in the column.
func correlation(order []int32) float64 {
	n := float64(len(order))
	if n < 2 {
		return 1
	}
	place := slices.Clone(order) // the rows that have a value, counted
	slices.Sort(place)
	sum := 0.0
	for i, r := range order {
		at, _ := slices.BinarySearch(place, r)
		sum += float64(i) * float64(at)
	}
	x := n * (n - 1) / 2
	xx := n * (n - 1) * (2*n - 1) / 6
	return (n*sum - x*x) / (n*xx - x*x)
}

func averageWidth(a arrow.Array) int {
	switch x := a.(type) {
	case *array.String:
		return bytesOf(len(x.ValueBytes()), a)
	case *array.Binary:
		return bytesOf(len(x.ValueBytes()), a)
	case *array.Boolean:
		return 1
	}
	if f, ok := a.DataType().(arrow.FixedWidthDataType); ok {
		return f.BitWidth() / 8
	}
	return 32
}

// bytesOf is the average of values of a variable length with their headers.
func bytesOf(total int, a arrow.Array) int {
	if n := a.Len() - a.NullN(); n > 0 {
		return 1 + (total+n/2)/n
	}
	return 0
}
