package exec

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// clockFilter keeps the rows for which conditions over the processing time hold: a row comes when its time has come, and goes when it is over. Rows that
// the clock will still turn are its state.
type clockFilter struct {
	*node
	conds       []plan.ClockCond
	set         *rowSet
	from, until []int64 // by row of set
	turns       *closing
	now         int64 // up to which the rows were judged
	saved       int64 // the now that was saved last
	ctx         func() *expr.Ctx
}

// clockFilter makes a filter over what the clock turns, and one of the other conditions below it; nil: nothing is turned.
func (b *builder) clockFilter(n *plan.Filter) (Op, error) {
	conds, rest := plan.ClockConds(n.Cond)
	if len(conds) == 0 || b.cfg.Mode == plan.Batch || b.cfg.Mode == plan.Append {
		return nil, nil
	}
	below := n.In
	if len(rest) > 0 {
		below = &plan.Filter{In: n.In, Cond: expr.Conjunction(rest), Pos: n.Pos}
	}
	in, err := b.build(below)
	if err != nil {
		return nil, err
	}
	f := &clockFilter{node: b.node("clock_filter", n), conds: conds, turns: newClosing(nil), now: -plan.Never, saved: -plan.Never, ctx: b.cfg.NewCtx}
	f.set = newRowSet(newKeyTable(n.Schema().Types()).exact(), 1, !b.cfg.Ephemeral)
	return b.link(f, in), nil
}

// Push judges rows by the step's clock.
func (f *clockFilter) Push(st *run, _ int, b *types.Batch) error {
	if err := f.advance(st); err != nil || b.N == 0 {
		return err
	}
	from, until, err := f.spans(st.ec, b.Cols, b.N)
	if err != nil {
		return err
	}
	var shown, kept []int32
	for i := range b.N {
		live := from[i] <= f.now && f.now < until[i]
		if live {
			shown = append(shown, int32(i))
		}
		if f.now < until[i] && from[i] < until[i] && (!live || until[i] < plan.Never) && from[i] < plan.Never {
			kept = append(kept, int32(i))
		}
	}
	f.stats.dropped["filtered"].Add(int64(b.N - len(shown)))
	if len(kept) > 0 {
		f.keep(types.Filter(b, kept), gather(from, kept), gather(until, kept))
	}
	return f.emit(st, types.Filter(b, shown))
}

func gather(v []int64, rows []int32) []int64 {
	out := make([]int64, len(rows))
	for i, r := range rows {
		out[i] = v[r]
	}
	return out
}

// keep adds rows to the state.
func (f *clockFilter) keep(b *types.Batch, from, until []int64) {
	f.note(f.set.add(0, b.Cols, b), from, until)
}

// note registers when rows turn next.
func (f *clockFilter) note(ids []uint32, from, until []int64) {
	n := f.set.tab.cap()
	f.from, f.until = resize(f.from, n), resize(f.until, n)
	for i, e := range ids {
		if e == none {
			continue
		}
		f.from[e], f.until[e] = from[i], until[i]
		next := from[i]
		if next <= f.now {
			next = until[i]
		}
		if int(e) >= len(f.turns.at) || f.turns.at[e] != next {
			f.turns.add(e, next)
		}
	}
}

// spans are the times between which rows are kept; what is not known is never.
func (f *clockFilter) spans(ec *expr.Ctx, cols []arrow.Array, n int) (from, until []int64, err error) {
	from, until = make([]int64, n), make([]int64, n)
	for i := range from {
		from[i], until[i] = -plan.Never, plan.Never
	}
	for k := range f.conds {
		c := &f.conds[k]
		v, err := c.Row.Eval(ec, &types.Batch{Cols: cols, N: n})
		if err != nil {
			return nil, nil, err
		}
		at := micros(v, c.Row.Type())
		for i := range from {
			if v.IsNull(i) {
				until[i] = -plan.Never
				continue
			}
			lo, hi := c.Span(at(v.Idx(i)))
			from[i], until[i] = max(from[i], lo), min(until[i], hi)
		}
	}
	return from, until, nil
}

