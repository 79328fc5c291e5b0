package state

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/streamsqld/streamsqld/types"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openMem(t testing.TB, fs FS, o Options) *Store {
	t.Helper()
	s, err := Open("db", fs, o)
	check(t, err)
	return s
}

var rowTypes = []types.Type{types.Int8, types.Text}

// rows makes a batch of (k, v) rows with weights; nil weights: append-only.
func rows(ks []int64, vs []string, w []int64) *types.Batch {
	k, v := array.NewInt64Builder(types.Mem), array.NewStringBuilder(types.Mem)
	k.AppendValues(ks, nil)
	v.AppendValues(vs, nil)
	return &types.Batch{Cols: []arrow.Array{k.NewArray(), v.NewArray()}, N: len(ks), W: w}
}

func one(k int64, v string, w int64) *types.Batch { return rows([]int64{k}, []string{v}, []int64{w}) }

func text(b *types.Batch, i int) string {
	var p []string
	for _, c := range b.Cols {
		p = append(p, c.ValueStr(i))
	}
	return strings.Join(p, "=")
}

func readAll(t testing.TB, splits []types.Split) []string {
	t.Helper()
	var out []string
	for _, s := range splits {
		check(t, s.Read(context.Background(), func(b *types.Batch) error {
			for i := range b.N {
				x := text(b, i)
				if b.W != nil {
					x = fmt.Sprintf("%+d %s", b.W[i], x)
				}
				out = append(out, x)
			}
			return nil
		}))
	}
	return out
}

func snapshot(t testing.TB, c Changelog, v int64) []string {
	t.Helper()
	s, release, err := c.Snapshot(v, nil)
	check(t, err)
	defer release()
	out := readAll(t, s)
	sort.Strings(out)
	return out
}

func TestLog(t *testing.T) {
	fs := vfs.NewMem()
	o := Options{LogCacheBytes: 60000}
	s := openMem(t, fs, o)
	l, err := OpenLog(s, 7, rowTypes)
	check(t, err)
	var want []string
	rng := rand.New(rand.NewPCG(1, 1))
	for i := 0; i < 10000; {
		n := 1
		if rng.IntN(100) == 0 {
			n = rng.IntN(300)
		}
		var ks []int64
		var vs []string
		for ; n > 0; n-- {
			ks, vs = append(ks, int64(i)), append(vs, "v")
			want = append(want, fmt.Sprintf("%d=v", i))
			i++
		}
		check(t, l.Append(context.Background(), rows(ks, vs, nil)))
		if i%7 == 0 {
			from := rng.Int64N(l.Version() + 1)
			to := from + rng.Int64N(l.Version()-from+1)
			c, err := l.Changes(from, to, nil)
			check(t, err)
			if got := readAll(t, c); !slices.Equal(got, want[from:to]) {
				t.Fatalf("after %d rows, (%d, %d] are %d rows %v", i, from, to, len(got), got)
			}
		}
	}
	keys := 0
	check(t, s.Scan([]byte{prefixLog}, func(_, _ []byte) error { keys++; return nil }))
	if keys > 3*mergeFanIn {
		t.Errorf("%d rows in %d keys", len(want), keys)
	}
	check(t, s.Close())
	s = openMem(t, fs, o)
	defer s.Close()
	l, err = OpenLog(s, 7, rowTypes)
	check(t, err)
	c, err := l.Changes(0, l.Version(), []int{0})
	check(t, err)
	if got := readAll(t, c); len(got) != len(want) || got[5] != "5" {
		t.Fatalf("after a restart %d rows, want %d", len(got), len(want))
	}
	l.Hold("q", 9000)
	check(t, l.Trim(time.Now().Add(time.Hour)))
	if o := l.Oldest(); o == 0 || o > 9000 {
		t.Fatalf("oldest row is %d with a reader at 9000", o)
	}
	l.Unhold("q")
	check(t, l.Trim(time.Now().Add(time.Hour)))
	l, err = OpenLog(s, 7, rowTypes)
	check(t, err)
	if l.Oldest() != int64(len(want)) || l.Version() != int64(len(want)) {
		t.Fatalf("an emptied log goes from %d to %d", l.Oldest(), l.Version())
	}
}

