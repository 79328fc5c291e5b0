package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// overSlices is a partition that is computed slice by slice.
type overSlices struct {
	*sortedOver
	total partTotal
	held  []*types.Batch
	rows  int
	bytes int64
	read  int             // so many of the rows held were handed on, and are read only
	done  int64           // rows handed on
	peers int64           // and groups of peers
	state [][]arrow.Array // by function: of a running aggregate, over the rows handed on; nil: there are none
}

// add takes rows of the partition.
func (s *overSlices) add(st *run, b *types.Batch) error {
	s.held, s.rows, s.bytes = append(s.held, b), s.rows+b.N, s.bytes+types.BatchBytes(b)
	if s.rows-s.read < s.slice+s.behind {
		return nil
	}
	if err := s.compute(st, false); err != nil {
		return err
	}
	if st.budget.limit > 0 && s.bytes > 2*st.budget.limit+16<<20 {
		return st.budget.take(s.bytes)
	}
	return nil
}

// compute hands the rows on that are held, at the end of the partition all of them.
func (s *overSlices) compute(st *run, end bool) error {
	b, err := concat(s.held, s.sorter.types)
	if err != nil {
		return err
	}
	order, err := evalCols(st.ec, keyExprs(s.order), b)
	if err != nil {
		return err
	}
	to := b.N
	if !end {
		to -= s.behind
		for s.groups && to > s.read && (to == b.N || s.same.compare(order, to-1, order, to) == 0) {
			to--
		}
	}
	s.held = []*types.Batch{b}
	if to <= s.read {
		return nil
	}
	cols, err := s.columns(st, b, order, to)
	if err != nil {
		return err
	}
	out := b.Slice(s.read, to)
	out.Cols = append(out.Cols[:s.width:s.width], cols...)
	if err := s.emitSlices(st, out); err != nil {
		return err
	}
	s.done += int64(to - s.read)
	from := max(0, to-s.before)
	rest := types.TakeBatch(b, numbered(from, b.N))
	s.held, s.rows, s.bytes, s.read = []*types.Batch{rest}, rest.N, types.BatchBytes(rest), to-from
	return nil
}

// numbered lists from..to-1 as rows.
func numbered(from, to int) []int32 {
	out := make([]int32, to-from)
	for i := range out {
		out[i] = int32(from + i)
	}
	return out
}

// overRowsOf are rows of b as functions see them: one partition.
func (s *overSlices) overRowsOf(b *types.Batch, order []arrow.Array, from, to int) *overRows {
	return &overRows{n: to - from, b: b.Slice(from, to), order: s.order, starts: []int32{0, int32(to - from)},
		same: func(i, j int) bool { return s.same.compare(order, from+i, order, from+j) == 0 }}
}

// columns computes the functions for the rows of b from read to to.
func (s *overSlices) columns(st *run, b *types.Batch, order []arrow.Array, to int) ([]arrow.Array, error) {
	around, slice := s.overRowsOf(b, order, 0, b.N), s.overRowsOf(b, order, s.read, to)
	slice.bounds()
	var out []arrow.Array
	for k := range s.funcs {
		f := &s.funcs[k]
		var a arrow.Array
		var err error
		switch s.ways[k] {
		case inReach:
			if a, err = around.eval(st.ec, f); err == nil {
				a = types.Take(a, numbered(s.read, to))
			}
		case counted:
			if a, err = slice.eval(st.ec, f); err == nil {
				a = s.goOn(f, a)
			}
		case running:
			a, s.state[k], err = slice.aggregateFrom(st.ec, f, s.state[k])
		case whole:
			a = types.Take(s.total.vals[k], make([]int32, slice.n))
		case shared:
			a, err = s.share(f, slice)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	s.peers += int64(len(slice.groups) - 1)
	return out, nil
}

// goOn adds what came before the slice to numbers that begin with it.
func (s *overSlices) goOn(f *plan.OverCall, a arrow.Array) arrow.Array {
	add := s.done
	if f.Name == "dense_rank" {
		add = s.peers
	}
	out := make([]int64, a.Len())
	for i, v := range types.Int64s(a) {
		out[i] = v + add
	}
	return types.Int64Array(out, nil, 0)
}

// share computes what depends on the size of the partition.
func (s *overSlices) share(f *plan.OverCall, r *overRows) (arrow.Array, error) {
	switch f.Name {
	case "percent_rank":
		return r.floats(func(i int32) float64 {
			from, _ := r.peers(i)
			return float64(s.done+int64(from)) / float64(max(1, s.total.rows-1))
		}), nil
	case "cume_dist":
		return r.floats(func(i int32) float64 {
			_, to := r.peers(i)
			return float64(s.done+int64(to)) / float64(s.total.rows)
		}), nil
	}
	buckets, _ := smallConst(f.Args[0])
	return bucketsOf(s.done, r.n, s.total.rows, buckets)
}

// aggregateFrom computes an aggregate that runs over all rows up to each one, before the first of r over those whose state is given (nil: there are none), and gives the state behind the last.
func (r *overRows) aggregateFrom(ec *expr.Ctx, f *plan.OverCall, before []arrow.Array) (out arrow.Array, after []arrow.Array, err error) {
	a, place, err := r.frameAgg(ec, f)
	if err != nil {
		return nil, nil, err
	}
	total := int(a.vals[len(a.vals)-1])
	acc, one := a.fn.New(a.types), a.fn.New(a.types)
	acc.Grow(total)
	one.Grow(1)
	if before != nil {
		if err := acc.Load(numbers(0, total), takeCols(before, make([]int32, total))); err != nil {
			return nil, nil, err
		}
		if err := one.Load([]uint32{0}, before); err != nil {
			return nil, nil, err
		}
	}
	done := int32(0)
	if len(a.spans) > 0 {
		if done, err = a.running(acc, one, a.spans); err != nil {
			return nil, nil, err
		}
	}
	if done < int32(a.n) {
		if err := one.Add(make([]uint32, a.n-int(done)), takeCols(a.args, numbered(int(done), a.n)), nil); err != nil {
			return nil, nil, err
		}
	}
	vals, err := acc.Result(numbers(0, total))
	if err != nil {
		return nil, nil, err
	}
	after, err = one.Save([]uint32{0})
	return types.Take(vals, place), after, err
}
