package expr

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// isFloat: sums of floats depend on the order.
func isFloat(t types.Type) bool { return t.Is(types.Float4) || t.Is(types.Float8) }

func sumAggs() []*Agg {
	sum := func(arg, ret types.Type, mk func() Accumulator) *Agg {
		return &Agg{Name: "sum", Args: args(arg), Ret: ret, Invertible: true, Exact: !isFloat(arg), New: func([]types.Type) Accumulator { return mk() }, Doc: "sum"}
	}
	return []*Agg{
		sum(types.Int8, types.Numeric, func() Accumulator { return newSumInt(types.Int8, sumToNumeric) }),
		sum(types.Int4, types.Int8, func() Accumulator { return newSumInt(types.Int4, sumToInt8) }),
		sum(types.Int2, types.Int8, func() Accumulator { return newSumInt(types.Int2, sumToInt8) }),
		sum(types.Float4, types.Float4, func() Accumulator { return newSumFloat(types.Float4, sumFloat) }),
		sum(types.Float8, types.Float8, func() Accumulator { return newSumFloat(types.Float8, sumFloat) }),
		sum(types.Numeric, types.Numeric, func() Accumulator { return &sumDecAcc{out: sumDec} }),
		sum(types.Interval, types.Interval, func() Accumulator { return &sumIntervalAcc{newIntState(4), false} }),
	}
}

func avgAggs() []*Agg {
	avg := func(arg, ret types.Type, mk func() Accumulator) *Agg {
		return &Agg{Name: "avg", Args: args(arg), Ret: ret, Invertible: true, Exact: !isFloat(arg), New: func([]types.Type) Accumulator { return mk() }, Doc: "average"}
	}
	return []*Agg{
		avg(types.Int8, types.Numeric, func() Accumulator { return newSumInt(types.Int8, avgToNumeric) }),
		avg(types.Int4, types.Numeric, func() Accumulator { return newSumInt(types.Int4, avgToNumeric) }),
		avg(types.Int2, types.Numeric, func() Accumulator { return newSumInt(types.Int2, avgToNumeric) }),
		avg(types.Float4, types.Float8, func() Accumulator { return newSumFloat(types.Float4, avgFloat) }),
		avg(types.Float8, types.Float8, func() Accumulator { return newSumFloat(types.Float8, avgFloat) }),
		avg(types.Numeric, types.Numeric, func() Accumulator { return &sumDecAcc{out: avgDec} }),
		avg(types.Interval, types.Interval, func() Accumulator { return &sumIntervalAcc{newIntState(4), true} }),
	}
}

// sumIntervalAcc sums intervals field by field: microseconds, days, months, number of values.
type sumIntervalAcc struct {
	intState
	avg bool
}

// Add sums the values that are not NULL.
func (a *sumIntervalAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	v := types.Values[[16]byte](args[0])
	eachValue(args[0], w, func(i int, w int64) {
		iv, g := intervalOf(v[i]), groups[i]
		a.c[0][g] += iv.Micros * w
		a.c[1][g] += int64(iv.Days) * w
		a.c[2][g] += int64(iv.Months) * w
		a.c[3][g] += w
	})
	return nil
}

// Result is the sum, or the sum divided by the number of values.
func (a *sumIntervalAcc) Result(groups []uint32) (arrow.Array, error) {
	out := make([][16]byte, len(groups))
	for i, g := range groups {
		n := a.c[3][g]
		if n == 0 {
			continue
		}
		iv := types.IntervalValue{Micros: a.c[0][g], Days: int32(a.c[1][g]), Months: int32(a.c[2][g])}
		if int64(iv.Days) != a.c[1][g] || int64(iv.Months) != a.c[2][g] {
			return nil, intervalRange()
		}
		if a.avg {
			var err error
			if iv, err = iv.Div(float64(n)); err != nil {
				return nil, err
			}
		}
		out[i] = iv.Bytes()
	}
	valid, nulls := validWhere(len(groups), func(i int) bool { return a.c[3][groups[i]] != 0 })
	return types.NewFixed(types.Interval.Arrow(), out, valid, nulls), nil
}
