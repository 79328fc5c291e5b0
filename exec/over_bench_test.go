package exec

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

var bidTypes = []types.Type{types.Int8, types.Int8, types.Int8, types.Text, types.Text, types.TimestampTZ, types.Text}

// bidBatches makes batches of bids: auction, bidder, price, channel, url, date_time, extra; 10,000 a second, the auctions and bidders change with time and
// some are hot.
func bidBatches(n, size int) []*types.Batch {
	rnd := rand.New(rand.NewSource(7))
	var out []*types.Batch
	for k := range n {
		ints := make([][]int64, 4)
		text := make([]*array.StringBuilder, 3)
		for i := range text {
			text[i] = array.NewStringBuilder(types.Mem)
		}
		for i := range size {
			at := int64(k*size + i)
			auction := at*3/46 + 1000
			if rnd.Intn(2) == 0 {
				auction = auction / 100 * 100
			} else {
				auction -= rnd.Int63n(100)
			}
			bidder := at/46 + 1000
			if rnd.Intn(4) > 0 {
				bidder = bidder/100*100 + 1
			} else {
				bidder -= rnd.Int63n(1000)
			}
			for c, v := range []int64{auction, bidder, rnd.Int63n(100000000), 1436918400000000 + at*100} {
				ints[c] = append(ints[c], v)
			}
			text[0].Append([]string{"Google", "Apple", "channel-4711"}[rnd.Intn(3)])
			text[1].Append("https://www.nexmark.com/abcd/efgh/ijkl/item.htm?query=1")
			text[2].Append("some words that fill the row up to its usual size of hundred bytes")
		}
		b := &types.Batch{N: size}
		for c := range 3 {
			b.Cols = append(b.Cols, types.Int64Array(ints[c], nil, 0))
		}
		b.Cols = append(b.Cols, text[0].NewArray(), text[1].NewArray(), types.NewFixed(types.TimestampTZ.Arrow(), ints[3], nil, 0), text[2].NewArray())
		out = append(out, b)
	}
	return out
}

// benchBids runs a query over bids, a step for each batch.
func benchBids(b *testing.B, text string, mode plan.Mode) {
	const n, size = 16, 1 << 16
	batches := bidBatches(n, size)
	rel := relation(catalog.Stream, 5, bidTypes...)
	for i, name := range []string{"auction", "bidder", "price", "channel", "url", "date_time", "extra"} {
		rel.Columns[i].Name = name
	}
	root := streamPlan(b, text, mode, rel)
	for b.Loop() {
		g, err := Build(root, Config{Mode: mode, Parallelism: 1, NewCtx: testCtx})
		if err != nil {
			b.Fatal(err)
		}
		wm, rows := int64(NoWatermark), 0
		cols := g.Scans()[0].Cols
		for i, batch := range batches {
			st := &Step{N: int64(i + 1), WMStart: wm, Advance: func(seen []Seen) int64 { return seen[0].Max - 4e6 }}
			read := func(_ context.Context, emit func(*types.Batch) error) error { return emit(batch.Project(cols)) }
			out := func(b *types.Batch) error { rows += b.N; return nil }
			if wm, err = g.Run(context.Background(), st, []Input{{Splits: []types.Split{{Read: read}}}}, out); err != nil {
				b.Fatal(err)
			}
			if _, err := g.SaveDelta(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N)*n*size/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// BenchmarkBids runs Nexmark queries with top-n and sessions.
func BenchmarkBids(b *testing.B) {
	for name, text := range map[string]string{
		"q11": "select bidder, window_start, window_end, count(*) from session(t, date_time, interval '10 seconds', bidder) group by 1, 2, 3",
		"q18": "select auction, bidder, price, channel, url, date_time, extra from (select *, row_number() over (partition by bidder, auction order by date_time desc, price desc) as rn from t) w where rn <= 1",
		"q19": "select auction, bidder, price, channel, url, date_time, extra, rn from (select *, row_number() over (partition by auction order by price desc, date_time, bidder) as rn from t) w where rn <= 10",
		"on":  "select distinct on (auction, bidder) * from t",
	} {
		b.Run(name, func(b *testing.B) { benchBids(b, text, plan.Update) })
	}
}

// BenchmarkOver is window functions in steps over a growing partition, and over many small ones.
func BenchmarkOver(b *testing.B) {
	for _, key := range []string{"auction", "price % 3"} {
		text := fmt.Sprintf("select auction, sum(price) over (partition by %s order by date_time), lag(price) over (partition by %s order by date_time) from t", key, key)
		b.Run(key, func(b *testing.B) { benchBids(b, text, plan.Update) })
	}
}

// BenchmarkOverBatch is a window function over a table, by partitions and over all of it.
func BenchmarkOverBatch(b *testing.B) {
	const n, size = 8, 1 << 16
	batches := bidBatches(n, size)
	for _, text := range []string{"select row_number() over (partition by c0 order by c2) from t", "select sum(c2) over (order by c5), lag(c3) over (order by c5) from t",
		"select c0, c1, c2, c3, c4, c6, avg(c2) over (partition by c0) from t"} {
		b.Run(text, func(b *testing.B) {
			root := batchPlan(b, text, relation(catalog.Stream, -1, bidTypes...))
			for b.Loop() {
				g, err := Build(root, Config{Mode: plan.Batch, Parallelism: 1, NewCtx: testCtx})
				if err != nil {
					b.Fatal(err)
				}
				cols := g.Scans()[0].Cols
				read := func(_ context.Context, emit func(*types.Batch) error) error {
					for _, batch := range batches {
						if err := emit(batch.Project(cols)); err != nil {
							return err
						}
					}
					return nil
				}
				st := &Step{N: 1, WMStart: NoWatermark, Last: true}
				if _, err := g.Run(context.Background(), st, []Input{{Splits: []types.Split{{Read: read}}}}, func(*types.Batch) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*n*size/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
