package exec

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// overParts is a window operator of a batch query that may not fit into memory: rows are held as they come, and beyond a quarter of the limit written to files by the hash of
// their partition. At the end the operator runs over the rows that were held, or over one file after the other.
type overParts struct {
	*node
	of    func() *over
	by    []expr.Expr
	types []types.Type
	hash  *keyTable // has no keys: for the hashes
	held  []*types.Batch
	bytes int64
	depth int       // how often the rows were spilled before
	parts *spillSet // nil: nothing was spilled
}

// mayPart says whether a window operator is worth to be parted: it has partitions, and keeps all their rows.
func (b *builder) mayPart(n *plan.Over) bool {
	return b.cfg.Mode == plan.Batch && b.cfg.SpillDir != "" && b.cfg.WorkMem > 0 && len(n.Partition) > 0 && n.TopN == 0 && !volatile(n)
}

func newOverParts(n *node, in []types.Type, by []expr.Expr, of func() *over) *overParts {
	ts := make([]types.Type, len(by))
	for i, x := range by {
		ts[i] = x.Type()
	}
	return &overParts{node: n, of: of, by: by, types: in, hash: newKeyTable(ts)}
}

// Push holds rows, or writes them.
func (o *overParts) Push(st *run, _ int, b *types.Batch) error {
	if o.parts != nil {
		return o.write(st, b)
	}
	o.held, o.bytes = append(o.held, b), o.bytes+batchBytes(b)
	if o.depth >= spillDepth || o.bytes <= max(st.budget.limit/4, spillFloor) {
		return nil
	}
	o.parts = &spillSet{types: o.types, depth: o.depth}
	held := o.held
	o.held = nil
	for i, b := range held {
		held[i] = nil
		if err := o.write(st, b); err != nil {
			return err
		}
	}
	return nil
}

func (o *overParts) write(st *run, b *types.Batch) error {
	keys, err := evalCols(st.ec, o.by, b)
	if err != nil {
		return err
	}
	o.hash.load(keys, b.N)
	rows := make([]int32, b.N)
	for i := range rows {
		rows[i] = int32(i)
	}
	return o.parts.write(st, b, rows, o.hash.hs)
}

// Finish runs the operator.
func (o *overParts) Finish(st *run) error {
	if o.parts == nil {
		w := o.of()
		for i, b := range o.held {
			o.held[i] = nil
			if err := w.Push(st, 0, b); err != nil {
				return err
			}
		}
		return w.Finish(st)
	}
	for _, f := range o.parts.files {
		if f == nil || !wants(o) {
			continue
		}
		part := newOverParts(o.node, o.types, o.by, o.of)
		part.depth = o.depth + 1
		if err := pushSpilled(st, part, 0, f); err != nil {
			return err
		}
		if err := part.Finish(st); err != nil {
			return err
		}
	}
	return nil
}
