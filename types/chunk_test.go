package types

import (
	"reflect"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

func sampleBatch(t testing.TB, rows int) (*Batch, []Type) {
	b := &Batch{N: rows}
	var ts []Type
	for _, s := range samples {
		vals := make([]string, rows)
		for i := range vals {
			vals[i] = s.vals[i%len(s.vals)]
		}
		b.Cols = append(b.Cols, column(t, s.typ, vals...))
		ts = append(ts, s.typ)
	}
	return b, ts
}

func TestChunkRoundTrip(t *testing.T) {
	for _, rows := range []int{0, 1, 5, 9, 1000} {
		for _, compress := range []bool{false, true} {
			b, ts := sampleBatch(t, rows)
			for _, w := range [][]int64{nil, repeat(-1, rows), repeat(1<<40, rows)} {
				b.W = w
				checkChunk(t, b, ts, compress)
				if rows > 6 {
					checkChunk(t, b.Slice(3, rows-1), ts, compress)
				}
			}
		}
	}
}

func repeat(v int64, n int) []int64 {
	w := make([]int64, n)
	for i := range w {
		w[i] = v
	}
	return w
}

func checkChunk(t *testing.T, b *Batch, ts []Type, compress bool) {
	t.Helper()
	data, err := EncodeBatch([]byte("x"), b, ts, compress)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeBatch(data[1:])
	if err != nil {
		t.Fatal(err)
	}
	if got.N != b.N || len(b.W) > 0 && !reflect.DeepEqual(got.W, b.W) {
		t.Fatalf("rows %d weights %v, want %d %v", got.N, got.W, b.N, b.W)
	}
	for c := range ts {
		if g, w := texts(got.Cols[c], ts[c]), texts(b.Cols[c], ts[c]); !reflect.DeepEqual(g, w) {
			t.Errorf("%s: %v, want %v", ts[c], g, w)
		}
	}
	for cut := range min(len(data)-1, 400) {
		if _, err := DecodeBatch(data[1 : 1+cut]); err == nil {
			t.Fatalf("a chunk cut to %d bytes was read", cut)
		}
	}
}

func smallBatch(t testing.TB) (*Batch, []Type) {
	ts := []Type{Int8, Text, Numeric, TimestampTZ, Float8}
	vals := []string{"42", "hello", "12.50", "2020-01-01 00:00:00+00", "1.5"}
	b := &Batch{N: 5, W: repeat(-1, 5), Cols: make([]arrow.Array, len(ts))}
	for c, typ := range ts {
		b.Cols[c] = column(t, typ, vals[c], vals[c], vals[c], vals[c], vals[c])
	}
	return b, ts
}

func TestChunkIsSmall(t *testing.T) {
	b, ts := smallBatch(t)
	if data, err := EncodeBatch(nil, b, ts, true); err != nil || len(data) > 500 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
}

func BenchmarkChunkSmall(b *testing.B) {
	batch, ts := smallBatch(b)
	b.ReportAllocs()
	for b.Loop() {
		data, err := EncodeBatch(nil, batch, ts, true)
		if err == nil {
			_, err = DecodeBatch(data)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
