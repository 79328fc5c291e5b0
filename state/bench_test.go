package state

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/types"
)

// million fills a table with n rows in batches.
func million(t testing.TB, tab *Table, n int) {
	const step = 10000
	for from := 0; from < n; from += step {
		ks, vs := make([]int64, step), make([]string, step)
		for i := range ks {
			ks[i], vs[i] = int64(from+i), fmt.Sprint("value ", from+i)
		}
		apply(t, tab, tab.Version()+1, rows(ks, vs, nil))
	}
}

// BenchmarkRestart opens a store with a table of a million rows.
func BenchmarkRestart(b *testing.B) {
	dir := b.TempDir()
	s, err := Open(dir, nil, Options{})
	check(b, err)
	tab, err := OpenTable(s, 1, rowTypes, []int{0})
	check(b, err)
	million(b, tab, 1_000_000)
	check(b, s.Close())
	for b.Loop() {
		begin := time.Now()
		s, err := Open(dir, nil, Options{})
		check(b, err)
		b.ReportMetric(float64(time.Since(begin).Milliseconds()), "ms-open")
		tab, err := OpenTable(s, 1, rowTypes, []int{0})
		check(b, err)
		if tab.Rows() != 1_000_000 {
			b.Fatalf("%d rows", tab.Rows())
		}
		check(b, s.Close())
	}
}

// BenchmarkLookup reads single rows of a table of a million.
func BenchmarkLookup(b *testing.B) {
	s, err := Open(b.TempDir(), nil, Options{})
	check(b, err)
	defer s.Close()
	tab, err := OpenTable(s, 1, rowTypes, []int{0})
	check(b, err)
	million(b, tab, 1_000_000)
	key := rows([]int64{777_777}, []string{""}, nil).Cols[:1]
	for b.Loop() {
		if _, _, ok := tab.Lookup(key, 0, tab.Version()); !ok {
			b.Fatal("not found")
		}
	}
}

// BenchmarkUpdateOne changes one row of a table of a million and syncs.
func BenchmarkUpdateOne(b *testing.B) {
	s, err := Open(b.TempDir(), nil, Options{})
	check(b, err)
	defer s.Close()
	tab, err := OpenTable(s, 1, rowTypes, []int{0})
	check(b, err)
	million(b, tab, 1_000_000)
	for i := int64(0); b.Loop(); i++ {
		k := i % 1000
		old, j, _ := tab.Lookup(one(k, "", 1).Cols[:1], 0, tab.Version())
		was := types.TakeBatch(old, []int32{int32(j)})
		now := one(k, fmt.Sprint(i), 1)
		was.W = []int64{-1}
		both, err := types.ConcatBatches([]*types.Batch{was, now})
		check(b, err)
		batch := s.NewBatch()
		check(b, tab.Apply(batch, tab.Version()+1, both))
		check(b, batch.Commit(true))
	}
}

// BenchmarkLogAppendOne appends single rows from one client, each synced.
func BenchmarkLogAppendOne(b *testing.B) {
	s, err := Open(b.TempDir(), nil, Options{})
	check(b, err)
	defer s.Close()
	l, err := OpenLog(s, 1, rowTypes)
	check(b, err)
	r := rows([]int64{1}, []string{"x"}, nil)
	for b.Loop() {
		check(b, l.Append(context.Background(), r))
	}
	keys := 0
	check(b, s.Scan([]byte{prefixLog}, func(_, _ []byte) error { keys++; return nil }))
	b.ReportMetric(float64(keys), "keys")
}
