// Package rate makes rows at a steady pace: (timestamp timestamptz, value bigint), value counting from 0. Row n has the time at which it was
// due, counted from the stream's first opening, so that the same position gives the same rows for ever.
package rate

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Def is the connector rate.
var Def = connector.Def{
	Name:       "rate",
	OpenSource: open,
	Infer: func(context.Context, catalog.Options) ([]catalog.Column, *catalog.Watermark, error) {
		return []catalog.Column{{Name: "timestamp", Type: types.TimestampTZ, NotNull: true}, {Name: "value", Type: types.Int8, NotNull: true}}, nil, nil
	},
	Doc:     "rows (timestamp, value) at a steady pace",
	Options: []connector.OptionDef{{Name: "rows_per_second", Kind: "int", Source: true, Doc: "default 1"}},
}

const (
	batchRows = 8192
	splitRows = 1 << 20
)

type source struct {
	rel   *catalog.Relation
	rps   int64
	start time.Time
	clock func() time.Time
}

func open(_ context.Context, c connector.SourceConfig) (connector.Source, error) {
	s := &source{rel: c.Rel, rps: connector.Int(c.Rel.Options, "rows_per_second", 1), clock: c.Clock}
	if s.rps < 1 || s.rps > 1e9 {
		e := sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option \"rows_per_second\": it must be from 1 to 1000000000")
		e.Column = "rows_per_second"
		return nil, e
	}
	for _, col := range c.Rel.Columns {
		if !(col.Name == "timestamp" && (col.Type == types.TimestampTZ || col.Type == types.Timestamp) || col.Name == "value" && col.Type == types.Int8 || col.Generated != "" || col.Dropped) {
			return nil, sqlerr.New(sqlerr.InvalidTableDefinition, "rate has no column %q of type %s", col.Name, col.Type).
				WithHint("Its columns are timestamp timestamptz and value bigint; they may be left out.")
		}
	}
	var err error
	s.start, err = connector.StartTime(c.KV, c.Clock)
	return s, err
}

func readPosition(p connector.Position) (int64, error) {
	if p == nil {
		return 0, nil
	}
	n, err := strconv.ParseInt(string(p), 10, 64)
	if err != nil || n < 0 {
		return 0, sqlerr.New(sqlerr.DataCorrupted, "invalid position of a rate source: %q", []byte(p))
	}
	return n, nil
}

// reached is how many rows are due.
func (s *source) reached() int64 {
	d := max(s.clock().Sub(s.start), 0)
	return int64(d/time.Second)*s.rps + int64(d%time.Second)*s.rps/int64(time.Second)
}

// Latest gives the number of rows that are due; see connector.Source.
func (s *source) Latest(_ context.Context, from connector.Position, lim connector.Limits) (connector.Position, bool, error) {
	at, err := readPosition(from)
	if err != nil {
		return nil, false, err
	}
	all := s.reached()
	to := all
	if lim.Rows > 0 {
		to = min(to, at+lim.Rows)
	}
	if to <= at {
		return from, false, nil
	}
	return strconv.AppendInt(nil, to, 10), to < all, nil
}

// Splits cuts the range; see connector.Source.
func (s *source) Splits(_ context.Context, from, to connector.Position, want connector.Want) ([]types.Split, error) {
	a, err := readPosition(from)
	if err != nil {
		return nil, err
	}
	b, err := readPosition(to)
	if err != nil {
		return nil, err
	}
	var out []types.Split
	for ; a < b; a += splitRows {
		first, last := a, min(a+splitRows, b)
		out = append(out, types.Split{Read: func(ctx context.Context, emit func(*types.Batch) error) error {
			for at := first; at < last; at += batchRows {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := emit(s.rows(at, min(at+batchRows, last), want.Cols)); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	return out, nil
}

// rows makes the rows [a, b).
func (s *source) rows(a, b int64, cols []int) *types.Batch {
	out := &types.Batch{N: int(b - a)}
	for _, w := range cols {
		c := &s.rel.Columns[w]
		v := make([]int64, b-a)
		switch c.Name {
		case "value":
			for i := range v {
				v[i] = a + int64(i)
			}
		case "timestamp":
			start := s.start.UnixMicro()
			for i := range v {
				n := a + int64(i)
				v[i] = start + n/s.rps*1e6 + n%s.rps*1e6/s.rps
			}
		default:
			out.Cols = append(out.Cols, types.Nulls(c.Type, out.N))
			continue
		}
		out.Cols = append(out.Cols, arrow.Array(types.NewFixed(c.Type.Arrow(), v, nil, 0)))
	}
	return out
}

// Wait sleeps until the next row is due; see connector.Source.
func (s *source) Wait(ctx context.Context, from connector.Position) error {
	at, err := readPosition(from)
	if err != nil {
		return err
	}
	for s.reached() <= at {
		due := s.start.Add(time.Duration(math.Ceil(float64(at+1) / float64(s.rps) * float64(time.Second))))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(max(due.Sub(s.clock()), time.Millisecond), time.Second)):
		}
	}
	return nil
}

// Lag is the number of rows that are due after pos.
func (s *source) Lag(pos connector.Position) int64 {
	at, err := readPosition(pos)
	if err != nil {
		return -1
	}
	return max(s.reached()-at, 0)
}

// Describe names the row; see connector.Source.
func (s *source) Describe(pos connector.Position) string {
	at, err := readPosition(pos)
	if err != nil {
		return string(pos)
	}
	return fmt.Sprintf("row %d", at)
}

func (s *source) Close() error { return nil }
