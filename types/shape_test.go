package types

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestShapes takes a column of arrays of several shapes through everything that moves rows, and compares the texts.
func TestShapes(t *testing.T) {
	typ, _ := Int4.Array()
	texts := []string{"{1,2}", "{{1,2},{3,4}}", "[2:3]={7,8}", "", "{}", "[0:1][-1:0]={{1,2},{3,4}}", "{{1},{2}}"}
	b := NewBuilder(typ)
	for _, s := range texts {
		if s == "" {
			b.AppendNull()
		} else if err := ParseText(b, s, typ, nil); err != nil {
			t.Fatal(s, err)
		}
	}
	col := b.NewArray()
	check := func(what string, a arrow.Array, rows ...int) {
		t.Helper()
		if a.Len() != len(rows) {
			t.Fatalf("%s: %d rows", what, a.Len())
		}
		for i, r := range rows {
			got := ""
			if !a.IsNull(i) {
				got = string(AppendText(nil, a, i, typ, nil))
			}
			if got != texts[r] {
				t.Errorf("%s row %d: %q, want %q", what, i, got, texts[r])
			}
			if c := NewComparer(typ); !a.IsNull(i) && c(a, i, col, r) != 0 {
				t.Errorf("%s row %d is not equal to %s", what, i, texts[r])
			}
		}
	}
	check("column", col, 0, 1, 2, 3, 4, 5, 6)
	check("taken", Take(col, []int32{6, 0, -1, 5}), 6, 0, 3, 5)
	batch := (&Batch{N: 7, Cols: []arrow.Array{col}}).Slice(1, 6)
	check("slice", batch.Cols[0], 1, 2, 3, 4, 5)
	check("taken of a slice", Take(batch.Cols[0], []int32{4, 0}), 5, 1)
	both, err := Concat([]arrow.Array{Take(col, []int32{0}), batch.Cols[0]})
	if err != nil {
		t.Fatal(err)
	}
	check("joined", both, 0, 1, 2, 3, 4, 5)
	hs := make([]uint64, 7)
	HashCols([]arrow.Array{col}, []Type{typ}, 7, hs)
	if hs[1] == hs[5] || hs[0] == hs[6] {
		t.Error("arrays of different shapes have one hash")
	}
	for i, s := range texts {
		if s == "" {
			continue
		}
		data, err := AppendBinary(nil, col, i, typ)
		if err != nil {
			t.Fatal(err)
		}
		b := NewBuilder(typ)
		if err := ParseBinary(b, data, typ); err != nil {
			t.Fatal(s, err)
		}
		check("binary", b.NewArray(), i)
	}
}