func TestLogConcurrentAppends(t *testing.T) {
	s := openMem(t, vfs.NewMem(), Options{})
	defer s.Close()
	l, err := OpenLog(s, 7, rowTypes)
	check(t, err)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 100 {
				if err := l.Append(context.Background(), rows([]int64{int64(g*100 + i)}, []string{"x"}, nil)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	check(t, l.Wait(ctx, 799))
	wg.Wait()
	got := snapshot(t, l, l.Version())
	slices.Sort(got)
	if len(got) != 800 || len(slices.Compact(got)) != 800 {
		t.Fatalf("%d rows", len(got))
	}
}

func apply(t testing.TB, tab *Table, v int64, b *types.Batch) {
	t.Helper()
	batch := tab.s.NewBatch()
	check(t, tab.Apply(batch, v, b))
	check(t, batch.Commit(false))
}

// TestTableAgainstModel applies random changes to keyed and unkeyed tables and compares every version read, through restarts.
func TestTableAgainstModel(t *testing.T) {
	for _, key := range [][]int{{0}, nil} {
		for seed := range uint64(20) {
			t.Run(fmt.Sprintf("key=%v/seed=%d", key, seed), func(t *testing.T) { tableModel(t, key, seed) })
		}
	}
}

func tableModel(t *testing.T, key []int, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 2))
	fs := vfs.NewMem()
	o := Options{History: 5, Inline: seed%2 == 0}
	s := openMem(t, fs, o)
	open := func() *Table {
		tab, err := OpenTable(s, 9, rowTypes, key)
		check(t, err)
		return tab
	}
	tab := open()
	model := map[int64][]string{} // key to its rows
	all := func() []string {
		out := []string{}
		for k, vs := range model {
			for _, v := range vs {
				out = append(out, fmt.Sprintf("%d=%s", k, v))
			}
		}
		sort.Strings(out)
		return out
	}
	type pin struct {
		v       int64
		want    []string
		release func()
	}
	var pins []pin
	keys := 1 + rng.IntN(300)
	for v := int64(1); v <= 150; v++ {
		var ks, ws []int64
		var vs []string
		put := func(k int64, val string, w int64) { ks, vs, ws = append(ks, k), append(vs, val), append(ws, w) }
		for range rng.IntN(20) {
			k := rng.Int64N(int64(keys))
			if slices.Contains(ks, k) {
				continue
			}
			if n := len(model[k]); n > 0 && (key != nil || rng.IntN(2) == 0) {
				i := rng.IntN(n)
				put(k, model[k][i], -1)
				model[k] = slices.Delete(slices.Clone(model[k]), i, i+1)
				if rng.IntN(3) == 0 {
					continue
				}
			}
			val := fmt.Sprint(rng.IntN(3))
			put(k, val, 1)
			model[k] = append(slices.Clone(model[k]), val)
		}
		apply(t, tab, v, rows(ks, vs, ws))
		if rng.IntN(10) == 0 {
			release, err := tab.Pin(v)
			check(t, err)
			pins = append(pins, pin{v, all(), release})
		}
		if got, want := snapshot(t, tab, v), all(); !slices.Equal(got, want) {
			t.Fatalf("seed %d version %d: got %v want %v", seed, v, got, want)
		}
		if tab.Rows() != int64(len(all())) {
			t.Fatalf("seed %d version %d: counts %d rows, has %d", seed, v, tab.Rows(), len(all()))
		}
		for k := range int64(keys) {
			kb := one(k, "", 1)
			n := 0
			if key != nil {
				tab.LookupEach(kb.Cols[:1], 0, v, func(b *types.Batch, i int) bool {
					if n++; text(b, i) != fmt.Sprintf("%d=%s", k, model[k][0]) {
						t.Fatalf("seed %d version %d: key %d gives %s", seed, v, k, text(b, i))
					}
					return true
				})
				if n != len(model[k]) {
					t.Fatalf("seed %d version %d: key %d found %d times, want %d", seed, v, k, n, len(model[k]))
				}
			}
		}
		if rng.IntN(8) == 0 && len(pins) > 0 {
			i := rng.IntN(len(pins))
			if got := snapshot(t, tab, pins[i].v); !slices.Equal(got, pins[i].want) {
				t.Fatalf("seed %d: pinned version %d at %d: got %v want %v", seed, pins[i].v, v, got, pins[i].want)
			}
			pins[i].release()
			pins = slices.Delete(pins, i, i+1)
		}
		if rng.IntN(30) == 0 {
			check(t, tab.Checkpoint())
		}
		if rng.IntN(30) == 0 {
			pins = nil
			check(t, s.Close())
			s = openMem(t, fs, o)
			tab = open()
		}
	}
	check(t, s.Close())
}

// TestTableReadersSeeWholeVersions reads while every version moves one row of a fixed number from key to key.
func TestTableReadersSeeWholeVersions(t *testing.T) {
	s := openMem(t, vfs.NewMem(), Options{SnapshotBytes: 20000})
	defer s.Close()
	tab, err := OpenTable(s, 9, rowTypes, []int{0})
	check(t, err)
	const n = 300
	ks, vs := make([]int64, n), make([]string, n)
	for i := range ks {
		ks[i], vs[i] = int64(i), "x"
	}
	apply(t, tab, 1, rows(ks, vs, nil))
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				v := tab.Version()
				splits, release, err := tab.Snapshot(v, nil)
				if err != nil {
					t.Error(err)
					return
				}
				if got := readAll(t, splits); len(got) != n {
					t.Errorf("version %d has %d rows", v, len(got))
					return
				}
				release()
			}
		})
	}
	for v := int64(2); v < 3000; v++ {
		apply(t, tab, v, rows([]int64{v - 2, v - 2 + n}, []string{"x", "x"}, []int64{-1, 1}))
	}
	close(stop)
	wg.Wait()
}

