package expr

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

func boolAggs() []*Agg {
	and := func([]types.Type) Accumulator { return &boolAcc{newIntState(2), true} }
	or := func([]types.Type) Accumulator { return &boolAcc{newIntState(2), false} }
	mk := func(name string, f func([]types.Type) Accumulator, doc string) *Agg {
		return &Agg{Name: name, Args: args(types.Bool), Ret: types.Bool, Invertible: true, Exact: true, New: f, Doc: doc}
	}
	return []*Agg{
		mk("bool_and", and, "true if all values are true"),
		mk("every", and, "true if all values are true"),
		mk("bool_or", or, "true if any value is true"),
	}
}

// boolAcc counts false (column 0) and true (column 1) values.
type boolAcc struct {
	intState
	and bool
}

// Add counts the values that are not NULL.
func (a *boolAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	v := args[0].(*array.Boolean)
	eachValue(v, w, func(i int, w int64) { a.c[b2u(v.Value(i))][groups[i]] += w })
	return nil
}

// Result decides by the counts.
func (a *boolAcc) Result(groups []uint32) (arrow.Array, error) {
	out := newBits(len(groups))
	for i, g := range groups {
		if a.and && a.c[0][g] == 0 || !a.and && a.c[1][g] != 0 {
			setBit(out, i)
		}
	}
	valid, nulls := validWhere(len(groups), func(i int) bool { return a.c[0][groups[i]] != 0 || a.c[1][groups[i]] != 0 })
	return types.BoolArray(out, len(groups), valid, nulls), nil
}
