package exec

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// matchOp is MATCH_RECOGNIZE. It keeps the rows of each partition in order; rows with equal keys are ordered by all their columns. In append mode
// (plan.OnClose) a row is judged when the watermark has passed it, and forgotten when no match to come can begin at it or look back at it
// (match_append.go). Else all rows are kept, and the matches of the partitions that changed are compared with those before (match_update.go).
//
// Chunks: "rows" are those of the rowSet; "parts" (append mode) have the keys of a partition and the numbers of matchKept, number -1 for one that went.
type matchOp struct {
	*node
	plan   *plan.Match
	m      *matcher
	batch  bool
	set    *rowSet
	parts  *keyTable
	kept   []matchKept // by partition
	of     []uint32    // by row: its partition
	dirty  []uint32    // partitions with changed rows
	was    []int64     // by row: its weight before the step, where it changed
	wakes  *closing
	saving bool
	log    []Chunk
	gids   []uint32
}

// matchKept is what is kept of a partition. next and covered are places in rows, with each row as often as its weight.
type matchKept struct {
	rows    []uint32 // in order
	come    []uint32 // new in this step
	first   uint32   // the first row that changed in this step
	isDirty bool
	next    int32
	covered int32
	ready   int32 // how many rows were judged
	number  int64
	cut     bool
	marks   []matchMark // not in append mode; their places count from the first row
	// wait is when what starts at next is decided even if no row comes; never: a row must come.
	wait int64
}

func (b *builder) match(n *plan.Match) (Op, error) {
	in, err := b.build(n.In)
	if err != nil {
		return nil, err
	}
	m, err := newMatcher(n)
	if err != nil {
		return nil, err
	}
	ts := n.In.Schema().Types()
	keys := make([]types.Type, len(n.Partition))
	for i, c := range n.Partition {
		keys[i] = ts[c]
	}
	batch := b.cfg.Mode == plan.Batch
	o := &matchOp{node: b.node("match", n), plan: n, m: m, batch: batch, saving: !batch && !b.cfg.Ephemeral, parts: newKeyTable(keys), wakes: newClosing(nil)}
	o.set = newRowSet(newKeyTable(ts).exact(), 1, o.saving)
	return b.link(o, in), nil
}

// Push keeps rows; late ones are dropped, in append mode also those without a time.
func (o *matchOp) Push(st *run, _ int, b *types.Batch) error {
	if o.plan.Late && !o.batch {
		if b = o.dropLate(st, b); b.N == 0 {
			return nil
		}
	}
	gids := o.partitions(o.partCols(b.Cols), b.N)
	ids := o.set.add(0, b.Cols, b)
	o.of = resize(o.of, o.set.tab.cap())
	for i, e := range ids {
		g := gids[i]
		o.of[e] = g
		if k := &o.kept[g]; !k.isDirty {
			k.isDirty = true
			o.dirty = append(o.dirty, g)
		}
	}
	if o.batch {
		return st.budget.check(o)
	}
	return nil
}

func (o *matchOp) dropLate(st *run, b *types.Batch) *types.Batch {
	c := b.Cols[o.plan.Order[0].Col]
	ts := types.Int64s(c)
	var keep, drop []int32
	for i := range ts {
		if c.IsNull(i) || st.late(o.closeOf(ts[i])) {
			drop = append(drop, int32(i))
		} else {
			keep = append(keep, int32(i))
		}
	}
	if drop == nil {
		return b
	}
	o.drop(st, "late", len(drop), types.Filter(b, drop))
	return types.Filter(b, keep)
}

// closeOf is the watermark at which a row with this time is judged.
func (o *matchOp) closeOf(ts int64) int64 {
	if ts > math.MaxInt64-o.plan.Close {
		return never
	}
	return ts + o.plan.Close
}

func (o *matchOp) partCols(cols []arrow.Array) []arrow.Array {
	out := make([]arrow.Array, len(o.plan.Partition))
	for i, c := range o.plan.Partition {
		out[i] = cols[c]
	}
	return out
}

// partitions numbers the partitions of rows.
func (o *matchOp) partitions(cols []arrow.Array, n int) []uint32 {
	o.gids = scratch(o.gids, n)
	o.parts.insert(cols, o.gids)
	o.kept = resize(o.kept, o.parts.cap())
	for _, g := range o.parts.fresh {
		o.kept[g] = matchKept{wait: never}
	}
	return o.gids
}

