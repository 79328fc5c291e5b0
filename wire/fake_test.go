package wire

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/copyfmt"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// fakeEngine runs a toy language, one word a statement, so that the protocol is tested without the SQL above it.
type fakeEngine struct {
	mu       sync.Mutex
	sessions []*fakeSession
	copied   strings.Builder
	idle     time.Duration // IdleLimit in a transaction
}

func (e *fakeEngine) Connect(_ context.Context, info engine.StartupInfo) (engine.Session, error) {
	if info.Database == "nosuch" {
		return nil, sqlerr.New(sqlerr.InvalidCatalogName, "database \"nosuch\" does not exist")
	}
	s := &fakeSession{e: e, info: info, stmts: map[string]*fakeStmt{}, portals: map[string]*fakePortal{}, status: 'I', format: types.UTCFormat(0)}
	e.mu.Lock()
	e.sessions = append(e.sessions, s)
	e.mu.Unlock()
	return s, nil
}

type fakeStmt struct {
	sql  string
	oids []uint32
}

type fakePortal struct {
	fakeStmt
	cols   []engine.Column
	params []string
	next   int64
}

type fakeSession struct {
	e       *fakeEngine
	info    engine.StartupInfo
	stmts   map[string]*fakeStmt
	portals map[string]*fakePortal
	status  byte
	format  *types.Format
	mu      sync.Mutex
	updates engine.Updates
	closed  bool
}

func (s *fakeSession) IdleLimit() time.Duration {
	if s.status == 'T' {
		return s.e.idle
	}
	return 0
}

func (s *fakeSession) Parameters() []engine.KV {
	return append([]engine.KV{{Name: "server_version", Value: "15.0 (fake)"}, {Name: "client_encoding", Value: "UTF8"},
		{Name: "standard_conforming_strings", Value: "on"}, {Name: "integer_datetimes", Value: "on"}}, s.info.Settings...)
}
func (s *fakeSession) TxStatus() byte { return s.status }
func (s *fakeSession) Updates() engine.Updates {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.updates
	s.updates = engine.Updates{}
	return u
}
func (s *fakeSession) Close() { s.mu.Lock(); s.closed = true; s.mu.Unlock() }
func (s *fakeSession) Failed() {
	if s.status == 'T' {
		s.status = 'E'
	}
}
func (s *fakeSession) Sync(context.Context) error {
	if s.status == 'I' {
		clear(s.portals)
	}
	return nil
}

func (s *fakeSession) Query(ctx context.Context, sql string, w engine.ResultWriter) error {
	any := false
	for off := 0; off <= len(sql); {
		stmt, _, more := strings.Cut(sql[off:], ";")
		if strings.TrimSpace(stmt) != "" && !strings.HasPrefix(strings.TrimSpace(stmt), "--") {
			any = true
			p := &fakePortal{fakeStmt: fakeStmt{sql: stmt}}
			if err := s.bindColumns(p, nil); err != nil {
				return err
			}
			if err := s.exec(ctx, p, 0, w, off); err != nil {
				return err
			}
		}
		if !more {
			break
		}
		off += len(stmt) + 1
	}
	if !any {
		return w.Empty()
	}
	return nil
}

func (s *fakeSession) Parse(_ context.Context, name, sql string, oids []uint32) error {
	if k := strings.Index(sql, "WRONG"); k >= 0 {
		return sqlerr.New(sqlerr.SyntaxError, "syntax error at or near \"WRONG\"").At(k)
	}
	if s.stmts[name] != nil && name != "" {
		return sqlerr.New(sqlerr.DuplicatePreparedStatement, "prepared statement \"%s\" already exists", name)
	}
	for len(oids) < strings.Count(sql, "$") {
		oids = append(oids, types.Text.OID)
	}
	s.stmts[name] = &fakeStmt{sql, oids}
	return nil
}

func (s *fakeSession) DescribeStatement(_ context.Context, name string) (*engine.StatementDesc, error) {
	st := s.stmts[name]
	if st == nil {
		return nil, sqlerr.New(sqlerr.InvalidSQLStatementName, "prepared statement \"%s\" does not exist", name)
	}
	p := &fakePortal{fakeStmt: *st}
	if err := s.bindColumns(p, nil); err != nil {
		return nil, err
	}
	return &engine.StatementDesc{ParamOIDs: st.oids, Columns: p.cols}, nil
}
func (s *fakeSession) CloseStatement(name string) { delete(s.stmts, name) }
func (s *fakeSession) ClosePortal(name string)    { delete(s.portals, name) }

