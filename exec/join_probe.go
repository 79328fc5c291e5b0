package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// joinRest is the part of a join's condition that is no equality of keys, over the columns that it reads.
type joinRest struct {
	cond expr.Expr
	cols []int // of the left side, then of the right one
}

func newJoinRest(cond expr.Expr, split int) *joinRest {
	r := &joinRest{cols: expr.Columns(cond)}
	slices.Sort(r.cols)
	r.cols = slices.Compact(r.cols)
	at := map[int]int{}
	for i, c := range r.cols {
		at[c] = i
	}
	r.cond = expr.Remap(cond, func(k int) int { return at[k] })
	return r
}

// joinProbe gathers pairs of a row of the batch and a stored row of the other side.
type joinProbe struct {
	rows   []int32
	stored []uint32
	values keyVec // of the batch's column of the band
	near   [][]uint32
}

// match looks for the partners of the rows of b among the other side's rows, and hands the pairs on. counts are the weights of the rows' partners, where
// they are counted by row.
func (j *join) match(st *run, port int, b *types.Batch, gids []uint32) (counts []int64, err error) {
	o, p := j.side[1-port], &j.probe
	if j.byRow {
		counts = make([]int64, b.N)
	}
	p.rows, p.stored = p.rows[:0], p.stored[:0]
	banded := o.band != nil && len(o.band.hot) > 0
	if banded {
		j.readBand(port, b)
	}
	for i, g := range gids {
		if g == none {
			continue
		}
		if banded {
			if h := o.band.hot[g]; h != nil {
				if err := j.matchHot(st, port, b, i, h, counts); err != nil || st.batch && !wants(j) {
					return counts, err
				}
				continue
			}
		}
		for e := o.head[g]; e != none; e = o.next[e] {
			if o.rows.w[e] == 0 {
				continue
			}
			p.rows, p.stored = append(p.rows, int32(i)), append(p.stored, e)
			if len(p.rows) == outBatch {
				if err := j.flush(st, port, b, counts); err != nil || st.batch && !wants(j) {
					return counts, err
				}
			}
		}
	}
	return counts, j.flush(st, port, b, counts)
}

// flush hands the pairs gathered so far on.
func (j *join) flush(st *run, port int, b *types.Batch, counts []int64) error {
	p := &j.probe
	if len(p.rows) == 0 {
		return nil
	}
	if err := st.ctx.Err(); err != nil {
		return err
	}
	if err := j.filterPairs(st, port, b); err != nil {
		return err
	}
	o := j.side[1-port]
	if counts != nil {
		j.count(port, b, counts)
	}
	if j.pairs && len(p.rows) > 0 {
		out := &types.Batch{Cols: j.pairCols(port, b), N: len(p.rows)}
		if j.side[0].changing || j.side[1].changing {
			out.W = make([]int64, len(p.rows))
			for k, i := range p.rows {
				out.W[k] = b.Weight(int(i)) * o.rows.w[p.stored[k]]
			}
		}
		if err := j.emit(st, out); err != nil {
			return err
		}
	}
	p.rows, p.stored = p.rows[:0], p.stored[:0]
	return nil
}

// pairCols are the columns of the pairs: rows of b, which came to port, and stored ones of the other side. Columns that nobody reads are NULL.
func (j *join) pairCols(port int, b *types.Batch) []arrow.Array {
	p, o := &j.probe, j.side[1-port]
	mine, theirs := 0, len(b.Cols)
	if port == 1 {
		mine, theirs = len(o.types), 0
	}
	out := make([]arrow.Array, len(b.Cols)+len(o.types))
	n, run := len(p.rows), consecutive(p.rows)
	for k, c := range b.Cols {
		switch {
		case !j.reads(mine + k):
			out[mine+k] = types.Nulls(j.side[port].types[k], n)
		case run:
			out[mine+k] = array.NewSlice(c, int64(p.rows[0]), int64(p.rows[0])+int64(n))
		default:
			out[mine+k] = types.Take(c, p.rows)
		}
	}
	for k, t := range o.types {
		if j.reads(theirs + k) {
			out[theirs+k] = o.rows.column(k, p.stored)
		} else {
			out[theirs+k] = types.Nulls(t, n)
		}
	}
	return out
}

// reads says whether column k of the pairs is read behind the join.
func (j *join) reads(k int) bool { return j.read == nil || j.read[k] }

// consecutive says whether rows are a row and those that follow it; they need no copy then.
func consecutive(rows []int32) bool {
	for k, r := range rows {
		if int(r-rows[0]) != k {
			return false
		}
	}
	return true
}

// filterPairs leaves the pairs for which the rest of the condition is true.
func (j *join) filterPairs(st *run, port int, b *types.Batch) error {
	if j.rest == nil {
		return nil
	}
	p, split := &j.probe, len(j.side[0].types)
	in := &types.Batch{N: len(p.rows), Cols: make([]arrow.Array, len(j.rest.cols))}
	for k, c := range j.rest.cols {
		side := 0
		if c >= split {
			side, c = 1, c-split
		}
		if side == port {
			in.Cols[k] = types.Take(b.Cols[c], p.rows)
		} else {
			in.Cols[k] = j.side[side].rows.column(c, p.stored)
		}
	}
	sel, err := expr.FilterRows(st.ec, j.rest.cond, in, nil)
	if err != nil {
		return err
	}
	for k, i := range sel {
		p.rows[k], p.stored[k] = p.rows[i], p.stored[i]
	}
	p.rows, p.stored = p.rows[:len(sel)], p.stored[:len(sel)]
	return nil
}

// count adds the pairs to the partners of both rows.
func (j *join) count(port int, b *types.Batch, counts []int64) {
	p, o := &j.probe, j.side[1-port]
	for k, i := range p.rows {
		counts[i] += o.rows.w[p.stored[k]]
	}
	if !o.tracked {
		return
	}
	for k, e := range p.stored {
		before := o.partners[e]
		if !j.side[port].changing && before > 0 {
			continue // it has one for good
		}
		o.partners[e] += b.Weight(int(p.rows[k]))
		if j.streamed {
			continue
		}
		o.touch(e)
		if j.keeps() {
			o.unsave(e)
		}
	}
}

// emitAlone hands on rows of a side without a partner, or, of a semi join, with one; w may be nil.
func (j *join) emitAlone(st *run, port int, cols []arrow.Array, n int, w []int64) error {
	if n == 0 {
		return nil
	}
	out := &types.Batch{N: n, W: w, Cols: cols}
	if j.pairs {
		nulls := make([]arrow.Array, len(j.side[1-port].types))
		for k, t := range j.side[1-port].types {
			nulls[k] = types.Nulls(t, n)
		}
		if port == 0 {
			out.Cols = slices.Concat(cols, nulls)
		} else {
			out.Cols = slices.Concat(nulls, cols)
		}
	}
	return j.emit(st, out)
}
