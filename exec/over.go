package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// over adds columns that are computed from whole partitions: window functions, the best rows of each partition (top > 0), the windows of sessions. It
// keeps each partition's rows in order. At the end of a step the partitions that changed are computed as they were and as they are, and the
// difference is handed on; in append mode a partition is handed on once, when it is closed. Over append-only input a top-n keeps only the best rows.
type over struct {
	*node
	calc     overCalc
	parts    *partitions
	rows     *slots // the input's columns, then extra
	order    *slotOrder
	width    int // columns of the input
	extra    []expr.Expr
	changing bool // the input may carry weights
	parted   bool // batch: what could be spilled was
	onClose  bool
	top      int64  // only rows whose rank is not greater; 0: all
	rank     string // the rank: row_number, rank, dense_rank

	lists     [][]uint32 // by partition: rows in order
	come      [][]uint32 // by partition: rows that came in this step
	touched   []uint32
	isTouched []bool
	dead      []uint32           // rows to be dropped when they were handed on
	page      *listPages         // nil: all rows are in memory
	ends      *closing           // with pages: when partitions close; nil: none does
	keyCol    []int              // with pages: by partition key, the stored column that it is, or -1
	entered   func(p uint32)     // called when a partition came into memory, with its rows in the Cold; may be nil
	settled   func(p uint32)     // called when a partition's new rows were put in; may be nil
	first     func(p uint32) int // where the rows begin that a partition's new rows may change; nil: by the functions' reach
	left      []int32            // by row: copies that come later in the list, during difference

	saving bool
	log    []Chunk
	ctx    func() *expr.Ctx
}

func (b *builder) over(n *plan.Over) (Op, error) {
	in, err := b.build(n.In)
	if err != nil {
		return nil, err
	}
	node := b.node("over", n)
	if b.mayPart(n, n.Partition, n.TopN == 0) {
		return b.link(b.parted(node, n.Partition, func() *over { return b.windows(n, node) }), in), nil
	}
	o := b.windows(n, node)
	if n.TimeIsProc && b.cfg.Mode != plan.Batch {
		b.graph.clock, o.order.arrival = true, true
	}
	if n.ByTime && o.onClose {
		f := newFinalOver(o)
		f.timeKey, f.behind, f.ahead, f.span, f.far = n.Order[:1], n.Behind, int(n.Ahead), n.Span, n.Back
		return b.link(f, in), nil
	}
	return b.link(o, in), nil
}

// windows makes the operator of window functions.
func (b *builder) windows(n *plan.Over, node *node) *over {
	o := b.newOver(node, n.In, n.Partition, n.Close)
	if n.Keep {
		o.parts.closing = nil
	}
	o.onClose = n.OnClose && b.cfg.Mode != plan.Batch
	c := &windowCalc{funcs: slices.Clone(n.Funcs)}
	if n.TopN > 0 {
		o.top, o.rank = n.TopN, n.Funcs[0].Name
		if n.HideRank {
			c.funcs = nil
		}
	}
	var read []expr.Expr
	ranged := false
	for i := range c.funcs {
		f := &c.funcs[i]
		f.Args = stored(f.Args, o.width, &o.extra)
		if read = append(read, f.Args...); f.Filter != nil {
			f.Filter = stored([]expr.Expr{f.Filter}, o.width, &o.extra)[0]
			read = append(read, f.Filter)
		}
		if f.Frame.Mode == "range" && (f.Frame.StartX != nil || f.Frame.EndX != nil) {
			ranged = true
		}
	}
	c.order = slices.Clone(n.Order)
	keys := stored(keyExprs(n.Order), o.width, &o.extra)
	for i, x := range keys {
		c.order[i].X = x
	}
	o.store(n.In, c.order)
	o.order.arrival = len(n.Order) == 0 && !o.changing
	if ranged {
		read = append(read, keys...)
	}
	c.cmp, c.reads, o.calc = o.order, columnsOf(len(o.rows.cols), read), c
	return o
}

func (b *builder) newOver(node *node, in plan.Node, by []expr.Expr, close expr.Expr) *over {
	o := &over{node: node, width: len(in.Schema()), changing: b.changes.of(in), saving: b.cfg.Mode != plan.Batch && !b.cfg.Ephemeral, ctx: b.cfg.NewCtx}
	if b.cfg.Mode == plan.Batch {
		close = nil
	}
	o.parts = newPartitions(by, close)
	return o
}

// store makes the rows' columns and their order; keys that are constants order nothing.
func (o *over) store(in plan.Node, order []plan.SortKey) {
	ts := in.Schema().Types()
	for _, x := range o.extra {
		ts = append(ts, x.Type())
	}
	o.rows = newSlots(ts)
	o.order = &slotOrder{rows: o.rows}
	for _, k := range order {
		if c, ok := k.X.(*expr.Column); ok {
			o.order.keys = append(o.order.keys, slotKey{c.Idx, k.Desc, k.NullsFirst})
		}
	}
}

// trims says that rows which are not among the best can never be.
func (o *over) trims() bool { return o.top > 0 && !o.changing }

// Push stores rows, when all of their partitions are there.
func (o *over) Push(st *run, _ int, b *types.Batch) error {
	if held, ready := o.page.hold(b); ready {
		return o.drain(st)
	} else if held {
		return nil
	}
	return o.push(st, b)
}

