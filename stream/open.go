package stream

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
)

// resultSpace marks the OID under which the result of a sink in complete mode is kept, beside the sink's own rows.
const resultSpace = 1 << 31

// openCore makes a query's operators, sources and target, and brings them to the last commit.
func (m *Manager) openCore(ctx context.Context, q *Query, bad *badRows) (c *core, err error) {
	if c, err = m.atLastCommit(q, bad); err != nil {
		return nil, err
	}
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	c.hold()
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("load the state of %s: %w", q.Rel.FullName(), err)
	}
	if c.target, err = m.openTarget(ctx, q); err != nil {
		return nil, err
	}
	if err := c.target.recover(ctx, c.rec.Step); err != nil {
		_ = c.close()
		return nil, err
	}
	if c.target.logged() {
		if err := c.replay(ctx); err != nil {
			_ = c.close()
			return nil, err
		}
	}
	return c, nil
}

// atLastCommit makes a query's parts with its sources where the last commit left them; its operators are empty, and it has no target.
func (m *Manager) atLastCommit(q *Query, bad *badRows) (*core, error) {
	c, err := m.newCore(q, bad)
	if err != nil {
		return nil, err
	}
	c.store = m.cfg.Store
	if _, err := getJSON(c.store, queryKey(q.Rel.Stored(), 'c'), &c.rec); err != nil {
		return nil, err
	}
	if err := c.rec.known(); err != nil {
		return nil, err
	}
	for _, s := range c.sources {
		c.restore(s)
	}
	return c, nil
}

// readerName is the name under which a query holds what it has yet to read.
func readerName(rel *catalog.Relation) string { return fmt.Sprintf("query %d", rel.Stored()) }

// newCore makes the parts that are the same for durable and for ephemeral queries.
func (m *Manager) newCore(q *Query, bad *badRows) (*core, error) {
	runner, err := q.Build()
	if err != nil {
		return nil, err
	}
	c := &core{q: q, runner: runner, bad: bad, reader: readerName(q.Rel), saver: saver{oid: q.Rel.Stored(), from: m.saveFrom},
		rec: record{Watermark: exec.NoWatermark}}
	if q.Plan != nil && q.Plan.Root != nil {
		c.procTime = usesClock(q.Plan.Root)
		c.first = hasGlobal(q.Plan.Root)
	}
	c.passes = q.Rel.Kind == catalog.MatView && q.Rel.Watermark != nil && q.Rel.Mode == string(plan.Append)
	for _, scan := range runner.Scans() {
		i, err := m.sourceOf(c, scan)
		if err != nil {
			return nil, err
		}
		c.scans = append(c.scans, i)
	}
	c.first = c.first || len(c.sources) == 0
	return c, nil
}

// sourceOf finds or adds the source of a scan.
func (m *Manager) sourceOf(c *core, scan *plan.Scan) (int, error) {
	for i, s := range c.sources {
		if s.rel.OID == scan.Rel.OID {
			s.follow(scan)
			return i, nil
		}
	}
	in, err := m.input(scan.Rel, scan.Pos)
	if err != nil {
		return 0, err
	}
	s := &source{rel: scan.Rel, in: in}
	s.follow(scan)
	if s.lim.Rows, err = limit(c.q.Rel, scan.Rel, "max_rows_per_trigger"); err != nil {
		return 0, err
	}
	if s.lim.Files, err = limit(c.q.Rel, scan.Rel, "max_files_per_trigger"); err != nil {
		return 0, err
	}
	s.lim.Bytes = connector.Size(scan.Rel.Options, "max_bytes_per_trigger", 0)
	c.sources = append(c.sources, s)
	return len(c.sources) - 1, nil
}

// follow makes the source's tracker if the scan reads its event time.
func (s *source) follow(scan *plan.Scan) {
	s.asOf = s.asOf || scan.AsOf == "time"
	if _, view := s.in.(tableInput); s.track == nil && !view && s.rel.Watermark != nil && slices.Contains(scan.Cols, s.rel.Watermark.Column) {
		s.track = newTracker(s.rel)
	}
}

// limit is a limit of the query, else of the stream that it reads; 0: none. What a view is limited to is no affair of its readers.
func limit(query, source *catalog.Relation, name string) (int64, error) {
	v, ok := query.Options.Get(name)
	if !ok && source.Kind == catalog.Stream {
		v, ok = source.Options.Get(name)
	}
	if !ok {
		return 0, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 1 {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option %q: %q", name, v).WithHint("It is a number of 1 or more.")
	}
	return n, nil
}

// restore brings a source to the last commit.
func (c *core) restore(s *source) {
	r, ok := c.rec.Sources[s.name()]
	if !ok {
		s.pos = c.rec.Start[s.name()]
		return
	}
	s.pos, s.looked = r.Pos, r.Pos
	if s.track != nil && r.Track != nil {
		s.track.Parts, s.track.Mark = r.Track.Parts, r.Track.Mark
		s.track.configure(s.rel)
	}
}

// input opens a relation for reading by a continuous query.
func (m *Manager) input(rel *catalog.Relation, pos int) (input, error) {
	switch {
	case isTable(rel):
		t, err := m.Table(rel)
		if err != nil {
			return nil, err
		}
		in := tableInput{t: t}
		if rel.Watermark != nil {
			in.delay = rel.Watermark.Delay
		}
		return in, nil
	case rel.Kind == catalog.Stream && m.isSource(rel):
		s, err := m.Source(rel)
		if err != nil {
			return nil, err
		}
		return sourceInput{s}, nil
	case rel.Kind == catalog.Stream:
		l, err := m.Log(rel)
		if err != nil {
			return nil, err
		}
		return logInput{l}, nil
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a continuous query cannot read %q", rel.Name).At(pos).
		WithHint("It reads streams, tables and materialized views. Read this relation with a plain SELECT.")
}

func isMemory(rel *catalog.Relation) bool {
	return rel.Kind == catalog.Sink && rel.Connector() == "memory"
}

// isTable says whether a relation's rows are in a state.Table.
func isTable(rel *catalog.Relation) bool {
	return rel.Kind == catalog.Table || rel.Kind == catalog.MatView || isMemory(rel)
}

func (m *Manager) openTarget(ctx context.Context, q *Query) (target, error) {
	schema := q.Plan.Root.Schema().Types()
	width := len(schema) - q.Plan.Hidden
	if q.Rel.Kind == catalog.MatView {
		t, err := m.Table(q.Rel)
		return &viewTarget{table: t, width: width}, err
	}
	res := result{rel: q.Rel, width: width, order: q.Rel.Order, schema: schema}
	if q.Rel.Mode == string(plan.Complete) {
		t, err := state.OpenTable(m.cfg.Store, q.Rel.Stored()|resultSpace, schema, nil)
		if err != nil {
			return nil, err
		}
		res.complete = t
	}
	if isMemory(q.Rel) {
		t, err := m.Table(q.Rel)
		return &memoryTarget{result: res, table: t}, err
	}
	def, err := m.connector(q.Rel)
	if err != nil {
		return nil, err
	}
	if def.OpenSink == nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "connector %q cannot be a sink", def.Name)
	}
	s, err := def.OpenSink(ctx, connector.SinkConfig{Rel: q.Rel, Log: m.log.With("sink", q.Rel.FullName()), KV: m.kv(q.Rel.OID), Order: q.Rel.Order})
	if err != nil {
		return nil, err
	}
	return &sinkTarget{result: res, sink: s, mode: plan.Mode(q.Rel.Mode), exact: def.Guarantee == "exactly once"}, nil
}
