package exec

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// rangeEdge finds the edges of RANGE frames with an offset: the first row of the partition at or behind (end: behind) the row's key plus or less the
// offset, in the direction of the order. NULLs are peers of one another only.
func (r *overRows) rangeEdge(ec *expr.Ctx, off *expr.Const, preceding, end bool) ([]int32, error) {
	key := r.order[0]
	v, err := evalCols(ec, []expr.Expr{key.X}, r.b)
	if err != nil {
		return nil, err
	}
	keys := v[0]
	compare, err := rangeCompare(ec, keys, key.X.Type(), off, preceding != key.Desc, end != key.Desc)
	if err != nil {
		return nil, err
	}
	out := make([]int32, r.n)
	for p := range len(r.starts) - 1 {
		from, to := r.starts[p], r.starts[p+1]
		for from < to && keys.IsNull(int(from)) {
			from++
		}
		for from < to && keys.IsNull(int(to-1)) {
			to--
		}
		at := from
		for i := r.starts[p]; i < r.starts[p+1]; i++ {
			if keys.IsNull(int(i)) {
				first, last := r.peers(i)
				if out[i] = first; end {
					out[i] = last
				}
				continue
			}
			for ; at < to; at++ {
				d := compare(int(at), int(i))
				if key.Desc {
					d = -d
				}
				if d > 0 || d == 0 && !end {
					break
				}
			}
			out[i] = at
		}
	}
	return out, nil
}

// rangeCompare gives a function that compares the key of row j with that of row i less (minus) or plus the offset; upper: it is an upper bound.
func rangeCompare(ec *expr.Ctx, keys arrow.Array, t types.Type, off *expr.Const, minus, upper bool) (func(j, i int) int, error) {
	negative := false
	var vals, sums []int64
	var compare func(j, i int) int
	switch base := t.Base(); base {
	case types.Int2, types.Int4, types.Int8, types.Time:
		by := int64(0)
		if base == types.Time {
			by = types.IntervalAt(off.Arr.(*array.FixedSizeBinary), 0).Micros
		} else {
			by = types.Int64s(off.Arr)[0]
		}
		negative = by < 0
		var v keyVec
		v.readInts(keys, false)
		vals, sums = v.ints, make([]int64, len(v.ints))
		for i, x := range vals {
			sums[i] = addWithin(x, by, minus)
		}
		compare = func(j, i int) int { return btoi(vals[j] > sums[i]) - btoi(vals[j] < sums[i]) }
	case types.Float4, types.Float8:
		by := types.Float64s(off.Arr)[0]
		negative = by < 0 || by != by
		var v keyVec
		v.readInts(keys, false)
		vals, sums = v.ints, make([]int64, len(v.ints))
		for i, x := range vals {
			sums[i] = floatBits(addFloat(math.Float64frombits(uint64(x)), by, minus, upper), false)
		}
		compare = func(j, i int) int { return compareFloats(vals[j], sums[i]) }
	case types.Numeric:
		return rangeOfNumeric(keys.(*array.Binary), off, minus, upper)
	case types.TimeTZ:
		return rangeOfTimeTZ(keys.(*array.FixedSizeBinary), off, minus)
	default:
		return rangeByOperator(ec, keys, t, off, minus)
	}
	if negative {
		return nil, badRange()
	}
	return compare, nil
}

func badRange() error {
	return sqlerr.New(invalidFrameSize, "invalid preceding or following size in window function")
}

// addWithin adds or subtracts; beyond the range it stays at its end.
func addWithin(x, by int64, minus bool) int64 {
	if minus {
		if x < math.MinInt64+by {
			return math.MinInt64
		}
		return x - by
	}
	if x > math.MaxInt64-by {
		return math.MaxInt64
	}
	return x + by
}

// addFloat adds or subtracts; infinity less infinity is a bound that all values keep.
func addFloat(x, by float64, minus, upper bool) float64 {
	if minus {
		by = -by
	}
	s := x + by
	if s != s && x == x {
		return math.Inf(2*btoi(upper) - 1)
	}
	return s
}

// rangeByOperator is rangeCompare by the type's own operators.
func rangeByOperator(ec *expr.Ctx, keys arrow.Array, t types.Type, off *expr.Const, minus bool) (func(j, i int) int, error) {
	zero, err := expr.ConstOf(off.Typ, "0", types.UTCFormat(0))
	if err != nil {
		return nil, err
	}
	if types.NewComparer(off.Typ)(off.Arr, 0, zero.Arr, 0) < 0 {
		return nil, badRange()
	}
	b := &types.Batch{N: keys.Len(), Cols: []arrow.Array{keys}}
	var x expr.Expr = &expr.Column{Typ: t}
	if t.Is(types.Date) {
		if x, err = expr.NewCast(x, types.Timestamp, 'i', -1); err != nil {
			return nil, err
		}
	}
	name := "+"
	if minus {
		name = "-"
	}
	op, err := expr.ResolveOp(name, x.Type(), off.Typ)
	if err != nil {
		return nil, err
	}
	sum, err := expr.NewCall(op, []expr.Expr{x, off}, -1)
	if err != nil {
		return nil, err
	}
	cols, err := evalCols(ec, []expr.Expr{x, sum}, b)
	if err != nil {
		return nil, err
	}
	order := types.NewComparer(x.Type())
	return func(j, i int) int { return order(cols[0], j, cols[1], i) }, nil
}
