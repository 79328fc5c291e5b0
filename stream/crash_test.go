package stream

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/state"
)

var (
	crashSeeds = flag.Int("crash-seeds", 400, "how many seeds TestCrash runs")
	crashFirst = flag.Uint64("crash-first", 0, "the first seed of TestCrash")
)

// crashRels are the relations of the simulation: a stream, a table, two counts in a cascade, a sink of files, a memory sink with the whole result.
type crashRels struct {
	in, table, counts, cascade, copied, files, memory *catalog.Relation
	queries                                           []*Query
}

func newCrashRels() *crashRels {
	r := &crashRels{
		in:      relation(100, "s", catalog.Stream, "k", "v"),
		table:   relation(101, "t", catalog.Table, "id", "x"),
		counts:  relation(102, "counts", catalog.MatView, "k", "n"),
		cascade: relation(103, "cascade", catalog.MatView, "k", "n"),
		copied:  relation(104, "copied", catalog.MatView, "id", "x"),
		files:   relation(105, "files", catalog.Sink, "k", "v"),
		memory:  relation(106, "memory", catalog.Sink, "k", "n"),
	}
	r.table.Primary = []int{0}
	r.counts.Key, r.cascade.Key, r.memory.Key = []int{0}, []int{0}, []int{0}
	r.files.Mode, r.files.Options = "append", catalog.Options{{Key: "connector", Value: "file"}}
	r.memory.Mode, r.memory.Options = "complete", catalog.Options{{Key: "connector", Value: "memory"}}
	// The cascade counts, for each key, its counts: one row for each key of counts.
	r.queries = []*Query{
		fakeQuery("count", r.counts, r.in, nil), fakeQuery("count", r.cascade, r.counts, nil), fakeQuery("pass", r.copied, r.table, nil),
		fakeQuery("pass", r.files, r.in, nil), fakeQuery("count", r.memory, r.in, nil),
	}
	return r
}

