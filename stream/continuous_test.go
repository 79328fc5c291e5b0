package stream

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

func TestContinuous(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer func() { w.close() }()
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "n")
	out.Key, out.Trigger = []int{0}, "continuous 20 milliseconds"
	q := fakeQuery("count", out, in, nil)
	w.start(q)
	tab, err := w.m.Table(out)
	check(t, err)
	for i := range int64(5) {
		v := tab.Version()
		w.append(in, []int64{7, i})
		check(t, tab.Wait(context.Background(), v))
	}
	w.want(out, "7 5")
	check(t, w.m.Pause(101))
	check(t, w.m.Shutdown(context.Background()))
	w.m = NewManager(w.m.cfg)
	w.start(fakeQuery("count", out, in, nil))
	w.append(in, []int64{8, 0})
	check(t, w.m.Flush(context.Background(), nil))
	w.want(out, "7 5", "8 1")
}

// realQuery is a projection (pass), or a running count by the first column.
func realQuery(t testing.TB, kind string, out, in *catalog.Relation) *Query {
	scan := &plan.Scan{Rel: in, Alias: "s", Cols: []int{0, 1}, Pos: -1}
	k, v := &expr.Column{Idx: 0, Name: "k", Typ: types.Int8}, &expr.Column{Idx: 1, Name: "v", Typ: types.Int8}
	cols := plan.Schema{{Name: "k", Type: types.Int8}, {Name: "n", Type: types.Int8}}
	var root plan.Node = &plan.Project{In: scan, Items: []expr.Expr{v, k}, Cols: cols, Pos: -1}
	if kind == "count" {
		r, err := expr.ResolveAgg("count", nil)
		check(t, err)
		root = &plan.Aggregate{In: scan, Group: []expr.Expr{k}, Aggs: []plan.AggCall{{Fn: r.Agg, Typ: r.Ret, Name: "count(*)"}}, Cols: cols, Pos: -1}
	}
	return &Query{Rel: out, Plan: &plan.Query{Root: root}, Build: func() (exec.Runner, error) { return exec.Build(root, exec.Config{Mode: plan.Update}) }}
}

// latency sends 20,000 rows a second for d, in the pieces a socket would bring them, and gives the times from the append to the subscriber, sorted.
func latency(t testing.TB, kind string, d time.Duration) []time.Duration {
	s, err := state.Open(t.TempDir(), nil, state.Options{})
	check(t, err)
	m := NewManager(ManagerConfig{Store: s, Catalog: catalog.New(nil)})
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "n")
	out.Trigger = "continuous"
	if kind == "count" {
		out.Key = []int{0}
	}
	check(t, m.Start(context.Background(), realQuery(t, kind, out, in)))
	l, err := m.Log(in)
	check(t, err)
	const piece, every = 40, 2 * time.Millisecond
	n := int(d / every)
	got := make(chan time.Time, n)
	ctx, cancel := context.WithCancel(context.Background())
	total, next := int64(0), int64(piece)
	go func() {
		_ = m.Follow(ctx, out, 0, false, func(c Change) error {
			for i := range c.Batch.N {
				if kind == "count" {
					if opAt(c.Changes, i) != connector.Delete {
						total = max(total, intAt(c.Batch, 1, i)*piece)
					}
				} else {
					total++
				}
			}
			for ; total >= next && next <= int64(n)*piece; next += piece {
				got <- time.Now()
			}
			return nil
		})
	}()
	sent := make([]time.Time, n)
	begin := time.Now()
	for i := range n {
		time.Sleep(time.Until(begin.Add(time.Duration(i) * every)))
		rows := make([][]int64, piece)
		for k := range rows {
			rows[k] = []int64{int64(k), int64(i)}
		}
		b := ints(false, 2, rows...)
		sent[i] = time.Now()
		check(t, l.Append(ctx, b))
	}
	times := make([]time.Duration, n)
	for i := range times {
		times[i] = (<-got).Sub(sent[i])
	}
	cancel()
	check(t, m.Shutdown(context.Background()))
	check(t, s.Close())
	slices.Sort(times)
	return times
}

// BenchmarkLatency is the time of a row from its append, with the append's own sync, to a SUBSCRIBE, at 20,000 rows a second.
func BenchmarkLatency(b *testing.B) {
	for _, kind := range []string{"pass", "count"} {
		b.Run(kind, func(b *testing.B) {
			times := latency(b, kind, time.Duration(b.N)*time.Second)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(times[len(times)-1].Microseconds())/1000, "max-ms")
		})
	}
}
