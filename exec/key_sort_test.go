package exec

import (
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// TestKeySort: sorting by counting gives what comparing gives.
func TestKeySort(t *testing.T) {
	const seed = 7
	rng := rand.New(rand.NewSource(seed))
	for _, draw := range []func() int64{
		func() int64 { return rng.Int63n(1000) },
		func() int64 { return (rng.Int63n(500) - 250) * 10_000_000 },
		func() int64 { return rng.Int63() - rng.Int63() },
		func() int64 { return []int64{math.MinInt64, math.MaxInt64, 0}[rng.Intn(3)] },
	} {
		n := 5000
		a, b := make([]int64, n), make([]int64, n)
		for i := range a {
			a[i], b[i] = draw(), rng.Int63n(10000)
		}
		tab := newKeyTable([]types.Type{types.Int8, types.Int8})
		gids := make([]uint32, n)
		tab.insert([]arrow.Array{types.Int64Array(a, nil, 0), types.Int64Array(b, nil, 0)}, gids)
		got := tab.all()
		rng.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		want := slices.Clone(got)
		slices.SortFunc(want, tab.comparer())
		tab.sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: the orders differ", seed)
		}
	}
}
