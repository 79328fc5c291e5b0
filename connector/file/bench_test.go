package file

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/conformance"
	"github.com/streamsqld/streamsqld/connector/nexmark"
	"github.com/streamsqld/streamsqld/types"
)

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func bids(b *testing.B) (*catalog.Relation, connector.Source) {
	dir := b.TempDir()
	if _, err := nexmark.WriteBids(dir, 500000, 4); err != nil {
		b.Fatal(err)
	}
	rel := relation("path=" + dir)
	rel.Columns = nil
	for _, c := range []struct {
		name string
		typ  types.Type
	}{{"auction", types.Int8}, {"bidder", types.Int8}, {"price", types.Int8}, {"channel", types.Text}, {"datetime", types.TimestampTZ}, {"url", types.Text}} {
		rel.Columns = append(rel.Columns, catalog.Column{Name: c.name, Type: c.typ})
	}
	s, err := openSource(context.Background(), connector.SourceConfig{Rel: rel, KV: &conformance.KV{}})
	if err != nil {
		b.Fatal(err)
	}
	return rel, s
}

// BenchmarkRead reads the bids of the speed comparison on one goroutine.
func BenchmarkRead(b *testing.B) {
	_, s := bids(b)
	for name, want := range map[string][]int{"all": {0, 1, 2, 3, 4, 5}, "three": {0, 2, 4}} {
		b.Run(name, func(b *testing.B) {
			rows, from := 0, cpu()
			for b.Loop() {
				to, _, _ := s.Latest(context.Background(), nil, connector.Limits{})
				splits, err := s.Splits(context.Background(), nil, to, connector.Want{Cols: want})
				if err != nil {
					b.Fatal(err)
				}
				for _, sp := range splits {
					if err := sp.Read(context.Background(), func(x *types.Batch) error { rows += x.N; return nil }); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(rows)/(cpu()-from).Seconds()/1e6, "Mrows/cpu-s")
		})
	}
}

// BenchmarkWrite writes four of their columns, a step of half a million rows at a time.
func BenchmarkWrite(b *testing.B) {
	in, s := bids(b)
	to, _, _ := s.Latest(context.Background(), nil, connector.Limits{})
	splits, _ := s.Splits(context.Background(), nil, to, connector.Want{Cols: []int{0, 2, 3, 4}})
	var batches []*types.Batch
	for _, sp := range splits {
		if err := sp.Read(context.Background(), func(x *types.Batch) error { batches = append(batches, x); return nil }); err != nil {
			b.Fatal(err)
		}
	}
	for _, format := range []string{"json", "csv", "parquet"} {
		b.Run(format, func(b *testing.B) {
			rel := sinkRelation("append", "path="+b.TempDir(), "format="+format)
			rel.Columns = []catalog.Column{in.Columns[0], in.Columns[2], in.Columns[3], in.Columns[4]}
			k, err := openSink(context.Background(), connector.SinkConfig{Rel: rel})
			if err != nil {
				b.Fatal(err)
			}
			rows, from, n := 0, cpu(), int64(0)
			for b.Loop() {
				n++
				for _, x := range batches {
					rows += x.N
					if err := k.Write(context.Background(), n, connector.Changes{Batch: x}); err != nil {
						b.Fatal(err)
					}
				}
				if err := k.Stage(context.Background(), n); err != nil {
					b.Fatal(err)
				}
				if err := k.Publish(context.Background(), n); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)/(cpu()-from).Seconds()/1e6, "Mrows/cpu-s")
		})
	}
}
