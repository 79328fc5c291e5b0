package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// distinctOn makes DISTINCT ON. With an order, or over input that can change, it is a top 1 of each partition; by arrival the first row of each value is
// handed on as it comes, and only the values are kept.
func (b *builder) distinctOn(n *plan.Distinct) (Op, error) {
	in, err := b.build(n.In)
	if err != nil {
		return nil, err
	}
	node := b.node("distinct_on", n)
	close := n.Close
	if n.Keep || b.cfg.Mode == plan.Batch {
		close = nil
	}
	order := n.First()
	// In batch too there is no first row by arrival of what can change: the result is that of the continuous query.
	changes := changes{mode: plan.Update, known: map[plan.Node]bool{}}
	if len(order) == 0 && !changes.of(n.In) {
		f := &firstRows{node: node, parts: newPartitions(n.On, close), saving: b.cfg.Mode != plan.Batch && !b.cfg.Ephemeral, ctx: b.cfg.NewCtx}
		if b.mayPart(n, n.On, false) {
			f.spills = true
		}
		return b.link(f, in), nil
	}
	best := func() *over {
		o := b.newOver(node, n.In, n.On, close)
		o.top, o.rank = 1, "row_number"
		o.onClose = n.OnClose && b.cfg.Mode != plan.Batch
		keys := slices.Clone(order)
		for i, x := range stored(keyExprs(order), o.width, &o.extra) {
			keys[i].X = x
		}
		o.store(n.In, keys)
		o.calc = &windowCalc{}
		return o
	}
	if b.mayPart(n, n.On, false) {
		return b.link(b.parted(node, n.On, best), in), nil
	}
	return b.link(best(), in), nil
}

// firstRows gives the first row of each value of ON.
type firstRows struct {
	*node
	parts  *partitions
	saving bool
	log    []Chunk
	ctx    func() *expr.Ctx
	ttl    *ttl   // nil: no value is forgotten for its age
	page   *pages // nil: all values are in memory
	// spills: rows may be spilled; spilled are those of new values, nil: none were; depth is how often they were before.
	spills  bool
	spilled *spillSet
	depth   int
	hot     []bool // with pages: used since the clock's hand passed
}

// Push hands on the rows whose value is new. Where values may have to be read the rows of several calls are taken together.
func (f *firstRows) Push(st *run, _ int, b *types.Batch) error {
	held, ready := f.page.hold(0, b)
	switch {
	case !held:
		return f.push(st, b)
	case ready:
		return f.drain(st)
	}
	return nil
}

func (f *firstRows) push(st *run, b *types.Batch) error {
	if f.ttl != nil {
		f.ttl.load(f.parts.keys, st.Now)
		f.expire(st)
	}
	b = expandWeights(b)
	if f.spilled != nil {
		return f.spillNew(st, b)
	}
	b, gids, err := f.parts.of(st, f.node, b)
	if err != nil {
		return err
	}
	if f.ttl != nil {
		f.ttl.touch(gids, f.parts.keys.cap(), st.Now)
	}
	if f.page != nil {
		if err := f.pageIn(gids); err != nil {
			return err
		}
	}
	fresh := f.parts.keys.fresh
	rows := make([]int32, 0, len(fresh))
	for i, g := range gids {
		if len(rows) < len(fresh) && g == fresh[len(rows)] {
			rows = append(rows, int32(i))
		}
	}
	if f.saving && len(fresh) > 0 {
		f.log = append(f.log, Chunk{f.name, "keys", &types.Batch{Cols: f.parts.keys.gather(fresh), N: len(fresh)}})
	}
	if err := f.check(st); err != nil {
		return err
	}
	return f.emit(st, types.Filter(b, rows))
}

// Finish forgets the values that can't come again.
func (f *firstRows) Finish(st *run) error {
	if err := f.drain(st); err != nil {
		return err
	}
	if f.spilled != nil {
		return f.emitSpilled(st)
	}
	if f.evict(st.wmEnd) && f.saving {
		f.log = append(f.log, Chunk{f.name, "c", &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{st.wmEnd}, nil, 0)}}})
	}
	if f.ttl != nil {
		f.ttl.load(f.parts.keys, st.Now)
		f.expire(st)
	}
	return nil
}

// expire forgets values that did not come for long; the row that was given stays given.
func (f *firstRows) expire(st *run) {
	gone := f.ttl.pop(f.parts.keys, st.Now)
	if len(gone) == 0 {
		return
	}
	f.drop(st, "expired", len(gone), nil)
	if f.saving {
		f.log = append(f.log, Chunk{f.name, "x", &types.Batch{Cols: f.parts.keys.gather(gone), N: len(gone)}})
	}
	for _, g := range gone {
		f.parts.keys.remove(g)
	}
}

func (f *firstRows) evict(wm int64) bool {
	gone := f.parts.closed(wm)
	for _, g := range gone {
		f.parts.keys.remove(g)
	}
	return len(gone) > 0
}

// SaveDelta gives the new values, those that were forgotten for their age (tag "x"), and the watermarks (tag "c") behind which values went.
func (f *firstRows) SaveDelta() ([]Chunk, error) {
	if f.page != nil {
		return nil, f.savePages()
	}
	out := f.log
	f.log = nil
	return out, nil
}

// SaveAll gives all values.
func (f *firstRows) SaveAll() ([]Chunk, error) {
	if f.page != nil {
		return nil, f.savePages()
	}
	f.log = nil
	var out []Chunk
	for part := range slices.Chunk(f.parts.keys.all(), chunkRows) {
		out = append(out, Chunk{f.name, "keys", &types.Batch{Cols: f.parts.keys.gather(part), N: len(part)}})
	}
	return out, nil
}

// Load takes a chunk.
func (f *firstRows) Load(c Chunk) error {
	if c.Tag == "c" {
		f.evict(types.Int64s(c.Batch.Cols[0])[0])
		return nil
	}
	gids := make([]uint32, c.Batch.N)
	f.parts.keys.insert(c.Batch.Cols, gids)
	if c.Tag == "x" {
		for _, g := range gids {
			f.parts.keys.remove(g)
		}
		return nil
	}
	ec := &expr.Ctx{}
	if f.ctx != nil {
		ec = f.ctx()
	}
	return f.parts.register(ec, f.parts.keys.fresh)
}

// Loaded notes what is new to the Cold.
func (f *firstRows) Loaded() error {
	if f.page != nil {
		f.unsaved(f.parts.keys.all())
	}
	return nil
}

// Size is the number of values and about their bytes.
func (f *firstRows) Size() (rows, bytes int64) {
	if f.page != nil {
		rows = int64(f.parts.keys.n) + f.page.away
		return rows, f.page.bytesOf(rows)
	}
	return int64(f.parts.keys.n), f.parts.keys.memory()
}

// stateCols are the columns of ON.
func (f *firstRows) stateCols() plan.Schema {
	var cols plan.Schema
	for _, x := range f.parts.exprs {
		cols = append(cols, plan.Col{Name: x.String(), Type: x.Type()})
	}
	return cols
}

func (f *firstRows) stateRows(emit func(*types.Batch) error) error {
	for part := range slices.Chunk(f.parts.keys.all(), outBatch) {
		if err := emit(&types.Batch{Cols: f.parts.keys.gather(part), N: len(part)}); err != nil {
			return err
		}
	}
	if f.page == nil {
		return nil
	}
	return f.page.each(func(r *rowReader) error { return emit(&types.Batch{Cols: r.arrays(), N: r.n}) })
}
