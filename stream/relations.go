package stream

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

func oidOf(key []byte) uint32 { return binary.BigEndian.Uint32(key[1:5]) }

// Log gives the rows of an in-server stream, or of one whose connector is a receiver.
func (m *Manager) Log(rel *catalog.Relation) (*state.Log, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.logs[rel.OID]; l != nil {
		return l, nil
	}
	l, err := state.OpenLog(m.cfg.Store, rel.OID, rel.Types())
	if err != nil {
		return nil, err
	}
	for reader, at := range m.holds[rel.OID] {
		l.Hold(reader, at)
	}
	m.logs[rel.OID] = l
	return l, nil
}

// Table gives the rows of a table, a materialized view or a memory sink.
func (m *Manager) Table(rel *catalog.Relation) (*state.Table, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.tables[rel.Stored()]; t != nil {
		return t, nil
	}
	ts, key := rel.Types(), rel.Key
	if rel.Kind == catalog.Table {
		key = rel.Primary
	}
	if isMemory(rel) {
		key = nil
		if rel.Column("_batch_id") < 0 {
			ts = append(ts, types.Int8, types.Text)
		}
	}
	t, err := state.OpenTable(m.cfg.Store, rel.Stored(), ts, key)
	if err != nil {
		return nil, err
	}
	for reader, at := range m.holds[rel.OID] {
		t.Hold(reader, at)
	}
	m.tables[rel.Stored()] = t
	return t, nil
}

// connector is the definition of a relation's connector; 22023 with the known ones where there is none of that name.
func (m *Manager) connector(rel *catalog.Relation) (*connector.Def, error) {
	name := rel.Connector()
	var known []string
	for i := range m.cfg.Connectors {
		d := &m.cfg.Connectors[i]
		if d.Name == name {
			return d, nil
		}
		known = append(known, d.Name)
	}
	slices.Sort(known)
	return nil, sqlerr.New(sqlerr.InvalidParameterValue, "unknown connector %q", name).WithHint("Connectors: %s.", strings.Join(known, ", "))
}

// isSource says whether a stream's rows are read through a connector's source.
func (m *Manager) isSource(rel *catalog.Relation) bool {
	if rel.Connector() == "" {
		return false
	}
	d, err := m.connector(rel)
	return err != nil || d.OpenSource != nil
}

// Source gives the source of a stream with a replayable connector; it is opened once and shared.
func (m *Manager) Source(rel *catalog.Relation) (connector.Source, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.sources[rel.OID]; s != nil {
		return s, nil
	}
	d, err := m.connector(rel)
	if err != nil {
		return nil, err
	}
	if d.OpenSource == nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "connector %q cannot be a source", d.Name)
	}
	s, err := d.OpenSource(m.ctx, m.sourceConfig(rel))
	if err != nil {
		return nil, err
	}
	c, err := m.completer(rel)
	if err != nil {
		return nil, err
	}
	if c != nil {
		s = &completedSource{s, c}
	}
	m.sources[rel.OID] = s
	return s, nil
}

func (m *Manager) sourceConfig(rel *catalog.Relation) connector.SourceConfig {
	return connector.SourceConfig{Rel: rel, Log: m.log.With("stream", rel.FullName()), Clock: m.cfg.Clock, KV: m.kv(rel.OID)}
}

// ReadAll gives the rows of a relation as a batch SELECT reads them now, with the scan's columns.
func (m *Manager) ReadAll(ctx context.Context, scan *plan.Scan) (splits []types.Split, release func(), err error) {
	in, err := m.input(scan.Rel, scan.Pos)
	if err != nil {
		return nil, nothing, err
	}
	to, _, err := in.latest(ctx, nil, connector.Limits{})
	if err != nil || to == nil {
		return nil, nothing, err
	}
	bad := newBadRows(scan.Rel, m.cfg.Clock)
	splits, release, err = in.read(ctx, nil, to, connector.Want{Cols: scan.Cols, OnBad: bad.handler(scan.Rel, true)})
	if release == nil {
		release = nothing
	}
	return splits, release, err
}

