package format

import (
	"bytes"
	"fmt"
	"math/rand"
	"syscall"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

func bids(n int) []byte {
	r := rand.New(rand.NewSource(1))
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"auction":%d,"bidder":%d,"price":%d,"channel":"channel-%d","dateTime":"%s","url":"https://www.nexmark.com/%x/item.htm?query=1&channel_id=%d"}`+"\n", 1000+r.Intn(10000), 1000+r.Intn(10000), r.Intn(100000), r.Intn(10000),
			base.Add(time.Duration(i)*time.Millisecond).Format("2006-01-02T15:04:05.000Z"), r.Int31(), r.Intn(1e6))
	}
	return b.Bytes()
}

var bidCols = "auction int8, bidder int8, price int8, channel text, datetime timestamptz, url text"

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchDecode(b *testing.B, name string, cs []catalog.Column, want []int, data []byte) {
	d, err := NewDecoder(name, Config{Cols: cs, Want: want, OnBad: func(raw []byte, reason string, _ int) error { return fmt.Errorf("%s: %s", raw, reason) }})
	if err != nil {
		b.Fatal(err)
	}
	rows := 0
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	from := cpu()
	for b.Loop() {
		if err := d.Decode(data, func(x *types.Batch) error { rows += x.N; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)/(cpu()-from).Seconds()/1e6, "Mrows/cpu-s")
}

func BenchmarkJSONDecode(b *testing.B) {
	data := bids(16384)
	b.Run("all", func(b *testing.B) { benchDecode(b, "json", cols(bidCols), upTo(6), data) })
	b.Run("three", func(b *testing.B) { benchDecode(b, "json", cols(bidCols), []int{0, 2, 4}, data) })
	spaced := bytes.ReplaceAll(bytes.ReplaceAll(data, []byte(`":`), []byte(`": `)), []byte(`,"`), []byte(`, "`))
	b.Run("spaced", func(b *testing.B) { benchDecode(b, "json", cols(bidCols), upTo(6), spaced) })
}

func BenchmarkEncode(b *testing.B) {
	cs := cols(bidCols)
	var batches []*types.Batch
	d, _ := NewDecoder("json", Config{Cols: cs, Want: []int{0, 2, 3, 4}})
	_ = d.Decode(bids(16384), func(x *types.Batch) error { batches = append(batches, x); return nil })
	for _, f := range []string{"json", "csv"} {
		b.Run(f, func(b *testing.B) {
			e, _ := NewEncoder(f, []catalog.Column{cs[0], cs[2], cs[3], cs[4]}, nil)
			rows, from := 0, cpu()
			var out []byte
			for b.Loop() {
				for _, x := range batches {
					out = e.Append(out[:0], x)
					rows += x.N
				}
			}
			b.ReportMetric(float64(rows)/(cpu()-from).Seconds()/1e6, "Mrows/cpu-s")
		})
	}
}

func BenchmarkCSVDecode(b *testing.B) {
	cs := cols(bidCols)
	e, _ := NewEncoder("csv", cs, nil)
	d, _ := NewDecoder("json", Config{Cols: cs, Want: upTo(6)})
	var data []byte
	_ = d.Decode(bids(16384), func(x *types.Batch) error { data = e.Append(data, x); return nil })
	b.Run("all", func(b *testing.B) { benchDecode(b, "csv", cs, upTo(6), data) })
	b.Run("three", func(b *testing.B) { benchDecode(b, "csv", cs, []int{0, 2, 4}, data) })
}
