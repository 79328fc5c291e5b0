package state

import (
	"context"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/types"
)

// TestLogSince: the first row at or after a time is found in chunks that were merged, and after a restart.
func TestLogSince(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := OpenLog(s, 1, []types.Type{types.Int8})
	if err != nil {
		t.Fatal(err)
	}
	var before []time.Time
	for i := range 300 {
		time.Sleep(50 * time.Microsecond)
		before = append(before, time.Now())
		time.Sleep(50 * time.Microsecond)
		b := &types.Batch{N: 1}
		b.Cols = append(b.Cols, types.Int64Array([]int64{int64(i)}, nil, 0))
		if err := l.Append(context.Background(), b); err != nil {
			t.Fatal(err)
		}
	}
	check := func() {
		t.Helper()
		for i, at := range before {
			if n, err := l.Since(at); err != nil || n != int64(i) {
				t.Fatalf("row %d: got %d, %v", i, n, err)
			}
		}
		if n, err := l.Since(time.Now().Add(time.Hour)); err != nil || n != 300 {
			t.Fatalf("in the future: %d, %v", n, err)
		}
	}
	check()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if l, err = OpenLog(s, 1, []types.Type{types.Int8}); err != nil {
		t.Fatal(err)
	}
	check()
}
