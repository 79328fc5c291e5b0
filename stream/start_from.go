package stream

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// StartFrom says where a new query begins in the streams that it reads.
type StartFrom struct {
	Latest bool
	At     *connector.SeekTo // an offset or a time; nil with Latest false: from the beginning
}

// ParseStartFrom reads the option start_from: 'earliest', 'latest', an offset, or a time (UTC where it names no zone).
func ParseStartFrom(s string) (StartFrom, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "earliest", "":
		return StartFrom{}, nil
	case "latest":
		return StartFrom{Latest: true}, nil
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64); err == nil && n >= 0 {
		return StartFrom{At: &connector.SeekTo{Offset: n}}, nil
	}
	b := types.NewBuilder(types.TimestampTZ)
	if err := types.ParseText(b, s, types.TimestampTZ, types.UTCFormat(0)); err != nil {
		return StartFrom{}, sqlerr.New(sqlerr.InvalidParameterValue, "%q is no place to start from", s).
			WithHint("It is 'earliest', 'latest', the number of a row, or a time such as '2026-01-01 00:00:00Z'.")
	}
	return StartFrom{At: &connector.SeekTo{Offset: -1, Time: time.UnixMicro(types.Int64s(b.NewArray())[0]).UTC()}}, nil
}

// begin settles, before the first step of a query, where it begins, and notes that, so that a restart does not ask again and what it will read is kept.
func (c *core) begin(ctx context.Context) error {
	if c.rec.Step > 0 || c.rec.Sources != nil {
		return nil
	}
	c.rec.Sources = map[string]sourceRecord{}
	if err := c.startFrom(ctx); err != nil {
		return err
	}
	for _, s := range c.sources {
		if s.asOf {
			c.rec.Sources[s.name()] = sourceRecord{Rel: s.rel.OID}
		}
	}
	if c.rec.Start == nil && len(c.rec.Sources) == 0 {
		return nil
	}
	b := c.store.NewBatch()
	if err := setJSON(b, queryKey(c.saver.oid, 'c'), c.rec); err != nil {
		b.Close()
		return err
	}
	return b.Commit(true)
}

// startFrom sets the positions that the option start_from says.
func (c *core) startFrom(ctx context.Context) error {
	v, ok := c.q.Rel.Options.Get("start_from")
	from, err := ParseStartFrom(v)
	if err != nil || !ok || from == (StartFrom{}) {
		return err
	}
	var streams []*source
	for _, s := range c.sources {
		if s.rel.Kind == catalog.Stream {
			streams = append(streams, s)
		}
	}
	switch {
	case len(streams) == 0:
		return sqlerr.New(sqlerr.InvalidParameterValue, "option \"start_from\" needs a query that reads a stream").WithHint("Tables and views are always read whole.")
	case len(streams) > 1 && from.At != nil && from.At.Offset >= 0:
		return sqlerr.New(sqlerr.InvalidParameterValue, "option \"start_from\" takes an offset only where the query reads one stream").WithHint("Use 'latest' or a time.")
	}
	c.rec.Start = map[string][]byte{}
	for _, s := range streams {
		pos, known := c.q.Start[s.name()]
		if !known {
			if pos, err = s.start(ctx, from); err != nil {
				return err
			}
		}
		s.pos, s.looked, c.rec.Start[s.name()] = pos, pos, pos
	}
	return nil
}

// start is where a query begins in a stream.
func (s *source) start(ctx context.Context, from StartFrom) (connector.Position, error) {
	if from.Latest {
		to, _, err := s.in.latest(ctx, nil, connector.Limits{})
		return to, err
	}
	switch in := s.in.(type) {
	case logInput:
		if from.At.Offset < 0 {
			n, err := in.l.Since(from.At.Time)
			return position(n), err
		}
		if end := in.l.Version(); from.At.Offset > end {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "stream %q has no row %d yet", s.rel.Name, from.At.Offset).WithHint("Its next row will have the number %d.", end)
		}
		return position(from.At.Offset), nil
	case sourceInput:
		if k, ok := seeker(in.s); ok {
			return k.Seek(ctx, *from.At)
		}
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "stream %q cannot be read from an offset or a time on: its connector is %s", s.rel.Name, s.rel.Connector()).
		WithHint("Use start_from = 'earliest' or 'latest', or a WHERE clause.")
}

func seeker(s connector.Source) (connector.Seeker, bool) {
	if c, ok := s.(*completedSource); ok {
		s = c.Source
	}
	k, ok := s.(connector.Seeker)
	return k, ok
}
