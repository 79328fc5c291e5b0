package nexmark

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

const (
	splitEvents = 1 << 17
	batchRows   = 8192
	// unpaced is how many events a trigger takes where neither a limit nor a pace bounds them.
	unpaced = 1 << 20
)

type source struct {
	rel   *catalog.Relation
	table *table
	gen   *generator
	field []int // of a column of rel: the table's field, -1: null
	limit int64 // events in all, math.MaxInt64: no end
	pace  int64 // events a second of the clock, 0: as fast as possible
	start time.Time
	clock func() time.Time
}

func openSource(_ context.Context, c connector.SourceConfig) (connector.Source, error) {
	o := c.Rel.Options
	s := &source{rel: c.Rel, clock: c.Clock, limit: math.MaxInt64, pace: connector.Int(o, "events_per_second", 0)}
	var err error
	if s.table, err = tableOf(o); err != nil {
		return nil, err
	}
	if n := connector.Int(o, "limit", 0); n > 0 {
		s.limit = n
	}
	if s.gen, err = newGenerator(o); err != nil {
		return nil, err
	}
	if s.field, err = s.table.fields(c.Rel); err != nil {
		return nil, err
	}
	if s.pace > 0 {
		s.start, err = connector.StartTime(c.KV, c.Clock)
	}
	return s, err
}

func newGenerator(o catalog.Options) (*generator, error) {
	g := &generator{seed: uint64(connector.Int(o, "seed", 42)), start: startMSec, rate: connector.Int(o, "first_event_rate", 100)}
	if g.rate < 1 || g.rate > 1e9 {
		return nil, optionError("first_event_rate", "it must be from 1 to 1000000000")
	}
	if v, ok := o.Get("start_time"); ok {
		us, err := types.ParseTimestampTZ(v, types.UTCFormat(0))
		if err != nil {
			return nil, optionError("start_time", err.Error())
		}
		g.start = us / 1000
	}
	g.channels()
	return g, nil
}

func optionError(option, reason string) error {
	e := sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option %q: %s", option, reason)
	e.Column = option
	return e
}

// fields finds the columns of rel in the table.
func (t *table) fields(rel *catalog.Relation) ([]int, error) {
	var fields []int
	for _, c := range rel.Columns {
		f := -1
		for i, x := range t.cols {
			if x.Name == c.Name && (x.Type == c.Type || i == t.time && c.Type == types.Timestamp) {
				f = i
			}
		}
		if f < 0 && c.Generated == "" && !c.Dropped {
			return nil, sqlerr.New(sqlerr.InvalidTableDefinition, "nexmark's table %s has no column %q of type %s", t.name, c.Name, c.Type).
				WithHint("Leave the columns out: CREATE STREAM %s WITH (connector = 'nexmark', table = '%s').", rel.Name, t.name)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

func readPosition(p connector.Position) (int64, error) {
	if p == nil {
		return 0, nil
	}
	n, err := strconv.ParseInt(string(p), 10, 64)
	if err != nil || n < 0 {
		return 0, sqlerr.New(sqlerr.DataCorrupted, "invalid position of a nexmark source: %q", []byte(p))
	}
	return n, nil
}

// reached is how many events there are now.
func (s *source) reached(from int64) int64 {
	if s.pace == 0 {
		if s.limit == math.MaxInt64 {
			return from + unpaced
		}
		return s.limit
	}
	d := max(s.clock().Sub(s.start), 0)
	return min(s.limit, int64(d/time.Second)*s.pace+int64(d%time.Second)*s.pace/int64(time.Second))
}

// Latest gives the end of the last row of the table; see connector.Source.
func (s *source) Latest(_ context.Context, from connector.Position, lim connector.Limits) (connector.Position, bool, error) {
	at, err := readPosition(from)
	if err != nil {
		return nil, false, err
	}
	a := s.table.rows(at)
	all := s.table.rows(s.reached(at))
	b := all
	if lim.Rows > 0 {
		b = min(b, a+lim.Rows)
	}
	if b <= a {
		return from, false, nil
	}
	return strconv.AppendInt(nil, s.table.event(b-1)+1, 10), b < all, nil
}

// Splits cuts the range of events; see connector.Source.
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
	for ; a < b; a += splitEvents {
		first, last := s.table.rows(a), s.table.rows(min(a+splitEvents, b))
		out = append(out, types.Split{Read: func(ctx context.Context, emit func(*types.Batch) error) error {
			return s.read(ctx, first, last, want.Cols, emit)
		}})
	}
	return out, nil
}

// read makes the rows [first, last) of the table.
func (s *source) read(ctx context.Context, first, last int64, cols []int, emit func(*types.Batch) error) error {
	want := make([]bool, len(s.table.cols))
	for _, w := range cols {
		if f := s.field[w]; f >= 0 {
			want[f] = true
		}
	}
	var c *columns
	for ; first < last; first += batchRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := int(min(last-first, batchRows))
		c = newColumns(s.table, want, n, c)
		for i := range n {
			s.table.fill(s.gen, c, i, s.table.event(first+int64(i)))
		}
		b := &types.Batch{N: n, Cols: make([]arrow.Array, len(cols))}
		for k, w := range cols {
			if f := s.field[w]; f >= 0 {
				b.Cols[k] = c.array(f, s.rel.Columns[w].Type)
			} else {
				b.Cols[k] = types.Nulls(s.rel.Columns[w].Type, n)
			}
		}
		if err := emit(b); err != nil {
			return err
		}
	}
	return nil
}

// Wait sleeps until the next row of the table is due; see connector.Source.
func (s *source) Wait(ctx context.Context, from connector.Position) error {
	at, err := readPosition(from)
	if err != nil {
		return err
	}
	next := s.table.event(s.table.rows(at)) + 1
	for s.reached(at) < next {
		if next > s.limit {
			<-ctx.Done()
			return ctx.Err()
		}
		due := s.start.Add(time.Duration(float64(next) / float64(s.pace) * float64(time.Second)))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(max(due.Sub(s.clock()), time.Millisecond), time.Second)):
		}
	}
	return nil
}

// Lag is the rows that are due and lie after pos; -1 where there is no end.
func (s *source) Lag(pos connector.Position) int64 {
	at, err := readPosition(pos)
	if err != nil || s.pace == 0 && s.limit == math.MaxInt64 {
		return -1
	}
	return max(s.table.rows(s.reached(at))-s.table.rows(at), 0)
}

// Describe names the event; see connector.Source.
func (s *source) Describe(pos connector.Position) string {
	at, err := readPosition(pos)
	if err != nil {
		return string(pos)
	}
	return fmt.Sprintf("event %d", at)
}

func (s *source) Close() error { return nil }