// TestCrash runs queries on a file system that loses power before a random change, perhaps twice, starts again from what was on the disk, finishes,
// and compares everything with what a batch gives over the input that survived. What was acknowledged must have survived.
func TestCrash(t *testing.T) {
	begin, changes := time.Now(), int64(0)
	for seed := *crashFirst; seed < *crashFirst+uint64(*crashSeeds); seed++ {
		changes += crashOnce(t, seed)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d seeds, %d changes of the file system, %v", *crashSeeds, changes, time.Since(begin))
}

// acked counts what was acknowledged, and what of it before the crash.
type acked struct{ rows, commits, durableRows, durableCommits atomic.Int64 }

func (a *acked) crash() {
	a.durableRows.Store(a.rows.Load())
	a.durableCommits.Store(a.commits.Load())
}

func crashOnce(t *testing.T, seed uint64) (changes int64) {
	defer func() {
		if t.Failed() {
			t.Logf("go test ./stream -run TestCrash -crash-seeds 1 -crash-first %d", seed)
		}
	}()
	rng := rand.New(rand.NewPCG(seed, 7))
	a := &acked{}
	fs := state.NewCrashFS(rng, a.crash)
	for life := 0; ; life++ {
		w := newWorld(t, fs, state.Options{Inline: true, History: 2, SnapshotBytes: 1 + rng.Int64N(6000)})
		w.m.saveFrom = rng.Int64N(4000)
		// The opening of the store is Pebble's own affair, and our disk may forget a new file of an unsynced directory but keep a later one.
		if life == 0 || life == 1 && rng.IntN(2) == 0 {
			fs.CrashAfter(1 + rng.Int64N(300))
		}
		r := newCrashRels()
		crashed := func() bool { return fs.Crashed(nil) != nil }
		alive := w.live(r, rng, a, crashed)
		if alive {
			w.finish(r, a)
		}
		changes += fs.Changes()
		w.close()
		if alive && !crashed() {
			return changes
		}
		fs = fs.Crashed(a.crash)
	}
}

// keyOf is the key of row number v.
func keyOf(v int64) int64 { return v * 7 % 5 }

// live starts the queries and does random things until the crash (false) or their end.
func (w *world) live(r *crashRels, rng *rand.Rand, a *acked, crashed func() bool) bool {
	w.start(r.queries...)
	if rng.IntN(2) == 0 {
		// As a continuous trigger does, but with the steps where the test wants them.
		for _, q := range r.queries {
			w.m.queries[q.Rel.OID].trigger = Trigger{Kind: TriggerContinuous, Every: time.Hour}
		}
	}
	l, err := w.m.Log(r.in)
	check(w.t, err)
	tab, err := w.m.Table(r.table)
	check(w.t, err)
	for range 60 {
		if crashed() {
			return false
		}
		switch n := rng.IntN(10); {
		case n < 3:
			var rows [][]int64
			for v := l.Version(); v < l.Version()+1+rng.Int64N(4); v++ {
				rows = append(rows, []int64{keyOf(v), v})
			}
			w.append(r.in, rows...)
			a.rows.Store(l.Version())
		case n < 4:
			w.commit(tab, rng)
			a.commits.Store(tab.Version())
		default:
			w.run(r.queries[rng.IntN(len(r.queries))])
		}
		if rng.IntN(20) == 0 {
			check(w.t, tab.Checkpoint())
		}
		if rng.IntN(20) == 0 && !crashed() {
			check(w.t, w.store.Sync())
		}
	}
	return !crashed()
}

// commit changes the row of one key to hold the number of the commit, or removes it.
func (w *world) commit(tab *state.Table, rng *rand.Rand) {
	v, id := tab.Version()+1, rng.Int64N(4)
	var rows [][]int64
	if b, i, ok := tab.Lookup(ints(false, 1, []int64{id}).Cols, 0, tab.Version()); ok {
		rows = append(rows, []int64{id, intAt(b, 1, i), -1})
	}
	if rng.IntN(3) > 0 {
		rows = append(rows, []int64{id, v, 1})
	}
	b := w.store.NewBatch()
	check(w.t, tab.Apply(b, v, ints(true, 2, rows...)))
	check(w.t, b.Commit(true))
}

// finish lets the queries read all there is and compares.
func (w *world) finish(r *crashRels, a *acked) {
	for range 2 {
		for _, q := range r.queries {
			w.run(q)
		}
	}
	l, err := w.m.Log(r.in)
	check(w.t, err)
	tab, err := w.m.Table(r.table)
	check(w.t, err)
	if l.Version() < a.durableRows.Load() || tab.Version() < a.durableCommits.Load() {
		w.t.Fatalf("%d rows and %d commits are left of %d and %d", l.Version(), tab.Version(), a.durableRows.Load(), a.durableCommits.Load())
	}
	var in, files []string
	counts := map[int64]int{}
	for v := range l.Version() {
		in = append(in, fmt.Sprint(keyOf(v), v))
		files = append(files, fmt.Sprint("insert ", keyOf(v), " ", v))
		counts[keyOf(v)]++
	}
	counted, ones := []string{}, []string{}
	for k, n := range counts {
		counted = append(counted, fmt.Sprint(k, n))
		ones = append(ones, fmt.Sprint(k, 1))
	}
	for _, x := range [][]string{in, files, counted, ones} {
		slices.Sort(x)
	}
	w.want(r.in, in...)
	w.want(r.counts, counted...)
	w.want(r.cascade, ones...)
	w.want(r.copied, w.rows(r.table)...)
	got := w.sink.published(w.t)
	slices.Sort(got)
	if !slices.Equal(got, files) {
		w.t.Fatalf("the files have %d rows %q, want %d", len(got), got, len(files))
	}
	w.wantMemory(r, counted)
}

// wantMemory compares the last batch of the memory sink, which has the whole result.
func (w *world) wantMemory(r *crashRels, counted []string) {
	rel := *r.memory
	rel.Columns = append(slices.Clone(rel.Columns), catalog.Column{Name: "_batch_id"}, catalog.Column{Name: "_op"})
	last := w.info(r.queries[4]).Step
	got := []string{}
	for _, row := range w.rows(&rel) {
		var k, n, batch int64
		_, err := fmt.Sscan(row, &k, &n, &batch)
		check(w.t, err)
		if batch == last {
			got = append(got, fmt.Sprint(k, n))
		}
	}
	if !slices.Equal(got, counted) {
		w.t.Fatalf("the last batch %d of the memory sink has %q, want %q", last, got, counted)
	}
}
