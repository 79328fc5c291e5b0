package exec

import (
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// sortTypes are the types that have prefixes, and one that has none.
var sortTypes = []types.Type{types.Int2, types.Int4, types.Int8, types.Date, types.Timestamp, types.Float8, types.Text, types.Bool}

// sortColumn is a column of n rows, with values that share their prefix.
func sortColumn(rng *rand.Rand, t types.Type, n int, nulls bool) arrow.Array {
	texts := []string{"", "a", "abcdefgh", "abcdefgh1", "abcdefgh2", "abcdefg", "b", "\x00", "ä"}
	floats := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), -1.5, 1.5, 1e300, -1e300, 5e-324}
	ints := []int64{math.MinInt64, math.MaxInt64, -1, 0, 1}
	b := types.NewBuilder(t)
	for range n {
		if nulls && rng.Intn(5) == 0 {
			b.AppendNull()
			continue
		}
		switch b := b.(type) {
		case *array.Int16Builder:
			b.Append(int16(rng.Intn(9) - 4))
		case *array.Int32Builder:
			b.Append(int32(rng.Uint32()))
		case *array.Int64Builder:
			b.Append(ints[rng.Intn(len(ints))])
		case *array.Date32Builder:
			b.Append(arrow.Date32(rng.Intn(9) - 4))
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(rng.Int63n(100) - 50))
		case *array.Float64Builder:
			b.Append(floats[rng.Intn(len(floats))])
		case *array.StringBuilder:
			b.Append(texts[rng.Intn(len(texts))])
		case *array.BooleanBuilder:
			b.Append(rng.Intn(2) == 0)
		}
	}
	return b.NewArray()
}

// TestSortPrefix: sorting by prefixes, and throwing away behind a bound, give what comparing gives.
func TestSortPrefix(t *testing.T) {
	const seed, n, first = 11, 2000, 37
	rng := rand.New(rand.NewSource(seed))
	for _, nulls := range []bool{false, true} {
		for _, typ := range sortTypes {
			cols := []arrow.Array{sortColumn(rng, typ, n, nulls), sortColumn(rng, types.Int8, n, nulls)}
			for k := range 4 {
				keys := []plan.SortKey{{X: &expr.Column{Typ: typ}, Desc: k&1 != 0, NullsFirst: k&2 != 0}, {X: &expr.Column{Idx: 1, Typ: types.Int8}}}
				o := newRowOrder(keys)
				want := make([]int32, n)
				for i := range want {
					want[i] = int32(i)
				}
				slices.SortStableFunc(want, func(a, b int32) int { return o.compare(cols, int(a), cols, int(b)) })
				if got := sortedRows(n, cols, keys, nil); !slices.Equal(got, want) {
					t.Fatalf("seed %d: %s, desc %v, nulls first %v: the orders differ", seed, typ, keys[0].Desc, keys[0].NullsFirst)
				}
				s := &sorter{plan: &plan.Sort{Keys: keys}}
				b := &types.Batch{N: n, Cols: cols}
				bound, err := s.boundOf(&run{ec: &expr.Ctx{}}, types.TakeBatch(b, want[:first]))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := bound.better(&run{ec: &expr.Ctx{}}, b); err != nil {
					t.Fatal(err)
				}
				var before []int32
				for i := range int32(n) {
					if o.compare(cols, int(i), cols, int(want[first-1])) < 0 {
						before = append(before, i)
					}
				}
				if !slices.Equal(bound.keep, before) {
					t.Fatalf("seed %d: %s, desc %v, nulls first %v: %d rows before the bound, want %d", seed, typ, keys[0].Desc, keys[0].NullsFirst, len(bound.keep), len(before))
				}
			}
		}
	}
}

// BenchmarkSort sorts a million rows by one key, and by one with 20 values and another.
func BenchmarkSort(b *testing.B) {
	const n = 1_000_000
	rng := rand.New(rand.NewSource(1))
	price, category := make([]int64, n), make([]int64, n)
	for i := range n {
		price[i], category[i] = rng.Int63n(100_000), rng.Int63n(20)
	}
	for name, cols := range map[string][]arrow.Array{
		"keys=1": {types.Int64Array(price, nil, 0)},
		"keys=2": {types.Int64Array(category, nil, 0), types.Int64Array(price, nil, 0)},
	} {
		b.Run(name, func(b *testing.B) {
			var keys []plan.SortKey
			for i := range cols {
				keys = append(keys, plan.SortKey{X: &expr.Column{Idx: i, Typ: types.Int8}, Desc: i == 0})
			}
			for b.Loop() {
				sortedRows(n, cols, keys, nil)
			}
		})
	}
}

// TestSortedTogether: several goroutines give the order that one gives, equal rows as they came.
func TestSortedTogether(t *testing.T) {
	const seed, n = 12, sortTogether + 1234
	rng := rand.New(rand.NewSource(seed))
	var cols []arrow.Array
	var keys []plan.SortKey
	for _, nulls := range []bool{false, true} {
		for _, typ := range sortTypes {
			cols = append(cols, sortColumn(rng, typ, n, nulls))
			keys = append(keys, plan.SortKey{X: &expr.Column{Typ: typ}, Desc: rng.Intn(2) == 0, NullsFirst: rng.Intn(2) == 0})
		}
	}
	for first := 0; first < len(cols); first += 3 {
		for _, width := range []int{1, 2, 6} {
			cs, ks := cols[first:min(first+width, len(cols))], keys[first:min(first+width, len(cols))]
			o := newRowOrder(ks)
			want := make([]int32, n)
			for i := range want {
				want[i] = int32(i)
			}
			slices.SortStableFunc(want, func(a, b int32) int { return o.compare(cs, int(a), cs, int(b)) })
			for _, workers := range []int{1, 2, 5} {
				got, err := sortedTogether(n, cs, ks, workers)
				if err != nil || !slices.Equal(got, want) {
					t.Fatalf("seed %d: keys %d to %d on %d goroutines: the orders differ (%v)", seed, first, first+width, workers, err)
				}
			}
		}
	}
}
