package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// distinct gives each row once (DISTINCT, UNION). Over append-only input a row is given when it first comes; over changing input its weight is
// counted. Where columns carry event time the watermark closes rows: then they are forgotten, and what comes after is late.
type distinct struct {
	*node
	rowPager
	changing bool
	closing  *closing // nil: no row is ever closed
	ctx      func() *expr.Ctx
	ttl      *ttl // nil: no row is forgotten for its age
	types    []types.Type

	cfg   Config
	depth int       // how often its rows were spilled before
	parts *spillSet // rows that are perhaps new; nil: all new ones are in memory
}

func (b *builder) distinct(n *plan.Distinct) (Op, error) {
	if len(n.On) > 0 {
		return b.distinctOn(n)
	}
	in, err := b.build(n.In)
	if err != nil {
		return nil, err
	}
	d := newDistinct(b.node("distinct", n), n.Schema().Types(), b.changes.of(n.In), b.cfg)
	if n.Close != nil && !n.Keep && b.cfg.Mode != plan.Batch {
		d.closing, d.ctx = newClosing(n.Close), b.cfg.NewCtx
	}
	d.set.names = n.Schema()
	return b.link(d, in), nil
}

func newDistinct(n *node, ts []types.Type, changing bool, cfg Config) *distinct {
	saving := cfg.Mode != plan.Batch && !cfg.Ephemeral
	return &distinct{node: n, cfg: cfg, rowPager: rowPager{newRowSet(newKeyTable(ts), 1, saving)}, changing: changing, types: ts}
}

// Push counts rows. Where rows may have to be read those of several calls are taken together.
func (d *distinct) Push(st *run, _ int, b *types.Batch) error {
	held, ready := d.set.page.hold(0, b)
	switch {
	case !held:
		return d.push(st, b)
	case ready:
		return d.drain(st)
	}
	return nil
}

func (d *distinct) drain(st *run) error {
	return d.set.page.drain(func(_ int, b *types.Batch) error { return d.push(st, b) })
}

func (d *distinct) push(st *run, b *types.Batch) error {
	if d.ttl != nil {
		d.ttl.load(d.set.tab, st.Now)
		d.expire(st)
	}
	b, err := d.dropLate(st, b)
	if err != nil || b.N == 0 {
		return err
	}
	if d.changing {
		d.age(d.set.add(0, b.Cols, b), st)
		return d.register(st.ec)
	}
	if b, err = appendOnly(b); err != nil {
		return err
	}
	if d.parts != nil {
		if b, err = d.spillNew(st, b); err != nil || b.N == 0 {
			return err
		}
	}
	ids := d.set.find(b.Cols, b.N)
	d.age(ids, st)
	if err := d.register(st.ec); err != nil {
		return err
	}
	fresh := d.set.tab.fresh
	rows := make([]int32, 0, len(fresh))
	for i, e := range ids {
		if len(rows) < len(fresh) && e == fresh[len(rows)] {
			rows = append(rows, int32(i))
			if !st.batch {
				d.set.touch(e)
			}
			d.set.w[0][e] = 1
		}
	}
	if st.spillDir == "" || !st.batch {
		if err := st.budget.check(d); err != nil {
			return err
		}
	} else if d.parts == nil && d.depth < spillDepth && st.budget.over(d, d.depth) {
		d.parts = &spillSet{depth: d.depth}
	}
	return d.emit(st, types.Filter(b, rows))
}

// age notes that rows came.
func (d *distinct) age(ids []uint32, st *run) {
	if d.ttl != nil {
		d.ttl.touch(ids, d.set.tab.cap(), st.Now)
	}
}

// dropLate is b without the rows that the watermark at the step's start had closed.
func (d *distinct) dropLate(st *run, b *types.Batch) (*types.Batch, error) {
	if d.closing == nil || b.N == 0 {
		return b, nil
	}
	ts, err := d.closing.timesOf(st.ec, b.Cols, b.N)
	if err != nil {
		return nil, err
	}
	var late, keep []int32
	for i, t := range ts {
		if st.late(t) {
			late = append(late, int32(i))
		} else {
			keep = append(keep, int32(i))
		}
	}
	if len(late) == 0 {
		return b, nil
	}
	d.drop(st, "late", len(late), types.Filter(b, late))
	return types.Filter(b, keep), nil
}

