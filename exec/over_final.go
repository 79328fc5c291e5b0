package exec

import (
	"math"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// finalOver is an over whose rows are ordered by event time and depend on a known number of later ones, or on those of a known time: a row is handed on, once,
// when the watermark has passed its time and theirs. Rows on which nothing to come depends are dropped.
type finalOver struct {
	*over
	timeKey []plan.SortKey
	behind  int64    // µs: the times of the rows stay so far behind the watermark
	ahead   int      // a row waits for so many rows that follow it
	span    int64    // µs: and for rows whose time is so much later
	far     int64    // µs: and looks at no rows whose time is earlier by more; -1: that is not known
	time    int      // column of the stored rows: the event time
	closing *closing // by partition: when its next row is final
	done    []int    // by partition: so many rows of its list were handed on
	wmKey   []byte   // where wm lies in a Cold
	wm      int64    // rows before it were handed on: a watermark less behind, as all times that passed sees
}

func newFinalOver(o *over) *finalOver {
	o.onClose = true
	f := &finalOver{over: o, time: o.order.keys[0].col, closing: newClosing(nil), wm: NoWatermark}
	o.entered = f.resume
	return f
}

// Push stores rows; those without a time, or behind the watermark, are late.
func (f *finalOver) Push(st *run, port int, b *types.Batch) error {
	key, err := evalCols(st.ec, keyExprs(f.timeKey), b)
	if err != nil {
		return err
	}
	ts, wm := types.Int64s(key[0]), f.passing(st.WMStart)
	var keep, late []int32
	for i, t := range ts {
		if key[0].IsNull(i) || t < wm || t == math.MinInt64 {
			late = append(late, int32(i))
		} else {
			keep = append(keep, int32(i))
		}
	}
	if late != nil {
		f.drop(st, "late", len(late), types.Filter(b, late))
		b = types.Filter(b, keep)
	}
	if b.N == 0 {
		return nil
	}
	return f.over.Push(st, port, b)
}

// Finish hands on the rows behind the watermark.
func (f *finalOver) Finish(st *run) error {
	if err := f.drain(st); err != nil {
		return err
	}
	f.note()
	f.arrange()
	wm := f.passing(st.wmEnd)
	if err := f.page.eachDue(wm, f.reader(st), func() error { return f.pass(st, wm) }); err != nil {
		return err
	}
	f.wm = max(f.wm, wm)
	return nil
}

// pass hands on the rows in memory that are final at wm.
func (f *finalOver) pass(st *run, wm int64) error {
	ps := f.closing.pop(wm, func(p uint32) bool { return f.parts.keys.live[p] })
	far := f.reach()
	for rest := ps; len(rest) > 0; {
		var r partRows
		var come []int32
		n := 0
		for ; n < len(rest) && len(r.ids) < outBatch; n++ {
			p := rest[n]
			list := f.lists[p][:f.ripe(p, wm)]
			read, at := f.back(list, f.done[p], far.before), int32(len(r.ids))
			r.starts, r.from = append(r.starts, at), append(r.from, at+int32(f.done[p]-read))
			for i := f.done[p]; i < f.final(p, wm); i++ {
				come = append(come, at+int32(i-read))
			}
			r.ids = append(r.ids, list[read:]...)
		}
		if err := r.calc(st.ec, f.over); err != nil {
			return err
		}
		ids := make([]uint32, len(come))
		for i, j := range come {
			ids[i] = r.ids[j]
		}
		b := &types.Batch{N: len(ids), Cols: append(f.rows.gather(ids, f.width), takeCols(r.added, come)...)}
		if err := f.emitSlices(st, b); err != nil {
			return err
		}
		rest = rest[n:]
	}
	f.passed(ps, wm)
	if len(ps) > 0 {
		f.noteClose(wm)
	}
	return nil
}

// passing is the time of the rows that watermark wm has passed.
func (f *finalOver) passing(wm int64) int64 {
	if wm == NoWatermark {
		return wm
	}
	return wm - f.behind
}

// arrange puts the rows that came into order, and notes when partitions have rows to hand on.
func (f *finalOver) arrange() {
	ps := slices.Clone(f.touched)
	f.settle()
	f.done = resize(f.done, f.parts.keys.cap())
	for _, p := range ps {
		f.next(p)
	}
}

// next notes when the next row of partition p is final.
func (f *finalOver) next(p uint32) {
	if list, ts := f.lists[p], f.rows.cols[f.time].ints; f.done[p]+f.ahead < len(list) {
		t := max(addWithin(ts[list[f.done[p]]], f.span, false), ts[list[f.done[p]+f.ahead]])
		f.closing.add(p, addWithin(t, 1, false))
	}
}

// ripe is how many rows of partition p have a time before wm.
func (f *finalOver) ripe(p uint32, wm int64) int {
	list, ts := f.lists[p], f.rows.cols[f.time].ints
	return sort.Search(len(list), func(i int) bool { return ts[list[i]] >= wm })
}

// final is how many rows of partition p depend on no row to come, which is not before wm.
func (f *finalOver) final(p uint32, wm int64) int {
	n := max(f.done[p], f.ripe(p, wm)-f.ahead)
	if f.span > 0 {
		n = min(n, f.ripe(p, addWithin(wm, f.span, true)))
	}
	return max(f.done[p], n)
}

// passed notes that partitions' rows before wm were handed on, and drops those that are no longer needed.
func (f *finalOver) passed(ps []uint32, wm int64) {
	far := f.reach()
	for _, p := range ps {
		n := f.final(p, wm)
		gone := f.needless(p, n, wm, far.before)
		f.rows.dropAll(f.lists[p][:gone])
		f.lists[p] = slices.Delete(f.lists[p], 0, gone)
		if f.done[p] = n - gone; len(f.lists[p]) == 0 {
			f.lists[p], f.done[p] = nil, 0
			f.parts.keys.remove(p)
			continue
		}
		f.next(p)
	}
}

// needless is how many rows of partition p, of which the first n were handed on, no row to come looks at.
func (f *finalOver) needless(p uint32, n int, wm, before int64) int {
	list, ts := f.lists[p], f.rows.cols[f.time].ints
	if f.far < 0 {
		return f.back(list, n, before)
	}
	if n < len(list) {
		wm = min(wm, ts[list[n]])
	}
	return sort.Search(n, func(i int) bool { return ts[list[i]] >= addWithin(wm, f.far, true) })
}

// resume finds how many rows of a partition that came into memory were handed on.
func (f *finalOver) resume(p uint32) {
	f.done = resize(f.done, f.parts.keys.cap())
	f.done[p] = 0
	f.done[p] = f.final(p, f.wm)
	f.next(p)
}

// pages makes the operator keep its rows in c, and the watermark under 'w'.
func (f *finalOver) pages(c Cold, prefix []byte, stored bool) error {
	f.wmKey = append(slices.Clone(prefix), 'w')
	if err := f.pagesUntil(c, prefix, stored, f.closing); err != nil || !stored {
		return err
	}
	return readCounts(c, f.wmKey, &f.wm)
}

// SaveDelta gives what was logged.
func (f *finalOver) SaveDelta() ([]Chunk, error) {
	if f.page != nil {
		f.page.cold.Set(f.wmKey, appendCounts(nil, f.wm))
	}
	return f.over.SaveDelta()
}

// SaveAll gives all rows, and the watermark.
func (f *finalOver) SaveAll() ([]Chunk, error) {
	if f.page != nil {
		return f.SaveDelta()
	}
	out, err := f.over.SaveAll()
	if f.wm != NoWatermark {
		out = append(out, Chunk{f.name, "c", &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{f.wm}, nil, 0)}}})
	}
	return out, err
}

// Load takes a chunk.
func (f *finalOver) Load(c Chunk) error {
	if c.Tag != "c" {
		return f.over.Load(c)
	}
	f.arrange()
	wm := types.Int64s(c.Batch.Cols[0])[0]
	f.passed(f.closing.pop(wm, func(p uint32) bool { return f.parts.keys.live[p] }), wm)
	f.wm = max(f.wm, wm)
	return nil
}

// Loaded puts the rows into order.
func (f *finalOver) Loaded() error {
	f.arrange()
	return nil
}

func (f *finalOver) nextClose() (int64, bool) {
	t, ok := f.page.nextDue(f.closing)
	if ok {
		t += f.behind
	}
	return t, ok
}
