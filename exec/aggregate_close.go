package exec

import (
	"container/heap"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// closing knows when groups close: the groups of one closing time lie in one bucket, and a heap holds the times, so that a step
// touches only what it closes.
type closing struct {
	close   expr.Expr // over the group keys
	at      []int64   // by group
	buckets map[int64][]uint32
	times   timeHeap
	left    int // groups that left since the buckets were last looked through
}

func newClosing(x expr.Expr) *closing { return &closing{close: x, buckets: map[int64][]uint32{}} }

// never is the closing time of a group that stays for ever.
const never = math.MaxInt64

func (c *closing) add(g uint32, ts int64) {
	c.at = resize(c.at, max(len(c.at), int(g)+1))
	c.at[g] = ts
	if ts == never {
		return
	}
	b, ok := c.buckets[ts]
	if !ok {
		heap.Push(&c.times, ts)
	}
	c.buckets[ts] = append(b, g)
}

// pop takes the groups that close at or before wm, by closing time; live says whether a group number still stands for a group.
func (c *closing) pop(wm int64, live func(uint32) bool) []uint32 {
	var out []uint32
	for len(c.times) > 0 && c.times[0] <= wm {
		ts := heap.Pop(&c.times).(int64)
		for _, g := range c.buckets[ts] {
			if live(g) && c.at[g] == ts {
				c.at[g] = never
				out = append(out, g)
			}
		}
		delete(c.buckets, ts)
	}
	return out
}

// leave is told that groups are not in memory any more; n are left, those of which live says so. Now and then their numbers are taken off the times.
func (c *closing) leave(gone []uint32, n int, live func(g uint32) bool) {
	for _, g := range gone {
		if int(g) < len(c.at) {
			c.at[g] = never
		}
	}
	if c.left += len(gone); c.left <= n {
		return
	}
	c.left = 0
	kept := c.times[:0]
	for _, ts := range c.times {
		c.buckets[ts] = slices.DeleteFunc(c.buckets[ts], func(g uint32) bool { return !live(g) || c.at[g] != ts })
		if len(c.buckets[ts]) == 0 {
			delete(c.buckets, ts)
			continue
		}
		kept = append(kept, ts)
	}
	c.times = kept
	heap.Init(&c.times)
}

// times evaluates the closing times of groups with these keys; NULL is math.MinInt64, which is always late.
func (c *closing) timesOf(ec *expr.Ctx, keys []arrow.Array, n int) ([]int64, error) {
	v, err := c.close.Eval(ec, &types.Batch{Cols: keys, N: n})
	if err != nil {
		return nil, err
	}
	ts := make([]int64, n)
	vals := types.Int64s(v.Arr)
	for i := range ts {
		ts[i] = vals[v.Idx(i)]
		if v.IsNull(i) {
			ts[i] = math.MinInt64
		}
	}
	return ts, nil
}

// closeTimes gives the closing times of groups. A grouping set that lacks a key of Close never closes.
func (a *aggregate) closeTimes(ec *expr.Ctx, gids []uint32) ([]int64, error) {
	ts, err := a.closing.timesOf(ec, a.keys.gather(gids), len(gids))
	if err != nil || a.sets == nil {
		return ts, err
	}
	set := a.keys.cols[len(a.keys.cols)-1].ints
	for i, g := range gids {
		for _, k := range expr.Columns(a.closing.close) {
			if !a.sets[set[g]].has[k] {
				ts[i] = never
			}
		}
	}
	return ts, nil
}

// register notes when new groups close, and marks those that had closed before the step began; late: there are some.
func (a *aggregate) register(st *run, fresh []uint32) (late bool, err error) {
	ts, err := a.closeTimes(st.ec, fresh)
	if err != nil {
		return false, err
	}
	for i, g := range fresh {
		if st.late(ts[i]) || ts[i] == math.MinInt64 {
			a.flags[g] |= isLate
			late = true
			continue
		}
		a.closing.add(g, ts[i])
	}
	return late, nil
}

// closeGroups hands on (append) and forgets the groups that the watermark at the step's end closes.
func (a *aggregate) closeGroups(st *run) error {
	if a.closing == nil {
		return nil
	}
	if a.page != nil {
		if err := a.closeCold(st); err != nil {
			return err
		}
	}
	gids := a.closing.pop(st.wmEnd, func(g uint32) bool { return a.keys.live[g] })
	if len(gids) == 0 {
		return nil
	}
	if a.plan.OnClose {
		if err := a.emitClosed(st, gids); err != nil {
			return err
		}
	}
	if a.saving != nil {
		a.saving.log = append(a.saving.log, Chunk{a.name, "c", &types.Batch{Cols: []arrow.Array{types.Int64Array([]int64{st.wmEnd}, nil, 0)}, N: 1}})
	}
	a.forget(gids)
	return nil
}

// emitClosed hands closed groups on in the order of their keys.
func (a *aggregate) emitClosed(st *run, gids []uint32) error {
	a.keys.sort(gids)
	shown := slices.DeleteFunc(slices.Clone(gids), func(g uint32) bool { return !a.present(g) })
	for part := range slices.Chunk(shown, outBatch) {
		for _, c := range a.calls {
			if err := c.settle(part); err != nil {
				return err
			}
		}
		rows, err := a.rows(part)
		if err != nil {
			return err
		}
		if err := a.emit(st, rows); err != nil {
			return err
		}
	}
	return nil
}

func (a *aggregate) nextClose() (int64, bool) {
	if a.shards != nil {
		return a.shards.nextClose()
	}
	if a.closing == nil || !a.plan.OnClose {
		return 0, false
	}
	first := int64(never)
	if len(a.closing.times) > 0 {
		first = a.closing.times[0]
	}
	if a.page != nil && a.page.away > 0 {
		if t, err := a.page.first(); err == nil { // the step will meet the error
			first = min(first, t)
		}
	}
	return first, first != never
}

// timeHeap is a heap of times, the earliest first.
type timeHeap []int64

func (h timeHeap) Len() int           { return len(h) }
func (h timeHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h timeHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push adds x, an int64.
func (h *timeHeap) Push(x any) { *h = append(*h, x.(int64)) }

// Pop takes the last one off.
func (h *timeHeap) Pop() any {
	o := *h
	x := o[len(o)-1]
	*h = o[:len(o)-1]
	return x
}
