package expr

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Ordered-set aggregates: the rows come in the order of WITHIN GROUP.
func percentileAggs() []*Agg {
	fracs, _ := types.Float8.Array()
	second := func(ts []types.Type) types.Type { return ts[1] }
	secondArray := func(ts []types.Type) types.Type {
		t, _ := ts[1].Array()
		return t
	}
	floats, intervals := fracs, types.Type{OID: types.Interval.Info().Array, Mod: -1}
	mk := func(name string, frac, val, ret types.Type, retFn func([]types.Type) types.Type, cont bool) *Agg {
		return &Agg{Name: name, Args: args(frac, val), Ret: ret, RetFn: retFn, Ordered: true, WithinGroup: true, Doc: "percentile",
			New: func(ts []types.Type) Accumulator {
				return &percentileAcc{arrayAcc: arrayAcc{elem: ts[1]}, frac: ts[0], cont: cont}
			}}
	}
	return []*Agg{
		mk("percentile_cont", types.Float8, types.Float8, types.Float8, nil, true),
		mk("percentile_cont", types.Float8, types.Interval, types.Interval, nil, true),
		mk("percentile_cont", fracs, types.Float8, floats, nil, true),
		mk("percentile_cont", fracs, types.Interval, intervals, nil, true),
		mk("percentile_disc", types.Float8, types.AnyElement, types.AnyElement, second, false),
		mk("percentile_disc", fracs, types.AnyElement, types.AnyArray, secondArray, false),
		{Name: "mode", Args: args(types.AnyElement), Ret: types.AnyElement, RetFn: func(ts []types.Type) types.Type { return ts[0] }, Ordered: true,
			WithinGroup: true, Doc: "most frequent value",
			New: func(ts []types.Type) Accumulator { return &modeAcc{arrayAcc{elem: ts[0]}, types.NewComparer(ts[0])} }},
	}
}

// percentileAcc is percentile_cont and percentile_disc: it keeps the values in order, and the fractions of each group.
type percentileAcc struct {
	arrayAcc
	frac  types.Type
	cont  bool
	fracs []arrow.Array // by group: a column of one row
}

// Grow makes room for n groups.
func (a *percentileAcc) Grow(n int) {
	a.arrayAcc.Grow(n)
	a.fracs = growTo(a.fracs, n)
}

// Add keeps the values that are not NULL.
func (a *percentileAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	for i, g := range groups {
		if a.fracs[g] == nil {
			a.fracs[g] = types.Take(args[0], []int32{int32(i)})
		}
	}
	return a.addValid(groups, args[1], w)
}

// addValid keeps the values that are not NULL.
func (a *arrayAcc) addValid(groups []uint32, col arrow.Array, w []int64) error {
	if col.NullN() == 0 {
		return a.Add(groups, []arrow.Array{col}, w)
	}
	var rows []int32
	var gs []uint32
	var ws []int64
	eachValue(col, w, func(i int, w int64) {
		rows, gs, ws = append(rows, int32(i)), append(gs, groups[i]), append(ws, w)
	})
	return a.Add(gs, []arrow.Array{types.Take(col, rows)}, ws)
}

// Result is the percentiles; NULL where there is no value or no fraction.
func (a *percentileAcc) Result(groups []uint32) (arrow.Array, error) {
	var lo, hi []place
	var part []float64
	offs := make([]int32, len(groups)+1)
	for i, g := range groups {
		if len(a.at[g]) > 0 {
			fs, _ := fractionsOf(a.fracs[g])(0)
			for _, f := range fs {
				l, h, p := -1, -1, 0.0
				if !f.null {
					if err := f.check(); err != nil {
						return nil, err
					}
					l, h, p = a.rank(f.x, len(a.at[g]))
				}
				at := func(k int) place {
					if k < 0 {
						return nowhere
					}
					return a.at[g][k]
				}
				lo, hi, part = append(lo, at(l)), append(hi, at(h)), append(part, p)
			}
		} else if !a.frac.IsArray() {
			lo, hi, part = append(lo, nowhere), append(hi, nowhere), append(part, 0)
		}
		offs[i+1] = int32(len(lo))
	}
	low, err := a.pick(lo)
	if err != nil {
		return nil, err
	}
	high, err := a.pick(hi)
	if err != nil {
		return nil, err
	}
	vals, err := a.between(low, high, part)
	if err != nil || !a.frac.IsArray() {
		return vals, err
	}
	valid, _ := validWhere(len(groups), func(i int) bool { return len(a.at[groups[i]]) > 0 && a.fracs[groups[i]].IsValid(0) })
	return newList(arrow.ListOf(a.elem.Arrow()), offs, vals, valid), nil
}

