package batchfmt

import (
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

var int4Array = types.Type{OID: 1007, Mod: -1}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestKeepsEveryLayout(t *testing.T) {
	for _, ty := range types.All() {
		dt := ty.Type.Arrow()
		bl := array.NewBuilder(types.Mem, dt)
		bl.AppendNull()
		bl.AppendEmptyValue()
		if s, ok := bl.(*array.StringBuilder); ok {
			s.Append(strings.Repeat("long enough to compress ", 100))
		} else if l, ok := bl.(*array.ListBuilder); ok {
			l.Append(true)
			l.ValueBuilder().AppendNull()
			l.ValueBuilder().AppendEmptyValue()
		} else {
			bl.AppendEmptyValue()
		}
		bl.AppendNull()
		full := &types.Batch{Cols: []arrow.Array{bl.NewArray()}, N: 4, W: []int64{1, -1, 5, 1 << 40}}
		for i, b := range []*types.Batch{full, full.Slice(1, 4), full.Slice(2, 2), full, full.Slice(1, 4)} {
			form := Append
			if i > 2 {
				form = AppendPlain
			}
			enc, err := form(nil, b)
			must(t, err)
			got, rest, err := Decode(append(enc, 7), nil)
			must(t, err)
			if len(rest) != 1 || got.N != b.N || !slices.Equal(got.W, b.W) || !array.Equal(got.Cols[0], b.Cols[0]) {
				t.Fatalf("%s: got %v, want %v", ty.Name, got.Cols[0], b.Cols[0])
			}
			for cut := range enc {
				if _, _, err := Decode(enc[:cut], nil); err == nil {
					t.Fatalf("%s: no error for %d of %d bytes", ty.Name, cut, len(enc))
				}
			}
			idx := []int32{}
			for i := b.N - 1; i >= 0; i-- {
				idx = append(idx, int32(i))
			}
			rev := types.TakeBatch(types.TakeBatch(b, idx), idx)
			if !array.Equal(rev.Cols[0], b.Cols[0]) {
				t.Fatalf("%s: taken twice in reverse it is %v, want %v", ty.Name, rev.Cols[0], b.Cols[0])
			}
			for i := range b.N {
				h, g := types.HashRows(b.Cols, b.N, nil), types.HashRows(rev.Cols, b.N, nil)
				if h[i] != g[i] || !types.SameRows(b.Cols, i, rev.Cols, i) {
					t.Fatalf("%s: hash or equality of row %d differs", ty.Name, i)
				}
			}
		}
	}
}

// TestShapes: arrays of several dimensions and with bounds come back as they were, from slices too.
func TestShapes(t *testing.T) {
	typ := int4Array
	bl := types.NewBuilder(typ)
	for _, s := range []string{"{}", "{{1,2},{3,4}}", "[2:3]={5,NULL}", "{6}", "{{{7}}}"} {
		must(t, types.ParseText(bl, s, typ, nil))
	}
	full := &types.Batch{N: 5, Cols: []arrow.Array{bl.NewArray()}}
	for _, b := range []*types.Batch{full, full.Slice(1, 4), full.Slice(3, 4)} {
		data, err := Append(nil, b)
		must(t, err)
		got, _, err := Decode(data, nil)
		must(t, err)
		for i := range b.N {
			if !types.SameRows(got.Cols, i, b.Cols, i) {
				t.Errorf("row %d of %d is another: %s", i, b.N, types.AppendText(nil, got.Cols[0], i, typ, nil))
			}
		}
	}
}

// TestDamaged flips bits of stored batches: no damage may panic while they are read.
func TestDamaged(t *testing.T) {
	seed := int64(7)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	b := small(t)
	data, err := Append(nil, b)
	must(t, err)
	for range 3000 {
		bad := slices.Clone(data)
		bad[r.Intn(len(bad))] ^= byte(1 << r.Intn(8))
		if got, _, err := Decode(bad, nil); err == nil && len(got.Cols) > len(b.Cols)+300 {
			t.Fatal("a damaged batch has too many columns")
		}
	}
}

// small is a batch of five equal rows of weight -1.
func small(t testing.TB) *types.Batch {
	b := &types.Batch{N: 5, W: []int64{-1, -1, -1, -1, -1}}
	for _, c := range []struct {
		typ  types.Type
		text string
	}{{types.Int8, "42"}, {types.Text, "hello"}, {types.Numeric, "12.50"}, {types.TimestampTZ, "2020-01-01 00:00:00+00"}, {types.Float8, "1.5"}, {int4Array, "{1,2}"}} {
		bl := types.NewBuilder(c.typ)
		for range b.N {
			must(t, types.ParseText(bl, c.text, c.typ, nil))
		}
		b.Cols = append(b.Cols, bl.NewArray())
	}
	return b
}

func TestSmallIsSmall(t *testing.T) {
	if data, err := Append(nil, small(t)); err != nil || len(data) > 700 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
}

func BenchmarkSmall(b *testing.B) {
	batch := small(b)
	b.ReportAllocs()
	for b.Loop() {
		data, err := Append(nil, batch)
		if err == nil {
			_, _, err = Decode(data, nil)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
