package exec

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// BenchmarkMatch finds V shapes in 200,000 rows of 1,000 keys, with conditions on neighbours (fixed) and on rows of the match (way).
func BenchmarkMatch(b *testing.B) {
	rnd := rand.New(rand.NewSource(1))
	var rows []row
	for i := range 200_000 {
		rows = append(rows, matchRow(i/1000, fmt.Sprint("k", i%1000), rnd.Intn(100)))
	}
	for name, define := range map[string]string{"fixed": "down as v < prev(v), up as v > prev(v)", "way": "down as v < strt.v, up as v > strt.v"} {
		b.Run(name, func(b *testing.B) {
			text := "select * from t match_recognize (partition by k order by ts measures strt.v as s, last(down.v) as d, last(up.v) as u pattern (strt down+ up+) define " + define + ")"
			q, err := parser.ParseQuery(text)
			if err != nil {
				b.Fatal(err)
			}
			bound, err := sql.BindQuery(q, text, matchEnv())
			if err != nil {
				b.Fatal(err)
			}
			in := batchOf(b, []types.Type{types.TimestampTZ, types.Text, types.Int8}, rows)
			b.ResetTimer()
			for range b.N {
				g, err := Build(bound.Root, Config{Mode: plan.Batch, NewCtx: testCtx})
				if err != nil {
					b.Fatal(err)
				}
				read := func(_ context.Context, emit func(*types.Batch) error) error { return emit(in) }
				if _, err := g.Run(context.Background(), &Step{N: 1, WMStart: NoWatermark, Last: true}, []Input{{Splits: []types.Split{{Read: read}}}}, func(*types.Batch) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
