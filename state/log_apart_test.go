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
		check(t, split.ReadSome(context.Background(), &types.Reading{May: func(r []types.Range) bool {
			want := types.Range{Known: true, Min: int64(asked * maxChunkRows), Max: int64((asked+1)*maxChunkRows - 1)}
			if r[0].Known || r[1] != want {
				t.Errorf("ranges %v, want %v", r, want)
			}
			asked++
			return asked == 2
		}}, func(b *types.Batch) error { rows += b.N; return nil }))
	}
	if asked < 2 || rows != maxChunkRows {
		t.Fatalf("asked %d times, read %d rows", asked, rows)
	}
}

// TestLogPick: of the rows that a reader chooses by some columns it gets the same as from all rows, in lent memory or not, from stored chunks and from memory.
func TestLogPick(t *testing.T) {
	const from, to = 777, 2*maxChunkRows + 999
	for _, opts := range []Options{{LogCacheBytes: 1}, {}} {
		s := openMem(t, vfs.NewMem(), opts)
		l := wideLog(t, s, 3*maxChunkRows, false)
		c, err := l.Changes(from, to, []int{2, 0, 1})
		check(t, err)
		for name, want := range map[string]func(n int64) bool{
			"none": func(int64) bool { return false }, "all": func(int64) bool { return true },
			"every third": func(n int64) bool { return n%3 == 0 }, "one chunk": func(n int64) bool { return n >= maxChunkRows && n < 2*maxChunkRows },
		} {
			for _, lend := range []bool{false, true} {
				next, held := int64(from), []*types.Batch{}
				sees := func(b *types.Batch) {
					for i := range b.N {
						for !want(next) {
							next++
						}
						n, third := types.Int64s(b.Cols[1])[i], types.Int64s(b.Cols[2])[i]
						text := b.Cols[0].(*array.String).Value(i)
						if null := b.Cols[2].IsNull(i); n != next || text != fmt.Sprintf("a text of row %d", n) || null != (n%maxChunkRows == 5) || !null && third != 3*n {
							t.Fatalf("%s: row %d: %d %q %d %v", name, next, n, text, third, null)
						}
						next++
					}
				}
				for _, split := range c {
					check(t, split.ReadSome(context.Background(), &types.Reading{Lend: lend, First: []int{1}, Pick: func(b *types.Batch) ([]int32, error) {
						rows := []int32{}
						for i, n := range types.Int64s(b.Cols[0]) {
							if want(n) {
								rows = append(rows, int32(i))
							}
						}
						return rows, nil
					}}, func(b *types.Batch) error {
						if lend {
							sees(b)
						} else {
							held = append(held, b)
						}
						return nil
					}))
				}
				for _, b := range held {
					sees(b)
				}
				for next < to && !want(next) {
					next++
				}
				if next != to {
					t.Fatalf("%s, lent %v: the rows end before %d", name, lend, next)
				}
			}
		}
		check(t, s.Close())
	}
}
