package exec

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// benchBatches makes n batches of 65,536 events: time (1 s a batch), key below keys, value.
func benchBatches(n, keys int) []*types.Batch {
	rnd := rand.New(rand.NewSource(7))
	out := make([]*types.Batch, n)
	ts := int64(1767225600000000)
	for k := range out {
		cols := make([][]int64, 3)
		for range maxBatch {
			cols[0] = append(cols[0], ts+rnd.Int63n(1e6))
			cols[1] = append(cols[1], rnd.Int63n(int64(keys)))
			cols[2] = append(cols[2], rnd.Int63n(10000))
		}
		ts += 1e6
		out[k] = &types.Batch{N: maxBatch, Cols: []arrow.Array{types.NewFixed(types.TimestampTZ.Arrow(), cols[0], nil, 0),
			types.Int64Array(cols[1], nil, 0), types.Int64Array(cols[2], nil, 0)}}
	}
	return out
}

// benchRun runs each batch as a step of its own and reports millions of rows per second.
func benchRun(b *testing.B, mode plan.Mode, keys int, mk func(s plan.Node) plan.Node) {
	const n = 20
	batches := benchBatches(n, keys)
	s := table(catalog.Stream, 0, types.TimestampTZ, types.Int8, types.Int8)
	root := mk(s)
	for b.Loop() {
		g, err := Build(root, Config{Mode: mode, Parallelism: 1, NewCtx: testCtx, Ephemeral: true})
		if err != nil {
			b.Fatal(err)
		}
		wm := int64(NoWatermark)
		for i, batch := range batches {
			st := &Step{N: int64(i + 1), WMStart: wm, Advance: func(seen []Seen) int64 { return seen[0].Max - 1e6 }}
			read := func(_ context.Context, emit func(*types.Batch) error) error { return emit(batch) }
			if wm, err = g.Run(context.Background(), st, []Input{{Splits: []types.Split{{Read: read}}}}, func(*types.Batch) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N)*n*maxBatch/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// BenchmarkGroup is count, sum and max by key, with the changes of every step.
func BenchmarkGroup(b *testing.B) {
	for _, keys := range []int{1000, 10000, 1000000} {
		b.Run(fmt.Sprint(keys), func(b *testing.B) {
			benchRun(b, plan.Update, keys, func(s plan.Node) plan.Node {
				return aggregateOf(s, []expr.Expr{col(s, 1)}, agg(b, "count"), agg(b, "sum", col(s, 2)), agg(b, "max", col(s, 2)))
			})
		})
	}
}

// BenchmarkWindow is count, sum and max by window and key, handed on when closed.
func BenchmarkWindow(b *testing.B) {
	for _, w := range []struct{ size, slide int64 }{{10, 10}, {60, 10}, {60, 1}} {
		for _, keys := range []int{1000, 10000} {
			b.Run(fmt.Sprintf("%d by %d/keys=%d", w.size, w.slide, keys), func(b *testing.B) {
				benchRun(b, plan.Append, keys, func(s plan.Node) plan.Node {
					fn := "hop"
					if w.size == w.slide {
						fn = "tumble"
					}
					return windowed(b, windowOf(s, fn, w.size*second, w.slide*second), true)
				})
			})
		}
	}
}

// BenchmarkFilterProject is a filter that half the rows pass and a projection.
func BenchmarkFilterProject(b *testing.B) {
	benchRun(b, plan.Append, 1000, func(s plan.Node) plan.Node {
		f := &plan.Filter{In: s, Cond: op(b, col(s, 2), "<", expr.ConstInt8(5000))}
		return &plan.Project{In: f, Items: []expr.Expr{col(f, 0), op(b, col(f, 1), "+", col(f, 2))},
			Cols: plan.Schema{{Type: types.TimestampTZ}, {Type: types.Int8}}}
	})
}

// BenchmarkSmallStep is a step that changes 1,000 groups of many, with its delta of the state.
func BenchmarkSmallStep(b *testing.B) {
	const groups = 4 << 20
	s := table(catalog.Stream, 0, types.TimestampTZ, types.Int8, types.Int8)
	root := aggregateOf(s, []expr.Expr{col(s, 1)}, agg(b, "count"), agg(b, "sum", col(s, 2)), agg(b, "max", col(s, 2)))
	g, err := Build(root, Config{Mode: plan.Update, Parallelism: 1, NewCtx: testCtx})
	if err != nil {
		b.Fatal(err)
	}
	n := int64(0)
	step := func(from, rows int64) {
		n++
		v := make([]int64, rows)
		for i := range v {
			v[i] = from + int64(i)
		}
		batch := &types.Batch{N: len(v), Cols: []arrow.Array{types.NewFixed(types.TimestampTZ.Arrow(), v, nil, 0), types.Int64Array(v, nil, 0), types.Int64Array(v, nil, 0)}}
		read := func(_ context.Context, emit func(*types.Batch) error) error { return emit(batch) }
		if _, err := g.Run(context.Background(), &Step{N: n, WMStart: NoWatermark}, []Input{{Splits: []types.Split{{Read: read}}}}, func(*types.Batch) error { return nil }); err != nil {
			b.Fatal(err)
		}
		if _, err := g.SaveDelta(); err != nil {
			b.Fatal(err)
		}
	}
	step(0, groups)
	for b.Loop() {
		step(n*7919%(groups-1000), 1000)
	}
}
