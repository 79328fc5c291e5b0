package engine

import (
	"context"
	"strconv"
	"time"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// prepared is a statement that was parsed and analysed.
type prepared struct {
	name   string
	text   string
	stmt   ast.Stmt // nil: empty text
	params []types.Type
	cols   []Column    // nil: returns no rows
	query  *plan.Query // of a QueryStmt, optimized
	with   []*sql.With // of a QueryStmt whose WITH clause changes rows
	catVer uint64      // of the catalog when it was analysed
	path   string      // search_path then
	at     time.Time
	bySQL  bool
	source string // the statement PREPARE itself
}

// portal is a statement with its parameters, or a cursor made by DECLARE.
type portal struct {
	name    string
	st      *prepared
	args    []expr.Vec
	formats []int16
	cols    []Column // with formats
	cur     *cursor  // once started with a row limit, or declared
	done    bool
	sqlCur  bool // made by DECLARE
	hold    bool
	text    string
	made    time.Time
	scroll  bool
	kept    bool // WITH HOLD, after its transaction
}

func (p *portal) close() {
	if p.cur != nil {
		p.cur.close()
	}
}

func (s *session) closePortals() {
	for n, p := range s.portals {
		p.close()
		delete(s.portals, n)
	}
}

// endPortals closes what does not outlive a transaction.
func (s *session) endPortals() {
	for n, p := range s.portals {
		if !p.hold {
			p.close()
			delete(s.portals, n)
		}
		p.kept = true
	}
}

// Query runs a simple query; see Session.
func (s *session) Query(ctx context.Context, text string, w ResultWriter) error {
	delete(s.stmts, "")
	s.ClosePortal("")
	list, err := parser.Parse(text)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return w.Empty()
	}
	s.inQuery, s.text = len(list) > 1, text
	defer func() { s.inQuery = false }()
	for _, p := range list {
		if err := s.runSimple(ctx, p, w); err != nil {
			return shift(err, p.Start)
		}
	}
	return s.endImplicit(ctx)
}

// shift moves an error's position from a statement's text into the whole query's.
func shift(err error, start int) error {
	e := sqlerr.From(err)
	if e.Pos == 0 || start == 0 {
		return err
	}
	c := *e
	c.Pos += start
	return &c
}

func (s *session) runSimple(ctx context.Context, p parser.Parsed, w ResultWriter) error {
	ctx, cancel := s.withTimeout(ctx)
	defer cancel()
	st, err := s.analyze(p.Stmt, p.Text, nil)
	if err != nil {
		return err
	}
	if len(st.params) > 0 {
		return sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $1")
	}
	return s.run(ctx, st, nil, nil, w)
}

// Parse prepares a statement; see Session.
func (s *session) Parse(_ context.Context, name, text string, oids []uint32) error {
	if _, ok := s.stmts[name]; ok && name != "" {
		return sqlerr.New(sqlerr.DuplicatePreparedStatement, "prepared statement %q already exists", name)
	}
	list, err := parser.Parse(text)
	if err != nil {
		return err
	}
	if len(list) > 1 {
		return sqlerr.New(sqlerr.SyntaxError, "cannot insert multiple commands into a prepared statement")
	}
	st := &prepared{text: text}
	if len(list) == 1 {
		params := make([]types.Type, len(oids))
		for i, o := range oids {
			if o == 0 || o == types.Unknown.OID {
				continue
			}
			t, ok := types.ByOID(o)
			if !ok {
				return sqlerr.New(sqlerr.UndefinedObject, "type with OID %d does not exist", o)
			}
			params[i] = t
		}
		if st, err = s.analyze(list[0].Stmt, list[0].Text, params); err != nil {
			return shift(err, list[0].Start)
		}
	}
	st.name, st.at = name, s.eng.clock()
	s.stmts[name] = st
	return nil
}

func (s *session) prepared(name string) (*prepared, error) {
	st := s.stmts[name]
	if st == nil {
		if name == "" {
			return nil, sqlerr.New(sqlerr.InvalidSQLStatementName, "unnamed prepared statement does not exist")
		}
		return nil, sqlerr.New(sqlerr.InvalidSQLStatementName, "prepared statement %q does not exist", name)
	}
	return st, nil
}

func (s *session) DescribeStatement(_ context.Context, name string) (*StatementDesc, error) {
	st, err := s.prepared(name)
	if err != nil {
		return nil, err
	}
	if err := s.refresh(st); err != nil {
		return nil, err
	}
	d := &StatementDesc{Columns: st.cols}
	for _, t := range st.params {
		d.ParamOIDs = append(d.ParamOIDs, t.OID)
	}
	return d, nil
}