func (s *fakeSession) Bind(_ context.Context, r *engine.BindRequest) error {
	st := s.stmts[r.Statement]
	if st == nil {
		return sqlerr.New(sqlerr.InvalidSQLStatementName, "prepared statement \"%s\" does not exist", r.Statement)
	}
	if len(r.Params) != len(st.oids) {
		return sqlerr.New(sqlerr.ProtocolViolation, "bind message supplies %d parameters, but prepared statement \"%s\" requires %d", len(r.Params), r.Statement, len(st.oids))
	}
	p := &fakePortal{fakeStmt: *st}
	for i, v := range r.Params {
		switch {
		case v == nil:
			p.params = append(p.params, "NULL")
		case r.ParamFormat(i) == 1 && len(v) == 8:
			p.params = append(p.params, strconv.FormatInt(int64(binary.BigEndian.Uint64(v)), 10))
		default:
			p.params = append(p.params, string(v))
		}
	}
	if err := s.bindColumns(p, r.ResultFormats); err != nil {
		return err
	}
	s.portals[r.Portal] = p
	return nil
}

func (s *fakeSession) DescribePortal(_ context.Context, name string) ([]engine.Column, error) {
	p := s.portals[name]
	if p == nil {
		return nil, sqlerr.New(sqlerr.InvalidCursorName, "portal \"%s\" does not exist", name)
	}
	return p.cols, nil
}

func (s *fakeSession) Execute(ctx context.Context, portal string, maxRows int, w engine.ResultWriter) error {
	p := s.portals[portal]
	if p == nil {
		return sqlerr.New(sqlerr.InvalidCursorName, "portal \"%s\" does not exist", portal)
	}
	if strings.TrimSpace(p.sql) == "" {
		return w.Empty()
	}
	return s.exec(ctx, p, maxRows, w, 0)
}

func (s *fakeSession) bindColumns(p *fakePortal, formats []int16) (err error) {
	switch word := strings.Fields(p.sql + " x")[0]; strings.ToLower(word) {
	case "rows", "live":
		p.cols = []engine.Column{{Name: "a", Type: types.Int8, TableOID: 16384, AttNum: 1}, {Name: "b", Type: types.Text}, {Name: "t", Type: types.TimestampTZ}}
	case "echo":
		p.cols = []engine.Column{{Name: "params", Type: types.Text}}
	}
	p.cols, err = engine.WithFormats(p.cols, formats)
	return err
}

// rowsBatch is rows from..to of the test's table.
func rowsBatch(from, to int64) *types.Batch {
	a, b, t := types.NewBuilder(types.Int8), types.NewBuilder(types.Text), types.NewBuilder(types.TimestampTZ)
	for i := from; i < to; i++ {
		a.(*array.Int64Builder).Append(i)
		if i%3 == 2 {
			b.AppendNull()
		} else {
			b.(*array.StringBuilder).Append(fmt.Sprint("näme\t", i))
		}
		t.(*array.TimestampBuilder).Append(arrow.Timestamp(1767225600000000 + i*500000))
	}
	return &types.Batch{N: int(to - from), Cols: []arrow.Array{a.NewArray(), b.NewArray(), t.NewArray()}}
}

