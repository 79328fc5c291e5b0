package engine

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// planQuery binds and optimizes a SELECT that ends.
func (s *session) planQuery(q *ast.Query, text string, params []types.Type) (*plan.Query, error) {
	bound, err := sql.BindQuery(q, text, s.env(params))
	if err != nil {
		return nil, err
	}
	out, _ := optimizer.OptimizeTrace(bound, s.planOptions())
	return out, nil
}

// rulesOff are the optimizer's rules that the session does without.
func (s *session) rulesOff() map[string]bool {
	v, _ := s.Setting("streamsql.rules_off")
	if v == "" {
		return nil
	}
	off := map[string]bool{}
	for _, name := range strings.Split(v, ",") {
		off[name] = true
	}
	return off
}

// planOptions are what the session's plans are made with.
func (s *session) planOptions() optimizer.Options {
	return optimizer.Options{Off: s.rulesOff(), Stats: liveStats{s.eng}}
}

// planSelect is planQuery for a statement of its own, whose WITH clause may change rows.
func (s *session) planSelect(q *ast.Query, text string, params []types.Type) (*plan.Query, []*sql.With, error) {
	bound, with, err := sql.BindSelect(q, text, s.env(params))
	if err != nil {
		return nil, nil, err
	}
	out, _ := optimizer.OptimizeTrace(bound, s.planOptions())
	return out, with, nil
}

// resultColumns are the columns of a query's result.
func resultColumns(q *plan.Query) []Column {
	schema := q.Root.Schema()
	schema = schema[:len(schema)-q.Hidden]
	cols := make([]Column, len(schema))
	for i, c := range schema {
		cols[i] = Column{Name: c.Name, Type: c.Type, TableOID: c.Rel, AttNum: uint16(c.Att)}
	}
	return cols
}

// openQuery pins what a query reads, as of now, and gives its rows.
func (s *session) openQuery(ctx context.Context, q *plan.Query, args []expr.Vec) (*rowSource, error) {
	tx := s.begin()
	fresh := tx.fresh()
	r := &queryRun{sess: s, tx: tx, args: args, now: s.now()}
	src := &rowSource{cols: resultColumns(q), close: r.release}
	g, inputs, err := r.prepare(ctx, q.Root)
	if err != nil {
		r.release()
		return nil, err
	}
	if s.watched != nil {
		*s.watched = append(*s.watched, ran{q.Root, g})
	}
	width := len(src.cols)
	src.run = func(ctx context.Context, emit func(*types.Batch) error) error {
		defer r.release()
		for n := 0; ; n++ {
			err := r.run(ctx, g, inputs, func(b *types.Batch) error {
				if len(b.Cols) > width {
					b = &types.Batch{N: b.N, W: b.W, Cols: b.Cols[:width]}
				}
				return emit(b)
			})
			if err == nil || !s.eng.again(tx, fresh, n) {
				return err
			}
			r.release()
			if g, inputs, err = r.prepare(ctx, q.Root); err != nil {
				return err
			}
		}
	}
	return src, nil
}

// queryRun is one execution of a batch query with all its sub-selects.
type queryRun struct {
	sess     *session
	tx       *txn
	args     []expr.Vec
	now      int64
	releases []func()
	since    map[int]int64 // by scan: the time before which a table's versions are not known
	given    map[*plan.Scan]givenKeys
	ctx      context.Context // of the call that runs it
}

func (r *queryRun) release() {
	for _, f := range r.releases {
		f()
	}
	r.releases = nil
}

// prepare builds the operators and opens the inputs.
func (r *queryRun) prepare(ctx context.Context, root plan.Node) (*exec.Graph, []exec.Input, error) {
	base := r.sess.exprCtx(r.args)
	base.Now, base.Sleep = r.now, r.sleep
	g, err := exec.Build(root, exec.Config{Mode: plan.Batch, WorkMem: r.sess.workMem(), SpillDir: r.sess.eng.tempDir, NewCtx: func() *expr.Ctx {
		c := *base
		return &c
	}})
	if err != nil {
		return nil, nil, err
	}
	var inputs []exec.Input
	r.since = map[int]int64{}
	for _, scan := range g.Scans() {
		if scan.Lookup != nil && scan.Lookup.By != nil {
			in, err := r.keyed(ctx, scan)
			if err != nil {
				return nil, nil, err
			}
			inputs = append(inputs, in)
			continue
		}
		splits, since, err := r.input(ctx, scan)
		if err != nil {
			return nil, nil, err
		}
		r.since[len(inputs)] = since
		inputs = append(inputs, exec.Input{Splits: splits, Sorted: r.sorted(scan)})
	}
	return g, inputs, nil
}