func (s *session) CloseStatement(name string) { delete(s.stmts, name) }

// Bind makes a portal; see Session.
func (s *session) Bind(_ context.Context, r *BindRequest) error {
	st, err := s.prepared(r.Statement)
	if err != nil {
		return err
	}
	if p := s.portals[r.Portal]; p != nil {
		if r.Portal != "" {
			return sqlerr.New(sqlerr.DuplicateCursor, "cursor %q already exists", r.Portal)
		}
		s.ClosePortal("")
	}
	if s.tx != nil && s.tx.failed && !endsTransaction(st.stmt) {
		return errFailedTx()
	}
	if err := s.refresh(st); err != nil {
		return err
	}
	args, err := s.bindParams(st, r)
	if err != nil {
		return err
	}
	cols, err := WithFormats(st.cols, r.ResultFormats)
	if err != nil {
		return err
	}
	s.portals[r.Portal] = &portal{name: r.Portal, st: st, args: args, cols: cols, formats: r.ResultFormats, text: st.text, made: s.eng.clock()}
	return nil
}

func (s *session) bindParams(st *prepared, r *BindRequest) ([]expr.Vec, error) {
	if len(r.Params) != len(st.params) {
		return nil, sqlerr.New(sqlerr.ProtocolViolation, "bind message supplies %d parameters, but prepared statement %q requires %d", len(r.Params), st.name, len(st.params))
	}
	if n := len(r.ParamFormats); n > 1 && n != len(r.Params) {
		return nil, sqlerr.New(sqlerr.ProtocolViolation, "bind message has %d parameter formats but %d parameters", n, len(r.Params))
	}
	f := s.format()
	args := make([]expr.Vec, len(r.Params))
	for i, v := range r.Params {
		b := types.NewBuilder(st.params[i])
		var err error
		switch {
		case v == nil:
			b.AppendNull()
		case r.ParamFormat(i) == 1:
			err = types.ParseBinary(b, v, st.params[i])
		default:
			err = types.ParseText(b, string(v), st.params[i], f)
		}
		if err != nil {
			e := *sqlerr.From(err)
			e.Detail = "parameter $" + strconv.Itoa(i+1)
			return nil, &e
		}
		args[i] = expr.Vec{Arr: b.NewArray(), Const: true}
	}
	return args, nil
}

func (s *session) portal(name string) (*portal, error) {
	if p := s.portals[name]; p != nil {
		return p, nil
	}
	return nil, sqlerr.New(sqlerr.InvalidCursorName, "portal %q does not exist", name)
}

func (s *session) DescribePortal(_ context.Context, name string) ([]Column, error) {
	p, err := s.portal(name)
	if err != nil {
		return nil, err
	}
	return p.cols, nil
}

func (s *session) ClosePortal(name string) {
	if p := s.portals[name]; p != nil {
		p.close()
		delete(s.portals, name)
	}
}

// Execute runs a portal; see Session.
func (s *session) Execute(ctx context.Context, name string, maxRows int, w ResultWriter) error {
	p, err := s.portal(name)
	if err != nil {
		return err
	}
	if p.st == nil || p.st.stmt == nil {
		return w.Empty()
	}
	if p.done {
		return w.Complete("SELECT 0")
	}
	s.text = p.st.text
	ctx, cancel := s.withTimeout(ctx)
	defer cancel()
	if p.cur == nil && (maxRows <= 0 || p.cols == nil) {
		p.done = p.cols != nil
		return s.run(ctx, p.st, p.args, p.cols, w)
	}
	if p.cur == nil {
		src, err := s.open(ctx, p.st, p.args)
		if err != nil {
			return err
		}
		p.cur = openCursor(s.ctx, src)
	}
	if err := w.Columns(p.cols, s.format()); err != nil {
		return err
	}
	return s.executeSome(ctx, p, maxRows, w)
}

func (s *session) executeSome(ctx context.Context, p *portal, maxRows int, w ResultWriter) error {
	if maxRows <= 0 {
		maxRows = -1
	}
	wt := wait{atLeast: 1, timeout: -1}
	n, ended, err := p.cur.fetch(ctx, maxRows, wt, w.Batch)
	if err != nil {
		return err
	}
	if p.cur.src.live {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if !ended && (maxRows > 0) {
		return w.Suspended()
	}
	p.done = true
	return w.Complete("SELECT " + strconv.Itoa(n))
}

// Sync ends a run of extended messages.
func (s *session) Sync(ctx context.Context) error { return s.endImplicit(ctx) }
