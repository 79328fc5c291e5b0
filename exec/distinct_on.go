package exec

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// distinctOn makes DISTINCT ON. With an order, or over changing input, it is a top 1 of each partition; by arrival the first row of each value is
// handed on as it comes, and only the values are kept.
func (b *builder) distinctOn(n *plan.Distinct) (Op, error) {
	in, err := b.build(n.In)
	if err != nil {
		return nil, err
	}
	node := b.node("distinct_on", n)
	changing := b.changes.of(n.In)
	if len(n.Keys) == 0 && !changing {
		f := &firstRows{node: node, parts: newPartitions(n.On, nil), time: -1, saving: b.cfg.Mode != plan.Batch && !b.cfg.Ephemeral}
		if n.Time >= 0 && !n.Keep && b.cfg.Mode != plan.Batch {
			f.at = slices.IndexFunc(n.On, func(x expr.Expr) bool { c, ok := x.(*expr.Column); return ok && c.Idx == n.Time })
			if f.at >= 0 {
				f.time, f.closing = n.Time, newClosing(nil)
			}
		}
		return b.link(f, in), nil
	}
	o := b.newOver(node, n.In, n.On, nil)
	o.top, o.rank = 1, "row_number"
	keys := slices.Clone(n.Keys)
	for i, x := range stored(keyExprs(n.Keys), o.width, &o.extra) {
		keys[i].X = x
	}
	o.store(n.In, keys)
	o.calc = &windowCalc{}
	return b.link(o, in), nil
}

// firstRows gives the first row of each value of ON.
type firstRows struct {
	*node
	parts   *partitions
	time    int // column of the event time in the input, -1: none
	at      int // and in ON
	closing *closing
	saving  bool
	log     []Chunk
}

// Push hands on the rows whose value is new.
func (f *firstRows) Push(st *run, _ int, b *types.Batch) error {
	b = expandWeights(b)
	if f.time >= 0 {
		if b = dropBehind(st, f.node, b, f.time); b.N == 0 {
			return nil
		}
	}
	b, gids, err := f.parts.of(st, f.node, b)
	if err != nil {
		return err
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
	f.register(fresh)
	if err := st.budget.check(f); err != nil {
		return err
	}
	return f.emit(st, types.Filter(b, rows))
}

// dropBehind is b without the rows whose time is behind the watermark at the start of the step, which are late.
func dropBehind(st *run, n *node, b *types.Batch, col int) *types.Batch {
	var late, keep []int32
	a := b.Cols[col]
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
	n.drop(st, "late", len(late), types.Filter(b, late))
	return types.Filter(b, keep)
}

func (f *firstRows) register(fresh []uint32) {
	if f.closing == nil {
		return
	}
	for _, g := range fresh {
		ts := f.parts.keys.cols[f.at].ints[g]
		if ts < math.MaxInt64 {
			ts++
		}
		f.closing.add(g, ts)
	}
}

// Finish forgets the values behind the watermark.
func (f *firstRows) Finish(st *run) error {
	if f.closing != nil && f.evict(st.wmEnd) && f.saving {
		f.log = append(f.log, Chunk{f.name, "c", &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{st.wmEnd}, nil, 0)}}})
	}
	return nil
}

func (f *firstRows) evict(wm int64) bool {
	gone := f.closing.pop(wm, func(g uint32) bool { return f.parts.keys.live[g] })
	for _, g := range gone {
		f.parts.keys.remove(g)
	}
	return len(gone) > 0
}

// SaveDelta gives the new values, and the watermarks (tag "c") behind which values went.
func (f *firstRows) SaveDelta() ([]Chunk, error) {
	out := f.log
	f.log = nil
	return out, nil
}

// SaveAll gives all values.
func (f *firstRows) SaveAll() ([]Chunk, error) {
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
		if f.closing != nil {
			f.evict(types.Int64s(c.Batch.Cols[0])[0])
		}
		return nil
	}
	f.parts.keys.insert(c.Batch.Cols, make([]uint32, c.Batch.N))
	f.register(f.parts.keys.fresh)
	return nil
}

// Loaded has nothing to do.
func (f *firstRows) Loaded() error { return nil }

// Size is the number of values and about their bytes.
func (f *firstRows) Size() (rows, bytes int64) { return int64(f.parts.keys.n), f.parts.keys.memory() }
