package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// versionPairs gathers pairs of a left row and a row of the table, with the weight of the latter.
type versionPairs struct {
	rows []int32
	with []uint32
	w    []int64
}

func (p *versionPairs) add(row int32, with uint32, w int64) {
	p.rows, p.with, p.w = append(p.rows, row), append(p.with, with), append(p.w, w)
}

func (p *versionPairs) reset() { p.rows, p.with, p.w = p.rows[:0], p.with[:0], p.w[:0] }

// lookUp hands on the pairs of left rows with what held at their times, and counts the partners of each (t.counts).
func (t *temporal) lookUp(st *run, b *types.Batch, gids []uint32, times []int64) error {
	t.counts = scratch(t.counts, b.N)
	clear(t.counts)
	flush := func() error {
		return t.flush(st, pairedColumn(b), func(i int32) int64 { return b.Weight(int(i)) }, func(i int32, w int64) { t.counts[i] += w })
	}
	row := int32(0)
	take := func(e uint32, w int64) { t.pairs.add(row, e, w) }
	for i, g := range gids {
		if g == none {
			continue
		}
		row = int32(i)
		t.hist.at(g, times[i], take)
		if len(t.pairs.rows) >= outBatch {
			if err := flush(); err != nil {
				return err
			}
			if st.batch && !wants(t) {
				return nil
			}
		}
	}
	return flush()
}

func pairedColumn(b *types.Batch) func(k int, rows []int32) arrow.Array {
	return func(k int, rows []int32) arrow.Array { return types.Take(b.Cols[k], rows) }
}

// flushStored hands on the pairs of kept left rows, and counts their partners.
func (t *temporal) flushStored(st *run) error {
	l := t.left
	column := func(k int, rows []int32) arrow.Array {
		ids := make([]uint32, len(rows))
		for i, r := range rows {
			ids[i] = uint32(r)
		}
		return l.rows.column(k, ids)
	}
	return t.flush(st, column, func(e int32) int64 { return l.rows.w[e] }, func(e int32, w int64) {
		l.partners[e] += w
		l.touch(uint32(e))
		if t.saving {
			l.unsave(uint32(e))
		}
	})
}

// flush hands the gathered pairs on; column gives a left column of them, weight a left row's weight, and count takes their weights.
func (t *temporal) flush(st *run, column func(k int, rows []int32) arrow.Array, weight func(int32) int64, count func(int32, int64)) error {
	p := &t.pairs
	defer p.reset()
	if err := st.ctx.Err(); err != nil || len(p.rows) == 0 {
		return err
	}
	if err := t.filterPairs(st, column); err != nil || len(p.rows) == 0 {
		return err
	}
	out := &types.Batch{N: len(p.rows)}
	for k := range t.left.types {
		out.Cols = append(out.Cols, column(k, p.rows))
	}
	out.Cols = append(out.Cols, t.hist.rows.columns(p.with)...)
	plain := t.final
	for i, r := range p.rows {
		count(r, p.w[i])
		plain = plain && p.w[i] == 1
	}
	if !plain {
		out.W = make([]int64, len(p.rows))
		for i, r := range p.rows {
			out.W[i] = weight(r) * p.w[i]
		}
	}
	if t.final {
		out = expandWeights(out)
	}
	return t.emit(st, out)
}

// filterPairs leaves the pairs for which the rest of the condition is true.
func (t *temporal) filterPairs(st *run, column func(k int, rows []int32) arrow.Array) error {
	if t.rest == nil {
		return nil
	}
	p, split := &t.pairs, len(t.left.types)
	in := &types.Batch{N: len(p.rows), Cols: make([]arrow.Array, len(t.rest.cols))}
	for k, c := range t.rest.cols {
		if c < split {
			in.Cols[k] = column(c, p.rows)
		} else {
			in.Cols[k] = t.hist.rows.column(c-split, p.with)
		}
	}
	sel, err := expr.FilterRows(st.ec, t.rest.cond, in, nil)
	if err != nil {
		return err
	}
	for k, i := range sel {
		p.rows[k], p.with[k], p.w[k] = p.rows[i], p.with[i], p.w[i]
	}
	p.rows, p.with, p.w = p.rows[:len(sel)], p.with[:len(sel)], p.w[:len(sel)]
	return nil
}

// alone hands on the left rows that were found to have no partner.
func (t *temporal) alone(st *run, b *types.Batch, counts []int64) error {
	if !t.outer {
		return nil
	}
	var rows []int32
	for i := range b.N {
		if counts[i] == 0 {
			rows = append(rows, int32(i))
		}
	}
	out := types.Filter(b, rows)
	return t.emitAlone(st, out.Cols, out.N, out.W)
}

func (t *temporal) emitAlone(st *run, cols []arrow.Array, n int, w []int64) error {
	if n == 0 {
		return nil
	}
	nulls := make([]arrow.Array, len(t.right))
	for k, typ := range t.right {
		nulls[k] = types.Nulls(typ, n)
	}
	return t.emit(st, &types.Batch{N: n, W: w, Cols: slices.Concat(cols, nulls)})
}

// keep stores left rows: those that wait for their versions, or all where they may be corrected.
func (t *temporal) keep(b *types.Batch, gids []uint32, times, counts []int64) {
	l := t.left
	ids, fresh := l.rows.add(b)
	l.growRows()
	t.times = resize(t.times, l.rows.cap())
	k := 0
	for i, e := range ids {
		if k < len(fresh) && e == fresh[k] {
			k++
			l.link(e, gids[i])
			l.out[e], t.times[e] = 0, times[i]
			if t.final || t.bounded {
				l.expiry.add(e, times[i])
			}
		}
		if counts != nil {
			l.partners[e] = counts[i]
			l.touch(e)
		}
		if t.saving {
			l.unsave(e)
		}
	}
}
