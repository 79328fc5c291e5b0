package engine

import (
	"context"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/stream"
	"github.com/streamsqld/streamsqld/types"
)

// continuousEnv is what a continuous query is bound with: UTC, and the search path of its creation.
func (e *Engine) continuousEnv(cat *catalog.Catalog, path []string) *sql.Env {
	return &sql.Env{Catalog: cat, SearchPath: path, Format: types.UTCFormat(e.clock().UnixMicro()), Continuous: true, Routines: e.routines}
}

// bindContinuous binds and optimizes a continuous query for its output mode. It is the same at CREATE, at EXPLAIN and after a restart, over the same
// statistics. A query that keeps late rows reads all columns, so that these are whole.
func (e *Engine) bindContinuous(q *ast.Query, text string, env *sql.Env, mode plan.Mode, opts catalog.Options, stats optimizer.Stats) (*plan.Query, *optimizer.Finality, error) {
	if sql.Modifies(q) {
		return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported, "materialized views must not use data-modifying statements in WITH")
	}
	bound, err := sql.BindQuery(q, text, env)
	if err != nil {
		return nil, nil, err
	}
	if len(bound.Params) > 0 {
		return nil, nil, sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $1").WithHint("A continuous query is kept and cannot have parameters.")
	}
	if bound.EmitClose && mode != plan.Append {
		return nil, nil, sqlerr.New(sqlerr.InvalidParameterValue, "EMIT ON WINDOW CLOSE means output mode append, not %s", mode).At(bound.EmitPos)
	}
	o := optimizer.Options{Stats: stats}
	if late, _ := opts.Get("late_rows"); late == "keep" {
		o.Off = map[string]bool{"PruneColumns": true}
	}
	return optimizer.Continuous(bound, mode, o)
}

// defineQuery fills rel from its query: columns, mode, trigger, key, dependencies. base is where an error without a position points.
func (s *session) defineQuery(rel *catalog.Relation, q *ast.Query, text string, names []string, base int, def plan.Mode, pos map[string]int) error {
	mode := def
	if m, ok := rel.Options.Get("output_mode"); ok {
		mode = plan.Mode(strings.ToLower(m))
	} else if q.EmitClose {
		mode = plan.Append
	}
	stats := s.eng.noteStats()
	bound, fin, err := s.eng.bindContinuous(q, text, s.eng.continuousEnv(s.cat(), rel.SearchPath), mode, rel.Options, stats)
	if err != nil {
		return sqlerr.AtDefault(err, base)
	}
	rel.Planned = stats.seen
	if len(names) > len(resultColumns(bound)) {
		return sqlerr.New(sqlerr.SyntaxError, "too many column names were specified")
	}
	if rel.Columns, err = viewColumns(bound, names); err != nil {
		return sqlerr.AtDefault(err, base)
	}
	rel.Functions = bound.Functions
	rel.Mode, rel.Deps, rel.Key, rel.Single, rel.Order, rel.Times = string(mode), bound.Deps, fin.Key, fin.Single, fin.Order, fin.Times
	if rel.Kind == catalog.MatView && len(fin.Times) > 0 {
		rel.Watermark = &catalog.Watermark{Column: fin.Times[0].Col} // it passes its own watermark on, with no further delay
	}
	if rel.Trigger, _ = rel.Options.Get("trigger"); rel.Trigger == "" {
		rel.Trigger = "default"
	}
	if k, ok := rel.Options.Get("key"); ok {
		if rel.Key, err = keyColumns(rel, k); err != nil {
			return sqlerr.AtDefault(err, pos["key"])
		}
	}
	if err := s.eng.checkSinkMode(rel, mode, fin); err != nil {
		at := base
		if p, ok := pos["output_mode"]; ok {
			at = p
		}
		return sqlerr.AtDefault(err, at)
	}
	if _, err := parallelism(rel.Options); err != nil {
		return sqlerr.AtDefault(err, pos["min_parallelism"])
	}
	if v, ok := rel.Options.Get("checkpoint_location"); ok {
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "checkpoint_location %q is noted, but not written to: the state of a query lies in the server's data directory, in one commit with its result", v)
	}
	_, forgets := rel.Options.Get("state_ttl")
	if forgets {
		if _, err := s.eng.builder(bound, rel, false)(); err != nil {
			return sqlerr.AtDefault(err, pos["state_ttl"])
		}
	}
	for _, n := range fin.Notices {
		if forgets && strings.Contains(n.Text, "grow for ever") {
			continue
		}
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, n.Hint, "%s", n.Text)
	}
	return sqlerr.AtDefault(s.noticeUnpaged(rel, bound), base)
}

