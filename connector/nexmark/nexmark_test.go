package nexmark

import (
	"context"
	"crypto/md5"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/conformance"
	"github.com/streamsqld/streamsqld/types"
)

func relation(table string, opts ...string) *catalog.Relation {
	o := catalog.Options{{Key: "table", Value: table}}
	for _, x := range opts {
		k, v, _ := strings.Cut(x, "=")
		o = append(o, catalog.Option{Key: k, Value: v})
	}
	cols, wm, err := infer(context.Background(), o)
	if err != nil {
		panic(err)
	}
	return &catalog.Relation{Name: table, Columns: cols, Watermark: wm, Options: o}
}

func open(t testing.TB, rel *catalog.Relation, clock func() time.Time) connector.Source {
	s, err := openSource(context.Background(), connector.SourceConfig{Rel: rel, KV: &conformance.KV{}, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestReference compares with the CSV files of the reference generator by their MD5 sums.
func TestReference(t *testing.T) {
	for _, c := range []struct {
		n                    int
		person, auction, bid string
	}{
		{1000, "784f79fe1cac81da428fd564263198ab", "1347e4909ca5dbbc69e9ae9de36a3600", "577a7280bdb61af013fee20a41fb2c86"},
		{10000, "b8261b4933543a58d73d8ee806a484b9", "0194d9995ec4308a7d0b376bcd70e853", "da666afce66bab29252cf933e0a25f22"},
		{100000, "73d16fd0d94c5cb2ab246da9a015dd7d", "157d4c6682bd49a1b0460edd5518029a", "50d5aeb83bc8dc09dbabb5bf01fa4023"},
	} {
		for name, want := range map[string]string{"person": c.person, "auction": c.auction, "bid": c.bid} {
			if got := sum(t, relation(name, fmt.Sprint("limit=", c.n))); got != want {
				t.Errorf("%d events, %s: %s, want %s", c.n, name, got, want)
			}
		}
	}
}

func sum(t *testing.T, rel *catalog.Relation) string {
	s := open(t, rel, nil)
	to, more, err := s.Latest(context.Background(), nil, connector.Limits{})
	if err != nil || more {
		t.Fatal(err, more)
	}
	splits, err := s.Splits(context.Background(), nil, to, connector.Want{Cols: conformance.All(rel)})
	if err != nil {
		t.Fatal(err)
	}
	h := md5.New()
	w := csv.NewWriter(h)
	for _, sp := range splits {
		err := sp.Read(context.Background(), func(b *types.Batch) error {
			for i := range b.N {
				var row []string
				for k, a := range b.Cols {
					text := ""
					if ts, ok := a.(*array.Timestamp); ok {
						text = time.UnixMicro(int64(ts.Value(i))).UTC().Format("2006-01-02 15:04:05.000") + "+00"
					} else if a.IsValid(i) {
						text = string(types.AppendText(nil, a, i, rel.Columns[k].Type, nil))
					}
					row = append(row, text)
				}
				if err := w.Write(row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestConformance(t *testing.T) {
	for _, table := range []string{"person", "auction", "bid"} {
		rel := relation(table, "limit=777", "seed=7")
		rows := conformance.Source(t, rel, func(kv connector.KV) (connector.Source, error) {
			return openSource(context.Background(), connector.SourceConfig{Rel: rel, KV: kv})
		})
		if want := map[string]int{"person": 16, "auction": 48, "bid": 713}[table]; len(rows) != want {
			t.Errorf("%s: %d rows, want %d", table, len(rows), want)
		}
	}
}

func TestPaced(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := open(t, relation("bid", "events_per_second=100", "limit=120"), func() time.Time { return now })
	var got []string
	for _, d := range []time.Duration{0, 40 * time.Millisecond, 50 * time.Millisecond, time.Second, 2 * time.Second} {
		now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(d)
		to, _, err := s.Latest(context.Background(), nil, connector.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%q/%d", to, s.Lag(nil)))
	}
	if g := strings.Join(got, " "); g != `""/0 ""/0 "5"/1 "100"/92 "120"/108` {
		t.Error(g)
	}
}

func benchmark(b *testing.B, table string, cols ...int) {
	rel := relation(table, "limit=2000000")
	s := open(b, rel, nil).(*source)
	if len(cols) == 0 {
		cols = conformance.All(rel)
	}
	rows := 0
	for b.Loop() {
		if err := s.read(context.Background(), 0, 100000, cols, func(x *types.Batch) error { rows += x.N; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkBidNumbers(b *testing.B) { benchmark(b, "bid", 0, 1, 2, 5) }
func BenchmarkBidURL(b *testing.B)     { benchmark(b, "bid", 0, 1, 2, 3, 4, 5) }
func BenchmarkBidAll(b *testing.B)     { benchmark(b, "bid") }

func TestFastPrice(t *testing.T) {
	d := newDraw(1, 1)
	exact := 0
	for range 1_000_000 {
		x := d.real() * 6
		p, ok := fastPrice(x)
		if !ok {
			exact++
		} else if want := exactPrice(x); p != want {
			t.Fatalf("price of %v is %d, not %d", x, p, want)
		}
	}
	if exact > 1000 {
		t.Errorf("%d of a million prices are not quickly found", exact)
	}
	for _, x := range []float64{0, 6, 6 - 1e-16, 1.0 / 64, 5.999999999} {
		if p, ok := fastPrice(x); ok && p != exactPrice(x) {
			t.Errorf("price of %v is %d, not %d", x, p, exactPrice(x))
		}
	}
}
