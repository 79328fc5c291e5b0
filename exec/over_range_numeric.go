package exec

import (
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// rangeOfNumeric is rangeCompare of numeric keys; infinity less infinity is a bound that all values keep.
func rangeOfNumeric(keys *array.Binary, off *expr.Const, minus, upper bool) (func(j, i int) int, error) {
	by := types.DecodeDec(off.Arr.(*array.Binary).Value(0))
	if by.Sign() < 0 || by.IsNaN() {
		return nil, badRange()
	}
	vals, sums := make([]types.Dec, keys.Len()), make([]types.Dec, keys.Len())
	for i := range vals {
		if keys.IsNull(i) {
			continue
		}
		vals[i] = types.DecodeDec(keys.Value(i))
		if minus {
			sums[i] = vals[i].Sub(by)
		} else {
			sums[i] = vals[i].Add(by)
		}
		if sums[i].IsNaN() && !vals[i].IsNaN() {
			if sums[i] = types.DecNegInf; upper {
				sums[i] = types.DecInf
			}
		}
	}
	return func(j, i int) int { return vals[j].Cmp(sums[i]) }, nil
}

// rangeOfTimeTZ is rangeCompare of times of day with a zone; the sum does not begin anew at midnight.
func rangeOfTimeTZ(keys *array.FixedSizeBinary, off *expr.Const, minus bool) (func(j, i int) int, error) {
	by := types.IntervalAt(off.Arr.(*array.FixedSizeBinary), 0).Micros
	if by < 0 {
		return nil, badRange()
	}
	by = min(by, 1<<60) // the sum must not overflow
	vals, sums := make([]types.TimeTZValue, keys.Len()), make([]types.TimeTZValue, keys.Len())
	for i := range vals {
		if keys.IsValid(i) {
			vals[i] = types.TimeTZAt(keys, i)
			sums[i] = vals[i]
			sums[i].Micros = addWithin(vals[i].Micros, by, minus)
		}
	}
	return func(j, i int) int { return vals[j].Cmp(sums[i]) }, nil
}
