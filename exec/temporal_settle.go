package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/types"
)

// Finish looks up the rows whose versions are all known by now, settles the left rows without a partner, and forgets what the watermark lets go.
func (t *temporal) Finish(st *run) error {
	if st.batch {
		return nil
	}
	var err error
	if t.final {
		err = t.release(st)
	} else {
		err = t.settle(st)
	}
	if err != nil {
		return err
	}
	h := t.horizon(st.wmEnd)
	if t.bounded && !t.final { // no commit reaches times before the watermark
		for _, e := range t.left.expiry.pop(min(h, plusTime(st.wmEnd, -1)), false, t.timeOf) {
			t.remove(e)
		}
	}
	t.hist.cut(h)
	t.hist.sweep(t.keys, t.left)
	return nil
}

// timeOf is the time of a kept left row; never: it is gone.
func (t *temporal) timeOf(e uint32) int64 {
	if !t.left.rows.tab.live[e] {
		return never
	}
	return t.times[e]
}

// release looks up the waiting rows whose time is settled.
func (t *temporal) release(st *run) error {
	l := t.left
	for part := range slices.Chunk(l.expiry.pop(t.settled-1, true, t.timeOf), outBatch) {
		part = slices.DeleteFunc(part, func(e uint32) bool { return !l.rows.tab.live[e] })
		b := &types.Batch{N: len(part), Cols: l.rows.columns(part)}
		gids := make([]uint32, len(part))
		for i, e := range part {
			gids[i] = l.key[e]
		}
		if err := t.lookUp(st, b, gids, pick(t.times, part)); err != nil {
			return err
		}
		if err := t.alone(st, b, t.counts); err != nil {
			return err
		}
		for _, e := range part {
			t.remove(e)
		}
	}
	return nil
}

// settle hands on what changed among the left rows without a partner, and lets go of those that were taken back.
func (t *temporal) settle(st *run) error {
	l := t.left
	var rows []uint32
	var w []int64
	for _, e := range l.touched {
		l.flags[e] &^= rowTouched
		now := int64(0)
		if t.outer && l.partners[e] == 0 {
			now = l.rows.w[e]
		}
		if d := now - l.out[e]; d != 0 {
			rows, w = append(rows, e), append(w, d)
			l.out[e] = now
		}
	}
	for k := 0; k < len(rows); k += outBatch {
		part := rows[k:min(k+outBatch, len(rows))]
		if err := t.emitAlone(st, l.rows.columns(part), len(part), w[k:k+len(part)]); err != nil {
			return err
		}
	}
	for _, e := range l.touched {
		if l.rows.w[e] == 0 {
			t.remove(e)
		}
	}
	l.touched = l.touched[:0]
	return nil
}

// remove takes a left row out, and its key where that was the last thing it had.
func (t *temporal) remove(e uint32) {
	l := t.left
	if !l.rows.tab.live[e] {
		return
	}
	g := l.key[e]
	l.unlink(e)
	l.rows.remove(e)
	l.out[e], l.partners[e] = 0, 0
	if t.saving {
		l.unsave(e)
	}
	t.hist.dropKey(g, t.keys, l)
}

// nextTime is the processing time at which a waiting row is settled.
func (t *temporal) nextTime() (int64, bool) {
	if !t.final {
		return 0, false
	}
	ts, ok := t.left.expiry.earliest(t.timeOf)
	return plusTime(ts, 1), ok
}
