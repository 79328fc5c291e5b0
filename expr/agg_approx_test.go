package expr

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// TestApproxTopMany: with many more values than there are counters the frequent ones are found, whether the rows come in one accumulator or in four that are merged.
func TestApproxTopMany(t *testing.T) {
	r, err := ResolveAgg("approx_top_k", []types.Type{types.Int8, types.Int4})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	vals := make([]int64, 300_000)
	for i := range vals {
		vals[i] = 1000 + rng.Int64N(1<<40)
		if k := rng.IntN(200); k < 10 { // half a percent of the rows each
			vals[i] = int64(k)
		}
		if rng.IntN(400) == 0 {
			vals[i] = 0
		}
	}
	ks := make([]int32, len(vals))
	for i := range ks {
		ks[i] = 10
	}
	for _, parts := range []int{1, 4} {
		all := r.Agg.New(r.ArgType)
		all.Grow(1)
		for part := range slices.Chunk(vals, len(vals)/parts) {
			a := r.Agg.New(r.ArgType)
			a.Grow(1)
			for few := range slices.Chunk(part, 5000) {
				if err := a.Add(make([]uint32, len(few)), []arrow.Array{types.Int64Array(few, nil, 0), types.Int32Array(ks[:len(few)], nil, 0)}, nil); err != nil {
					t.Fatal(err)
				}
			}
			state, err := a.Save([]uint32{0})
			if err != nil {
				t.Fatal(err)
			}
			if err := all.Merge([]uint32{0}, state); err != nil {
				t.Fatal(err)
			}
		}
		out, err := all.Result([]uint32{0})
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Clone(types.Int64s(out.(*array.List).ListValues()))
		if len(got) != 10 || got[0] != 0 {
			t.Errorf("%d parts: %v, want 0 first of ten", parts, got)
		}
		slices.Sort(got)
		if !slices.Equal(got, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("%d parts: %v", parts, got)
		}
		if n := len(all.(*approxTopAcc).groups[0].counts); n > 2*topCounters {
			t.Errorf("%d counters", n)
		}
	}
}
