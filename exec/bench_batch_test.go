package exec

import (
	"context"
	"fmt"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// BenchmarkBatch is count, sum and max by key as a batch query over 20 splits.
func BenchmarkBatch(b *testing.B) {
	for _, keys := range []int{10000, 1000000} {
		for _, par := range []int{1, 2} {
			b.Run(fmt.Sprintf("keys=%d/par=%d", keys, par), func(b *testing.B) {
				var splits []types.Split
				for _, batch := range benchBatches(20, keys) {
					splits = append(splits, types.Split{Read: func(_ context.Context, emit func(*types.Batch) error) error { return emit(batch) }})
				}
				s := table(catalog.Stream, -1, types.TimestampTZ, types.Int8, types.Int8)
				f := &plan.Filter{In: s, Cond: op(b, col(s, 2), ">=", expr.ConstInt8(0))}
				root := aggregateOf(f, []expr.Expr{col(f, 1)}, agg(b, "count"), agg(b, "sum", col(f, 2)), agg(b, "max", col(f, 2)))
				for b.Loop() {
					g, err := Build(root, Config{Mode: plan.Batch, Parallelism: par, NewCtx: testCtx})
					if err != nil {
						b.Fatal(err)
					}
					if _, err := g.Run(context.Background(), &Step{N: 1, Last: true}, []Input{{Splits: splits}}, func(*types.Batch) error { return nil }); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)*20*maxBatch/b.Elapsed().Seconds()/1e6, "Mrows/s")
			})
		}
	}
}
