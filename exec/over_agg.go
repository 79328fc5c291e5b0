package exec

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// span is a run of argument rows that belongs to the value with number val.
type span struct {
	val      int32
	from, to int32
}

// frameAgg computes an aggregate over frames. Rows in a row with one and the same frame share a value.
type frameAgg struct {
	fn    *expr.Agg
	types []types.Type
	args  []arrow.Array // of the rows that pass the filter
	n     int           // so many
	spans []span        // by ascending val; a value without rows has none
	first []int32       // first span of each partition, and the end
	vals  []int32       // first value of each partition, and the end
}

// aggregate computes an aggregate over the frame of each row.
func (r *overRows) aggregate(ec *expr.Ctx, f *plan.OverCall) (arrow.Array, error) {
	a, place, err := r.frameAgg(ec, f)
	if err != nil {
		return nil, err
	}
	excludes := f.Frame.Exclude != "" && f.Frame.Exclude != "no others"
	out, err := a.values(!excludes && f.Frame.Start == "unbounded preceding")
	if err != nil {
		return nil, err
	}
	return types.Take(out, place), nil
}

// frameAgg finds the frames of the rows for an aggregate, and gives the value of each row.
func (r *overRows) frameAgg(ec *expr.Ctx, f *plan.OverCall) (a *frameAgg, place []int32, err error) {
	fr, err := r.frames(ec, &f.Frame)
	if err != nil {
		return nil, nil, err
	}
	a = &frameAgg{fn: f.Agg, n: r.n}
	for _, x := range f.Args {
		a.types = append(a.types, x.Type())
	}
	in, before := r.b, func(i int32) int32 { return i }
	if f.Filter != nil {
		rows, err := expr.FilterRows(ec, f.Filter, r.b, nil)
		if err != nil {
			return nil, nil, err
		}
		pos := make([]int32, r.n+1)
		for _, i := range rows {
			pos[i+1] = 1
		}
		for i := range r.n {
			pos[i+1] += pos[i]
		}
		before = func(i int32) int32 { return pos[i] }
		if a.args, err = evalCols(ec, f.Args, in); err != nil {
			return nil, nil, err
		}
		a.args, a.n = takeCols(a.args, rows), len(rows)
	} else if a.args, err = evalCols(ec, f.Args, in); err != nil {
		return nil, nil, err
	}
	return a, r.spans(a, fr, before), nil
}

// spans lists what belongs to each value, and gives the value of each row.
func (r *overRows) spans(a *frameAgg, fr *frames, before func(int32) int32) []int32 {
	place := make([]int32, r.n)
	val := int32(-1)
	for p := range len(r.starts) - 1 {
		a.first, a.vals = append(a.first, int32(len(a.spans))), append(a.vals, val+1)
		start := r.starts[p]
		if r.from != nil {
			start = r.from[p]
		}
		for i := r.starts[p]; i < start; i++ {
			place[i] = -1
		}
		for i := start; i < r.starts[p+1]; i++ {
			if i == start || fr.xlo != nil || fr.lo[i] != fr.lo[i-1] || fr.hi[i] != fr.hi[i-1] {
				val++
				for _, piece := range fr.pieces(i) {
					if from, to := before(piece[0]), before(piece[1]); from < to {
						a.spans = append(a.spans, span{val, from, to})
					}
				}
			}
			place[i] = val
		}
	}
	a.first, a.vals = append(a.first, int32(len(a.spans))), append(a.vals, val+1)
	return place
}

// Partitions whose frames have in all no more than so many times their rows are computed frame by frame.
const plainFrames = 16

