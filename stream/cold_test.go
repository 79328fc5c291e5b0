package stream

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// grouped is SELECT k, count(*), sum(v) FROM t GROUP BY k with its state in a store.
type grouped struct {
	b     testing.TB
	store *state.Store
	rel   *catalog.Relation
	root  plan.Node
	graph *exec.Graph
	saver saver
	step  int64
	out   func(b *types.Batch) // takes the changes, where it is not nil
}

func newGrouped(b testing.TB, memory string) *grouped {
	return newSteps(b, memory, func(scan plan.Node) plan.Node {
		return groupBy(b, scan, countBy{"count", false}, countBy{"sum", false})
	})
}

// countBy is an aggregate, of the second column unless it is count(*).
type countBy struct {
	fn       string
	distinct bool
}

// groupBy groups by the first column.
func groupBy(b testing.TB, in plan.Node, calls ...countBy) plan.Node {
	a := &plan.Aggregate{In: in, Group: []expr.Expr{&expr.Column{Idx: 0, Name: "k", Typ: types.Int8}}, Pos: -1, Cols: []plan.Col{{Name: "k", Type: types.Int8}}}
	for _, c := range calls {
		var args []expr.Expr
		var ts []types.Type
		if c.fn != "count" || c.distinct {
			args, ts = []expr.Expr{&expr.Column{Idx: 1, Name: "v", Typ: types.Int8}}, []types.Type{types.Int8}
		}
		r, err := expr.ResolveAgg(c.fn, ts)
		if err != nil {
			b.Fatal(err)
		}
		a.Aggs = append(a.Aggs, plan.AggCall{Fn: r.Agg, Args: args, Typ: r.Ret, Distinct: c.distinct})
		a.Cols = append(a.Cols, plan.Col{Name: c.fn, Type: r.Ret})
	}
	return a
}

// newSteps makes a query over one scan of a stream (k, v).
func newSteps(b testing.TB, memory string, root func(scan plan.Node) plan.Node) *grouped {
	store, err := state.Open(b.TempDir(), nil, state.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	rel := &catalog.Relation{OID: 1, Name: "t", Kind: catalog.Stream, Columns: []catalog.Column{{Name: "k", Type: types.Int8}, {Name: "v", Type: types.Int8}}}
	scan := &plan.Scan{Rel: rel, Alias: "t", Cols: []int{0, 1}}
	g := &grouped{b: b, store: store, root: root(scan), rel: &catalog.Relation{OID: 2, Name: "g", Kind: catalog.Sink}}
	if memory != "" {
		g.rel.Options = g.rel.Options.With("state_memory", memory)
	}
	g.open()
	return g
}

// open makes the operators anew over what is stored.
func (g *grouped) open() {
	var err error
	if g.graph, err = exec.Build(g.root, exec.Config{Mode: plan.Update, NewCtx: func() *expr.Ctx { return &expr.Ctx{Format: types.UTCFormat(0)} }}); err != nil {
		g.b.Fatal(err)
	}
	g.saver = saver{oid: 2, from: 64 << 20}
	if g.saver.cold, err = openCold(g.store, g.rel, g.graph); err != nil {
		g.b.Fatal(err)
	}
	if err := g.saver.load(g.store, g.graph, ""); err != nil {
		g.b.Fatal(err)
	}
	if g.saver.cold != nil && g.saver.cold.fresh && g.step > 0 {
		b, err := g.saver.write(g.store, g.graph, g.step, true)
		if err != nil {
			g.b.Fatal(err)
		}
		if err := b.Commit(true); err != nil {
			g.b.Fatal(err)
		}
	}
}

// run does a step over n rows whose keys key gives, with its commit, and gives the number of changes.
func (g *grouped) run(n int, key func(i int) int64) (out int) {
	const batch = 8192
	split := types.Split{Read: func(_ context.Context, emit func(*types.Batch) error) error {
		for from := 0; from < n; from += batch {
			k := make([]int64, min(batch, n-from))
			v := make([]int64, len(k))
			for i := range k {
				k[i], v[i] = key(from+i), int64(i)
			}
			if err := emit(&types.Batch{N: len(k), Cols: []arrow.Array{types.Int64Array(k, nil, 0), types.Int64Array(v, nil, 0)}}); err != nil {
				return err
			}
		}
		return nil
	}}
	g.step++
	_, err := g.graph.Run(context.Background(), &exec.Step{N: g.step, WMStart: exec.NoWatermark}, []exec.Input{{Splits: []types.Split{split}}}, func(b *types.Batch) error {
		if out += b.N; g.out != nil {
			g.out(b)
		}
		return nil
	})
	if err != nil {
		g.b.Fatal(err)
	}
	b, err := g.saver.save(g.store, g.graph, g.step)
	if err != nil {
		g.b.Fatal(err)
	}
	if err := b.Commit(true); err != nil {
		g.b.Fatal(err)
	}
	g.saver.cold.evict(g.graph)
	return out
}

// fill makes so many groups, in an order of no order.
func (g *grouped) fill(groups int) {
	for at := 0; at < groups; at += 500_000 {
		g.run(min(500_000, groups-at), func(i int) int64 { return scattered(at+i, groups) })
	}
}

// scattered runs through all of 0..n-1 where n is no multiple of the prime.
func scattered(i, n int) int64 { return int64(i) * 2_654_435_761 % int64(n) }

// BenchmarkState measures aggregations over 10 million groups with little memory, and with all in memory: steps over 1,000 and over 500,000 rows of keys that lie anywhere, and
// the restart up to the first result.
func BenchmarkState(b *testing.B) {
	const groups = 10_000_000
	for _, memory := range []string{"", "256MB"} {
		g := newGrouped(b, memory)
		t0 := time.Now()
		g.fill(groups)
		b.Logf("memory %q: %d groups made in %s", memory, groups, time.Since(t0).Round(time.Millisecond))
		at := 0
		for _, rows := range []int{1000, 500_000} {
			b.Run(fmt.Sprintf("memory=%s/rows=%d", memory, rows), func(b *testing.B) {
				for b.Loop() {
					g.run(rows, func(i int) int64 { return scattered((at+i)*7, groups) })
					at += rows
				}
				b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
		b.Run(fmt.Sprintf("memory=%s/restart", memory), func(b *testing.B) {
			for b.Loop() {
				g.open()
				if n := g.run(1, func(int) int64 { return 5 }); n != 2 {
					b.Fatalf("%d changes", n)
				}
			}
		})
	}
}