// compare orders rows by the keys, then by all columns.
func (o *matchOp) compare(a, b uint32) int {
	for _, k := range o.plan.Order {
		c := o.set.tab.cols[k.Col]
		if an, bn := c.nulls != nil && c.nulls[a], c.nulls != nil && c.nulls[b]; an != bn {
			if an == k.NullsFirst {
				return -1
			}
			return 1
		}
		if d := c.order(a, b); d != 0 {
			if k.Desc {
				return -d
			}
			return d
		}
	}
	for _, c := range o.set.tab.cols {
		if d := c.order(a, b); d != 0 {
			return d
		}
	}
	return 0
}

// note finds what changed: the new rows of each partition and the first that changed, and the weights before.
func (o *matchOp) note() {
	o.was = resize(o.was, o.set.tab.cap())
	for _, g := range o.dirty {
		o.kept[g].first = none
	}
	for i, e := range o.set.touched {
		o.was[e] = o.set.before[0][i]
		if o.was[e] == o.set.w[0][e] {
			continue
		}
		k := &o.kept[o.of[e]]
		if o.was[e] == 0 {
			k.come = append(k.come, e)
		}
		if k.first == none || o.compare(e, k.first) < 0 {
			k.first = e
		}
	}
	slices.SortFunc(o.dirty, o.parts.comparer())
}

// arrange brings the rows of a partition up to date.
func (o *matchOp) arrange(k *matchKept) {
	k.rows = slices.DeleteFunc(k.rows, func(e uint32) bool { return o.set.w[0][e] == 0 })
	slices.SortFunc(k.come, o.compare)
	k.rows = mergeSorted(k.rows, k.come, o.compare)
	k.come, k.isDirty = nil, false
}

// Finish hands on what changed.
func (o *matchOp) Finish(st *run) error {
	o.m.ec, o.m.ctx, o.m.wm = st.ec, st.ctx, st.wmEnd
	if o.plan.OnClose && !o.batch {
		return o.finishAppend(st)
	}
	return o.finishUpdate(st)
}

// matchBlock is how many rows are matched at a time, where partitions are smaller.
const matchBlock = 1 << 16

// matchGroup collects partitions to be matched together.
type matchGroup struct {
	ids   []uint32
	parts []matchPart
}

// add puts a partition's rows into the group, from place skip on, each as often as its weight.
func (g *matchGroup) add(rows []uint32, skip int64, weight func(uint32) int64) *matchPart {
	lo := int32(len(g.ids))
	for _, e := range rows {
		n := weight(e)
		for range n - min(n, skip) {
			g.ids = append(g.ids, e)
		}
		skip -= min(n, skip)
	}
	g.parts = append(g.parts, matchPart{lo: lo, hi: int32(len(g.ids)), next: lo, covered: lo})
	return &g.parts[len(g.parts)-1]
}

// run finds the matches of the group.
func (o *matchOp) run(g *matchGroup, out func(*types.Batch) error) error {
	o.m.out = out
	if len(g.ids) == 0 {
		return nil
	}
	return o.m.run(o.set.tab.gather(g.ids), len(g.ids), g.parts)
}

// forget gives a partition's number up.
func (o *matchOp) forget(g uint32) {
	o.kept[g] = matchKept{wait: never}
	o.parts.remove(g)
}

// SaveDelta gives the rows and partitions that changed.
func (o *matchOp) SaveDelta() ([]Chunk, error) {
	out := append(o.set.saveDelta(o.name), o.log...)
	o.log = nil
	return out, nil
}

// SaveAll gives all rows and partitions.
func (o *matchOp) SaveAll() ([]Chunk, error) {
	o.log = nil
	out := o.set.saveAll(o.name)
	if o.plan.OnClose {
		for part := range slices.Chunk(o.parts.all(), chunkRows) {
			out = append(out, o.partsChunk(part, false))
		}
	}
	return out, nil
}

// Size is the number of rows kept and about their bytes.
func (o *matchOp) Size() (rows, bytes int64) {
	rows, bytes = o.set.size()
	return rows, bytes + o.parts.memory() + rows*16 + int64(len(o.kept))*112
}
