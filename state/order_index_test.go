package state

import (
	"cmp"
	"context"
	"math/rand"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// TestOrderIndex compares rows read in order, by ranges, with a model, over random changes, now and at a version that is pinned.
func TestOrderIndex(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	s, err := Open(t.TempDir(), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tab, err := OpenTable(s, 7, []types.Type{types.Int8, types.Int8, types.Int8}, []int{0})
	if err != nil {
		t.Fatal(err)
	}
	const null = 1 << 40
	one := func(v int64) arrow.Array {
		if v == null {
			return types.Nulls(types.Int8, 1)
		}
		return types.Int64Array([]int64{v}, nil, 0)
	}
	type rec struct{ k, v, w int64 }
	model := map[int64]rec{}
	var pinned map[int64]rec
	pinnedAt := int64(0)
	for version := int64(1); version < 400; version++ {
		var parts []*types.Batch
		change := func(x rec, w int64) {
			parts = append(parts, &types.Batch{N: 1, Cols: []arrow.Array{one(x.k), one(x.v), one(x.w)}, W: []int64{w}})
		}
		touched := map[int64]bool{}
		for range 1 + r.Intn(12) {
			x := rec{r.Int63n(120), r.Int63n(6), r.Int63n(9)}
			if r.Intn(7) == 0 {
				x.w = null
			}
			if touched[x.k] {
				continue
			}
			touched[x.k] = true
			if old, ok := model[x.k]; ok {
				change(old, -1)
				delete(model, x.k)
				if r.Intn(3) == 0 {
					continue
				}
			}
			model[x.k] = x
			change(x, 1)
		}
		all, err := types.ConcatBatches(parts)
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
		if version == 100 {
			pinned, pinnedAt = map[int64]rec{}, version
			for k, v := range model {
				pinned[k] = v
			}
			if _, err := tab.Pin(version); err != nil {
				t.Fatal(err)
			}
		}
		at, rows := version, model
		if pinnedAt > 0 && r.Intn(3) == 0 {
			at, rows = pinnedAt, pinned
		}
		q := &OrderQuery{Cols: []int{1, 2}, Desc: r.Intn(2) == 0}
		in := func(rec) bool { return true }
		and := func(f func(rec) bool) { g := in; in = func(x rec) bool { return g(x) && f(x) } }
		col := func(x rec) int64 { return x.v }
		if r.Intn(2) == 0 {
			eq := r.Int63n(6)
			q.Equal = []arrow.Array{one(eq)}
			and(func(x rec) bool { return x.v == eq })
			col = func(x rec) int64 { return x.w }
		}
		if r.Intn(2) == 0 {
			low := r.Int63n(9)
			q.Low, q.LowOut = one(low), r.Intn(2) == 0
			and(func(x rec) bool { return col(x) > low || !q.LowOut && col(x) == low })
		}
		if r.Intn(2) == 0 {
			high := r.Int63n(9)
			q.High, q.HighOut = one(high), r.Intn(2) == 0
			and(func(x rec) bool { return col(x) < high || !q.HighOut && col(x) == high })
		}
		var want []rec
		for _, x := range rows {
			if in(x) {
				want = append(want, x)
			}
		}
		order := func(a, b rec) int { return cmp.Or(cmp.Compare(a.v, b.v), cmp.Compare(a.w, b.w)) }
		slices.SortFunc(want, func(a, b rec) int {
			if q.Desc {
				a, b = b, a
			}
			return order(a, b)
		})
		var got []rec
		if err := tab.ReadOrdered(context.Background(), q, at, []int{2, 1, 0}, func(b *types.Batch) error {
			for i := range b.N {
				w := int64(null)
				if b.Cols[0].IsValid(i) {
					w = types.Int64s(b.Cols[0])[i]
				}
				got = append(got, rec{types.Int64s(b.Cols[2])[i], types.Int64s(b.Cols[1])[i], w})
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		ok := len(got) == len(want)
		for i := range min(len(got), len(want)) {
			ok = ok && order(got[i], want[i]) == 0 && rows[got[i].k] == got[i]
		}
		if !ok {
			t.Fatalf("version %d (read at %d) %+v:\n%v\nwant\n%v", version, at, q, got, want)
		}
	}
	if n := len(tab.orders[0].runs); n > 12 {
		t.Errorf("%d runs", n)
	}
}
