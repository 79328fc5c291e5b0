package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// sorter gives the rows of a batch query in order. Below a Limit (top not nil) only its first rows count: what cannot be among
// them is thrown away as rows come in, and rows with equal keys are ordered by all their columns, as topN does.
type sorter struct {
	*node
	plan  *plan.Sort
	types []types.Type
	top   *limitOp
	held  []*types.Batch
	rows  int
	bytes int64
	bound *sortBound // nil: all rows may still count
	// beyond is the bound that the scan below sees; nil: none does.
	beyond *topBound
	runs   []*spillFile
	given  *sortedInput // nil: the input has no order
}

func (b *builder) sort(n *plan.Sort, top *limitOp) (Op, error) {
	in, err := b.build(n.In)
	if err != nil {
		return nil, err
	}
	if b.cfg.Mode != plan.Batch {
		b.uses[n] = max(b.uses[n], b.uses[n.In])
		return in, nil // changes have no order
	}
	s := &sorter{node: b.node("sort", n), plan: n, types: n.Schema().Types(), top: top}
	if b.uses[n.In] == 1 {
		s.limitScan(in)
		s.given = s.sortedBelow(in)
	}
	return b.link(s, in), nil
}

func (s *sorter) Push(st *run, _ int, b *types.Batch) error {
	if s.top != nil {
		if err := s.top.start(st); err != nil {
			return err
		}
	}
	if s.bound != nil {
		var err error
		if b, err = s.bound.better(st, b); err != nil || b.N == 0 {
			return err
		}
	}
	s.held, s.rows = append(s.held, b), s.rows+b.N
	if err := s.ended(st, b); err != nil {
		return err
	}
	n := types.BatchBytes(b)
	s.bytes += n
	if st.spillDir != "" && st.budget.limit > 0 && st.budget.used+n > st.budget.limit {
		st.budget.used += n
		return s.spill(st)
	}
	if err := st.budget.take(n); err != nil {
		return err
	}
	if n, ok := s.first(); ok && int64(s.rows) > s.mayHold(n) {
		return s.shrink(st, n)
	}
	return nil
}

// mayHold is how many rows may be held before all but the first n are thrown away: few, once there is a bound, so that it becomes sharp soon.
func (s *sorter) mayHold(n int64) int64 {
	if s.bound == nil {
		return 4*n + 1<<14
	}
	return 2*n + 1<<8
}

// first is how many rows count.
func (s *sorter) first() (n int64, ok bool) {
	if s.top == nil || s.top.count < 0 || s.top.plan.WithTies {
		return 0, false
	}
	return s.top.count + s.top.skip, true
}

// shrink keeps the first n rows.
func (s *sorter) shrink(st *run, n int64) error {
	b, rows, err := s.order(st)
	if err != nil {
		return err
	}
	b = types.TakeBatch(b, rows[:min(int64(len(rows)), n)])
	if n > 0 && int64(b.N) == n {
		if s.bound, err = s.boundOf(st, b); err != nil {
			return err
		}
	}
	freed := s.bytes - types.BatchBytes(b)
	s.held, s.rows, s.bytes = []*types.Batch{b}, b.N, s.bytes-freed
	return st.budget.take(-freed)
}

// order sorts what is held.
func (s *sorter) order(st *run) (*types.Batch, []int32, error) {
	b, err := concat(s.held, s.types)
	if err != nil {
		return nil, nil, err
	}
	keys := s.keys()
	cols, err := evalCols(st.ec, keyExprs(keys), b)
	if err != nil {
		return nil, nil, err
	}
	rows, err := sortedTogether(b.N, cols, keys, st.workers)
	return b, rows, err
}

// keys are the keys with what makes the order of the first rows total.
func (s *sorter) keys() []plan.SortKey {
	if s.top != nil {
		return withTieBreak(s.plan.Keys, s.types)
	}
	return s.plan.Keys
}

func (s *sorter) Finish(st *run) error {
	s.given = nil // its own rows are still to be handed on
	if len(s.runs) > 0 {
		if s.rows > 0 {
			if err := s.spill(st); err != nil {
				return err
			}
		}
		return s.merge(st)
	}
	b, rows, err := s.order(st)
	if err != nil {
		return err
	}
	s.held = nil
	for from := 0; from < len(rows) && wants(s); from += outBatch {
		if err := s.emit(st, types.TakeBatch(b, rows[from:min(from+outBatch, len(rows))])); err != nil {
			return err
		}
	}
	return nil
}

// withTieBreak adds all columns to the keys, so that the order is total.
func withTieBreak(keys []plan.SortKey, ts []types.Type) []plan.SortKey {
	out := slices.Clone(keys)
	for i, t := range ts {
		out = append(out, plan.SortKey{X: &expr.Column{Idx: i, Typ: t}})
	}
	return out
}

func keyExprs(keys []plan.SortKey) []expr.Expr {
	out := make([]expr.Expr, len(keys))
	for i, k := range keys {
		out[i] = k.X
	}
	return out
}