func (r *queryRun) run(ctx context.Context, g *exec.Graph, inputs []exec.Input, emit func(*types.Batch) error) error {
	r.ctx = ctx
	step := &exec.Step{N: 1, Now: r.now, WMStart: exec.NoWatermark, Since: r.since, Last: true}
	_, err := g.Run(ctx, step, inputs, emit)
	if errors.Is(err, errStop) {
		return nil
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// workMem is how many bytes a query of the session may hold.
func (s *session) workMem() int64 {
	v, _ := s.Setting("work_mem")
	n, err := connector.ParseSize(v)
	if err != nil {
		return 0
	}
	return n
}

// sleep is pg_sleep.
func (r *queryRun) sleep(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-r.ctx.Done():
		return context.Cause(r.ctx)
	}
}

// input opens a scan: its rows, or, as of a time, a table's versions.
func (r *queryRun) input(ctx context.Context, scan *plan.Scan) (splits []types.Split, since int64, err error) {
	if scan.AsOf != "time" {
		splits, err := r.read(ctx, scan)
		return splits, state.NoWatermark, err
	}
	t, err := r.sess.eng.mgr.Table(scan.Rel)
	if err != nil {
		return nil, 0, err
	}
	splits, since, release, err := t.History(r.sess.eng.pin(r.tx, scan.Rel, t), scan.Cols, scan.Rel.Stored() != scan.Rel.OID)
	if err != nil {
		return nil, 0, err
	}
	r.releases = append(r.releases, release)
	if w := r.tx.writes[scan.Rel.OID]; w != nil && len(w.batches) > 0 {
		splits = append(splits, state.WithClock(w.splits(scan.Cols), r.now))
	}
	return splits, since, nil
}

// read gives a scan's rows: a version of a relation with the transaction's own changes, or what an outside source has now.
func (r *queryRun) read(ctx context.Context, scan *plan.Scan) ([]types.Split, error) {
	rel := scan.Rel
	if rel.Kind == catalog.Given {
		given := &write{rel: rel, batches: r.sess.changes.given[rel]}
		return []types.Split{given.splits(scan.Cols)}, nil
	}
	if rel.Kind == catalog.State {
		return r.sess.eng.stateSplits(rel, scan.Cols), nil
	}
	if rel.Kind == catalog.System || rel.Kind == catalog.Sequence {
		rows := r.sess.eng.systemRows
		if rel.Kind == catalog.Sequence {
			rows = sequenceRow
		}
		b, err := rows(ctx, r.sess, rel)
		if err != nil {
			return nil, err
		}
		b = b.Project(scan.Cols)
		return []types.Split{{Read: func(_ context.Context, emit func(*types.Batch) error) error { return emit(b) }}}, nil
	}
	log, err := r.sess.eng.changelog(rel)
	if err != nil {
		return nil, err
	}
	if log == nil {
		splits, release, err := r.sess.eng.mgr.ReadAll(ctx, scan)
		if release != nil {
			r.releases = append(r.releases, release)
		}
		return splits, err
	}
	version := r.sess.eng.pin(r.tx, rel, log)
	splits, err := r.stored(log, scan, version)
	if err != nil {
		return nil, err
	}
	if w := r.sess.visible(r.tx.writes[rel.OID]); w != nil && len(w.batches) > 0 {
		splits = append(splits, w.splits(scan.Cols))
		if w.weighted() {
			return netRows(ctx, splits)
		}
	}
	return splits, nil
}

// sorted says whether a scan's rows come in the order of its index: they do but for the transaction's own changes.
func (r *queryRun) sorted(scan *plan.Scan) bool {
	if scan.Lookup == nil || scan.Lookup.Sorted == 0 {
		return false
	}
	w := r.sess.visible(r.tx.writes[scan.Rel.OID])
	return w == nil || len(w.batches) == 0
}

// stored gives the committed rows of a version: those of one key, or all.
func (r *queryRun) stored(log state.Changelog, scan *plan.Scan, version int64) ([]types.Split, error) {
	if t, is := log.(*state.Table); is && scan.Lookup != nil {
		if splits, ok, err := r.lookup(t, scan, version); ok || err != nil {
			return splits, err
		}
	}
	splits, release, err := log.Snapshot(version, scan.Cols)
	if err != nil {
		return nil, err
	}
	r.releases = append(r.releases, release)
	return splits, nil
}

func emptyBatch(ts []types.Type) *types.Batch {
	b := &types.Batch{}
	for _, t := range ts {
		b.Cols = append(b.Cols, types.NewBuilder(t).NewArray())
	}
	return b
}
