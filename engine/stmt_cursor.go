package engine

import (
	"context"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// declared is the statement behind a DECLARE.
func declared(st *ast.Declare) ast.Stmt {
	if st.Subscribe != nil {
		return st.Subscribe
	}
	return &ast.QueryStmt{Query: st.Query}
}

func (s *session) describeDeclare(st *ast.Declare, text string, params []types.Type) ([]types.Type, error) {
	if st.Query != nil && sql.Modifies(st.Query) {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "DECLARE CURSOR must not contain data-modifying statements in WITH")
	}
	p, err := s.analyze(declared(st), text, params)
	if err != nil {
		return nil, err
	}
	return p.params, nil
}

// declare runs DECLARE: the query starts now.
func (s *session) declare(ctx context.Context, st *ast.Declare, p *prepared, args []expr.Vec, w ResultWriter) error {
	if !st.Hold && (s.tx == nil || !s.tx.block) && !s.inQuery {
		return sqlerr.New(sqlerr.NoActiveSQLTransaction, "DECLARE CURSOR can only be used in transaction blocks")
	}
	if s.portals[st.Name] != nil {
		return sqlerr.New(sqlerr.DuplicateCursor, "cursor %q already exists", st.Name)
	}
	if err := checkLocks(st); err != nil {
		return err
	}
	q, err := s.analyze(declared(st), p.text, p.params)
	if err != nil {
		return err
	}
	cols := q.cols
	var base *catalog.Relation
	if st.Query != nil {
		q, base = s.withKey(st, q)
	}
	src, err := s.open(ctx, q, args)
	if err != nil {
		return err
	}
	if st.Binary {
		if cols, err = WithFormats(cols, []int16{1}); err != nil {
			return err
		}
	}
	cur := openCursor(s.ctx, src)
	cur.keep, cur.width, cur.base = st.Scroll, len(cols), base
	if !st.Scroll && !st.NoScroll && q.query != nil && canGoBack(q.query.Root) {
		cur.keep, cur.room = true, simpleRoom
	}
	s.portals[st.Name] = &portal{name: st.Name, st: q, args: args, cols: cols, cur: cur, sqlCur: true, hold: st.Hold, text: p.text, made: s.eng.clock(), scroll: cur.keep}
	return w.Complete("DECLARE CURSOR")
}

// checkLocks refuses cursors that lock rows and are held or scrolled.
func checkLocks(st *ast.Declare) error {
	switch {
	case st.Query == nil || !st.Query.ForUpdate:
	case st.Hold:
		return sqlerr.New(sqlerr.FeatureNotSupported, "DECLARE CURSOR WITH HOLD ... %s is not supported", st.Query.Locks[0].Clause()).
			WithDetail("Holdable cursors must be READ ONLY.")
	case st.Scroll:
		return sqlerr.New(sqlerr.FeatureNotSupported, "DECLARE SCROLL CURSOR ... %s is not supported", st.Query.Locks[0].Clause()).
			WithDetail("Scrollable cursors must be READ ONLY.")
	}
	return nil
}

// withKey makes a cursor's query give the primary key of its table too, where it can, for WHERE CURRENT OF.
func (s *session) withKey(st *ast.Declare, p *prepared) (*prepared, *catalog.Relation) {
	q, base := s.updatable(st.Query)
	if base == nil {
		return p, nil
	}
	keyed, err := s.analyze(&ast.QueryStmt{Query: q}, p.text, p.params)
	if err != nil { // an aggregate, say
		return p, nil
	}
	return keyed, base
}

func (s *session) cursor(name string) (*portal, error) {
	if p := s.portals[name]; p != nil && p.cur != nil {
		return p, nil
	}
	return nil, sqlerr.New(sqlerr.InvalidCursorName, "cursor %q does not exist", name)
}

func (s *session) describeFetch(st *ast.Fetch) ([]Column, error) {
	if st.Move {
		return nil, nil
	}
	p, err := s.cursor(st.Cursor)
	if err != nil {
		return nil, err
	}
	return p.cols, nil
}