func (s *fakeSession) exec(ctx context.Context, p *fakePortal, limit int, w engine.ResultWriter, off int) error {
	words := strings.Fields(p.sql)
	verb := strings.ToLower(words[0])
	if s.status == 'E' && verb != "rollback" && verb != "commit" {
		return sqlerr.New(sqlerr.InFailedSQLTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	}
	num := func(i int) int64 {
		if len(words) <= i {
			return 0
		}
		n, _ := strconv.ParseInt(words[i], 10, 64)
		return n
	}
	switch verb {
	case "rows":
		return s.rows(p, num(1), limit, w)
	case "live":
		return s.live(ctx, p, time.Duration(num(1))*time.Millisecond, limit, w)
	case "echo":
		b := types.NewBuilder(types.Text)
		b.(*array.StringBuilder).Append(strings.Join(p.params, ","))
		w.Columns(p.cols, s.format)
		w.Batch(&types.Batch{N: 1, Cols: []arrow.Array{b.NewArray()}})
		return w.Complete("SELECT 1")
	case "fail":
		return sqlerr.New(sqlerr.UndefinedColumn, "column \"%s\" does not exist", words[1]).
			At(off + strings.Index(p.sql, words[1])).WithHint("Try another.").WithDetail("Not there.")
	case "sleep":
		<-ctx.Done()
		return ctx.Err()
	case "panic":
		panic("at the disco")
	case "notice":
		w.Notice(engine.Notice{Severity: "NOTICE", Error: sqlerr.New(sqlerr.SuccessfulCompletion, "take care")})
		return w.Complete("NOTICE")
	case "begin":
		s.status = 'T'
		return w.Complete("BEGIN")
	case "commit", "rollback":
		tag := strings.ToUpper(verb)
		if s.status == 'E' {
			tag = "ROLLBACK"
		}
		s.status = 'I'
		clear(s.portals)
		return w.Complete(tag)
	case "set":
		s.mu.Lock()
		s.updates.Params = append(s.updates.Params, engine.KV{Name: words[1], Value: words[2]})
		s.mu.Unlock()
		return w.Complete("SET")
	case "copyin":
		return s.copyIn(w, words[1:])
	case "copyout":
		o := copyfmt.Defaults(copyfmt.Text)
		if len(words) > 2 {
			o = copyfmt.Defaults(copyfmt.CSV)
			o.Header = true
		}
		if err := w.CopyOut([]engine.Column{{Name: "a", Type: types.Int8}, {Name: "b", Type: types.Text}, {Name: "t", Type: types.TimestampTZ}}, &o, s.format); err != nil {
			return err
		}
		if err := w.Batch(rowsBatch(0, num(1))); err != nil {
			return err
		}
		return w.Complete("COPY " + words[1])
	}
	return sqlerr.New(sqlerr.SyntaxError, "syntax error at or near \"%s\"", words[0]).At(off + strings.Index(p.sql, words[0]))
}

func (s *fakeSession) rows(p *fakePortal, n int64, limit int, w engine.ResultWriter) error {
	w.Columns(p.cols, s.format)
	to := n
	if limit > 0 {
		to = min(n, p.next+int64(limit))
	}
	got := to - p.next
	for at := p.next; at < to; {
		k := min(at+1000, to)
		if err := w.Batch(rowsBatch(at, k)); err != nil {
			return err
		}
		at = k
	}
	p.next = to
	if limit > 0 && got == int64(limit) {
		return w.Suspended()
	}
	return w.Complete(fmt.Sprint("SELECT ", got))
}

// live gives a row each interval for ever; with a limit it returns with what is there as soon as there is something.
func (s *fakeSession) live(ctx context.Context, p *fakePortal, every time.Duration, limit int, w engine.ResultWriter) error {
	w.Columns(p.cols, s.format)
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(every):
		}
		if err := w.Batch(rowsBatch(p.next, p.next+1)); err != nil {
			return err
		}
		p.next++
		if limit > 0 {
			return w.Suspended()
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
}

func (s *fakeSession) copyIn(w engine.ResultWriter, opts []string) error {
	o := copyfmt.Defaults(copyfmt.Text)
	if len(opts) > 0 {
		o = copyfmt.Defaults(copyfmt.CSV)
	}
	r, err := w.CopyIn(o.Format, 2)
	if err != nil {
		return err
	}
	d := copyfmt.NewDecoder(r, "t", []copyfmt.Column{{Name: "a", Type: types.Int8}, {Name: "b", Type: types.Text}}, &o, s.format)
	total := 0
	for {
		b, err := d.Next(1000)
		if err == io.EOF {
			return w.Complete(fmt.Sprint("COPY ", total))
		}
		if err != nil {
			return err
		}
		total += b.N
		s.e.mu.Lock()
		for i := range b.N {
			fmt.Fprintf(&s.e.copied, "%s=%s;", b.Cols[0].ValueStr(i), b.Cols[1].ValueStr(i))
		}
		s.e.mu.Unlock()
	}
}

// startServer serves a fake engine on a loopback port until the test ends.
func startServer(t testing.TB, cfg Config) (*Server, *fakeEngine, string) {
	t.Helper()
	e := &fakeEngine{}
	cfg.Engine, cfg.Log = e, slog.New(slog.DiscardHandler)
	s := NewServer(cfg)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		s.Shutdown(ctx)
		if err := <-served; err != ErrServerClosed {
			t.Errorf("Serve returned %v", err)
		}
	})
	return s, e, l.Addr().String()
}
