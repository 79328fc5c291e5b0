package state

import (
	"math/rand"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// TestSideIndex compares look-ups by other columns than the key with a model, over random changes at pinned versions.
func TestSideIndex(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	s, err := Open(t.TempDir(), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tab, err := OpenTable(s, 7, []types.Type{types.Int8, types.Int8}, []int{0})
	if err != nil {
		t.Fatal(err)
	}
	row := func(k, v, w int64) *types.Batch {
		return &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{k}, nil, 0), types.Int64Array([]int64{v}, nil, 0)}, W: []int64{w}}
	}
	model := map[int64]int64{}
	for version := int64(1); version < 600; version++ {
		k, v := r.Int63n(20), r.Int63n(10)
		changes := []*types.Batch{row(k, v, 1)}
		if old, ok := model[k]; ok {
			changes = append([]*types.Batch{row(k, old, -1)}, changes...)
		}
		model[k] = v
		all, err := types.ConcatBatches(changes)
		if err != nil {
			t.Fatal(err)
		}
		b := s.NewBatch()
		if err := tab.Apply(b, version, all); err != nil {
			t.Fatal(err)
		}
		if err := b.Commit(false); err != nil {
			t.Fatal(err)
		}
		want := 0
		probe := r.Int63n(10)
		for _, v := range model {
			if v == probe {
				want++
			}
		}
		got := 0
		tab.LookupBy([]int{1}, []arrow.Array{types.Int64Array([]int64{probe}, nil, 0)}, 0, version, func(*types.Batch, int) bool { got++; return true })
		if got != want {
			t.Fatalf("version %d: %d rows with %d, want %d", version, got, probe, want)
		}
	}
}
