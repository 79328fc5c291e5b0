package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// Between so many rows of a partition are computed at once.
const (
	leastSlice = 1 << 8
	mostSlice  = 1 << 15
)

// sortedOver computes window functions of a batch query over partitions that do not fit into memory. The rows are sorted on disk by partition and order and read again in slices of whole groups of
// peers, with the rows around them on which their values depend; numbers and running aggregates go on from slice to slice. Where a function depends on the whole partition a second reader goes
// ahead of the first by one partition (over_whole.go).
type sortedOver struct {
	*node
	width  int // columns of the input
	extra  []expr.Expr
	parts  []plan.SortKey // over the stored columns
	order  []plan.SortKey
	funcs  []plan.OverCall
	ways   []overWay
	sorter *sorter

	before, behind int // rows around a slice that are read
	slice          int // rows of a slice, about
	groups         bool
	same           *rowOrder // by order
}

// overWay is how a function is computed slice by slice.
type overWay int

const (
	inReach overWay = iota // from some rows around
	counted                // goes on from the slice before: row_number and ranks
	running                // goes on from the slice before: an aggregate of all rows up to this one
	whole                  // an aggregate of the partition
	shared                 // from the place in the partition and its size
)

// maxReach is how many rows around a slice may be read.
const maxReach = 1 << 20

// wayOf tells how a function is computed slice by slice; false: it cannot be.
func wayOf(f *plan.OverCall, ordered bool) (overWay, bool) {
	switch f.Name {
	case "row_number":
		return counted, true
	case "rank", "dense_rank":
		return counted, ordered
	case "percent_rank", "cume_dist":
		return shared, ordered
	case "ntile":
		_, ok := smallConst(f.Args[0])
		return shared, ok
	}
	if fr := &f.Frame; f.Agg != nil && fr.Start == "unbounded preceding" && (fr.Exclude == "" || fr.Exclude == "no others") {
		switch {
		case fr.End == "unbounded following" || fr.End == "current row" && fr.Mode != "rows" && !ordered:
			return whole, true
		case fr.End == "current row":
			return running, true
		}
	}
	r := reachOf(f)
	return inReach, !r.peers && r.before <= maxReach && r.behind <= maxReach
}

// sorted makes the operator for rows that w would take, over partitions by these expressions; nil: one of its functions cannot be computed so.
func (w *over) sorted(by []expr.Expr) *sortedOver {
	c, ok := w.calc.(*windowCalc)
	if !ok || w.top > 0 || w.changing {
		return nil
	}
	o := &sortedOver{node: w.node, width: w.width, extra: slices.Clone(w.extra), order: c.order, funcs: c.funcs}
	ts := make([]types.Type, w.width)
	for i, k := range w.rows.cols[:w.width] {
		ts[i] = k.typ
	}
	for i := range c.funcs {
		way, ok := wayOf(&c.funcs[i], len(c.order) > 0)
		if !ok {
			return nil
		}
		o.ways = append(o.ways, way)
		if r := reachOf(&c.funcs[i]); way == inReach {
			o.before, o.behind = max(o.before, int(r.before)), max(o.behind, int(r.behind))
		} else {
			o.groups = o.groups || r.peers && len(c.order) > 0
		}
	}
	for _, x := range stored(by, o.width, &o.extra) {
		o.parts = append(o.parts, plan.SortKey{X: x})
	}
	for _, x := range o.extra {
		ts = append(ts, x.Type())
	}
	keys := slices.Concat(o.parts, o.order)
	if !w.order.arrival {
		keys = withTieBreak(keys, ts)
	}
	o.same = newRowOrder(o.order)
	o.sorter = &sorter{node: newNode(""), plan: &plan.Sort{Keys: keys}, types: ts}
	return o
}

// Push takes rows of the input.
func (o *sortedOver) Push(st *run, _ int, b *types.Batch) error {
	b = expandWeights(b)
	extra, err := evalCols(st.ec, o.extra, b)
	if err != nil {
		return err
	}
	return o.sorter.Push(st, 0, &types.Batch{N: b.N, Cols: append(slices.Clone(b.Cols), extra...)})
}

// Finish computes the functions.
func (o *sortedOver) Finish(st *run) error {
	o.slice = int(max(leastSlice, min(mostSlice, st.budget.limit>>8)))
	if o.sorter.rows > 0 {
		if err := o.sorter.spill(st); err != nil {
			return err
		}
	}
	m, err := o.sorter.merged(st)
	if err != nil {
		return err
	}
	rows := o.reader(m)
	ahead, err := o.newTotals(st)
	if err != nil {
		return err
	}
	var s *overSlices
	for wants(o) {
		b, fresh, err := rows.next(st)
		if err != nil {
			return err
		}
		if s != nil && (b == nil || fresh) {
			if err := s.compute(st, true); err != nil {
				return err
			}
		}
		if b == nil {
			return nil
		}
		if fresh {
			s = &overSlices{sortedOver: o, state: make([][]arrow.Array, len(o.funcs))}
			if s.total, err = ahead.next(st); err != nil {
				return err
			}
		}
		if err := s.add(st, b); err != nil {
			return err
		}
	}
	return nil
}

// partReader reads sorted rows in pieces of one partition.
type partReader struct {
	merger *merger
	slice  int // rows read at once
	parts  *rowOrder
	keys   []expr.Expr
	rest   *types.Batch
	last   []arrow.Array // the keys of the piece before, of which at is the last row
	at     int
}

func (o *sortedOver) reader(m *merger) *partReader {
	return &partReader{merger: m, slice: o.slice, parts: newRowOrder(o.parts), keys: keyExprs(o.parts)}
}

// next gives some rows of a partition, nil: there are none; fresh says that another partition begins.
func (p *partReader) next(st *run) (b *types.Batch, fresh bool, err error) {
	if b = p.rest; b == nil {
		if b, err = p.merger.next(st, p.slice); err != nil || b == nil {
			return nil, false, err
		}
	}
	keys, err := evalCols(st.ec, p.keys, b)
	if err != nil {
		return nil, false, err
	}
	fresh = p.last == nil || p.parts.compare(p.last, p.at, keys, 0) != 0
	n := 1
	for n < b.N && p.parts.compare(keys, n-1, keys, n) == 0 {
		n++
	}
	if p.rest = nil; n < b.N {
		b, p.rest = b.Slice(0, n), b.Slice(n, b.N)
	}
	if p.last, p.at = keys, n-1; keys == nil {
		p.last = []arrow.Array{}
	}
	return b, fresh, nil
}
