package conformance

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/types"
)

// Read gives the rows of a range as text, columns want of rel separated by "|", a null as NULL.
func Read(t *testing.T, s connector.Source, rel *catalog.Relation, from, to connector.Position, want []int) []string {
	t.Helper()
	splits, err := s.Splits(context.Background(), from, to, connector.Want{Cols: want, OnBad: func(b connector.Bad) error {
		return fmt.Errorf("%s: %s: %s", b.Source, b.Reason, b.Raw)
	}})
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, sp := range splits {
		if err := sp.Read(context.Background(), func(b *types.Batch) error { rows = append(rows, Rows(b, rel, want)...); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return rows
}

// Rows gives the rows of a batch with the columns want of rel as text.
func Rows(b *types.Batch, rel *catalog.Relation, want []int) []string {
	out := make([]string, b.N)
	var line []byte
	for i := range b.N {
		line = line[:0]
		for k, a := range b.Cols {
			if k > 0 {
				line = append(line, '|')
			}
			if a.Len() != b.N {
				panic(fmt.Sprintf("column %d has %d rows of %d", k, a.Len(), b.N))
			}
			if a.IsNull(i) {
				line = append(line, "NULL"...)
			} else {
				line = types.AppendText(line, a, i, rel.Columns[want[k]].Type, nil)
			}
		}
		out[i] = string(line)
	}
	return out
}

// All is the columns of rel.
func All(rel *catalog.Relation) []int {
	w := make([]int, len(rel.Columns))
	for i := range w {
		w[i] = i
	}
	return w
}

// Source checks a source whose input stands still: the same range gives the same rows, however it is cut, after a restart too, and a
// projection gives the same columns. open opens it over kv. It returns all rows.
func Source(t *testing.T, rel *catalog.Relation, open func(kv connector.KV) (connector.Source, error)) []string {
	t.Helper()
	kv := &KV{}
	start := func() connector.Source {
		s, err := open(kv)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := start()
	end := latest(t, s, nil, connector.Limits{})
	if bytes.Equal(end, nil) {
		t.Fatal("there is nothing to read")
	}
	want := Read(t, s, rel, nil, end, All(rel))
	same(t, "again", Read(t, s, rel, nil, end, All(rel)), want)
	if p := latest(t, s, end, connector.Limits{}); !bytes.Equal(p, end) {
		t.Errorf("Latest(%s) = %s, though nothing came", end, p)
	}
	if len(Read(t, s, rel, end, end, All(rel))) != 0 {
		t.Error("an empty range has rows")
	}
	if s.Lag(end) > 0 || s.Lag(nil) == 0 || s.Describe(end) == "" {
		t.Errorf("lag at the end %d, at the beginning %d; %q", s.Lag(end), s.Lag(nil), s.Describe(end))
	}
	for _, lim := range []connector.Limits{{Rows: 7}, {Rows: int64(len(want)/3 + 1)}, {Files: 1}, {Rows: 1000, Files: 2}} {
		cut(t, s, rel, end, lim, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start()
	same(t, "after a restart", Read(t, s, rel, nil, end, All(rel)), want)
	mid := latest(t, s, nil, connector.Limits{Rows: int64(len(want)/2 + 1)})
	head := Read(t, s, rel, nil, mid, All(rel))
	same(t, "from the middle", append(head, Read(t, s, rel, mid, end, All(rel))...), want)
	project(t, s, rel, end, want)
	waits(t, s, end)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return want
}

func latest(t *testing.T, s connector.Source, from connector.Position, lim connector.Limits) connector.Position {
	t.Helper()
	to, _, err := s.Latest(context.Background(), from, lim)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	t.Fatalf("%s: %d rows, want %d; they differ from row %d on:\n%s\n%s", what, len(got), len(want), i, strings.Join(got[i:min(i+2, len(got))], "\n"), strings.Join(want[i:min(i+2, len(want))], "\n"))
}

// cut reads the input step by step under limits.
func cut(t *testing.T, s connector.Source, rel *catalog.Relation, end connector.Position, lim connector.Limits, want []string) {
	t.Helper()
	var rows []string
	var from connector.Position
	for more := true; ; {
		to, m, err := s.Latest(context.Background(), from, lim)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(to, from) {
			if more {
				t.Errorf("limits %+v: more after %s, but there is none", lim, from)
			}
			break
		}
		step := Read(t, s, rel, from, to, All(rel))
		if len(step) == 0 {
			t.Errorf("limits %+v: the range from %s to %s is empty", lim, from, to)
		}
		rows = append(rows, step...)
		from, more = to, m
	}
	if !bytes.Equal(from, end) {
		t.Errorf("limits %+v end at %s, want %s", lim, from, end)
	}
	same(t, fmt.Sprintf("limits %+v", lim), rows, want)
}

// project reads each column alone, all of them backwards, and none.
func project(t *testing.T, s connector.Source, rel *catalog.Relation, end connector.Position, want []string) {
	t.Helper()
	if n := len(Read(t, s, rel, nil, end, []int{})); n != len(want) {
		t.Errorf("without columns: %d rows, want %d", n, len(want))
	}
	var one [][]string
	for c := range rel.Columns {
		one = append(one, Read(t, s, rel, nil, end, []int{c}))
	}
	joined := make([]string, len(want))
	for i := range want {
		var f []string
		for c := range one {
			f = append(f, one[c][i])
		}
		joined[i] = strings.Join(f, "|")
	}
	same(t, "column by column", joined, want)
	back := All(rel)
	slices.Reverse(back)
	for i, row := range Read(t, s, rel, nil, end, back) {
		var f []string
		for c := len(one) - 1; c >= 0; c-- {
			f = append(f, one[c][i])
		}
		if row != strings.Join(f, "|") {
			t.Fatalf("backwards, row %d: %s", i, row)
		}
	}
}

// waits checks that Wait returns at once where there is something, and ends with its context.
func waits(t *testing.T, s connector.Source, end connector.Position) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := s.Wait(ctx, nil); err != nil {
		t.Errorf("Wait at the beginning: %v", err)
	}
	if err := s.Wait(ctx, end); err == nil {
		t.Error("Wait at the end returned, though nothing came")
	}
}
