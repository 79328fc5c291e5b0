package expr

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// The columns of sumIntAcc.
const (
	sumLo = iota // low 64 bits
	sumHi        // high 64 bits
	sumN         // values that are not NULL
)

// sumIntAcc sums integers of up to 64 bits in 128 bits; out makes the result of a sum over n > 0 values.
type sumIntAcc struct {
	intState
	add func(a *sumIntAcc, groups []uint32, arg arrow.Array, w []int64)
	out func(a *sumIntAcc, groups []uint32) (arrow.Array, error)
}

func newSumInt(arg types.Type, out func(*sumIntAcc, []uint32) (arrow.Array, error)) Accumulator {
	a := &sumIntAcc{intState: newIntState(3), out: out}
	switch arg.Base() {
	case types.Int2:
		a.add = addInts[int16]
	case types.Int4:
		a.add = addInts[int32]
	default:
		a.add = addInts[int64]
	}
	return a
}

// addInts adds a column; without weights and NULLs it is one tight loop.
func addInts[T int16 | int32 | int64](a *sumIntAcc, groups []uint32, arg arrow.Array, w []int64) {
	lo, hi, n := a.c[sumLo], a.c[sumHi], a.c[sumN]
	v := types.Values[T](arg)
	if w != nil || arg.NullN() > 0 {
		eachValue(arg, w, func(i int, w int64) { a.addOne(groups[i], int64(v[i]), w) })
		return
	}
	for i, g := range groups {
		x := int64(v[i])
		s, carry := bits.Add64(uint64(lo[g]), uint64(x), 0)
		lo[g] = int64(s)
		hi[g] += x>>63 + int64(carry)
		n[g]++
	}
}

func (a *sumIntAcc) addOne(g uint32, x, w int64) {
	h, l := bits.Mul64(uint64(x), uint64(w))
	h -= uint64(x>>63)&uint64(w) + uint64(w>>63)&uint64(x)
	s, carry := bits.Add64(uint64(a.c[sumLo][g]), l, 0)
	a.c[sumLo][g] = int64(s)
	a.c[sumHi][g] += int64(h + carry)
	a.c[sumN][g] += w
}

// Add sums the values that are not NULL.
func (a *sumIntAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	a.add(a, groups, args[0], w)
	return nil
}

// Merge adds sums.
func (a *sumIntAcc) Merge(groups []uint32, cols []arrow.Array) error {
	lo, hi, n := types.Int64s(cols[sumLo]), types.Int64s(cols[sumHi]), types.Int64s(cols[sumN])
	for i, g := range groups {
		s, carry := bits.Add64(uint64(a.c[sumLo][g]), uint64(lo[i]), 0)
		a.c[sumLo][g] = int64(s)
		a.c[sumHi][g] += hi[i] + int64(carry)
		a.c[sumN][g] += n[i]
	}
	return nil
}

// Result is what out makes of the sums.
func (a *sumIntAcc) Result(groups []uint32) (arrow.Array, error) { return a.out(a, groups) }

func (a *sumIntAcc) sum(g uint32) types.Dec {
	return types.FromInt128(a.c[sumHi][g], uint64(a.c[sumLo][g]), 0)
}

// sumToInt8 gives sums of smaller integers as bigint; error 22003 beyond that.
func sumToInt8(a *sumIntAcc, groups []uint32) (arrow.Array, error) {
	out := gatherGroups(a.c[sumLo], groups)
	for i, g := range groups {
		if a.c[sumHi][g] != out[i]>>63 {
			return nil, outOfRange(types.Int8)
		}
	}
	valid, nulls := validWhere(len(groups), func(i int) bool { return a.c[sumN][groups[i]] != 0 })
	return types.Int64Array(out, valid, nulls), nil
}

// sumToNumeric gives sums of bigint as numeric.
func sumToNumeric(a *sumIntAcc, groups []uint32) (arrow.Array, error) {
	return decColumn(len(groups), func(i int) (types.Dec, bool, error) {
		g := groups[i]
		return a.sum(g), a.c[sumN][g] != 0, nil
	})
}

// avgToNumeric gives averages of integers as numeric.
func avgToNumeric(a *sumIntAcc, groups []uint32) (arrow.Array, error) {
	return decColumn(len(groups), func(i int) (types.Dec, bool, error) {
		g := groups[i]
		n := a.c[sumN][g]
		if n == 0 {
			return types.Dec{}, false, nil
		}
		d, err := a.sum(g).Div(types.FromInt64(n))
		return d, true, err
	})
}
