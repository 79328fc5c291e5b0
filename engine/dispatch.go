package engine

import (
	"context"
	"errors"
	"strconv"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// noVersion is no version of the catalog.
const noVersion = ^uint64(0)

// analyze makes a prepared statement: its parameters and result columns are known after it. params are declared types.
func (s *session) analyze(st ast.Stmt, text string, params []types.Type) (*prepared, error) {
	if s.tx != nil && s.tx.failed && !endsTransaction(st) {
		return nil, errFailedTx()
	}
	st = selectInto(st)
	p := &prepared{text: text, stmt: st, catVer: s.cat().Version(), path: s.values.get(findSetting("search_path"))}
	var err error
	switch st := st.(type) {
	case *ast.QueryStmt:
		q, fresh, err := s.expandWhy(s.ctx, st.Query, text)
		if err != nil {
			return nil, err
		}
		if fresh {
			p.catVer = noVersion // its answers are of one moment: it is analysed again when it runs
		}
		if p.query, p.with, err = s.planSelect(q, text, params); err != nil {
			return nil, err
		}
		p.params, p.cols = p.query.Params, resultColumns(p.query)
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		p.params, p.cols, err = s.describeDML(st, params)
	case *ast.Subscribe:
		p.cols, err = s.describeSubscribe(st, text)
	case *ast.Show:
		p.cols, err = s.describeShow(st)
	case *ast.Explain:
		p.cols, err = explainColumns(st)
	case *ast.Fetch:
		p.cols, err = s.describeFetch(st)
	case *ast.Execute:
		p.cols, err = s.describeExecute(st)
	case *ast.CallStmt:
		p.cols, err = describeCall(st)
	case *ast.Declare:
		p.params, err = s.describeDeclare(st, text, params)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// refresh analyses a prepared statement again where the catalog or the search path changed since.
func (s *session) refresh(p *prepared) error {
	if p.stmt == nil || p.catVer == s.cat().Version() && p.path == s.values.get(findSetting("search_path")) {
		return nil
	}
	n, err := s.analyze(p.stmt, p.text, p.params)
	if err != nil {
		return err
	}
	if !sameColumns(n.cols, p.cols) {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cached plan must not change result type")
	}
	n.name, n.at, n.bySQL, n.source = p.name, p.at, p.bySQL, p.source
	*p = *n
	return nil
}

func sameColumns(a, b []Column) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || a[i].Type != b[i].Type {
			return false
		}
	}
	return true
}

// open makes the rowSource of a statement that returns rows.
func (s *session) open(ctx context.Context, p *prepared, args []expr.Vec) (*rowSource, error) {
	if err := s.refresh(p); err != nil {
		return nil, err
	}
	switch st := p.stmt.(type) {
	case *ast.QueryStmt:
		if len(p.with) > 0 {
			return s.openChangingQuery(ctx, p, args)
		}
		return s.openQuery(ctx, p.query, args)
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		return s.openReturning(ctx, p, args)
	case *ast.Subscribe:
		return s.openSubscribe(ctx, st, p.text)
	case *ast.Show:
		return s.openShow(st)
	case *ast.Explain:
		return s.openExplain(ctx, st, p.text)
	case *ast.Fetch:
		return s.openFetch(st)
	case *ast.Execute:
		return s.openExecute(ctx, st, p.text)
	case *ast.CallStmt:
		return s.openCall(ctx, st, p.text)
	}
	return nil, sqlerr.New(sqlerr.InternalError, "statement %T returns no rows", p.stmt)
}

// run executes a statement to its end. formats are the portal's columns with their formats, nil in the simple protocol.
func (s *session) run(ctx context.Context, p *prepared, args []expr.Vec, formats []Column, w ResultWriter) error {
	if s.tx != nil && s.tx.failed && !endsTransaction(p.stmt) {
		return errFailedTx()
	}
	if _, ok := p.stmt.(*ast.Transaction); !ok {
		s.begin()
	}
	if err := s.checkReadOnly(p.stmt); err != nil {
		return err
	}
	if p.cols == nil {
		return s.runCommand(ctx, p, args, w)
	}
	src, err := s.open(ctx, p, args)
	if err != nil {
		return err
	}
	if src.close != nil {
		defer src.close()
	}
	if formats == nil {
		formats = src.cols
	}
	if src.live {
		s.explainLive()
	}
	return s.push(ctx, src, formats, w)
}

// push sends all rows of a source to the client.
func (s *session) push(ctx context.Context, src *rowSource, cols []Column, w ResultWriter) error {
	if err := w.Columns(cols, s.format()); err != nil {
		return err
	}
	if src.live {
		if err := s.flushNotices(w); err != nil {
			return err
		}
	}
	var n int64
	err := src.run(ctx, func(b *types.Batch) error {
		if b.N == 0 && !src.live { // its columns may have no memory
			return nil
		}
		n += int64(b.N)
		if err := w.Batch(b); err != nil {
			return err
		}
		if src.live {
			return w.Flush()
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStop) {
		return err
	}
	if src.tag != nil {
		return w.Complete(src.tag(n))
	}
	return w.Complete("SELECT " + strconv.FormatInt(n, 10))
}

// flushNotices sends pending notices now, before a live query waits.
func (s *session) flushNotices(w ResultWriter) error {
	for _, n := range s.updates.Notices {
		if err := w.Notice(n); err != nil {
			return err
		}
	}
	s.updates.Notices = nil
	return w.Flush()
}

// runCommand executes a statement without rows.
func (s *session) runCommand(ctx context.Context, p *prepared, args []expr.Vec, w ResultWriter) error {
	switch st := p.stmt.(type) {
	case *ast.Transaction:
		return s.transaction(ctx, st, w)
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		return s.runDML(ctx, p, args, w)
	case *ast.Truncate:
		return s.truncate(ctx, st, w)
	case *ast.Copy:
		return s.copy(ctx, st, p.text, w)
	case *ast.CreateStream:
		return s.createStream(ctx, st, p.text, w)
	case *ast.CreateTable:
		return s.createTable(ctx, st, p.text, w)
	case *ast.CreateView:
		return s.createView(ctx, st, p.text, w)
	case *ast.CreateSink:
		return s.createSink(ctx, st, p.text, w)
	case *ast.CreateIndex:
		return s.createIndex(ctx, st, p.text, w)
	case *ast.CreateFunction:
		return s.createFunction(st, p.text, w)
	case *ast.CreateSequence:
		return s.createSequence(st, w)
	case *ast.CreateType:
		return s.createType(st, w)
	case *ast.CreateDomain:
		return s.createDomain(st, w)
	case *ast.AlterType:
		return s.alterUserType(ctx, st, w)
	case *ast.CreateSchema:
		return s.createSchema(st, w)
	case *ast.Drop:
		return s.drop(ctx, st, w)
	case *ast.Alter:
		return s.alter(ctx, st, p.text, w)
	case *ast.Comment:
		return s.comment(st, w)
	case *ast.Flush:
		return s.flush(ctx, st, w)
	case *ast.Refresh:
		return s.refreshView(ctx, st, w)
	case *ast.CallStmt:
		return s.call(ctx, st, p.text, w)
	case *ast.Set:
		return s.set(st, w)
	case *ast.SetConstraints:
		return s.setConstraints(ctx, st, w)
	case *ast.Reset:
		return s.reset(st, w)
	case *ast.Discard:
		return s.discard(st, w)
	case *ast.Prepare:
		return s.prepare(st, p.text, w)
	case *ast.Execute:
		return s.executePrepared(ctx, st, p.text, w)
	case *ast.Deallocate:
		return s.deallocate(st, w)
	case *ast.Declare:
		return s.declare(ctx, st, p, args, w)
	case *ast.CloseCursor:
		return s.closeCursor(st, w)
	case *ast.Fetch:
		return s.moveCursor(ctx, st, w)
	case *ast.Listen:
		return s.listen(st, w)
	case *ast.Explain:
		return sqlerr.New(sqlerr.FeatureNotSupported, "this form of EXPLAIN is not supported").At(int(st.Pos))
	case *ast.Maintain:
		return s.maintain(ctx, st, w)
	case *ast.Utility:
		return s.utility(st, w)
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "this statement is not supported yet")
}
