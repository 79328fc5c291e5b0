package exec

import (
	"github.com/streamsqld/streamsqld/types"
)

// finishUpdate matches the partitions that changed anew, and hands on how the result differs from the one before.
func (o *matchOp) finishUpdate(st *run) error {
	if len(o.dirty) == 0 {
		return nil
	}
	o.note()
	is := func(e uint32) int64 { return max(0, o.set.w[0][e]) }
	was := func(e uint32) int64 {
		if o.set.isTouched[e] {
			return max(0, o.was[e])
		}
		return is(e)
	}
	for from := 0; from < len(o.dirty); {
		var before, after matchGroup
		to := from
		for ; to < len(o.dirty) && len(before.ids)+len(after.ids) < matchBlock; to++ {
			k := &o.kept[o.dirty[to]]
			if !o.batch {
				before.add(k.rows, was)
			}
			o.arrange(k)
			after.add(k.rows, is)
		}
		if err := o.difference(st, &before, &after); err != nil {
			return err
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

// difference hands on the matches of after that are not those of before, and takes back the others.
func (o *matchOp) difference(st *run, before, after *matchGroup) error {
	if o.batch {
		return o.run(after, func(b *types.Batch) error { return o.emit(st, b) })
	}
	diff := newRowSet(o.plan.Cols.Types(), 1, false)
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
