package exec

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// distinct gives each row once (DISTINCT, UNION). Over append-only input a row is given when it first comes; over changing input its weight is
// counted. Where a column carries event time, rows behind the watermark are late, and are forgotten when it passes them.
type distinct struct {
	*node
	changing bool
	set      *rowSet
	time     int // column, -1: none
	closing  *closing
	ttl      *ttl // nil: no row is forgotten for its age
	types    []types.Type
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
	if n.Time >= 0 && !n.Keep && b.cfg.Mode != plan.Batch {
		d.time, d.closing = n.Time, newClosing(nil)
	}
	return b.link(d, in), nil
}

func newDistinct(n *node, ts []types.Type, changing bool, cfg Config) *distinct {
	saving := cfg.Mode != plan.Batch && !cfg.Ephemeral
	return &distinct{node: n, changing: changing, set: newRowSet(ts, 1, saving), time: -1, types: ts}
}

func (d *distinct) Push(st *run, _ int, b *types.Batch) error {
	if d.closing != nil {
		b = d.dropLate(st, b)
	}
	if b.N == 0 {
		return nil
	}
	if d.changing {
		d.age(d.set.add(0, b.Cols, b), st)
		d.register()
		return nil
	}
	b, err := appendOnly(b)
	if err != nil {
		return err
	}
	ids := d.set.find(b.Cols, b.N)
	d.age(ids, st)
	d.register()
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
	if err := st.budget.check(d); err != nil {
		return err
	}
	return d.emit(st, types.Filter(b, rows))
}

// age notes that rows came.
func (d *distinct) age(ids []uint32, st *run) {
	if d.ttl != nil {
		d.ttl.load(d.set.tab, st.Now)
		d.ttl.touch(ids, d.set.tab.cap(), st.Now)
	}
}

// dropLate is b without the rows behind the watermark at the step's start.
func (d *distinct) dropLate(st *run, b *types.Batch) *types.Batch {
	var late, keep []int32
	a := b.Cols[d.time]
	for i, t := range types.Int64s(a) {
		if a.IsNull(i) || t < st.WMStart {
			late = append(late, int32(i))
		} else {
			keep = append(keep, int32(i))
		}
	}
	if len(late) == 0 {
		return b
	}
	d.drop(st, "late", len(late), types.Filter(b, late))
	return types.Filter(b, keep)
}

// register notes when the new rows can be forgotten: when the watermark is beyond their time.
func (d *distinct) register() {
	if d.closing == nil {
		return
	}
	for _, e := range d.set.tab.fresh {
		ts := d.set.tab.cols[d.time].ints[e]
		if ts != math.MaxInt64 {
			ts++
		}
		d.closing.add(e, ts)
	}
}

// Finish gives the rows that came into being or went, and forgets those behind the watermark.
func (d *distinct) Finish(st *run) error {
	if st.batch {
		return nil
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
	out := d.set.saveDelta(d.name)
	for i, c := range out {
		if c.Batch.W != nil {
			out[i] = Chunk{d.name, "c", &types.Batch{N: 1, Cols: c.Batch.Cols}}
		}
	}
	return out, nil
}

// SaveAll gives all rows.
func (d *distinct) SaveAll() ([]Chunk, error) { return d.set.saveAll(d.name), nil }

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
	d.register()
	return nil
}

// Loaded has nothing to do.
func (d *distinct) Loaded() error { return nil }

// Size is the number of distinct rows and about their bytes.
func (d *distinct) Size() (rows, bytes int64) { return d.set.size() }
