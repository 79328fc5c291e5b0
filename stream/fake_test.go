package stream

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

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ints makes a batch of bigint columns, row by row, with weights at the end of each row where weighted.
func ints(weighted bool, width int, rows ...[]int64) *types.Batch {
	b := &types.Batch{N: len(rows)}
	for c := range width {
		bl := array.NewInt64Builder(types.Mem)
		for _, r := range rows {
			bl.Append(r[c])
		}
		b.Cols = append(b.Cols, bl.NewArray())
	}
	if weighted {
		b.W = []int64{}
		for _, r := range rows {
			b.W = append(b.W, r[width])
		}
	}
	return b
}

func intAt(b *types.Batch, c, i int) int64 { return b.Cols[c].(*array.Int64).Value(i) }

// relation makes a relation of bigint columns.
func relation(oid uint32, name string, kind catalog.Kind, cols ...string) *catalog.Relation {
	r := &catalog.Relation{OID: oid, Schema: "public", Name: name, Kind: kind, Mode: "update", Trigger: "manual"}
	for _, c := range cols {
		r.Columns = append(r.Columns, catalog.Column{Name: c, Type: types.Int8})
	}
	return r
}

// node is a plan of one input whose schema is the relation's.
type node struct {
	in  plan.Node
	rel *catalog.Relation
}

func (n node) Schema() plan.Schema {
	var s plan.Schema
	for _, c := range n.rel.Columns {
		if !c.Hidden {
			s = append(s, plan.Col{Name: c.Name, Type: c.Type})
		}
	}
	return s
}
func (n node) Inputs() []plan.Node                 { return []plan.Node{n.in} }
func (n node) WithInputs(in []plan.Node) plan.Node { return node{in[0], n.rel} }
func (n node) Exprs() []expr.Expr                  { return nil }
func (n node) WithExprs([]expr.Expr) plan.Node     { return n }
func (n node) Explain() string                     { return "Fake" }
func (n node) Offset() int                         { return -1 }

// fakeRunner is a Runner in a few lines. kind: pass gives its input on; count counts rows by the first column, by weight; window counts
// rows by the first column divided by 10, which is event time, and gives a window when the watermark closes it.
type fakeRunner struct {
	kind   string
	scan   *plan.Scan
	counts map[int64]int64
	dirty  map[int64]bool
	late   int64
	fail   *error
}

func (f *fakeRunner) Scans() []*plan.Scan { return []*plan.Scan{f.scan} }

