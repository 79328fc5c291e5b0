package wire

import (
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/types"
)

// sink is a socket that swallows all.
type sink struct{ net.Conn }

func (sink) Write(p []byte) (int, error) { return io.Discard.Write(p) }

func benchRows(b *testing.B, cols []engine.Column, batch *types.Batch) {
	c := newConn(NewServer(Config{}), sink{})
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	c.w.rows.begin(cols, &types.Format{Loc: berlin, DateStyle: "ISO, MDY", ExtraFloat: 1})
	b.ResetTimer()
	for b.Loop() {
		if err := c.w.Batch(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(batch.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkDataRow(b *testing.B) {
	const n = 8192
	text, num, at := types.NewBuilder(types.Text), types.NewBuilder(types.Int8), types.NewBuilder(types.TimestampTZ)
	for i := range n {
		text.(*array.StringBuilder).Append(fmt.Sprint("channel-", i%100))
		num.(*array.Int64Builder).Append(int64(i) * 1001)
		at.(*array.TimestampBuilder).Append(arrow.Timestamp(1767225600000000 + i*1234567))
	}
	ta, na, sa := text.NewArray(), num.NewArray(), at.NewArray()
	col := func(t types.Type, f int16) engine.Column { return engine.Column{Type: t, Format: f} }
	b.Run("3 text", func(b *testing.B) {
		benchRows(b, []engine.Column{col(types.Text, 0), col(types.Text, 0), col(types.Text, 0)}, &types.Batch{N: n, Cols: []arrow.Array{ta, ta, ta}})
	})
	b.Run("2 int8 text, 1 text", func(b *testing.B) {
		benchRows(b, []engine.Column{col(types.Int8, 0), col(types.Int8, 0), col(types.Text, 0)}, &types.Batch{N: n, Cols: []arrow.Array{na, na, ta}})
	})
	b.Run("timestamptz text", func(b *testing.B) {
		benchRows(b, []engine.Column{col(types.TimestampTZ, 0)}, &types.Batch{N: n, Cols: []arrow.Array{sa}})
	})
	b.Run("binary int8 timestamptz text", func(b *testing.B) {
		benchRows(b, []engine.Column{col(types.Int8, 1), col(types.TimestampTZ, 1), col(types.Text, 1)}, &types.Batch{N: n, Cols: []arrow.Array{na, sa, ta}})
	})
}
