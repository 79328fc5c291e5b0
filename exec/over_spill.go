package exec

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// overParts is a window operator of a batch query that may not fit into memory: rows are held as they come, and beyond a quarter of the limit written to files by the hash of
// their partition. At the end the operator runs over the rows that were held, or over one file after the other. An operator that keeps the best rows only takes rows as they come; beyond the
// limit those of new partitions go to the files.
type overParts struct {
	*node
	of    func() *over
	by    []expr.Expr
	hash  *keyTable // has no keys: for the hashes
	held  []*types.Batch
	bytes int64
	depth int       // how often the rows were spilled before
	parts *spillSet // nil: nothing was spilled
	best  *over     // keeps the best rows; nil: it keeps all
	// sorted has the rows, where they cannot be parted, or were in vain; nil: it does not.
	sorted *sortedOver
}

// sortDepth is how often rows were parted by partition before they are sorted: one partition has most of them.
const sortDepth = 2

// mayPart says whether a window operator may be parted: it has partitions, or keeps all rows of the only one.
func (b *builder) mayPart(n plan.Node, by []expr.Expr, all bool) bool {
	return b.cfg.Mode == plan.Batch && b.cfg.SpillDir != "" && b.cfg.WorkMem > 0 && (len(by) > 0 || all) && !volatile(n)
}

// parted makes an operator in parts of that which makes gives.
func (b *builder) parted(n *node, by []expr.Expr, makes func() *over) *overParts {
	return newOverParts(n, by, func() *over {
		o := makes()
		o.parted = true
		return o
	})
}

func newOverParts(n *node, by []expr.Expr, of func() *over) *overParts {
	ts := make([]types.Type, len(by))
	for i, x := range by {
		ts[i] = x.Type()
	}
	o := &overParts{node: n, of: of, by: by, hash: newKeyTable(ts)}
	if w := of(); w.trims() {
		o.best = w
	}
	return o
}

// Push holds rows, or writes them.
func (o *overParts) Push(st *run, _ int, b *types.Batch) error {
	if o.best != nil {
		return o.pushBest(st, b)
	}
	switch {
	case o.sorted != nil:
		return o.sorted.Push(st, 0, b)
	case o.parts != nil:
		return o.write(st, b, nil)
	}
	o.held, o.bytes = append(o.held, b), o.bytes+types.BatchBytes(b)
	if o.bytes <= max(st.budget.limit/4, spillFloor) {
		return nil
	}
	if len(o.by) == 0 || o.depth >= sortDepth {
		if o.sorted = o.of().sorted(o.by); o.sorted != nil {
			return o.sort(st)
		}
	}
	if len(o.by) == 0 || o.depth >= spillDepth {
		if o.bytes > 2*st.budget.limit+16<<20 {
			return st.budget.take(o.bytes)
		}
		return nil
	}
	o.parts = &spillSet{depth: o.depth}
	held := o.held
	o.held = nil
	for i, b := range held {
		held[i] = nil
		if err := o.write(st, b, nil); err != nil {
			return err
		}
	}
	return nil
}

// sort gives the rows that are held to the operator that sorts them.
func (o *overParts) sort(st *run) error {
	held := o.held
	o.held = nil
	for i, b := range held {
		held[i] = nil
		if err := o.sorted.Push(st, 0, b); err != nil {
			return err
		}
	}
	return nil
}

// pushBest gives rows to the operator that keeps the best ones, or, where it is full, those of its partitions.
func (o *overParts) pushBest(st *run, b *types.Batch) error {
	if o.parts != nil {
		b = expandWeights(b)
		keys := o.best.parts.keys
		cols, err := evalCols(st.ec, o.by, b)
		if err != nil {
			return err
		}
		gids := make([]uint32, b.N)
		keys.load(cols, b.N)
		keys.findLoaded(gids)
		var stay, gone []int32
		for i, g := range gids {
			if g == none {
				gone = append(gone, int32(i))
			} else {
				stay = append(stay, int32(i))
			}
		}
		if len(gone) > 0 {
			if err := o.write(st, b, gone); err != nil {
				return err
			}
			b = types.Filter(b, stay)
		}
	}
	if err := o.best.Push(st, 0, b); err != nil {
		return err
	}
	if o.parts == nil && o.depth < spillDepth && o.best.memory() > max(st.budget.limit/4, spillFloor) {
		o.parts = &spillSet{depth: o.depth}
	}
	return nil
}

// write writes rows of b, nil: all, to the files of their partitions.
func (o *overParts) write(st *run, b *types.Batch, rows []int32) error {
	if rows == nil {
		rows = make([]int32, b.N)
		for i := range rows {
			rows[i] = int32(i)
		}
	}
	keys, err := evalCols(st.ec, o.by, b)
	if err != nil {
		return err
	}
	o.hash.load(keys, b.N)
	return o.parts.write(st, b, rows, o.hash.hs)
}

// Finish runs the operator.
func (o *overParts) Finish(st *run) error {
	switch {
	case o.best != nil:
		if err := o.best.Finish(st); err != nil || o.parts == nil {
			return err
		}
		o.best = nil
	case o.sorted != nil:
		return o.sorted.Finish(st)
	case o.parts == nil:
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
		part := newOverParts(o.node, o.by, o.of)
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
