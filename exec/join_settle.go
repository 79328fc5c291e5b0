package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// Finish settles the rows that stand for themselves, and forgets what the watermark lets go.
func (j *join) Finish(st *run) error {
	if j.streamed {
		return j.finishStream(st)
	}
	if err := j.drain(st); err != nil {
		return err
	}
	if j.asof != nil {
		if err := j.settleAsof(st); err != nil {
			return err
		}
		j.sweep()
		return nil
	}
	j.turnKeys()
	for port, s := range j.side {
		if s.tracked && !s.waiting {
			if err := j.emitChanges(st, port); err != nil {
				return err
			}
		}
	}
	j.sweep()
	for port, s := range j.side {
		if s.expiry != nil {
			if err := j.evict(st, port); err != nil {
				return err
			}
		}
	}
	return nil
}

// turnKeys touches the rows of keys whose other side began or ceased to have rows.
func (j *join) turnKeys() {
	for _, g := range j.turned {
		j.isTurn[g] = false
		for port, s := range j.side {
			has := j.side[1-port].weight[g] > 0
			if !s.tracked || s.found[g] == has {
				continue
			}
			s.found[g] = has
			for e := s.head[g]; e != none; e = s.next[e] {
				s.touch(e)
			}
		}
	}
	j.turned = j.turned[:0]
	if now := j.notIn.state(); now != j.notIn.was {
		j.notIn.was = now
		for _, e := range j.side[0].rows.tab.all() {
			j.side[0].touch(e)
		}
	}
}

// notInState is what NOT IN has to know of the whole right side: the weight of its rows, and of those that are NULL.
type notInState struct {
	rows, nulls int64
	was         [2]bool
}

func (n *notInState) state() [2]bool { return [2]bool{n.rows > 0, n.nulls > 0} }

// noteNotIn notes right rows of NOT IN.
func (j *join) noteNotIn(keys []arrow.Array, b *types.Batch) {
	if !j.nullSafe {
		return
	}
	for i := range b.N {
		j.notIn.rows += b.Weight(i)
		if keys[0].IsNull(i) {
			j.notIn.nulls += b.Weight(i)
		}
	}
}

// hasPartner says whether a row of s counts as one that has a partner, for key g; for NOT IN also where it might be equal to a NULL.
func (j *join) hasPartner(s *joinSide, e, g uint32) bool {
	switch {
	case j.byRow:
		return s.partners[e] > 0
	case j.nullSafe:
		return j.notIn.rows > 0 && (j.notIn.nulls > 0 || s.found[g] || j.isNullKey(g))
	}
	return s.found[g]
}

func (j *join) isNullKey(g uint32) bool {
	nulls := j.keys.cols[0].nulls
	return nulls != nil && nulls[g]
}

// standing is the weight with which row e of s stands in the result for itself.
func (j *join) standing(s *joinSide, e uint32) int64 {
	if j.hasPartner(s, e, s.key[e]) == j.semi {
		return s.rows.w[e]
	}
	return 0
}

// emitChanges hands on what changed among the rows that stand for themselves.
func (j *join) emitChanges(st *run, port int) error {
	s := j.side[port]
	var rows []uint32
	var w []int64
	for _, e := range s.touched {
		now := j.standing(s, e)
		if d := now - s.out[e]; d != 0 {
			rows, w = append(rows, e), append(w, d)
			s.out[e] = now
		}
	}
	for len(rows) > 0 {
		n := min(len(rows), outBatch)
		if err := j.emitAlone(st, port, s.rows.columns(rows[:n]), n, w[:n]); err != nil {
			return err
		}
		rows, w = rows[n:], w[n:]
	}
	return nil
}

// sweep ends a step: rows without weight go.
func (j *join) sweep() {
	for port, s := range j.side {
		for _, e := range s.touched {
			s.flags[e] &^= rowTouched
			if s.rows.w[e] == 0 {
				j.remove(port, e)
			}
		}
		s.touched = s.touched[:0]
	}
}

// remove takes a row out, and its key where that was the last one.
func (j *join) remove(port int, e uint32) {
	s, g := j.side[port], j.side[port].key[e]
	if j.page != nil {
		r := j.place(s, e)
		j.page.side[port].remove(e, r.ts, r.hash)
	}
	s.weight[g] -= s.rows.w[e]
	s.unlink(e)
	s.rows.remove(e)
	if s.tracked {
		s.out[e], s.partners[e] = 0, 0
	}
	if j.saving {
		s.unsave(e)
	}
	if j.side[0].head[g] == none && j.side[1].head[g] == none {
		j.dropKey(g)
	}
}

// dropKey takes a key without rows out.
func (j *join) dropKey(g uint32) {
	j.keys.remove(g)
	for port, s := range j.side {
		s.weight[g] = 0
		if s.tracked {
			s.found[g] = false
		}
		if j.page != nil {
			j.page.whole[port][g] = someRows
		}
	}
}

// expires is when row e finds no partner any more; never: it is gone.
func (s *joinSide) expires(e uint32) int64 {
	if !s.rows.tab.live[e] {
		return never
	}
	return plusTime(s.timeOf(e), s.done)
}

// evict forgets the rows of a side that find no partner any more; those that waited for one without finding it are handed on before.
func (j *join) evict(st *run, port int) error {
	s := j.side[port]
	if j.page != nil && s.waiting {
		if err := j.expireCold(st, port); err != nil {
			return err
		}
	}
	gone := s.expiry.pop(st.wmEnd, s.waiting || j.page != nil, s.expires)
	if j.page != nil { // a row that was read again may come twice
		slices.Sort(gone)
		gone = slices.Compact(gone)
	}
	if s.waiting {
		alone := slices.DeleteFunc(slices.Clone(gone), func(e uint32) bool { return j.hasPartner(s, e, s.key[e]) })
		for part := range slices.Chunk(alone, outBatch) {
			if err := j.emitAlone(st, port, s.rows.columns(part), len(part), nil); err != nil {
				return err
			}
		}
	}
	for _, e := range gone {
		if s.rows.tab.live[e] {
			j.remove(port, e)
		}
	}
	if j.page != nil && !s.waiting {
		return j.expireCold(st, port)
	}
	return nil
}

func (j *join) nextClose() (int64, bool) {
	ts, ok := int64(0), false
	for port, s := range j.side {
		if s.expiry == nil || !s.waiting {
			continue
		}
		if j.page != nil {
			if t, err := j.page.side[port].first(); err == nil && t != never && (!ok || plusTime(t, s.done) < ts) {
				ts, ok = plusTime(t, s.done), true
			}
		}
		if t, has := s.expiry.earliest(s.expires); has && (!ok || t < ts) {
			ts, ok = t, true
		}
	}
	return ts, ok
}
