package exec

import (
	"maps"

	"github.com/apache/arrow/go/v17/arrow"

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
	seen        map[uint64][]seenRow // UNION: the rows given so far
}

type seenRow struct {
	cols []arrow.Array
	row  int
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
	r.seen = map[uint64][]seenRow{}
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

// round runs one graph and gives its rows; of UNION only the new ones.
func (r *recursive) round(st *run, g *Graph, in []Input) (*types.Batch, error) {
	var parts []*types.Batch
	_, err := g.Run(st.ctx, &Step{N: 1, Now: st.Now, WMStart: NoWatermark, Last: true}, in, func(b *types.Batch) error {
		parts = append(parts, b)
		return nil
	})
	if err != nil {
		return nil, err
	}
	ts := r.plan.Cols.Types()
	rows, err := concat(parts, ts)
	if err != nil || r.plan.All || rows.N == 0 {
		return rows, err
	}
	hash := make([]uint64, rows.N)
	types.HashCols(rows.Cols, ts, rows.N, hash)
	var fresh []int32
next:
	for i, h := range hash {
		for _, s := range r.seen[h] {
			if types.RowsEqual(s.cols, s.row, rows.Cols, i, ts) {
				continue next
			}
		}
		r.seen[h] = append(r.seen[h], seenRow{rows.Cols, i})
		fresh = append(fresh, int32(i))
	}
	if err := st.budget.take(int64(len(fresh)) * 64); err != nil {
		return nil, err
	}
	return types.TakeBatch(rows, fresh), nil
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