// receiver is a connector that delivers into a stream's log.
type receiver struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// OpenStream opens a stream: its source is checked, or its receiver starts to deliver. Streams without a connector need nothing.
func (m *Manager) OpenStream(rel *catalog.Relation) error {
	if rel.Connector() == "" {
		_, err := m.Log(rel)
		return err
	}
	d, err := m.connector(rel)
	if err != nil {
		return err
	}
	if d.OpenReceiver == nil {
		_, err := m.Source(rel)
		return err
	}
	l, err := m.Log(rel)
	if err != nil {
		return err
	}
	r, err := d.OpenReceiver(m.ctx, m.sourceConfig(rel))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(m.ctx)
	deliver, err := m.delivery(ctx, rel, l)
	if err != nil {
		cancel()
		return err
	}
	rec := &receiver{cancel: cancel, done: make(chan struct{})}
	bad := newBadRows(rel, m.cfg.Clock)
	if err := bad.load(m.cfg.Store); err != nil {
		cancel()
		return err
	}
	m.mu.Lock()
	m.receivers[rel.OID], m.bad[rel.OID] = rec, bad
	m.mu.Unlock()
	m.bg.Go(func() {
		defer close(rec.done)
		take := bad.handler(rel, true)
		onBad := func(b connector.Bad) error {
			if err := take(b); err != nil {
				return err
			}
			return bad.saveNow(m.cfg.Store)
		}
		err := r.Run(ctx, func(b *types.Batch) error { return deliver(b, onBad) }, onBad)
		if err != nil && ctx.Err() == nil {
			m.log.Error("receiver failed", "stream", rel.FullName(), "error", err)
		}
		if err := r.Close(); err != nil {
			m.log.Warn("receiver not closed cleanly", "stream", rel.FullName(), "error", err)
		}
	})
	return nil
}

// delivery appends a receiver's rows to the stream's log, completed.
func (m *Manager) delivery(ctx context.Context, rel *catalog.Relation, l *state.Log) (func(*types.Batch, func(connector.Bad) error) error, error) {
	c, err := m.completer(rel)
	if err != nil {
		return nil, err
	}
	appendRows := func(b *types.Batch) error { return l.Append(ctx, b) }
	if c == nil {
		return func(b *types.Batch, _ func(connector.Bad) error) error { return appendRows(b) }, nil
	}
	all := make([]int, len(rel.Columns))
	for i := range all {
		all[i] = i
	}
	needs := c.Needs(all)
	return func(b *types.Batch, onBad func(connector.Bad) error) error {
		return complete(c, all, b.Project(needs), onBad, appendRows)
	}, nil
}

// CloseStream ends a stream's receiver or source. With drop the stream is forgotten; its stored rows go with DropState.
func (m *Manager) CloseStream(rel *catalog.Relation, drop bool) error {
	m.mu.Lock()
	rec, src := m.receivers[rel.OID], m.sources[rel.OID]
	delete(m.receivers, rel.OID)
	delete(m.sources, rel.OID)
	delete(m.bad, rel.OID)
	if drop {
		delete(m.logs, rel.OID)
		delete(m.holds, rel.OID)
	}
	m.mu.Unlock()
	if rec != nil {
		rec.cancel()
		<-rec.done
	}
	if src != nil {
		return src.Close()
	}
	return nil
}

// keepHouse cuts streams by their retention, twice within it, but not more often than once a second or less than once a minute.
func (m *Manager) keepHouse() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	due := map[uint32]time.Time{}
	for {
		select {
		case <-m.ctx.Done():
			return
		case now := <-t.C:
			m.trimLogs(now, due)
		}
	}
}

// trimLogs cuts the streams that are due at now, and notes when they are again.
func (m *Manager) trimLogs(now time.Time, due map[uint32]time.Time) {
	for _, rel := range m.cfg.Catalog.Relations() {
		v, ok := rel.Options.Get("retention")
		d, valid := ParseInterval(v)
		if rel.Kind != catalog.Stream || !ok || !valid || d <= 0 || now.Before(due[rel.OID]) {
			continue
		}
		due[rel.OID] = now.Add(min(d/2, time.Minute))
		m.mu.Lock()
		l := m.logs[rel.OID]
		m.mu.Unlock()
		if l == nil {
			continue
		}
		if err := l.Trim(m.cfg.Clock().Add(-d)); err != nil {
			m.log.Error("a stream can't be cut by its retention", "stream", rel.FullName(), "error", err)
		}
	}
}

// kv is a connector's own durable storage.
type kv struct {
	s   *state.Store
	oid uint32
}

func kvKey(oid uint32, key string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{'k'}, oid), key...)
}

func (m *Manager) kv(oid uint32) connector.KV { return kv{m.cfg.Store, oid} }

func (k kv) Get(key string) ([]byte, error)     { return k.s.Get(kvKey(k.oid, key)) }
func (k kv) Set(key string, value []byte) error { return k.s.Set(kvKey(k.oid, key), value) }
func (k kv) Scan(prefix string, fn func(key string, value []byte) error) error {
	return k.s.Scan(kvKey(k.oid, prefix), func(key, value []byte) error {
		return fn(string(key[5:]), append([]byte(nil), value...))
	})
}
