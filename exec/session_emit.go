package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Finish hands on the sessions that changed, or that ended.
func (a *sessionAgg) Finish(st *run) error {
	if a.batch {
		return a.emitAll(st)
	}
	if err := a.drain(st); err != nil {
		return err
	}
	if len(a.held) > 0 {
		b, err := types.ConcatBatches(a.held)
		if err != nil {
			return err
		}
		a.held = nil
		if err := a.pageJudged(b); err != nil {
			return err
		}
		if b = a.judge(st, b); b.N > 0 {
			if err := a.add(st, b); err != nil {
				return err
			}
		}
	}
	if !a.onClose {
		if err := a.emitChanges(st); err != nil {
			return err
		}
	}
	a.endStep()
	if a.closing == nil {
		return nil
	}
	return a.page.eachDue(st.wmEnd, a.readHashes, func() error { return a.close(st) })
}

// close lets the sessions in memory go that are done with.
func (a *sessionAgg) close(st *run) error {
	ended := a.closing.pop(st.wmEnd, a.isLive)
	if len(ended) == 0 {
		return nil
	}
	if a.onClose {
		for part := range slices.Chunk(ended, outBatch) {
			b, err := a.now(part)
			if err != nil {
				return err
			}
			if err := a.emit(st, b); err != nil {
				return err
			}
		}
	}
	if a.saving {
		a.log = append(a.log, Chunk{a.name, "c", &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{st.wmEnd}, nil, 0)}}})
	}
	a.forget(ended)
	return nil
}

// forget drops sessions.
func (a *sessionAgg) forget(ids []uint32) {
	for _, s := range ids {
		a.unlist(s)
	}
	a.giveBack(ids)
}

func (a *sessionAgg) isLive(s uint32) bool { return a.flags[s]&isGone == 0 }

// giveBack gives the numbers of sessions back.
func (a *sessionAgg) giveBack(ids []uint32) {
	if a.page != nil {
		for _, s := range ids {
			a.page.dropped(s)
		}
	}
	for _, c := range a.calls {
		c.forget(ids)
	}
	for _, s := range ids {
		a.flags[s] = isGone
	}
	a.free = append(a.free, ids...)
	a.live -= len(ids)
}

// endStep drops the sessions that were merged away, and notes when the changed ones end.
func (a *sessionAgg) endStep() {
	var gone []uint32
	for _, s := range a.dirty {
		if a.flags[s]&isGone != 0 {
			gone = append(gone, s)
			continue
		}
		a.settle(s)
	}
	a.giveBack(gone)
	a.dirty, a.oldIDs, a.oldRows = a.dirty[:0], a.oldIDs[:0], nil
}

// settle marks a session as handed on, and notes when it ends.
func (a *sessionAgg) settle(s uint32) {
	a.flags[s] = 0
	if !a.onClose {
		a.flags[s] = isEmitted
	}
	if a.closing != nil {
		a.closing.add(s, addWithin(a.over(s), a.keep, false))
	}
}

// emitAll hands on all sessions, key by key.
func (a *sessionAgg) emitAll(st *run) error {
	for part := range slices.Chunk(a.all(), outBatch) {
		b, err := a.now(part)
		if err != nil {
			return err
		}
		if err := a.emit(st, b); err != nil || !wants(a) {
			return err
		}
	}
	return nil
}

// all lists the sessions, key by key and by time.
func (a *sessionAgg) all() []uint32 {
	out := make([]uint32, 0, a.live)
	for _, k := range a.keys.all() {
		out = append(out, a.lists[k]...)
	}
	return out
}

// emitChanges hands on the sessions that changed, as they were with weight -1 and as they are with +1.
func (a *sessionAgg) emitChanges(st *run) error {
	ids := slices.DeleteFunc(slices.Clone(a.dirty), func(s uint32) bool { return a.flags[s]&isGone != 0 })
	now, err := a.now(ids)
	if err != nil {
		return err
	}
	if len(a.oldIDs) == 0 {
		return a.emitSlices(st, now)
	}
	old, err := types.ConcatBatches(a.oldRows)
	if err != nil {
		return err
	}
	gone, come := make([]int32, 0, old.N), make([]int32, 0, now.N)
	same := identicalRows(old.Cols, now.Cols)
	k := 0 // both are in the order of dirty
	for j, s := range ids {
		for k < old.N && a.oldIDs[k] != s && a.flags[a.oldIDs[k]]&isGone != 0 {
			gone = append(gone, int32(k))
			k++
		}
		if k < old.N && a.oldIDs[k] == s {
			if k++; same(k-1, j) {
				continue
			}
			gone = append(gone, int32(k-1))
		}
		come = append(come, int32(j))
	}
	for ; k < old.N; k++ {
		gone = append(gone, int32(k))
	}
	parts := []*types.Batch{types.TakeBatch(old, gone), types.TakeBatch(now, come)}
	parts[0].W, parts[1].W = constWeights(len(gone), -1), constWeights(len(come), 1)
	out, err := types.ConcatBatches(parts)
	if err != nil {
		return err
	}
	return a.emitSlices(st, out)
}