func TestTableChangesAndHolds(t *testing.T) {
	fs := vfs.NewMem()
	s := openMem(t, fs, Options{History: 3})
	tab, err := OpenTable(s, 9, rowTypes, []int{0})
	check(t, err)
	tab.Hold("sub", 4)
	for v := int64(1); v <= 10; v++ {
		batch := s.NewBatch()
		b := one(v, "x", 1)
		if v > 1 {
			b = rows([]int64{v - 1, v}, []string{"x", "x"}, []int64{-1, 1})
		}
		check(t, tab.ApplyDelta(batch, v, Delta{Changes: b, Watermark: v * 10, At: v}))
		check(t, batch.Commit(true))
	}
	check(t, tab.Checkpoint())
	for range 2 {
		if tab.Oldest() != 4 {
			t.Fatalf("oldest is %d with a reader at 4", tab.Oldest())
		}
		c, err := tab.Changes(4, 6, nil)
		check(t, err)
		if got := strings.Join(readAll(t, c), ","); got != "-1 4=x,+1 5=x,-1 5=x,+1 6=x" {
			t.Fatalf("changes are %s", got)
		}
		if tab.Watermark(6) != 60 || tab.Changed(4, 6) != 4 || tab.Cut(4, 10, 3) != 5 || tab.Cut(4, 10, 1) != 5 {
			t.Fatalf("watermark %d, changed %d, cut %d", tab.Watermark(6), tab.Changed(4, 6), tab.Cut(4, 10, 3))
		}
		if _, err := tab.Changes(3, 6, nil); err == nil {
			t.Fatal("changes that were dropped can be read")
		}
		check(t, s.Close())
		s = openMem(t, fs, Options{History: 3})
		tab, err = OpenTable(s, 9, rowTypes, []int{0})
		check(t, err)
		tab.Hold("sub", 4)
	}
	tab.Unhold("sub")
	apply(t, tab, 11, one(99, "y", 1))
	apply(t, tab, 12, nil)
	apply(t, tab, 13, rows([]int64{100, 101}, []string{"x", "x"}, nil))
	if got := tab.Cut(11, 13, 1); got != 13 {
		t.Fatalf("cut at %d: a version without changes is no step on", got)
	}
	check(t, tab.Checkpoint())
	if tab.Oldest() != 10 {
		t.Fatalf("oldest is %d, want the last 3 versions", tab.Oldest())
	}
	check(t, s.Close())
}

func TestBatchOverRelationsIsAtomic(t *testing.T) {
	s := openMem(t, vfs.NewMem(), Options{})
	defer s.Close()
	l, err := OpenLog(s, 1, rowTypes)
	check(t, err)
	tab, err := OpenTable(s, 2, rowTypes, nil)
	check(t, err)
	apply(t, tab, 5, one(1, "a", 1))
	b := s.NewBatch()
	check(t, l.AppendTo(b, one(1, "a", 1)))
	check(t, tab.Apply(b, 5, one(2, "b", 1)))
	if err := b.Commit(true); err == nil {
		t.Fatal("a version was applied twice")
	}
	if l.Version() != 0 || tab.Rows() != 1 {
		t.Fatal("half of a batch became visible")
	}
	b = s.NewBatch()
	check(t, tab.Apply(b, 6, one(2, "b", 1)))
	check(t, l.AppendTo(b, one(1, "a", 1)))
	check(t, l.AppendTo(b, one(2, "b", 1)))
	check(t, b.Commit(true))
	if l.Version() != 2 || tab.Rows() != 2 {
		t.Fatalf("the log has %d rows, the table %d", l.Version(), tab.Rows())
	}
}

// TestTableHoldNow begins to read in the middle: what comes while its rows are read is still there afterwards.
func TestTableHoldNow(t *testing.T) {
	s := openMem(t, vfs.NewMem(), Options{History: 1})
	tab, err := OpenTable(s, 9, rowTypes, nil)
	check(t, err)
	for v := int64(1); v <= 5; v++ {
		apply(t, tab, v, one(v, "x", 1))
	}
	from := tab.HoldNow("query")
	for v := int64(6); v <= 20; v++ {
		apply(t, tab, v, one(v, "x", 1))
		check(t, tab.Checkpoint())
	}
	c, err := tab.Changes(from, 7, nil)
	check(t, err)
	if got := strings.Join(readAll(t, c), ","); from != 5 || got != "+1 6=x,+1 7=x" {
		t.Fatalf("changes from %d are %s", from, got)
	}
}
