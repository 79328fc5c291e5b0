package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// asofChange is a change of the result: a left row with its right row (number + 1; 0: none).
type asofChange struct {
	left uint32
	with int64
	w    int64
}

// settleAsof finds the partners of new left rows, and anew those of all left rows of keys whose right rows changed, and hands on what became different. A left
// row's partner stands in partners, as its number + 1, the weight with which it was handed on in out.
func (j *join) settleAsof(st *run) error {
	l, r := j.side[0], j.side[1]
	for _, g := range j.turned {
		for e := l.head[g]; e != none; e = l.next[e] {
			l.touch(e)
		}
	}
	if len(l.touched) == 0 {
		j.forgetTurned()
		return nil
	}
	for _, e := range l.touched {
		j.turn(l.key[e])
	}
	var rows []uint32
	j.asof.from, j.asof.to = resize(j.asof.from, j.keys.cap()), resize(j.asof.to, j.keys.cap())
	for _, g := range j.turned {
		j.asof.from[g], j.asof.to[g] = 0, 0
		for e := r.head[g]; e != none; e = r.next[e] {
			if r.rows.w[e] > 0 {
				rows = append(rows, e)
			}
		}
	}
	j.forgetTurned()
	if err := j.asof.index(st, r, rows, j.keys.cap()); err != nil {
		return err
	}
	v, err := evalCols(st.ec, []expr.Expr{j.asof.left}, &types.Batch{N: len(l.touched), Cols: l.rows.columns(l.touched)})
	if err != nil {
		return err
	}
	var out []asofChange
	for i, e := range l.touched {
		with := int64(j.asof.pick(v[0], i, l.key[e]) + 1) // none + 1 is 0
		w := l.rows.w[e]
		if with == 0 && !j.outer {
			w = 0
		}
		was, had := l.partners[e], l.out[e]
		switch {
		case was == with && had == w:
			continue
		case was == with:
			out = append(out, asofChange{e, with, w - had})
		default:
			out = append(out, asofChange{e, was, -had}, asofChange{e, with, w})
		}
		l.partners[e], l.out[e] = with, w
		if j.keeps() {
			l.unsave(e)
		}
	}
	return j.emitAsof(st, out)
}

func (j *join) forgetTurned() {
	for _, g := range j.turned {
		j.isTurn[g] = false
	}
	j.turned = j.turned[:0]
}

// emitAsof hands changes on: those with a right row, then those without.
func (j *join) emitAsof(st *run, changes []asofChange) error {
	for part := range slices.Chunk(changes, outBatch) {
		var lefts, rights, alone []uint32
		var w, aloneW []int64
		for _, c := range part {
			switch {
			case c.w == 0:
			case c.with == 0:
				alone, aloneW = append(alone, c.left), append(aloneW, c.w)
			default:
				lefts, rights, w = append(lefts, c.left), append(rights, uint32(c.with-1)), append(w, c.w)
			}
		}
		cols := append(j.side[0].rows.columns(lefts), j.side[1].rows.columns(rights)...)
		if err := j.emit(st, &types.Batch{N: len(lefts), Cols: cols, W: w}); err != nil {
			return err
		}
		if err := j.emitAlone(st, 0, j.side[0].rows.columns(alone), len(alone), aloneW); err != nil {
			return err
		}
	}
	return nil
}