// fetchCount is how many rows a FETCH or MOVE asks for; -1: all.
func fetchCount(st *ast.Fetch) (int, error) {
	back := sqlerr.New(sqlerr.FeatureNotSupported, "cursors can only be read forward").At(int(st.Pos)).WithHint("Declare the cursor again to read it from its start.")
	switch {
	case st.Direction == "next":
		return 1, nil
	case st.Direction != "forward" && st.Direction != "relative" && st.Direction != "":
		return 0, back
	case st.All:
		return -1, nil
	case st.Count < 0:
		return 0, back
	case st.Direction == "relative" && st.Count != 1:
		return 0, back
	}
	return int(st.Count), nil
}

// fetchWait is how long a FETCH from a live cursor waits: for all its rows, or as its timeout option or streamsql.live_fetch say.
func (s *session) fetchWait(st *ast.Fetch, count int) (wait, error) {
	wt := wait{atLeast: count, timeout: -1}
	if s.values["streamsql.live_fetch"] == "available" {
		wt.atLeast = 1
	}
	if count < 0 {
		wt.atLeast = 0 // FETCH ALL: what is there
	}
	for _, o := range st.Options {
		if o.Key != "timeout" {
			return wt, sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized FETCH option %q", o.Key).At(int(o.Pos)).WithHint("The option is timeout, as in FETCH 10 FROM c WITH (timeout = '1s').")
		}
		d, err := parseInterval(o.Value)
		if err != nil {
			return wt, sqlerr.AtDefault(err, int(o.ValuePos))
		}
		wt.timeout = d
		if count < 0 {
			wt.atLeast = 1 << 30
		}
	}
	return wt, nil
}

// parseInterval reads an interval option as a duration; months and days are counted as 30 days and 24 hours.
func parseInterval(v string) (time.Duration, error) {
	b := types.NewBuilder(types.Interval)
	if err := types.ParseText(b, v, types.Interval, types.UTCFormat(0)); err != nil {
		return 0, err
	}
	iv := types.IntervalAt(b.NewArray().(*array.FixedSizeBinary), 0)
	d := time.Duration(iv.Micros)*time.Microsecond + time.Duration(int64(iv.Days)+30*int64(iv.Months))*24*time.Hour
	if d < 0 {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "interval %q must not be negative", v)
	}
	return d, nil
}

// openFetch runs FETCH.
func (s *session) openFetch(st *ast.Fetch) (*rowSource, error) {
	p, err := s.cursor(st.Cursor)
	if err != nil {
		return nil, err
	}
	src := &rowSource{cols: p.cols, tag: func(n int64) string { return "FETCH " + strconv.FormatInt(n, 10) }}
	if p.sqlCur && !p.cur.src.live {
		src.run = func(ctx context.Context, emit func(*types.Batch) error) error {
			return p.cur.scroll(ctx, st, func(b *types.Batch) error {
				return emit(&types.Batch{N: b.N, Cols: b.Cols[:p.cur.width]})
			})
		}
		return src, nil
	}
	count, err := fetchCount(st)
	if err != nil {
		return nil, err
	}
	wt, err := s.fetchWait(st, count)
	if err != nil {
		return nil, err
	}
	src.run = func(ctx context.Context, emit func(*types.Batch) error) error {
		_, _, err := p.cur.fetch(ctx, count, wt, emit)
		return err
	}
	return src, nil
}

// moveCursor runs MOVE.
func (s *session) moveCursor(ctx context.Context, st *ast.Fetch, w ResultWriter) error {
	src, err := s.openFetch(st)
	if err != nil {
		return err
	}
	var n int64
	if err := src.run(ctx, func(b *types.Batch) error { n += int64(b.N); return nil }); err != nil {
		return err
	}
	return w.Complete("MOVE " + strconv.FormatInt(n, 10))
}

// closeCursor runs CLOSE.
func (s *session) closeCursor(st *ast.CloseCursor, w ResultWriter) error {
	if st.All {
		s.closePortals()
		return w.Complete("CLOSE CURSOR ALL")
	}
	if _, err := s.cursor(st.Name); err != nil {
		return err
	}
	s.ClosePortal(st.Name)
	return w.Complete("CLOSE CURSOR")
}