// rank gives the places of the values on both sides of a fraction, and where between them it lies.
func (a *percentileAcc) rank(f float64, n int) (lo, hi int, part float64) {
	if !a.cont {
		k := max(int(math.Ceil(f*float64(n))), 1) - 1
		return k, k, 0
	}
	x := f * float64(n-1)
	return int(math.Floor(x)), int(math.Ceil(x)), x - math.Floor(x)
}

// between interpolates.
func (a *percentileAcc) between(lo, hi arrow.Array, part []float64) (arrow.Array, error) {
	if !a.cont {
		return lo, nil
	}
	valid, nulls := validWhere(lo.Len(), lo.IsValid)
	if a.elem.Is(types.Float8) {
		l, h := types.Float64s(lo), types.Float64s(hi)
		out := make([]float64, len(l))
		for i := range out {
			if out[i] = l[i]; part[i] != 0 {
				out[i] += (h[i] - l[i]) * part[i]
			}
		}
		return types.Float64Array(out, valid, nulls), nil
	}
	l, h := types.Values[[16]byte](lo), types.Values[[16]byte](hi)
	out := make([][16]byte, len(l))
	for i := range out {
		d, err := intervalOf(h[i]).Sub(intervalOf(l[i]))
		if err != nil {
			return nil, err
		}
		if d, err = d.Mul(part[i]); err != nil {
			return nil, err
		}
		sum, err := intervalOf(l[i]).Add(d)
		if err != nil {
			return nil, err
		}
		out[i] = sum.Bytes()
	}
	return types.NewFixed(types.Interval.Arrow(), out, valid, nulls), nil
}

// StateTypes are the values and the fractions.
func (a *percentileAcc) StateTypes() []arrow.DataType {
	return append(a.arrayAcc.StateTypes(), a.frac.Arrow())
}

// Save gives the values and the fractions.
func (a *percentileAcc) Save(groups []uint32) ([]arrow.Array, error) {
	vals, err := a.arrayAcc.Save(groups)
	if err != nil {
		return nil, err
	}
	parts := []arrow.Array{types.Nulls(a.frac, 0)}
	for _, g := range groups {
		if f := a.fracs[g]; f != nil {
			parts = append(parts, f)
		} else {
			parts = append(parts, types.Nulls(a.frac, 1))
		}
	}
	fs, err := types.Concat(parts)
	return append(vals, fs), err
}

// Load sets the values and the fractions.
func (a *percentileAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge appends values.
func (a *percentileAcc) Merge(groups []uint32, cols []arrow.Array) error {
	for i, g := range groups {
		if a.fracs[g] == nil {
			a.fracs[g] = types.Take(cols[1], []int32{int32(i)})
		}
	}
	return a.arrayAcc.Merge(groups, cols[:1])
}

// Reset empties the groups.
func (a *percentileAcc) Reset(groups []uint32) {
	a.arrayAcc.Reset(groups)
	for _, g := range groups {
		a.fracs[g] = nil
	}
}

// modeAcc is the most frequent value, the first in order of those.
type modeAcc struct {
	arrayAcc
	cmp func(a arrow.Array, i int, b arrow.Array, j int) int
}

// Add keeps the values that are not NULL.
func (a *modeAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	return a.addValid(groups, args[0], w)
}

// Result is the modes.
func (a *modeAcc) Result(groups []uint32) (arrow.Array, error) {
	best := make([]place, len(groups))
	for i, g := range groups {
		best[i] = nowhere
		vals, err := a.pick(a.at[g])
		if err != nil {
			return nil, err
		}
		most, n := 0, 0
		for k, p := range a.at[g] {
			if k > 0 && a.cmp(vals, k-1, vals, k) != 0 {
				n = 0
			}
			if n++; n > most {
				most, best[i] = n, p
			}
		}
	}
	return a.pick(best)
}

// fraction is what a percentile asks for.
type fraction struct {
	x    float64
	null bool
}

func (f fraction) check() error {
	if !f.null && !(f.x >= 0 && f.x <= 1) {
		return sqlerr.New(sqlerr.NumericValueOutOfRange, "percentile value %g is not between 0 and 1", f.x)
	}
	return nil
}

// fractionsOf gives the fractions in a row, of a column of them or of arrays; null: the array itself is. The slice is good until the next call.
func fractionsOf(col arrow.Array) func(i int) (fracs []fraction, null bool) {
	l, list := col.(*array.List)
	if list {
		col = l.ListValues()
	}
	vals, buf := types.Float64s(col), []fraction(nil)
	return func(i int) ([]fraction, bool) {
		from, to := int64(i), int64(i)+1
		if list {
			if l.IsNull(i) {
				return nil, true
			}
			from, to = l.ValueOffsets(i)
		}
		buf = buf[:0]
		for k := from; k < to; k++ {
			if col.IsNull(int(k)) {
				buf = append(buf, fraction{null: true})
			} else {
				buf = append(buf, fraction{x: vals[k]})
			}
		}
		return buf, false
	}
}
