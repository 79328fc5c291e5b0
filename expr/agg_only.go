package expr

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// OnlyValue is the aggregate by which a scalar sub-select is joined: the value of the group's first row, which OnlyRow checks to be its only one.
// It has no name that users could call.
func OnlyValue(t types.Type) *Agg {
	return &Agg{Name: "only_value", Args: args(t), Ret: t, Ordered: true, New: func(ts []types.Type) Accumulator { return &onlyAcc{arrayAcc{elem: ts[0]}} },
		Doc: "the value of the only row"}
}

// onlyAcc keeps the values as array_agg does, and shows the first.
type onlyAcc struct{ arrayAcc }

// Result is the first value of each group; NULL for no rows.
func (a *onlyAcc) Result(groups []uint32) (arrow.Array, error) {
	ps := make([]place, len(groups))
	for i, g := range groups {
		ps[i] = nowhere
		if len(a.at[g]) > 0 {
			ps[i] = a.at[g][0]
		}
	}
	return a.pick(ps)
}

// Save is the values.
func (a *onlyAcc) Save(groups []uint32) ([]arrow.Array, error) {
	r, err := a.arrayAcc.Result(groups)
	return []arrow.Array{r}, err
}

// OnlyRow gives its first argument, of type t, where the second, how many rows a scalar sub-select gave, is at most 1; else error 21000.
func OnlyRow(t types.Type) *Func {
	return &Func{Name: "only_row", Args: args(t, types.Int8), Ret: t, CalledOnNull: true, Vol: Immutable, Doc: "the value of a sub-select of one row",
		Kernel: func(_ *Ctx, n int, vs []Vec) (Vec, error) {
			counts := types.Int64s(vs[1].Arr)
			for i, c := range counts {
				if c > 1 && !vs[1].Arr.IsNull(i) {
					return Vec{}, sqlerr.New(sqlerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")
				}
			}
			return vs[0], nil
		}}
}
