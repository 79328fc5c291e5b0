package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/state"
)

// Manager holds the relations' rows and runs the continuous queries. It is safe for many goroutines.
type Manager struct {
	cfg     ManagerConfig
	log     *slog.Logger
	ctx     context.Context // ends the loops and receivers
	cancel  context.CancelFunc
	stepCtx context.Context // ends steps that run
	abort   context.CancelFunc
	bg      sync.WaitGroup
	// saveFrom is the size of changes of operator state below which no whole state is written.
	saveFrom int64

	mu        sync.Mutex
	queries   map[uint32]*query
	logs      map[uint32]*state.Log
	tables    map[uint32]*state.Table
	sources   map[uint32]connector.Source
	receivers map[uint32]*receiver
	bad       map[uint32]*badRows // of the receivers
	// holds are the positions of stored queries that are not open yet, by relation and reader.
	holds map[uint32]map[string]int64
}

// NewManager makes a manager. Nothing runs before Start and OpenStream.
func NewManager(cfg ManagerConfig) *Manager {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	m := &Manager{cfg: cfg, log: cfg.Log, queries: map[uint32]*query{}, logs: map[uint32]*state.Log{}, tables: map[uint32]*state.Table{},
		sources: map[uint32]connector.Source{}, receivers: map[uint32]*receiver{}, bad: map[uint32]*badRows{}, saveFrom: 1 << 20, holds: map[uint32]map[string]int64{}}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	m.stepCtx, m.abort = context.WithCancel(context.Background())
	m.loadHolds()
	m.bg.Go(m.keepHouse)
	return m
}

// loadHolds finds what the stored queries have yet to read, so that nothing of it is dropped before they are started.
func (m *Manager) loadHolds() {
	err := m.cfg.Store.Scan([]byte{'q'}, func(k, v []byte) error {
		if len(k) != 6 || k[5] != 'c' {
			return nil
		}
		var r record
		if err := json.Unmarshal(v, &r); err != nil {
			return err
		}
		reader := fmt.Sprintf("query %d", oidOf(k))
		for _, s := range r.Sources {
			if s.Rel != 0 {
				m.holdLater(s.Rel, reader, number(s.Pos))
			}
		}
		return nil
	})
	if err != nil {
		m.log.Error("stored queries can't be read", "error", err)
	}
}

func (m *Manager) holdLater(rel uint32, reader string, at int64) {
	if m.holds[rel] == nil {
		m.holds[rel] = map[string]int64{}
	}
	m.holds[rel][reader] = at
}

// Start checks and opens a query and starts its triggers. A query that was stored as stopped, failed or paused stays so. What
// is wrong with a query that was never started before is returned; one that was is failed instead.
func (m *Manager) Start(ctx context.Context, q *Query) error {
	oid, stored := q.Rel.OID, q.Rel.Stored()
	x, err := newQuery(m, q)
	if err != nil {
		return err
	}
	var st storedStatus
	known, err := getJSON(m.cfg.Store, queryKey(stored, 's'), &st)
	if err != nil {
		return err
	}
	if err := x.bad.load(m.cfg.Store); err != nil {
		return err
	}
	x.info.Started = m.cfg.Clock()
	var rec record
	if ok, err := getJSON(m.cfg.Store, queryKey(stored, 'c'), &rec); err != nil {
		return err
	} else if ok {
		x.info.take(&rec)
	}
	switch {
	case q.Rel.Paused:
		x.status = Paused
	case known && st.Status == Failed:
		x.status, x.err = Failed, sqlerr.New(st.Code, "%s", st.Error)
	case known && st.Status == Stopped:
		x.status = Stopped
	default:
		x.step.Lock()
		err = x.open(ctx)
		x.step.Unlock()
		if err != nil && !known {
			return err
		}
		if err != nil {
			x.fail(err)
		}
	}
	if !known {
		m.storeStatus(stored, storedStatus{Status: Running})
	}
	m.mu.Lock()
	if m.queries[oid] != nil {
		m.mu.Unlock()
		return fmt.Errorf("query %s runs already", q.Rel.FullName())
	}
	m.queries[oid] = x
	m.mu.Unlock()
	x.run()
	return nil
}

// storeStatus keeps a status under the number of what is stored of the query.
func (m *Manager) storeStatus(oid uint32, s storedStatus) {
	b := m.cfg.Store.NewBatch()
	if err := errors.Join(setJSON(b, queryKey(oid, 's'), s), b.Commit(true)); err != nil {
		m.log.Error("a query's status can't be stored", "oid", oid, "error", err)
	}
}

func (m *Manager) query(oid uint32) (*query, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if q := m.queries[oid]; q != nil {
		return q, nil
	}
	return nil, sqlerr.New(sqlerr.UndefinedTable, "there is no continuous query with OID %d", oid)
}