// values computes all values, partition by partition in the way that is cheapest for it.
func (a *frameAgg) values(running bool) (arrow.Array, error) {
	total := int(a.vals[len(a.vals)-1])
	acc := a.fn.New(a.types)
	acc.Grow(total)
	var groups []uint32
	var rows []int32
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		err := acc.Add(groups, takeCols(a.args, rows), nil)
		groups, rows = groups[:0], rows[:0]
		return err
	}
	for p := range len(a.first) - 1 {
		spans := a.spans[a.first[p]:a.first[p+1]]
		size := 0
		for _, s := range spans {
			size += int(s.to - s.from)
		}
		if n := int(a.vals[p+1] - a.vals[p]); size > plainFrames*max(n, 64) {
			var err error
			if running {
				one := a.fn.New(a.types)
				one.Grow(1)
				_, err = a.running(acc, one, spans)
			} else {
				err = a.tree(acc, spans)
			}
			if err != nil {
				return nil, err
			}
			continue
		}
		for _, s := range spans {
			for i := s.from; i < s.to; i++ {
				groups, rows = append(groups, uint32(s.val)), append(rows, i)
			}
			if len(rows) >= outBatch {
				if err := flush(); err != nil {
					return nil, err
				}
			}
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	return acc.Result(numbers(0, total))
}

// numbers lists from..to-1.
func numbers(from, to int) []uint32 {
	out := make([]uint32, to-from)
	for i := range out {
		out[i] = uint32(from + i)
	}
	return out
}

// runBlock is how many frames are computed at once from the state before the first of them.
const runBlock = 32

// running computes frames that all start with the partition: some of them at once go on where the first ended. one has what stands before the first row of all, and then, too, what stands
// before row done.
func (a *frameAgg) running(acc, one expr.Accumulator, spans []span) (done int32, err error) {
	done = spans[0].from
	var groups []uint32
	var rows []int32
	for len(spans) > 0 {
		block := spans[:min(runBlock, len(spans))]
		spans = spans[len(block):]
		rows = rows[:0]
		for ; done < block[0].to; done++ {
			rows = append(rows, done)
		}
		if err := one.Add(make([]uint32, len(rows)), takeCols(a.args, rows), nil); err != nil {
			return done, err
		}
		state, err := one.Save([]uint32{0})
		if err != nil {
			return done, err
		}
		vals := make([]uint32, len(block))
		groups, rows = groups[:0], rows[:0]
		for k, s := range block {
			vals[k] = uint32(s.val)
			for i := done; i < s.to; i++ {
				groups, rows = append(groups, vals[k]), append(rows, i)
			}
		}
		if err := acc.Load(vals, takeCols(state, make([]int32, len(block)))); err != nil {
			return done, err
		}
		if len(rows) == 0 {
			continue
		}
		if err := acc.Add(groups, takeCols(a.args, rows), nil); err != nil {
			return done, err
		}
	}
	return done, nil
}

// tree computes any frames from the states of runs of 1, 2, 4, ... rows.
func (a *frameAgg) tree(acc expr.Accumulator, spans []span) error {
	base, end := spans[0].from, spans[0].to
	for _, s := range spans {
		base, end = min(base, s.from), max(end, s.to)
	}
	nodes, level, err := a.nodes(base, end)
	if err != nil {
		return err
	}
	var groups []uint32
	var take []int32
	for k, s := range spans {
		groups, take = cover(groups, take, uint32(s.val), s.from-base, s.to-base, level)
		if len(take) >= outBatch || k == len(spans)-1 {
			if err := acc.Merge(groups, takeCols(nodes, take)); err != nil {
				return err
			}
			groups, take = groups[:0], take[:0]
		}
	}
	return nil
}

// nodes gives the states of all levels, one after the other, and where each level starts.
func (a *frameAgg) nodes(base, end int32) (state []arrow.Array, level []int32, err error) {
	n := int(end - base)
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = base + int32(i)
	}
	acc := a.fn.New(a.types)
	acc.Grow(n)
	if err := acc.Add(numbers(0, n), takeCols(a.args, rows), nil); err != nil {
		return nil, nil, err
	}
	var levels []*types.Batch
	at := int32(0)
	for {
		cols, err := acc.Save(numbers(0, n))
		if err != nil {
			return nil, nil, err
		}
		levels, level = append(levels, &types.Batch{Cols: cols, N: n}), append(level, at)
		if n == 1 {
			break
		}
		at += int32(n)
		up := make([]uint32, n)
		for i := range up {
			up[i] = uint32(i / 2)
		}
		n = (n + 1) / 2
		acc = a.fn.New(a.types)
		acc.Grow(n)
		if err := acc.Merge(up, cols); err != nil {
			return nil, nil, err
		}
	}
	all, err := types.ConcatBatches(levels)
	if err != nil {
		return nil, nil, err
	}
	return all.Cols, level, nil
}

// cover adds the nodes that make up [from, to), from left to right.
func cover(groups []uint32, take []int32, val uint32, from, to int32, level []int32) ([]uint32, []int32) {
	for from < to {
		k := bits.Len32(uint32(to-from)) - 1
		if from > 0 {
			k = min(k, bits.TrailingZeros32(uint32(from)))
		}
		groups, take = append(groups, val), append(take, level[k]+from>>k)
		from += 1 << k
	}
	return groups, take
}