func (o *over) push(st *run, b *types.Batch) error {
	if !o.changing {
		b = expandWeights(b)
	}
	b, gids, err := o.parts.of(st, o.node, b)
	if err != nil || b.N == 0 {
		return err
	}
	if o.page != nil {
		if err := o.pageIn(st.ec, gids, o.parts.keys.fresh); err != nil {
			return err
		}
	}
	extra, err := evalCols(st.ec, o.extra, b)
	if err != nil {
		return err
	}
	o.put(append(slices.Clone(b.Cols), extra...), gids, b)
	if o.parted {
		return st.budget.mayHold(o)
	}
	return st.budget.check(o)
}

// put adds rows to what came in this step.
func (o *over) put(cols []arrow.Array, gids []uint32, b *types.Batch) {
	o.grow()
	o.rows.read(cols)
	trims := o.trims()
	for i, p := range gids {
		if trims && o.hopeless(i, p) {
			continue
		}
		o.touch(p)
		e := o.rows.put(i, b.Weight(i))
		if o.page != nil {
			o.page.enter(e, p)
		}
		come := append(o.come[p], e)
		if trims && o.top == 1 && !o.order.arrival {
			last := len(come) - 1
			come[0], come[last] = come[last], come[0] // it is not behind the first
		}
		o.come[p] = come
		if trims && int64(len(come)) > 2*o.top+32 {
			o.shrink(p)
		}
	}
}

func (o *over) grow() {
	n := o.parts.keys.cap()
	o.lists, o.come, o.isTouched = resize(o.lists, n), resize(o.come, n), resize(o.isTouched, n)
}

func (o *over) touch(p uint32) {
	if !o.isTouched[p] {
		o.isTouched[p] = true
		o.touched = append(o.touched, p)
	}
}

// hopeless says that row i of the columns read is worse than all of partition p's best, where that is quickly seen.
func (o *over) hopeless(i int, p uint32) bool {
	if o.top == 1 && len(o.come[p]) > 0 && o.order.isBehind(i, o.come[p][0]) {
		return true
	}
	list := o.lists[p]
	return int64(len(list)) >= o.top && o.rank != "dense_rank" && o.order.isBehind(i, list[o.top-1])
}

// shrink keeps the best of the rows that came to a partition.
func (o *over) shrink(p uint32) {
	come := o.come[p]
	slices.SortStableFunc(come, o.order.compare)
	n := o.best(come)
	o.rows.dropAll(come[n:])
	o.come[p] = come[:n]
}

// best is how many rows, of a list in order, have a rank that counts.
func (o *over) best(list []uint32) int {
	if o.top == 0 || int64(len(list)) <= o.top {
		return len(list)
	}
	if o.rank == "row_number" {
		return int(o.top)
	}
	rank := int64(1)
	for i := 1; i < len(list); i++ {
		if o.order.compareKeys(list[i-1], list[i]) != 0 {
			if rank++; o.rank == "rank" {
				rank = int64(i) + 1
			}
			if rank > o.top {
				return i
			}
		}
	}
	return len(list)
}

// sortCome orders the rows that came to partition p.
func (o *over) sortCome(p uint32) {
	if come := o.come[p]; len(come) > 1 {
		slices.SortStableFunc(come, o.order.compare)
	}
}

// merge puts the rows that came to partition p into its order.
func (o *over) merge(p uint32) {
	o.sortCome(p)
	come := o.come[p]
	o.come[p] = nil
	if o.changing {
		come = o.fold(p, come)
	}
	switch list := o.lists[p]; {
	case len(list) == 0:
		o.lists[p] = come
	case len(come) > 0:
		o.lists[p] = mergeSorted(list, come, o.behind)
	}
	if o.trims() {
		n := o.best(o.lists[p])
		o.dead = append(o.dead, o.lists[p][n:]...)
		o.lists[p] = o.lists[p][:n]
	}
	if o.settled != nil {
		o.settled(p)
	}
}

// behind is the order in which a row comes behind those equal to it.
func (o *over) behind(a, b uint32) int {
	if d := o.order.compare(a, b); d != 0 {
		return d
	}
	return -1
}

// fold adds the weights of rows that are there already, and gives the rows that are new.
func (o *over) fold(p uint32, come []uint32) []uint32 {
	w := o.rows.w
	fresh := come[:0]
	for _, e := range come {
		if k := len(fresh); k > 0 && o.order.compare(fresh[k-1], e) == 0 {
			w[fresh[k-1]] += w[e]
			o.rows.drop(e)
			continue
		}
		fresh = append(fresh, e)
	}
	list, gone := o.lists[p], false
	come, fresh = fresh, fresh[:0]
	for _, e := range come {
		at, found := slices.BinarySearchFunc(list, e, o.order.compare)
		switch {
		case found:
			if w[list[at]] += w[e]; o.page != nil {
				o.page.note(list[at])
			}
			gone = gone || w[list[at]] == 0
			o.rows.drop(e)
		case w[e] == 0:
			o.rows.drop(e)
		default:
			fresh = append(fresh, e)
		}
	}
	if gone {
		o.lists[p] = slices.DeleteFunc(list, func(e uint32) bool {
			if w[e] == 0 {
				o.dead = append(o.dead, e)
			}
			return w[e] == 0
		})
	}
	return fresh
}

// expand adds the rows of partition p that are in the result, each as often as its weight.
func (o *over) expand(ids []uint32, p uint32) []uint32 {
	from := len(ids)
	ids = o.repeat(ids, o.lists[p])
	return ids[:from+o.best(ids[from:])]
}

// repeat adds rows as often as their weights.
func (o *over) repeat(ids, list []uint32) []uint32 {
	if !o.changing {
		return append(ids, list...)
	}
	for _, e := range list {
		for range o.rows.w[e] {
			ids = append(ids, e)
		}
	}
	return ids
}
