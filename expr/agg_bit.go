package expr

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

func bitAggs() []*Agg {
	var out []*Agg
	for _, op := range []string{"and", "or", "xor"} {
		for _, t := range []types.Type{types.Int2, types.Int4, types.Int8} {
			mk := func(ts []types.Type) Accumulator { return &bitAcc{intState: newIntState(2), op: op, typ: t} }
			out = append(out, &Agg{Name: "bit_" + op, Args: args(t), Ret: t, Exact: true, New: mk, Doc: "bitwise " + op})
		}
	}
	return out
}

// bitAcc is bit_and, bit_or, bit_xor: column 0 is the value, column 1 the number of values.
type bitAcc struct {
	intState
	op  string
	typ types.Type
}

// Add takes the values that are not NULL.
func (a *bitAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	get := intsOf(args[0])
	eachValue(args[0], w, func(i int, w int64) {
		for range w {
			a.put(groups[i], get(i), 1)
		}
	})
	return nil
}

// intsOf reads a column of integers.
func intsOf(a arrow.Array) func(int) int64 {
	switch a.DataType().ID() {
	case arrow.INT16:
		v := types.Values[int16](a)
		return func(i int) int64 { return int64(v[i]) }
	case arrow.INT32:
		v := types.Values[int32](a)
		return func(i int) int64 { return int64(v[i]) }
	}
	v := types.Int64s(a)
	return func(i int) int64 { return v[i] }
}

func (a *bitAcc) put(g uint32, x, n int64) {
	v := &a.c[0][g]
	switch {
	case n == 0:
		return
	case a.c[1][g] == 0:
		*v = x
	case a.op == "and":
		*v &= x
	case a.op == "or":
		*v |= x
	default:
		*v ^= x
	}
	a.c[1][g] += n
}

// Merge takes saved values.
func (a *bitAcc) Merge(groups []uint32, cols []arrow.Array) error {
	v, n := types.Int64s(cols[0]), types.Int64s(cols[1])
	for i, g := range groups {
		a.put(g, v[i], n[i])
	}
	return nil
}

// Result is the values.
func (a *bitAcc) Result(groups []uint32) (arrow.Array, error) {
	valid, nulls := validWhere(len(groups), func(i int) bool { return a.c[1][groups[i]] != 0 })
	v := gatherGroups(a.c[0], groups)
	switch a.typ {
	case types.Int2:
		return types.NewFixed(a.typ.Arrow(), narrow[int16](v), valid, nulls), nil
	case types.Int4:
		return types.NewFixed(a.typ.Arrow(), narrow[int32](v), valid, nulls), nil
	}
	return types.Int64Array(v, valid, nulls), nil
}

func narrow[T int16 | int32](v []int64) []T {
	out := make([]T, len(v))
	for i, x := range v {
		out[i] = T(x)
	}
	return out
}
