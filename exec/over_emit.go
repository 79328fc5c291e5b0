package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// partRows is the result rows of some partitions.
type partRows struct {
	ids    []uint32
	starts []int32
	from   []int32 // by partition: the first row that counts; nil: all do
	added  []arrow.Array
}

func (r *partRows) calc(ec *expr.Ctx, o *over) (err error) {
	r.starts = append(r.starts, int32(len(r.ids)))
	r.added, err = o.calc.calc(ec, o.rows, r.ids, r.starts, r.from)
	return err
}

// Finish hands on what changed, and the partitions that closed.
func (o *over) Finish(st *run) error {
	if err := o.drain(st); err != nil {
		return err
	}
	if st.batch {
		for _, p := range o.touched {
			o.merge(p)
		}
		return o.emitWhole(st, o.parts.keys.all(), nil)
	}
	o.note()
	if o.onClose {
		o.settle()
	} else if err := o.emitChanges(st); err != nil {
		return err
	}
	return o.page.eachDue(st.wmEnd, o.reader(st), func() error { return o.close(st) })
}

// close lets the partitions in memory go that are closed.
func (o *over) close(st *run) error {
	closed := o.parts.closed(st.wmEnd)
	if len(closed) == 0 {
		return nil
	}
	if o.onClose {
		if err := o.emitWhole(st, closed, nil); err != nil {
			return err
		}
	}
	o.noteClose(st.wmEnd)
	o.forget(closed)
	return nil
}

// settle puts all rows that came into order, without handing anything on.
func (o *over) settle() {
	for _, p := range o.touched {
		o.merge(p)
	}
	o.untouch(o.touched)
	o.touched = o.touched[:0]
}

// untouch ends the step for partitions: rows that went are dropped, and partitions without rows forgotten.
func (o *over) untouch(ps []uint32) {
	o.rows.dropAll(o.dead)
	o.dead = o.dead[:0]
	for _, p := range ps {
		o.isTouched[p] = false
		if len(o.lists[p]) == 0 {
			o.lists[p] = nil
			o.parts.keys.remove(p)
		}
	}
}

// forget drops partitions with their rows.
func (o *over) forget(ps []uint32) {
	for _, p := range ps {
		o.rows.dropAll(o.lists[p])
		o.lists[p] = nil
		o.parts.keys.remove(p)
	}
}