func (f *fakeRunner) Run(ctx context.Context, st *exec.Step, in []exec.Input, out func(*types.Batch) error) (int64, error) {
	if f.fail != nil && *f.fail != nil {
		return 0, *f.fail
	}
	old := map[int64]int64{}
	seen := map[string]int64{}
	for _, s := range in[0].Splits {
		err := s.Read(ctx, func(b *types.Batch) error {
			for i := range b.N {
				k := intAt(b, 0, i)
				if m, ok := seen[s.Partition]; !ok || k > m {
					seen[s.Partition] = k
				}
				if f.kind == "window" {
					if k = k / 10; (k+1)*10 <= st.WMStart {
						f.late++
						continue
					}
				}
				if _, ok := old[k]; !ok {
					old[k] = f.counts[k]
				}
				f.counts[k] += b.Weight(i)
				f.dirty[k] = true
			}
			if f.kind == "pass" {
				return out(b)
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	var greatest []exec.Seen
	for p, m := range seen {
		greatest = append(greatest, exec.Seen{Partition: p, Max: m})
	}
	mark := st.Advance(greatest)
	switch f.kind {
	case "count":
		var rows [][]int64
		for k, n := range old {
			if n != 0 {
				rows = append(rows, []int64{k, n, -1})
			}
			if f.counts[k] != 0 {
				rows = append(rows, []int64{k, f.counts[k], 1})
			}
		}
		return mark, out(ints(true, 2, rows...))
	case "window":
		var rows [][]int64
		for k, n := range f.counts {
			if n > 0 && (k+1)*10 <= mark {
				rows = append(rows, []int64{k * 10, n})
				f.counts[k], f.dirty[k] = 0, true
			}
		}
		return mark, out(ints(false, 2, rows...))
	}
	return mark, nil
}

func (f *fakeRunner) chunk(keys func(yield func(int64) bool), tag string) []exec.Chunk {
	var rows [][]int64
	for k := range keys {
		rows = append(rows, []int64{k, f.counts[k]})
	}
	f.dirty = map[int64]bool{}
	if f.kind == "pass" || len(rows) == 0 {
		return nil
	}
	return []exec.Chunk{{Op: "fake", Tag: tag, Batch: ints(false, 2, rows...)}}
}

func (f *fakeRunner) SaveDelta() ([]exec.Chunk, error) {
	return f.chunk(func(yield func(int64) bool) {
		for k := range f.dirty {
			if !yield(k) {
				return
			}
		}
	}, "delta"), nil
}

func (f *fakeRunner) SaveAll() ([]exec.Chunk, error) {
	return f.chunk(func(yield func(int64) bool) {
		for k := range f.counts {
			if !yield(k) {
				return
			}
		}
	}, "all"), nil
}

func (f *fakeRunner) Load(chunks []exec.Chunk) error {
	for _, c := range chunks {
		for i := range c.Batch.N {
			f.counts[intAt(c.Batch, 0, i)] = intAt(c.Batch, 1, i)
		}
	}
	return nil
}

func (f *fakeRunner) Stats() []exec.OpStats {
	return []exec.OpStats{{Op: "fake", Dropped: map[string]int64{"late": f.late}}}
}

func (f *fakeRunner) NextClose() (int64, bool) {
	if f.kind != "window" {
		return 0, false
	}
	best, ok := int64(0), false
	for k, n := range f.counts {
		if end := (k + 1) * 10; n > 0 && (!ok || end < best) {
			best, ok = end, true
		}
	}
	return best, ok
}

// fakeQuery makes a query of a kind over in with result out.
func fakeQuery(kind string, out, in *catalog.Relation, fail *error) *Query {
	cols := make([]int, len(in.Columns))
	for i := range cols {
		cols[i] = i
	}
	scan := &plan.Scan{Rel: in, Cols: cols, Pos: -1}
	return &Query{Rel: out, Plan: &plan.Query{Root: node{scan, out}}, Build: func() (exec.Runner, error) {
		return &fakeRunner{kind: kind, scan: scan, counts: map[int64]int64{}, dirty: map[int64]bool{}, fail: fail}, nil
	}}
}

// fileSink is a sink whose staged and published steps are files, so that they crash as the store does.
type fileSink struct {
	fs    state.FS
	rows  []string
	takes bool
}

const sinkDir = "sink"

func (s *fileSink) Write(_ context.Context, _ int64, c connector.Changes) error {
	for i := range c.Batch.N {
		s.rows = append(s.rows, opAt(c, i).String()+" "+rowText(c.Batch, i))
	}
	return nil
}

func (s *fileSink) Stage(_ context.Context, n int64) error {
	text := strings.Join(s.rows, "\n")
	s.rows = nil
	return state.WriteFile(s.fs, sinkDir, fmt.Sprintf("stage-%06d", n), []byte(text))
}

func (s *fileSink) Publish(_ context.Context, n int64) error {
	from, to := fmt.Sprintf("sink/stage-%06d", n), fmt.Sprintf("sink/out-%06d", n)
	if _, err := s.fs.Stat(from); err != nil {
		_, err = s.fs.Stat(to)
		return err
	}
	if err := s.fs.Rename(from, to); err != nil {
		return err
	}
	return state.SyncDir(s.fs, sinkDir)
}

func (s *fileSink) Abandon(_ context.Context, n int64) error {
	names, err := s.fs.List(sinkDir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name < "stage" && name > fmt.Sprintf("out-%06d", n) {
			return fmt.Errorf("%s was published, but step %d is the last that was committed", name, n)
		}
		if name > fmt.Sprintf("stage-%06d", n) {
			if err := s.fs.Remove("sink/" + name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *fileSink) TakesDeletes() bool { return s.takes }
func (s *fileSink) Close() error       { return nil }

func (s *fileSink) published(t testing.TB) (rows []string) {
	names, err := s.fs.List(sinkDir)
	check(t, err)
	sort.Strings(names)
	for _, name := range names {
		if !strings.HasPrefix(name, "out-") {
			continue
		}
		f, err := s.fs.Open("sink/" + name)
		check(t, err)
		st, err := f.Stat()
		check(t, err)
		buf := make([]byte, st.Size())
		if len(buf) > 0 {
			_, err = f.ReadAt(buf, 0)
			check(t, err)
			rows = append(rows, strings.Split(string(buf), "\n")...)
		}
	}
	return rows
}

func rowText(b *types.Batch, i int) string {
	var p []string
	for _, c := range b.Cols {
		p = append(p, c.ValueStr(i))
	}
	return strings.Join(p, " ")
}

// fakeClock is a clock that tests move.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) set(us int64) *time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = time.UnixMicro(us)
	t := c.now
	return &t
}

// world is a store with a manager over it.
type world struct {
	t     testing.TB
	fs    state.FS
	store *state.Store
	m     *Manager
	clock *fakeClock
	sink  *fileSink
}

func newWorld(t testing.TB, fs state.FS, o state.Options) *world {
	t.Helper()
	if fs == nil {
		fs = state.NewCrashFS(rand.New(rand.NewPCG(1, 1)), nil)
	}
	w := &world{t: t, fs: fs, clock: &fakeClock{now: time.UnixMicro(1)}, sink: &fileSink{fs: fs}}
	check(t, fs.MkdirAll(sinkDir, 0o755))
	check(t, state.SyncDir(fs, ""))
	var err error
	w.store, err = state.Open("db", fs, o)
	check(t, err)
	w.m = NewManager(ManagerConfig{Store: w.store, Catalog: catalog.New(nil), Clock: w.clock.Now, Connectors: []connector.Def{{Name: "file",
		Guarantee: "exactly once", OpenSink: func(context.Context, connector.SinkConfig) (connector.Sink, error) { return w.sink, nil }}}})
	return w
}

func (w *world) close() {
	check(w.t, w.m.Shutdown(context.Background()))
	check(w.t, w.store.Close())
}

func (w *world) start(qs ...*Query) {
	w.t.Helper()
	for _, q := range qs {
		check(w.t, w.m.Start(context.Background(), q))
	}
}

func (w *world) append(rel *catalog.Relation, rows ...[]int64) {
	w.t.Helper()
	l, err := w.m.Log(rel)
	check(w.t, err)
	check(w.t, l.Append(context.Background(), ints(false, len(rel.Columns), rows...)))
}

func (w *world) run(q *Query) {
	w.t.Helper()
	check(w.t, w.m.RunTrigger(context.Background(), q.Rel.OID, nil))
}

// rows reads a relation, sorted.
func (w *world) rows(rel *catalog.Relation) []string {
	w.t.Helper()
	cols := allColumns(rel)
	splits, release, err := w.m.ReadAll(context.Background(), &plan.Scan{Rel: rel, Cols: cols})
	check(w.t, err)
	defer release()
	out := []string{}
	for _, s := range splits {
		check(w.t, s.Read(context.Background(), func(b *types.Batch) error {
			for i := range b.N {
				out = append(out, rowText(b, i))
			}
			return nil
		}))
	}
	slices.Sort(out)
	return out
}

func (w *world) want(rel *catalog.Relation, want ...string) {
	w.t.Helper()
	if got := w.rows(rel); !slices.Equal(got, want) {
		w.t.Fatalf("%s has %q, want %q", rel.Name, got, want)
	}
}

func (w *world) info(q *Query) Info {
	for _, i := range w.m.Infos() {
		if i.Rel.OID == q.Rel.OID {
			return i
		}
	}
	w.t.Fatalf("no query %s", q.Rel.Name)
	return Info{}
}
