package expr

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

func countAggs() []*Agg {
	mk := func([]types.Type) Accumulator { return &countAcc{newIntState(1)} }
	return []*Agg{
		{Name: "count", Ret: types.Int8, Invertible: true, Exact: true, New: mk, Doc: "number of rows"},
		{Name: "count", Args: args(types.Any), Ret: types.Int8, Invertible: true, Exact: true, New: mk, Doc: "number of rows whose value is not NULL"},
	}
}

// countAcc counts rows, or values that are not NULL.
type countAcc struct{ intState }

// Add counts.
func (a *countAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	n := a.c[0]
	if len(args) > 0 && args[0].NullN() > 0 {
		eachValue(args[0], w, func(i int, w int64) { n[groups[i]] += w })
		return nil
	}
	if w == nil {
		for _, g := range groups {
			n[g]++
		}
		return nil
	}
	for i, g := range groups {
		n[g] += w[i]
	}
	return nil
}

// Result is the counts.
func (a *countAcc) Result(groups []uint32) (arrow.Array, error) {
	return types.Int64Array(gatherGroups(a.c[0], groups), nil, 0), nil
}