func (a *sessionAgg) nextClose() (int64, bool) {
	if !a.onClose || a.closing == nil {
		return 0, false
	}
	return a.page.nextDue(a.closing)
}

// The chunks of a sessionAgg, by tag:
//
//	s  sessions: keys, first and last time, the accumulators' columns
//	x  keys whose sessions go (those that follow as s replace them)
//	c  one row: the sessions that are done with at this watermark went

// SaveDelta gives the sessions of the keys that changed.
func (a *sessionAgg) SaveDelta() ([]Chunk, error) {
	if a.page != nil {
		return nil, a.savePages()
	}
	out := a.log
	var ks, ids []uint32
	for _, k := range a.unsaved {
		if !a.isSaved[k] {
			a.isSaved[k] = true
			ks, ids = append(ks, k), append(ids, a.lists[k]...)
		}
	}
	a.log, a.unsaved = nil, nil
	if len(ks) > 0 {
		out = append(out, Chunk{a.name, "x", &types.Batch{Cols: a.keys.gather(ks), N: len(ks)}})
	}
	return a.chunks(out, ids)
}

// SaveAll gives all sessions.
func (a *sessionAgg) SaveAll() ([]Chunk, error) {
	if a.page != nil {
		return nil, a.savePages()
	}
	for _, k := range a.unsaved {
		a.isSaved[k] = true
	}
	a.log, a.unsaved = nil, nil
	return a.chunks(nil, a.all())
}

func (a *sessionAgg) chunks(out []Chunk, ids []uint32) ([]Chunk, error) {
	for part := range slices.Chunk(ids, chunkRows) {
		cols, err := a.storedCols(part)
		if err != nil {
			return nil, err
		}
		out = append(out, Chunk{a.name, "s", &types.Batch{Cols: cols, N: len(part)}})
	}
	return out, nil
}

// Load takes a chunk.
func (a *sessionAgg) Load(c Chunk) error {
	switch c.Tag {
	case "s":
		return a.loadSessions(c.Batch)
	case "x":
		ks := make([]uint32, c.Batch.N)
		a.keys.find(c.Batch.Cols, ks)
		for _, k := range ks {
			if k != none {
				a.forget(slices.Clone(a.lists[k]))
			}
		}
		return nil
	case "c":
		if a.closing != nil {
			a.forget(a.closing.pop(types.Int64s(c.Batch.Cols[0])[0], a.isLive))
		}
		return nil
	}
	return sqlerr.New(sqlerr.DataCorrupted, "unknown state chunk %q of operator %s", c.Tag, a.name)
}

func (a *sessionAgg) loadSessions(b *types.Batch) error {
	nk := len(a.keys.cols)
	ks, ids := make([]uint32, b.N), make([]uint32, b.N)
	a.keys.insert(b.Cols[:nk], ks)
	a.growKeys()
	if a.page != nil {
		a.page.grown(a.keys.fresh, a.keys.cap())
	}
	start, last := types.Int64s(b.Cols[nk]), types.Int64s(b.Cols[nk+1])
	saving := a.saving
	a.saving = false
	for i, k := range ks {
		ids[i] = a.make(k, start[i])
		a.last[ids[i]] = last[i]
		a.lists[k] = append(a.lists[k], ids[i])
	}
	a.saving = saving
	if err := a.loadAccs(ids, b.Cols[nk+2:]); err != nil {
		return err
	}
	a.endStep()
	return nil
}

// loadAccs sets the accumulators of sessions from their stored columns.
func (a *sessionAgg) loadAccs(ids []uint32, cols []arrow.Array) error {
	for _, c := range a.calls {
		c.grow(len(a.start))
		n := len(c.acc.StateTypes())
		if err := c.acc.Load(ids, cols[:n]); err != nil {
			return err
		}
		cols = cols[n:]
	}
	return nil
}

// Loaded has nothing to do.
func (a *sessionAgg) Loaded() error { return nil }

// Size is the number of sessions and about their bytes.
func (a *sessionAgg) Size() (rows, bytes int64) {
	if a.page != nil {
		rows = int64(a.live) + a.page.away
		return rows, a.page.bytesOf(rows)
	}
	return int64(a.live), a.memory()
}

// memory is about the bytes of the sessions in memory.
func (a *sessionAgg) memory() int64 {
	bytes := a.keys.memory() + int64(cap(a.lists)*37+cap(a.start)*25+a.live*4)
	for _, c := range a.calls {
		bytes += c.memory()
	}
	return bytes
}
