package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// finishAppend judges the rows that the watermark has passed, hands on the matches that they decide, and forgets the rows that are no longer
// needed.
func (o *matchOp) finishAppend(st *run) error {
	for _, g := range o.wakes.pop(st.wmEnd, func(g uint32) bool { return o.parts.live[g] }) {
		if k := &o.kept[g]; !k.isDirty {
			k.isDirty = true
			o.dirty = append(o.dirty, g)
		}
	}
	if len(o.dirty) == 0 {
		return nil
	}
	o.note()
	for from := 0; from < len(o.dirty); {
		var grp matchGroup
		var of []uint32
		to := from
		for ; to < len(o.dirty) && len(grp.ids) < matchBlock; to++ {
			g := o.dirty[to]
			o.arrange(&o.kept[g])
			if o.judge(st, &grp, &o.kept[g]) {
				of = append(of, g)
			}
		}
		if err := o.run(&grp, func(b *types.Batch) error { return o.emit(st, b) }); err != nil {
			return err
		}
		for i, g := range of {
			o.trim(&grp, i, &o.kept[g])
		}
		from = to
	}
	return o.settle()
}

// timeOf is the first key of a stored row.
func (o *matchOp) timeOf(e uint32) int64 { return o.set.tab.cols[o.plan.Order[0].Col].ints[e] }

// judge adds a partition to the group where there is something to decide.
func (o *matchOp) judge(st *run, grp *matchGroup, k *matchKept) bool {
	n, _ := slices.BinarySearchFunc(k.rows, st.wmEnd, func(e uint32, wm int64) int {
		if o.closeOf(o.timeOf(e)) <= wm {
			return -1
		}
		return 1
	})
	ready := int64(0)
	for _, e := range k.rows[:n] {
		ready += o.set.w[0][e]
	}
	if ready == int64(k.ready) && k.wait > st.wmEnd {
		return false
	}
	p := grp.add(k.rows[:n], 0, func(e uint32) int64 { return o.set.w[0][e] })
	p.next, p.covered = p.lo+k.next, p.lo+k.covered
	p.number, p.cut, p.open = k.number, k.cut, true
	return true
}

// trim forgets the rows of a partition that the search has passed, but for those that something may look back at.
func (o *matchOp) trim(grp *matchGroup, i int, k *matchKept) {
	p := &grp.parts[i]
	k.wait = never
	if p.waits && o.plan.Within >= 0 {
		if t := o.timeOf(grp.ids[p.next]); t <= never-o.plan.Within-o.plan.Close {
			k.wait = t + o.plan.Within + o.plan.Close
		}
		if k.wait <= o.m.wm {
			k.wait = never // it looks further than the limit
		}
	}
	from := max(p.lo, p.next-o.m.look.back)
	for _, e := range grp.ids[p.lo:from] {
		o.set.touch(e)
		o.set.w[0][e]--
	}
	k.rows = slices.DeleteFunc(k.rows, func(e uint32) bool { return o.set.w[0][e] == 0 })
	k.cut = k.cut || from > p.lo
	k.next, k.ready, k.covered = p.next-from, p.hi-from, max(0, p.covered-from)
	k.number = p.number
}

// settle ends the step: partitions without rows go where nothing depends on their past, the others are told when to look again.
func (o *matchOp) settle() error {
	var gone, left []uint32
	for _, g := range o.dirty {
		k := &o.kept[g]
		if len(k.rows) == 0 && !o.remembers() {
			gone = append(gone, g)
			continue
		}
		left = append(left, g)
		o.wake(g, k)
	}
	if o.saving {
		if len(gone) > 0 {
			o.log = append(o.log, o.partsChunk(gone, true))
		}
		if len(left) > 0 {
			o.log = append(o.log, o.partsChunk(left, false))
		}
	}
	for _, g := range gone {
		o.forget(g)
	}
	o.dirty = o.dirty[:0]
	o.set.sweep()
	return nil
}

// remembers says whether a partition's past counts when none of its rows is kept.
func (o *matchOp) remembers() bool {
	for _, n := range o.plan.Navs {
		if n.Kind == "number" {
			return true
		}
	}
	return o.plan.Pattern.Has("start")
}

// wake notes when the partition is to be looked at again: when the next row is judged, or what waits is decided.
func (o *matchOp) wake(g uint32, k *matchKept) {
	at, n := k.wait, int64(0)
	for _, e := range k.rows {
		if n += o.set.w[0][e]; n > int64(k.ready) {
			at = min(at, o.closeOf(o.timeOf(e)))
			break
		}
	}
	o.wakes.add(g, at)
}

func (o *matchOp) nextClose() (int64, bool) {
	if len(o.wakes.times) == 0 {
		return 0, false
	}
	return o.wakes.times[0], true
}

func (o *matchOp) partsChunk(gids []uint32, gone bool) Chunk {
	cols := o.parts.gather(gids)
	for _, f := range []func(k *matchKept) int64{
		func(k *matchKept) int64 { return int64(k.next) },
		func(k *matchKept) int64 { return int64(k.covered) },
		func(k *matchKept) int64 { return int64(k.ready) },
		func(k *matchKept) int64 { return int64(btoi(k.cut)) },
		func(k *matchKept) int64 { return k.wait },
		func(k *matchKept) int64 {
			if gone {
				return -1
			}
			return k.number
		},
	} {
		vals := make([]int64, len(gids))
		for i, g := range gids {
			vals[i] = f(&o.kept[g])
		}
		cols = append(cols, types.Int64Array(vals, nil, 0))
	}
	return Chunk{o.name, "parts", &types.Batch{Cols: cols, N: len(gids)}}
}

// Load takes a chunk.
func (o *matchOp) Load(c Chunk) error {
	if c.Tag == "rows" {
		o.set.load(c.Batch)
		return nil
	}
	n := len(o.plan.Partition)
	vals := make([][]int64, 6)
	for i := range vals {
		vals[i] = types.Int64s(c.Batch.Cols[n+i])
	}
	for i, g := range o.partitions(c.Batch.Cols[:n], c.Batch.N) {
		if vals[5][i] < 0 {
			o.forget(g)
			continue
		}
		o.kept[g] = matchKept{next: int32(vals[0][i]), covered: int32(vals[1][i]), ready: int32(vals[2][i]), cut: vals[3][i] != 0, wait: vals[4][i], number: vals[5][i]}
	}
	return nil
}

// Loaded puts the rows into their partitions.
func (o *matchOp) Loaded() error {
	ids := o.set.tab.all()
	cols := make([]arrow.Array, len(o.plan.Partition))
	for i, c := range o.plan.Partition {
		cols[i] = o.set.tab.cols[c].gather(ids)
	}
	o.of = resize(o.of, o.set.tab.cap())
	for i, g := range o.partitions(cols, len(ids)) {
		o.of[ids[i]] = g
		o.kept[g].rows = append(o.kept[g].rows, ids[i])
	}
	for _, g := range o.parts.all() {
		slices.SortFunc(o.kept[g].rows, o.compare)
		if o.plan.OnClose {
			o.wake(g, &o.kept[g])
		}
	}
	return nil
}