// keyColumns reads the key option: column names.
func keyColumns(rel *catalog.Relation, list string) ([]int, error) {
	var key []int
	for _, n := range strings.Split(list, ",") {
		c := rel.Column(strings.TrimSpace(n))
		if c < 0 {
			return nil, sqlerr.New(sqlerr.UndefinedColumn, "key column %q does not exist", strings.TrimSpace(n))
		}
		key = append(key, c)
	}
	return key, nil
}

// checkSinkMode is the table of output modes as far as it depends on the sink: update needs a key, an append-only result, or a sink that takes deletions.
func (e *Engine) checkSinkMode(rel *catalog.Relation, mode plan.Mode, fin *optimizer.Finality) error {
	if rel.Kind != catalog.Sink || mode != plan.Update || fin.AppendOnly || fin.Single || len(rel.Key) > 0 {
		return nil
	}
	if c := rel.Connector(); c == "memory" || c == "blackhole" || c == "console" {
		return nil
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "output mode update needs a result with a key for a %s sink", rel.Connector()).
		WithHint("Name the columns that identify a row with the option key = '...', or use output_mode = 'complete' where the query aggregates.")
}

// launch makes a new query visible and starts it; a query that can't start leaves nothing behind.
func (s *session) launch(ctx context.Context, rel *catalog.Relation, w ResultWriter, tag string) error {
	var err error
	if rel.OID, err = s.newOID(); err != nil {
		return err
	}
	s.put(rel)
	if s.tx.block {
		s.tx.after = append(s.tx.after, func() {
			if err := s.eng.startQuery(s.eng.ctx, rel); err != nil {
				s.notice("WARNING", sqlerr.From(err).Code, "", "%s %q could not start: %s", rel.Kind, rel.Name, err)
			}
		})
		return w.Complete(tag)
	}
	s.tx.undo = append(s.tx.undo, func() { s.eng.logIf(s.eng.mgr.Drop(rel.OID), "stop", rel) })
	if err := s.eng.startQuery(s.eng.ctx, rel); err != nil {
		return err
	}
	if err := s.eng.catchUp(ctx, rel); err != nil {
		return err
	}
	return w.Complete(tag)
}

// catchUp waits until a new view shows the rows that its sources in the server held when it was created, as a user of PostgreSQL expects.
func (e *Engine) catchUp(ctx context.Context, rel *catalog.Relation) error {
	if t, err := stream.ParseTrigger(rel.Trigger); err != nil || rel.Kind != catalog.MatView || !t.Runs() {
		return nil
	}
	for _, oid := range rel.Deps {
		if d := e.cat.ByOID(oid); d != nil && d.Kind == catalog.Stream && d.Connector() != "" {
			return nil
		}
	}
	return e.mgr.Flush(ctx, []uint32{rel.OID})
}

// startQuery binds a stored query and hands it to the manager. A query that doesn't bind any more is registered as failed.
func (e *Engine) startQuery(ctx context.Context, rel *catalog.Relation) error {
	q, err := e.streamQuery(e.cat, rel)
	if err != nil {
		return err
	}
	return e.mgr.Start(ctx, q)
}

// parallelism is how many workers a query gets: what parallelism says, else as many as there are processors, in the range of min_parallelism and
// max_parallelism.
func parallelism(o catalog.Options) (int, error) {
	count := func(name string) int {
		v, _ := o.Get(name)
		n, _ := strconv.Atoi(v)
		return n
	}
	n, least, most := count("parallelism"), count("min_parallelism"), count("max_parallelism")
	if most > 0 && least > most {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "min_parallelism is %d, above max_parallelism, which is %d", least, most)
	}
	if n > 0 && (n < least || most > 0 && n > most) {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "parallelism is %d, outside the range of min_parallelism and max_parallelism", n)
	}
	if n == 0 {
		n = max(runtime.GOMAXPROCS(0), least)
		if most > 0 {
			n = min(n, most)
		}
	}
	return n, nil
}

// builder makes the operators of a continuous query, again after each failure. ephemeral: its state is never stored (SUBSCRIBE).
func (e *Engine) builder(q *plan.Query, rel *catalog.Relation, ephemeral bool) func() (exec.Runner, error) {
	par, _ := parallelism(rel.Options)
	keep, _ := rel.Options.Get("late_rows")
	age, _ := rel.Options.Get("state_ttl")
	ttl, forgets := stream.ParseInterval(age)
	return func() (exec.Runner, error) {
		g, err := exec.Build(q.Root, exec.Config{Mode: plan.Mode(rel.Mode), Ephemeral: ephemeral, Parallelism: par, KeepDropped: keep == "keep", NewCtx: func() *expr.Ctx {
			now := e.clock().UnixMicro()
			return &expr.Ctx{Now: now, Format: types.UTCFormat(now), Catalog: e.lookups}
		}})
		if err == nil && forgets && ttl > 0 {
			err = g.Forget(ttl)
		}
		return g, err
	}
}

func micros(t int64) time.Time { return time.UnixMicro(t).UTC() }
