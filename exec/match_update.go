package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/types"
)

// finishUpdate matches the partitions that changed anew, from the first attempt that could see a change on, and hands on how the result differs
// from the one before.
func (o *matchOp) finishUpdate(st *run) error {
	if len(o.dirty) == 0 {
		return nil
	}
	o.note()
	for from := 0; from < len(o.dirty); {
		var before, after matchGroup
		to, starts := from, []int32(nil)
		for ; to < len(o.dirty) && len(before.ids)+len(after.ids) < matchBlock; to++ {
			starts = append(starts, o.regroup(&o.kept[o.dirty[to]], &before, &after))
		}
		if err := o.difference(st, &before, &after); err != nil {
			return err
		}
		for i, start := range starts {
			k, p := &o.kept[o.dirty[from+i]], &after.parts[i]
			for _, m := range p.marks {
				by := start - p.lo
				k.marks = append(k.marks, matchMark{m.next + by, m.covered + by, m.reach + by, m.number})
			}
		}
		from = to
	}
	for _, g := range o.dirty {
		if len(o.kept[g].rows) == 0 {
			o.forget(g)
		}
	}
	o.dirty = o.dirty[:0]
	o.set.sweep()
	return nil
}

// regroup puts a partition into both groups, as it was and as it is, from the same place on, which it gives.
func (o *matchOp) regroup(k *matchKept, before, after *matchGroup) (start int32) {
	is := func(e uint32) int64 { return max(0, o.set.w[0][e]) }
	if o.batch {
		o.arrange(k)
		after.add(k.rows, 0, is)
		return 0
	}
	was := func(e uint32) int64 {
		if o.set.isTouched[e] {
			return max(0, o.was[e])
		}
		return is(e)
	}
	m := o.resume(k, was)
	start = max(0, m.next-o.m.look.back)
	begin := func(p *matchPart) {
		p.seen = p.lo + m.reach - start
		p.next, p.covered, p.number, p.cut = p.lo+m.next-start, p.lo+max(0, m.covered-start), m.number, start > 0
	}
	begin(before.add(k.rows, int64(start), was))
	o.arrange(k)
	p := after.add(k.rows, int64(start), is)
	begin(p)
	p.mark = true
	return start
}

// resume is the last mark that saw nothing of what changed; the marks behind it go.
func (o *matchOp) resume(k *matchKept, was func(uint32) int64) matchMark {
	place := int64(0)
	if k.first != none {
		n, _ := slices.BinarySearchFunc(k.rows, k.first, o.compare)
		for _, e := range k.rows[:n] {
			place += was(e)
		}
	}
	n := len(k.marks)
	for n > 0 && int64(k.marks[n-1].reach) > place {
		n--
	}
	if n == 0 {
		k.marks = k.marks[:0]
		return matchMark{}
	}
	m := k.marks[n-1]
	k.marks = k.marks[:n-1] // the run begins with it
	return m
}

// difference hands on the matches of after that are not those of before, and takes back the others.
func (o *matchOp) difference(st *run, before, after *matchGroup) error {
	if o.batch {
		return o.run(after, func(b *types.Batch) error { return o.emit(st, b) })
	}
	diff := newRowSet(newKeyTable(o.plan.Cols.Types()).exact(), 1, false)
	if err := o.run(before, func(b *types.Batch) error {
		w := make([]int64, b.N)
		for i := range w {
			w[i] = -1
		}
		diff.add(0, b.Cols, &types.Batch{N: b.N, W: w})
		return nil
	}); err != nil {
		return err
	}
	if err := o.run(after, func(b *types.Batch) error {
		diff.add(0, b.Cols, b)
		return nil
	}); err != nil {
		return err
	}
	for _, sign := range []int64{-1, 1} {
		var ids []uint32
		var w []int64
		for _, e := range diff.touched {
			if x := diff.w[0][e]; x*sign > 0 {
				ids, w = append(ids, e), append(w, x)
			}
		}
		if err := o.emit(st, diff.result(ids, w)); err != nil {
			return err
		}
	}
	return nil
}
