package state

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/streamsqld/streamsqld/types"
	"github.com/streamsqld/streamsqld/types/batchfmt"
)

// wideLog has chunks of 16,384 rows (n, n * 3 as a column with a NULL in each chunk, text); inline writes them as they were before columns lay apart.
func wideLog(tb testing.TB, s *Store, total int, inline bool) *Log {
	tb.Helper()
	ts := []types.Type{types.Int8, types.Int8, types.Text}
	l, err := OpenLog(s, 7, ts)
	check(tb, err)
	for from := 0; from < total; from += maxChunkRows {
		n := min(maxChunkRows, total-from)
		a, c, t := array.NewInt64Builder(types.Mem), array.NewInt64Builder(types.Mem), array.NewStringBuilder(types.Mem)
		for i := from; i < from+n; i++ {
			a.Append(int64(i))
			if i%maxChunkRows == 5 {
				c.AppendNull()
			} else {
				c.Append(int64(3 * i))
			}
			t.Append(fmt.Sprintf("a text of row %d", i))
		}
		b := &types.Batch{Cols: []arrow.Array{a.NewArray(), c.NewArray(), t.NewArray()}, N: n}
		if !inline {
			check(tb, l.Append(context.Background(), b))
			continue
		}
		v, err := batchfmt.Append(binary.AppendVarint(nil, 1), b)
		check(tb, err)
		check(tb, s.Set(logKey(7, int64(from)), v))
	}
	if inline {
		l, err = OpenLog(s, 7, ts)
		check(tb, err)
	}
	return l
}

func keysOf(tb testing.TB, s *Store, prefix byte) (n int) {
	check(tb, s.Scan([]byte{prefix}, func(_, _ []byte) error { n++; return nil }))
	return n
}

// TestLogApart: large columns lie under keys of their own, are read alone, go with their rows, and chunks of the older form stay readable.
func TestLogApart(t *testing.T) {
	const total = 3*maxChunkRows + 5000
	for _, inline := range []bool{false, true} {
		s := openMem(t, vfs.NewMem(), Options{LogCacheBytes: 1})
		l := wideLog(t, s, total, inline)
		if n := keysOf(t, s, prefixLogCol); inline != (n == 0) {
			t.Fatalf("inline %v: %d columns lie apart", inline, n)
		}
		for _, cols := range [][]int{nil, {0}, {2, 0}, {1, 2}, {}} {
			c, err := l.Changes(100, total-100, cols)
			check(t, err)
			at := 100
			for _, split := range c {
				check(t, split.Read(context.Background(), func(b *types.Batch) error {
					for j, col := range cols {
						for _, i := range []int{0, b.N / 2, b.N - 1} {
							want := []string{fmt.Sprint(at + i), fmt.Sprint(3 * (at + i)), fmt.Sprintf("a text of row %d", at+i)}[col]
							if got := b.Cols[j].ValueStr(i); got != want {
								return fmt.Errorf("column %d of row %d: %s", col, at+i, got)
							}
						}
					}
					at += b.N
					return nil
				}))
			}
			if at != total-100 {
				t.Fatalf("columns %v: %d rows", cols, at)
			}
		}
		check(t, l.Trim(time.Now().Add(time.Hour)))
		if n := keysOf(t, s, prefixLogCol) + keysOf(t, s, prefixLog); n != 0 {
			t.Fatalf("%d keys are left of an emptied log", n)
		}
		check(t, s.Close())
	}
}

// TestLogRanges: chunks of which the reader wants nothing are not read; of columns with NULLs nothing is known.
func TestLogRanges(t *testing.T) {
	s := openMem(t, vfs.NewMem(), Options{LogCacheBytes: 1})
	defer s.Close()
	l := wideLog(t, s, 3*maxChunkRows, false)
	c, err := l.Changes(0, 3*maxChunkRows-1, []int{1, 0})
	check(t, err)
	asked, rows := 0, 0
	for _, split := range c {
		check(t, split.ReadSome(context.Background(), func(r []types.Range) bool {
			want := types.Range{Known: true, Min: int64(asked * maxChunkRows), Max: int64((asked+1)*maxChunkRows - 1)}
			if r[0].Known || r[1] != want {
				t.Errorf("ranges %v, want %v", r, want)
			}
			asked++
			return asked == 2
		}, func(b *types.Batch) error { rows += b.N; return nil }))
	}
	if asked < 2 || rows != maxChunkRows {
		t.Fatalf("asked %d times, read %d rows", asked, rows)
	}
}
