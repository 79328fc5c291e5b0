package exec

import (
	"maps"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// starter is an operator without inputs that gives its rows at the beginning of a step.
type starter interface{ start(st *run) error }

// recursive runs a WITH RECURSIVE item: its first part, and then its second part over the rows of the round before until no new row comes or nobody wants
// more. Each round is a graph of its own over the same inputs.
type recursive struct {
	*node
	plan        *plan.Recursive
	cfg         Config
	first, step *Graph // step is only asked for its scans
	in          []Input
	seen        *keyTable // UNION: the rows given so far; nil: UNION ALL
	held        int64     // bytes that the budget knows of
}

func (b *builder) recursive(n *plan.Recursive) (Op, error) {
	if b.cfg.Mode != plan.Batch {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "WITH RECURSIVE is not supported in a continuous query").At(n.Pos).
			WithHint("Run it as a SELECT over the result of a materialized view.")
	}
	r := &recursive{node: b.node("recursive", n), plan: n, cfg: b.cfg}
	r.cfg.work = maps.Clone(b.cfg.work)
	if r.cfg.work == nil {
		r.cfg.work = map[int]*types.Batch{}
	}
	var err error
	if r.first, err = Build(n.Base, r.cfg); err != nil {
		return nil, err
	}
	if r.step, err = Build(n.Step, r.cfg); err != nil {
		return nil, err
	}
	b.graph.recs, b.graph.starters = append(b.graph.recs, r), append(b.graph.starters, r)
	return b.link(r), nil
}

func (r *recursive) scans() []*plan.Scan { return append(r.first.Scans(), r.step.Scans()...) }

func (r *recursive) start(st *run) error {
	n := len(r.first.Scans())
	if !r.plan.All {
		r.seen = newKeyTable(r.plan.Cols.Types())
	}
	defer func() { st.budget.used -= r.held }()
	rows, err := r.round(st, r.first, r.in[:n])
	for err == nil && rows.N > 0 {
		if err = r.emit(st, rows); err != nil || !wants(r) {
			return err
		}
		if err = st.ctx.Err(); err != nil {
			return err
		}
		r.cfg.work[r.plan.ID] = rows
		var g *Graph
		if g, err = Build(r.plan.Step, r.cfg); err != nil {
			return err
		}
		rows, err = r.round(st, g, r.in[n:])
	}
	return err
}

// hold tells the budget what is in memory: the rows of the round before, those of this one, and those that were given.
func (r *recursive) hold(st *run, rows int64) error {
	if r.seen != nil {
		rows += r.seen.memory()
	}
	more := rows - r.held
	r.held = rows
	return st.budget.take(more)
}

// round runs one graph and gives its rows; of UNION only the new ones.
func (r *recursive) round(st *run, g *Graph, in []Input) (*types.Batch, error) {
	var parts []*types.Batch
	bytes := int64(0)
	if last := r.cfg.work[r.plan.ID]; last != nil {
		bytes = types.BatchBytes(last)
	}
	_, err := g.Run(st.ctx, &Step{N: 1, Now: st.Now, WMStart: NoWatermark, Last: true}, in, func(b *types.Batch) error {
		if b = r.fresh(b); b.N == 0 {
			return nil
		}
		parts = append(parts, b)
		bytes += types.BatchBytes(b)
		return r.hold(st, bytes)
	})
	if err != nil {
		return nil, err
	}
	return concat(parts, r.plan.Cols.Types())
}

// fresh is the rows of b that were not given before: of UNION ALL all of them.
func (r *recursive) fresh(b *types.Batch) *types.Batch {
	if r.seen == nil || b.N == 0 {
		return b
	}
	next := uint32(r.seen.cap())
	numbers := make([]uint32, b.N)
	r.seen.insert(b.Cols, numbers)
	var rows []int32
	for i, n := range numbers {
		if n == next {
			rows = append(rows, int32(i))
			next++
		}
	}
	return types.TakeBatch(b, rows)
}

func (r *recursive) Push(*run, int, *types.Batch) error { return nil }
func (r *recursive) Finish(*run) error                  { return nil }

// workTable gives the rows of the round before.
type workTable struct {
	*node
	rows *types.Batch
}

func (b *builder) workTable(n *plan.WorkTable) Op {
	w := &workTable{b.node("work_table", n), b.cfg.work[n.ID]}
	b.graph.starters = append(b.graph.starters, w)
	return b.link(w)
}

func (w *workTable) start(st *run) error                { return w.emit(st, w.rows) }
func (w *workTable) Push(*run, int, *types.Batch) error { return nil }
func (w *workTable) Finish(*run) error                  { return nil }
