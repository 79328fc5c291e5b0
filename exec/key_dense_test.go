package exec

import (
	"math"
	"math/rand"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// TestDenseKeys: a table of integer keys gives the numbers that a map gives, wherever the keys lie and whichever go.
func TestDenseKeys(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	shapes := map[string]func() int64{
		"close":    func() int64 { return 5000 + rng.Int63n(3000) },
		"downward": func() int64 { return -rng.Int63n(90000) },
		"far":      func() int64 { return rng.Int63() - math.MaxInt64/2 },
		"ends": func() int64 {
			return []int64{math.MinInt64, math.MinInt64 + 1, 0, math.MaxInt64 - 1, math.MaxInt64}[rng.Intn(5)]
		},
		"top":    func() int64 { return math.MaxInt64 - rng.Int63n(70000) },
		"bottom": func() int64 { return math.MinInt64 + rng.Int63n(70000) },
		"mixed":  func() int64 { return rng.Int63n(2000) * []int64{1, 1 << 40}[rng.Intn(2)] },
	}
	for name, next := range shapes {
		t.Run(name, func(t *testing.T) {
			tab, want := newKeyTable([]types.Type{types.Int8}), map[int64]uint32{}
			for range 60 {
				keys := make([]int64, 500)
				for i := range keys {
					keys[i] = next()
				}
				cols, out := []arrow.Array{types.Int64Array(keys, nil, 0)}, make([]uint32, len(keys))
				tab.find(cols, out)
				for i, k := range keys {
					if g, ok := want[k]; ok != (out[i] != none) || ok && g != out[i] {
						t.Fatalf("find %d: %d, want %d %v", k, out[i], g, ok)
					}
				}
				tab.insert(cols, out)
				for i, k := range keys {
					if g, ok := want[k]; ok && g != out[i] || tab.cols[0].ints[out[i]] != k {
						t.Fatalf("insert %d: %d, want %d", k, out[i], g)
					}
					want[k] = out[i]
				}
				for _, k := range keys[:100] {
					if g, ok := want[k]; ok {
						tab.remove(g)
						delete(want, k)
					}
				}
				if tab.n != len(want) {
					t.Fatalf("%d keys, want %d", tab.n, len(want))
				}
			}
		})
	}
}
