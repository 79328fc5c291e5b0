package lawtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector/builtin"
	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/wire"
)

// server is a streamsqld in this process, over a file system in memory that can crash.
type server struct {
	fs    *state.CrashFS
	opts  state.Options
	store *state.Store
	eng   *engine.Engine
	wire  *wire.Server
	conn  *pgconn.PgConn
	dsn   string
}

func newServer(rng *rand.Rand) (*server, error) {
	s := &server{fs: state.NewCrashFS(rng, nil)}
	if rng.IntN(2) == 0 {
		s.opts.SnapshotBytes, s.opts.History = 200, 2
	}
	return s, s.open()
}

func (s *server) open() (err error) {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if s.store, err = state.Open("data", s.fs, s.opts); err != nil {
		return err
	}
	if s.eng, err = engine.Open(context.Background(), engine.Config{Store: s.store, Connectors: builtin.Connectors(), Log: log}); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.wire = wire.NewServer(wire.Config{Engine: s.eng, Log: log})
	go s.wire.Serve(l)
	s.dsn = "postgres://tester@" + l.Addr().String() + "/test?sslmode=disable"
	s.conn, err = connect(s.dsn)
	return err
}

func connect(dsn string) (*pgconn.PgConn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := pgconn.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	_, err = c.Exec(ctx, "SET timezone = 'UTC'; SET client_min_messages = warning").ReadAll()
	return c, err
}

// close shuts the server down; the store stays in the file system.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if s.conn != nil {
		s.conn.Close(ctx)
	}
	s.eng.StopLive()
	if err := s.wire.Shutdown(ctx); err != nil {
		return fmt.Errorf("shutdown of the sessions: %w", err)
	}
	if err := s.eng.Shutdown(ctx); err != nil {
		return fmt.Errorf("shutdown of the queries: %w", err)
	}
	return s.store.Close()
}

// restart closes the server and opens it again.
func (s *server) restart() error {
	if err := s.close(); err != nil {
		return err
	}
	return s.open()
}

// crash goes on with what the disk would hold after losing power before the nth change that during makes; without one after it.
func (s *server) crash(n int64, during func() error) error {
	s.fs.CrashAfter(n)
	if err := during(); err != nil {
		return err
	}
	if err := s.close(); err != nil {
		return err
	}
	if after := s.fs.Crashed(nil); after != nil {
		s.fs = after
	}
	s.fs.CrashAfter(-1)
	return s.open()
}

// relation is the catalog's entry of a name in public.
func (s *server) relation(name string) *catalog.Relation {
	for _, r := range s.eng.Catalog().Relations() {
		if r.Name == name && r.Schema == catalog.Public {
			return r
		}
	}
	return nil
}

// result is the rows of a statement as text, with their types.
type result struct {
	cols []string
	oids []uint32
	mods []int32
	rows [][]string
}

const null = "NULL"

// run runs statements on a connection and gives the last result.
func run(c *pgconn.PgConn, sql string) (*result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out := &result{}
	results := c.Exec(ctx, sql)
	for results.NextResult() {
		r := results.ResultReader()
		out = &result{}
		for _, f := range r.FieldDescriptions() {
			out.cols = append(out.cols, f.Name)
			out.oids = append(out.oids, f.DataTypeOID)
			out.mods = append(out.mods, f.TypeModifier)
		}
		for r.NextRow() {
			out.rows = append(out.rows, texts(r.Values()))
		}
		r.Close()
	}
	return out, detailed(results.Close())
}

// detailed adds the stack of an internal error.
func detailed(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == "XX000" {
		return fmt.Errorf("%w\n%s", err, e.Detail)
	}
	return err
}

func texts(values [][]byte) []string {
	row := make([]string, len(values))
	for i, v := range values {
		row[i] = null
		if v != nil {
			row[i] = string(v)
		}
	}
	return row
}