// register notes when the new rows close.
func (d *distinct) register(ec *expr.Ctx) error {
	fresh := d.set.tab.fresh
	if d.closing == nil || len(fresh) == 0 {
		return nil
	}
	ts, err := d.closing.timesOf(ec, d.set.tab.gather(fresh), len(fresh))
	for i, t := range ts {
		d.closing.add(fresh[i], t)
	}
	return err
}

// Finish gives the rows that came into being or went, and forgets those behind the watermark.
func (d *distinct) Finish(st *run) error {
	if st.batch {
		return d.emitSpilled(st)
	}
	if err := d.drain(st); err != nil {
		return err
	}
	if d.changing {
		if err := d.emitChanges(st); err != nil {
			return err
		}
	}
	d.set.sweep()
	if d.ttl != nil {
		d.ttl.load(d.set.tab, st.Now)
		d.expire(st)
	}
	if d.closing == nil {
		return nil
	}
	d.evict(st.wmEnd)
	return nil
}

func (d *distinct) emitChanges(st *run) error {
	var ids []uint32
	var w []int64
	for i, e := range d.set.touched {
		was, is := d.set.before[0][i] > 0, d.set.w[0][e] > 0
		if was != is {
			ids, w = append(ids, e), append(w, int64(btoi(is)-btoi(was)))
		}
	}
	return d.emit(st, d.set.result(ids, w))
}

func (d *distinct) evict(wm int64) {
	gone := d.closing.pop(wm, func(e uint32) bool { return d.set.tab.live[e] })
	for _, e := range gone {
		d.set.tab.remove(e)
	}
	if d.set.saving && len(gone) > 0 {
		d.set.log = append(d.set.log, &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{wm}, nil, 0)}, W: []int64{0}})
	}
}

// SaveDelta gives the rows that changed; a chunk of tag "c" is a watermark: the rows behind it went.
func (d *distinct) SaveDelta() ([]Chunk, error) {
	if d.set.page != nil {
		return nil, d.set.savePages(d.name)
	}
	out := d.set.saveDelta(d.name)
	for i, c := range out {
		if c.Batch.W != nil {
			out[i] = Chunk{d.name, "c", &types.Batch{N: 1, Cols: c.Batch.Cols}}
		}
	}
	return out, nil
}

// SaveAll gives all rows.
func (d *distinct) SaveAll() ([]Chunk, error) {
	if d.set.page != nil {
		return nil, d.set.savePages(d.name)
	}
	return d.set.saveAll(d.name), nil
}

// Load takes a chunk.
func (d *distinct) Load(c Chunk) error {
	if c.Tag == "c" {
		if d.closing != nil {
			d.evict(types.Int64s(c.Batch.Cols[0])[0])
			d.set.log = nil
		}
		return nil
	}
	d.set.load(c.Batch)
	return d.loaded()
}

// loaded registers the rows of a chunk.
func (d *distinct) loaded() error {
	if d.closing == nil {
		return nil
	}
	return d.register(d.ctx())
}

// Loaded notes what is new to the Cold.
func (d *distinct) Loaded() error {
	d.set.unsaved()
	return nil
}

// pageable says whether the rows can lie in a Cold; those that close or age can't.
func (d *distinct) pageable() bool {
	return (d.set.saving || d.set.page != nil) && d.closing == nil && d.ttl == nil
}

func (d *distinct) stateCols() plan.Schema                        { return d.set.stateCols() }
func (d *distinct) stateRows(emit func(*types.Batch) error) error { return d.set.stateRows(emit) }

// Size is the number of distinct rows and about their bytes.
func (d *distinct) Size() (rows, bytes int64) { return d.set.size() }