// micros reads the times of a vector.
func micros(v expr.Vec, t types.Type) func(i int) int64 {
	if t.Base() == types.Float8 {
		vals := types.Float64s(v.Arr)
		return func(i int) int64 { return secondsToMicros(vals[i]) }
	}
	if t.Base() != types.Date {
		vals := types.Int64s(v.Arr)
		return func(i int) int64 { return vals[i] }
	}
	days := types.Int32s(v.Arr)
	return func(i int) int64 {
		switch d := days[i]; {
		case d == math.MaxInt32:
			return plan.Never
		case d == math.MinInt32:
			return -plan.Never
		default:
			return int64(d) * 86_400_000_000
		}
	}
}

// advance brings the rows up to the step's clock.
func (f *clockFilter) advance(st *run) error {
	if st.Now <= f.now {
		return nil
	}
	before := f.now
	f.now = st.Now
	var ids, leave []uint32
	var w []int64
	for _, e := range f.turns.pop(f.now, func(e uint32) bool { return f.set.tab.live[e] }) {
		was, is := f.from[e] <= before, f.from[e] <= f.now && f.now < f.until[e]
		if was != is {
			ids, w = append(ids, e), append(w, f.set.w[0][e]*int64(btoi(is)-btoi(was)))
		}
		if is && f.until[e] < plan.Never {
			f.turns.add(e, f.until[e])
		} else {
			leave = append(leave, e)
		}
	}
	err := f.emit(st, f.set.result(ids, w))
	for _, e := range leave {
		f.set.touch(e)
		f.set.w[0][e] = 0
	}
	return err
}

// Finish advances the clock where no row came.
func (f *clockFilter) Finish(st *run) error {
	if err := f.advance(st); err != nil {
		return err
	}
	f.set.sweep()
	return nil
}

// next is when the clock turns a row.
func (f *clockFilter) next() (int64, bool) {
	if len(f.turns.times) == 0 {
		return 0, false
	}
	return f.turns.times[0], true
}

// clock is a chunk with the time up to which the rows were judged.
func (f *clockFilter) clock() Chunk {
	f.saved = f.now
	return Chunk{f.name, "now", &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{f.now}, nil, 0)}}}
}

// SaveDelta gives the rows that changed, and the clock before them.
func (f *clockFilter) SaveDelta() ([]Chunk, error) {
	rows := f.set.saveDelta(f.name)
	if len(rows) == 0 && f.now == f.saved {
		return nil, nil
	}
	return append([]Chunk{f.clock()}, rows...), nil
}

// SaveAll gives all rows.
func (f *clockFilter) SaveAll() ([]Chunk, error) {
	return append([]Chunk{f.clock()}, f.set.saveAll(f.name)...), nil
}

// Load takes rows, or the clock.
func (f *clockFilter) Load(c Chunk) error {
	if c.Tag == "now" {
		f.now = types.Int64s(c.Batch.Cols[0])[0]
		f.saved = f.now
		return nil
	}
	f.set.load(c.Batch)
	f.set.touched = f.set.touched[:0]
	return nil
}

// Loaded finds out when the rows turn.
func (f *clockFilter) Loaded() error {
	for part := range slices.Chunk(f.set.tab.all(), chunkRows) {
		from, until, err := f.spans(f.ctx(), f.set.tab.gather(part), len(part))
		if err != nil {
			return err
		}
		f.note(part, from, until)
	}
	return nil
}

// Size is the number of rows that the clock will turn, and about their bytes.
func (f *clockFilter) Size() (rows, bytes int64) {
	rows, bytes = f.set.size()
	return rows, bytes + 16*int64(cap(f.from))
}

// secondsToMicros keeps NaN, which is greater than all numbers, and what is beyond the range of times out of the clock's reach.
func secondsToMicros(s float64) int64 {
	switch us := math.Round(s * 1e6); {
	case us >= plan.Never || us != us:
		return plan.Never
	case us <= -plan.Never:
		return -plan.Never
	default:
		return int64(us)
	}
}