// emitWhole hands on partitions as they are, in the order of their keys; upTo (nil: all) is how many of a partition's rows.
func (o *over) emitWhole(st *run, ps []uint32, upTo func(p uint32) int) error {
	slices.SortFunc(ps, o.parts.keys.comparer())
	for len(ps) > 0 && wants(o) {
		var r partRows
		for len(ps) > 0 && len(r.ids) < outBatch {
			from := len(r.ids)
			r.starts = append(r.starts, int32(from))
			if r.ids = o.expand(r.ids, ps[0]); upTo != nil {
				r.ids = r.ids[:from+upTo(ps[0])]
			}
			ps = ps[1:]
		}
		if err := r.calc(st.ec, o); err != nil {
			return err
		}
		for from := 0; from < len(r.ids) && wants(o); from += outBatch {
			to := min(from+outBatch, len(r.ids))
			b := (&types.Batch{Cols: r.added, N: len(r.ids)}).Slice(from, to)
			b.Cols = append(o.rows.gather(r.ids[from:to], o.width), b.Cols...)
			if err := o.emit(st, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// emitChanges hands on the difference between the partitions as they were and as they are.
func (o *over) emitChanges(st *run) error {
	far := o.reach()
	for ps := o.touched; len(ps) > 0; {
		var old, now partRows
		n := 0
		for ; n < len(ps) && len(old.ids)+len(now.ids) < outBatch; n++ {
			p := ps[n]
			o.sortCome(p)
			read, from := o.affected(p, &far)
			o.take(&old, p, read, from)
			o.merge(p)
			o.take(&now, p, read, from)
		}
		if err := old.calc(st.ec, o); err != nil {
			return err
		}
		if err := now.calc(st.ec, o); err != nil {
			return err
		}
		if err := o.emitDifference(st, &old, &now); err != nil {
			return err
		}
		o.untouch(ps[:n])
		ps = ps[n:]
	}
	o.touched = o.touched[:0]
	return nil
}

// reach is which rows a row's values depend on; whether it is among the best depends on all.
func (o *over) reach() reach {
	if o.top > 0 {
		return reach{unbounded, unbounded, true}
	}
	return o.calc.reach()
}

// affected finds where, in partition p's list, the rows begin whose values may change by what came, and from where on rows must be read for that.
func (o *over) affected(p uint32, far *reach) (read, from int) {
	list, come := o.lists[p], o.come[p]
	if o.first != nil && len(come) > 0 {
		from = o.first(p)
		return from, from
	}
	if far.behind >= unbounded || len(come) == 0 {
		return 0, 0
	}
	order := o.order.compare
	switch {
	case far.peers:
		order = o.order.compareKeys
	case o.order.arrival:
		order = o.behind
	}
	from, _ = slices.BinarySearchFunc(list, come[0], order)
	from = o.back(list, from, far.behind)
	return o.back(list, from, far.before), from
}

// back goes n rows back from index i of a list.
func (o *over) back(list []uint32, i int, n int64) int {
	if !o.changing || n >= unbounded {
		return int(max(0, int64(i)-n))
	}
	for ; i > 0 && n > 0; i-- {
		n -= max(0, o.rows.w[list[i-1]])
	}
	return i
}

// take adds the rows of partition p from index read of its list on; those from index from on count.
func (o *over) take(r *partRows, p uint32, read, from int) {
	r.starts = append(r.starts, int32(len(r.ids)))
	if o.top > 0 {
		r.from = append(r.from, int32(len(r.ids)))
		r.ids = o.expand(r.ids, p)
		return
	}
	r.ids = o.repeat(r.ids, o.lists[p][read:from])
	r.from = append(r.from, int32(len(r.ids)))
	r.ids = o.repeat(r.ids, o.lists[p][from:])
}

func (o *over) emitDifference(st *run, old, now *partRows) error {
	gone, come := o.difference(old, now)
	if len(gone)+len(come) == 0 {
		return nil
	}
	ids := make([]uint32, 0, len(gone)+len(come))
	for _, i := range gone {
		ids = append(ids, old.ids[i])
	}
	for _, i := range come {
		ids = append(ids, now.ids[i])
	}
	out := &types.Batch{N: len(ids), Cols: o.rows.gather(ids, o.width)}
	for k := range now.added {
		a := types.Take(now.added[k], come)
		if len(gone) > 0 {
			var err error
			if a, err = types.Concat([]arrow.Array{types.Take(old.added[k], gone), a}); err != nil {
				return err
			}
		}
		out.Cols = append(out.Cols, a)
	}
	if len(gone) > 0 {
		out.W = append(constWeights(len(gone), -1), constWeights(len(come), 1)...)
	}
	return o.emitSlices(st, out)
}

// difference compares the rows of partitions, which stand in the same order in both: those of old that went, and those of now that came.
func (o *over) difference(old, now *partRows) (gone, come []int32) {
	same := identicalRows(old.added, now.added)
	o.left = resize(o.left, len(o.rows.w))
	for p := range len(old.starts) - 1 {
		i, iEnd, j, jEnd := old.from[p], old.starts[p+1], now.from[p], now.starts[p+1]
		for _, e := range now.ids[j:jEnd] {
			o.left[e]++
		}
		for i < iEnd || j < jEnd {
			switch {
			case i < iEnd && j < jEnd && old.ids[i] == now.ids[j]:
				if !same(int(i), int(j)) {
					gone, come = append(gone, i), append(come, j)
				}
				o.left[now.ids[j]]--
				i, j = i+1, j+1
			case i < iEnd && o.left[old.ids[i]] == 0:
				gone = append(gone, i)
				i++
			default:
				come = append(come, j)
				o.left[now.ids[j]]--
				j++
			}
		}
	}
	return gone, come
}

func (o *over) nextClose() (int64, bool) {
	if !o.onClose {
		return 0, false
	}
	return o.page.nextDue(o.parts.closing)
}
