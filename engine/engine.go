package engine

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/pgcatalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/stream"
)

// Config is what an Engine is made of.
type Config struct {
	Store      *state.Store
	Connectors []connector.Def
	Clock      func() time.Time // nil: the system's
	Log        *slog.Logger     // nil: slog.Default
	TempDir    string           // for what queries cannot hold in memory; "": the system's
}

// Engine is the server behind the sessions. It is safe for many goroutines.
type Engine struct {
	ctx  context.Context
	stop context.CancelFunc
	live context.Context // ends the statements that never end by themselves

	stopLive context.CancelFunc
	log      *slog.Logger
	clock    func() time.Time

	tempDir string
	store   *state.Store
	cat     *catalog.Catalog
	mgr     *stream.Manager
	defs    []connector.Def

	lookups   *lookups
	sessions  *sessions
	notify    *notifier
	advisory  *advisoryLocks
	rows      rowLocks
	watches   *watches
	sequences *sequences
	routines  *routines

	ddl      sync.Mutex // one change of the catalog at a time
	commitMu sync.Mutex // one commit over tables at a time
	locks    sync.Map   // *sync.Mutex by OID of the table
	started  time.Time
}

// Open loads the catalog, opens the streams and starts the queries that ran when the server stopped.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.TempDir == "" {
		cfg.TempDir = os.TempDir()
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	e := &Engine{log: cfg.Log, tempDir: cfg.TempDir, clock: cfg.Clock, store: cfg.Store, defs: cfg.Connectors, sessions: newSessions(), notify: newNotifier(), advisory: newAdvisoryLocks(), watches: newWatches(), sequences: newSequences(cfg.Store),
		routines: newRoutines(cfg.Store), started: cfg.Clock()}
	e.ctx, e.stop = context.WithCancel(ctx)
	e.live, e.stopLive = context.WithCancel(e.ctx)
	e.cat = catalog.New(pgcatalog.Relations())
	e.lookups = &lookups{cat: e.cat, routines: e.routines}
	if err := e.store.Scan([]byte("c/"), e.cat.Load); err != nil {
		return nil, err
	}
	if err := e.routines.sweep(e.cat); err != nil {
		return nil, err
	}
	e.mgr = stream.NewManager(stream.ManagerConfig{Store: e.store, Catalog: e.cat, Connectors: e.defs, Clock: e.clock, Log: e.log, Completer: e.completer})
	if err := e.mgr.DropOrphans(); err != nil {
		return nil, err
	}
	e.resume()
	return e, nil
}

// resume opens all streams and tables and starts all queries, in the order of their creation. One that can't start is failed, not fatal.
func (e *Engine) resume() {
	for _, r := range e.cat.Relations() {
		var err error
		switch {
		case r.Kind == catalog.Stream:
			err = e.mgr.OpenStream(r)
		case r.IsQuery():
			err = e.startQuery(e.ctx, r)
		}
		if err != nil {
			e.log.Error("cannot open", "relation", r.FullName(), "error", err)
		}
	}
}

// StopLive ends every SUBSCRIBE with 57P01: a server that stops does not wait for statements that never end.
func (e *Engine) StopLive() { e.stopLive() }

// Shutdown lets running triggers finish and commit, then stops everything.
func (e *Engine) Shutdown(ctx context.Context) error {
	err := errors.Join(e.mgr.Shutdown(ctx), e.sequences.close())
	e.stop()
	return err
}

// Manager is the manager of the continuous queries, for metrics and the demo.
func (e *Engine) Manager() *stream.Manager { return e.mgr }

// Catalog is the server's catalog, for metrics and the demo.
func (e *Engine) Catalog() *catalog.Catalog { return e.cat }

// connector finds a connector by its name.
func (e *Engine) connector(name string) *connector.Def {
	for i := range e.defs {
		if e.defs[i].Name == name {
			return &e.defs[i]
		}
	}
	return nil
}

// tableLock is the lock of implicit transactions over a table.
func (e *Engine) tableLock(oid uint32) *sync.Mutex {
	mu, _ := e.locks.LoadOrStore(oid, new(sync.Mutex))
	return mu.(*sync.Mutex)
}
