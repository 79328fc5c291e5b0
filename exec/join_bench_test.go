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

var benchJoinTypes = []types.Type{types.Int8, types.Int8, types.Text}

// keyed makes n batches of 65,536 rows: key below keys, number, text.
func keyed(n, keys int) []*types.Batch {
	rnd := rand.New(rand.NewSource(7))
	out := make([]*types.Batch, n)
	for i := range out {
		k, v := make([]int64, maxBatch), make([]int64, maxBatch)
		offs, data := make([]int32, maxBatch+1), []byte{}
		for r := range k {
			k[r], v[r] = rnd.Int63n(int64(keys)), int64(i*maxBatch+r)
			data = fmt.Appendf(data, "item %d", k[r])
			offs[r+1] = int32(len(data))
		}
		out[i] = &types.Batch{N: maxBatch, Cols: []arrow.Array{types.Int64Array(k, nil, 0), types.Int64Array(v, nil, 0),
			types.BytesArray(types.Text.Arrow(), offs, data, nil, 0)}}
	}
	return out
}

func splitOf(bs ...*types.Batch) Input {
	return Input{Splits: []types.Split{{Read: func(_ context.Context, emit func(*types.Batch) error) error {
		for _, b := range bs {
			if err := emit(b); err != nil {
				return err
			}
		}
		return nil
	}}}}
}

// BenchmarkStreamJoin joins 1 M rows with 1 M rows, 65,536 of each in a step, about one partner a row.
func BenchmarkStreamJoin(b *testing.B) {
	const n = 16
	left, right := keyed(n, n*maxBatch), keyed(n, n*maxBatch)
	for _, kind := range []string{"inner", "left", "semi"} {
		b.Run(kind, func(b *testing.B) {
			l, r := sides([2]catalog.Kind{catalog.Stream, catalog.Stream}, -1, benchJoinTypes)
			j := joinOf(b, kind, l, r, [][2]int{{0, 0}}, nil)
			rows := 0
			for b.Loop() {
				g, err := Build(j, Config{Mode: plan.Update, Parallelism: 1, NewCtx: testCtx, Ephemeral: true})
				if err != nil {
					b.Fatal(err)
				}
				rows = 0
				for i := range left {
					if _, err := g.Run(context.Background(), &Step{N: int64(i + 1)}, []Input{splitOf(left[i]), splitOf(right[i])}, func(o *types.Batch) error {
						rows += o.N
						return nil
					}); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N)*2*n*maxBatch/b.Elapsed().Seconds()/1e6, "Mrows/s")
			b.ReportMetric(float64(rows), "rows")
		})
	}
}

// BenchmarkHashJoin joins 10 M rows with 10,000 in batch mode, as a plain join, with a condition and as a lookup of a stream.
func BenchmarkHashJoin(b *testing.B) {
	const n = 160
	big := keyed(16, 10000)
	small := keyed(1, maxBatch)[0].Slice(0, 10000)
	keys := make([]int64, small.N)
	for i := range keys {
		keys[i] = int64(i)
	}
	small.Cols[0] = types.Int64Array(keys, nil, 0)
	var left []*types.Batch
	for i := range n {
		left = append(left, big[i%len(big)])
	}
	for _, name := range []string{"inner", "rest", "semi", "lookup"} {
		b.Run(name, func(b *testing.B) {
			mode, kinds := plan.Batch, [2]catalog.Kind{catalog.Table, catalog.Table}
			if name == "lookup" {
				mode, kinds = plan.Append, [2]catalog.Kind{catalog.Stream, catalog.Table}
			}
			l, r := sides(kinds, -1, benchJoinTypes)
			j := joinOf(b, "inner", l, r, [][2]int{{0, 0}}, nil)
			switch name {
			case "rest":
				j.Rest = op(b, col(l, 1), ">", &expr.Column{Idx: 4, Typ: types.Int8})
			case "semi":
				j.Kind, j.Cols = "semi", l.Schema()
			case "lookup":
				j.Lookup = "proctime"
			}
			for b.Loop() {
				g, err := Build(j, Config{Mode: mode, Parallelism: 1, NewCtx: testCtx})
				if err != nil {
					b.Fatal(err)
				}
				in := []Input{splitOf(small), splitOf(left...)}
				if _, err := g.Run(context.Background(), &Step{N: 1, Last: true}, in, func(*types.Batch) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*n*maxBatch/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
