package exec

import (
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// picker chooses among the rows of a split by some of their columns, so that of the others only what counts is read: by the scan's filter, and by the last of
// the first rows that a sorter holds.
type picker struct {
	task   *task
	ec     *expr.Ctx
	filter *filter   // nil: none
	cond   expr.Expr // its condition over the columns first
	bound  *topBound // nil: none
	key    int       // its column's place in first
	first  []int
}

// picker gives what chooses rows; nil: nothing does.
func (t *task) picker(ec *expr.Ctx) *picker {
	s := t.scan
	p := &picker{task: t, ec: ec}
	if s.filtered && expr.MaxVolatility(s.plan.Filter) != expr.Volatile {
		if cols := expr.Columns(s.plan.Filter); len(cols) > 0 {
			p.filter, p.first = s.stages[0].(*filter), slices.Compact(slices.Sorted(slices.Values(cols)))
			p.cond = expr.Remap(s.plan.Filter, func(c int) int { return slices.Index(p.first, c) })
		}
	}
	for _, k := range s.skips {
		if b, ok := k.(*topBound); ok && (p.filter != nil || !s.filtered) {
			if p.bound, p.key = b, slices.Index(p.first, b.col); p.key < 0 {
				p.key, p.first = len(p.first), append(p.first, b.col)
			}
		}
	}
	if p.first == nil {
		return nil
	}
	return p
}

// pick gives the rows that count of a batch of the columns first.
func (p *picker) pick(b *types.Batch) ([]int32, error) {
	if p.task.skip.Load() {
		return nil, errSkip
	}
	p.task.scan.stats.in.Add(int64(b.N))
	var rows []int32
	if p.filter != nil {
		t0 := time.Now()
		var err error
		if rows, err = expr.FilterRows(p.ec, p.cond, b, nil); err != nil {
			return nil, err
		}
		s := &p.filter.stats
		s.nanos.Add(int64(time.Since(t0)))
		s.in.Add(int64(b.N))
		s.out.Add(int64(len(rows)))
		s.dropped["filtered"].Add(int64(b.N - len(rows)))
	}
	if p.bound == nil {
		return rows, nil
	}
	return p.bound.rows(b.Cols[p.key], rows, p.filter == nil), nil
}

// rows are those of sel, or all of the column, that do not lie beyond the bound.
func (t *topBound) rows(c arrow.Array, sel []int32, all bool) []int32 {
	set := t.set.Load()
	if all {
		if sel = make([]int32, 0, 64); !set || c.NullN() > 0 {
			for i := range c.Len() {
				sel = append(sel, int32(i))
			}
		}
	}
	if !set || c.NullN() > 0 {
		return sel
	}
	v, last := types.Int64s(c), t.val.Load()
	switch {
	case !all:
		keep := sel[:0:0]
		for _, i := range sel {
			if t.desc && v[i] >= last || !t.desc && v[i] <= last {
				keep = append(keep, i)
			}
		}
		return keep
	case t.desc:
		for i, x := range v {
			if x >= last {
				sel = append(sel, int32(i))
			}
		}
	default:
		for i, x := range v {
			if x <= last {
				sel = append(sel, int32(i))
			}
		}
	}
	return sel
}

// reading says which rows of its splits the task wants. picks: the scan's filter is done with it.
func (t *task) reading(sc *stageCtx) (r *types.Reading, picks bool) {
	// What workers group beforehand keeps nothing of the batches.
	r = &types.Reading{Lend: t.line != nil && t.line.group != nil && !sc.keep}
	if len(t.scan.skips) > 0 {
		r.May = t.scan.may
	}
	if !sc.batch {
		return r, false
	}
	if p := t.picker(sc.ec); p != nil {
		r.Pick, r.First = p.pick, p.first
		return r, p.filter != nil
	}
	return r, false
}

// may says whether rows of these ranges may count.
func (s *scanOp) may(rs []types.Range) bool {
	for _, k := range s.skips {
		if r := rs[k.column()]; r.Known && k.skips(r) {
			return false
		}
	}
	return true
}