// Drop stops a query. What is stored of it goes with DropState.
func (m *Manager) Drop(oid uint32) error {
	q, err := m.query(oid)
	if err != nil {
		return err
	}
	q.abort()
	q.halt()
	q.step.Lock()
	defer q.step.Unlock()
	if q.core != nil {
		q.core.unhold()
	}
	q.dropCore()
	q.setStatus(Stopped, nil)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.queries, oid)
	reader := readerName(q.q.Rel)
	for rel, hs := range m.holds {
		delete(hs, reader)
		if t := m.tables[rel]; t != nil {
			t.Unhold(reader)
		}
		if l := m.logs[rel]; l != nil {
			l.Unhold(reader)
		}
	}
	return nil
}

// DropState puts the removal of all that is stored of a relation (query, table or stream) into the batch.
func (m *Manager) DropState(b *state.Batch, oid uint32) error {
	m.mu.Lock()
	t := m.tables[oid]
	delete(m.tables, oid)
	delete(m.logs, oid)
	m.mu.Unlock()
	if t != nil {
		if err := t.Drop(b); err != nil {
			return err
		}
	}
	return errors.Join(state.DropTable(b, oid), state.DropTable(b, oid|resultSpace), state.DropLog(b, oid),
		b.DeletePrefix(queryKey(oid, 0)[:5]), b.DeletePrefix(operatorKey(oid, 0)[:5]), b.DeletePrefix(coldKey(oid)), b.DeletePrefix(kvKey(oid, "")),
		b.DeletePrefix(badKey(oid, 0)[:5]))
}

// Pause ends the triggers of a query after the step that runs.
func (m *Manager) Pause(oid uint32) error {
	q, err := m.query(oid)
	if err != nil {
		return err
	}
	q.halt()
	if s, _, _, _ := q.state(); s != Failed && s != Stopped {
		q.setStatus(Paused, nil)
	}
	return nil
}

// Resume goes on with a paused, stopped or failed query from its last commit.
func (m *Manager) Resume(oid uint32) error {
	q, err := m.query(oid)
	if err != nil {
		return err
	}
	s, _, _, _ := q.state()
	if s == Running || s == Idle {
		return nil
	}
	q.halt()
	q.step.Lock()
	err = q.open(q.ctx)
	q.step.Unlock()
	if err != nil {
		q.fail(err)
		return err
	}
	q.setStatus(Running, nil)
	m.storeStatus(q.q.Rel.Stored(), storedStatus{Status: Running})
	q.run()
	return nil
}

// RunTrigger does one trigger of a query now and waits for its commit. now is the processing time; nil: the clock.
func (m *Manager) RunTrigger(ctx context.Context, oid uint32, now *time.Time) error {
	q, err := m.query(oid)
	if err != nil {
		return err
	}
	switch s, _, _, _ := q.state(); s {
	case Paused, Failed:
		return sqlerr.New("55000", "query %q is %s", q.q.Rel.Name, s).WithHint("Use ALTER MATERIALIZED VIEW ... RESUME or ALTER SINK ... RESUME first.")
	}
	at := m.cfg.Clock()
	if now != nil {
		at = *now
	}
	_, t, _, _ := q.state()
	_, err = q.once(at, t.Kind == TriggerOnce)
	return err
}

// Await waits until a query is stopped or failed (whose error it gives), at most for the timeout; 0: without end.
func (m *Manager) Await(ctx context.Context, oid uint32, timeout time.Duration) (terminated bool, err error) {
	q, err := m.query(oid)
	if err != nil {
		return false, err
	}
	var timer <-chan time.Time
	if timeout > 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		timer = t.C
	}
	for {
		s, _, qerr, changed := q.state()
		switch s {
		case Stopped:
			return true, nil
		case Failed:
			return true, qerr
		}
		select {
		case <-changed:
		case <-timer:
			return false, nil
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

// Shutdown ends all triggers and receivers; steps that run finish and commit, unless ctx ends before. Sinks and sources are closed.
func (m *Manager) Shutdown(ctx context.Context) error {
	m.cancel()
	stop := context.AfterFunc(ctx, m.abort)
	defer stop()
	m.mu.Lock()
	var qs []*query
	for _, q := range m.queries {
		qs = append(qs, q)
	}
	m.mu.Unlock()
	slices.SortFunc(qs, func(a, b *query) int { return int(a.q.Rel.OID) - int(b.q.Rel.OID) })
	for _, q := range qs {
		q.halt()
		q.step.Lock()
		q.dropCore()
		q.step.Unlock()
	}
	m.bg.Wait()
	m.abort()
	m.mu.Lock()
	defer m.mu.Unlock()
	var errs []error
	for _, s := range m.sources {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
