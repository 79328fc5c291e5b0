package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/types"
)

// outBatch is how many rows an operator hands on at once.
const outBatch = 1 << 15

// Finish hands on what changed, then closes groups.
func (a *aggregate) Finish(st *run) error {
	if err := a.start(); err != nil {
		return err
	}
	if err := a.drain(st); err != nil {
		return err
	}
	if a.shards != nil {
		return a.shards.finish(st, a)
	}
	if a.batch {
		return a.emitAll(st)
	}
	a.lastRows, a.stepRows = a.stepRows, 0
	for i, c := range a.calls {
		if !a.plan.OnClose || c.kind != recomputed {
			if err := c.settle(a.dirty); err != nil {
				return err
			}
		}
		if c.set == nil {
			continue
		}
		if a.saving != nil && len(c.set.touched) > 0 {
			a.saving.log = append(a.saving.log, a.entryChunk(i, c.set.touched))
		}
		c.set.sweep()
	}
	if !a.plan.OnClose {
		if err := a.emitChanges(st); err != nil {
			return err
		}
	}
	if a.ttl != nil {
		a.ttl.load(a.keys, st.Now)
		a.ttl.touch(a.dirty, a.keys.cap(), st.Now)
	}
	a.sweep()
	if a.ttl != nil {
		return a.expire(st)
	}
	return a.closeGroups(st)
}

// emitAll hands on every group, in the order of their first rows.
func (a *aggregate) emitAll(st *run) error {
	all := slices.DeleteFunc(a.keys.all(), func(g uint32) bool { return !a.present(g) })
	for part := range a.portions(st, all) {
		if err := a.settle(st, part); err != nil {
			return err
		}
		rows, err := a.rows(part)
		if err != nil {
			return err
		}
		a.empty(part)
		if err := a.emit(st, rows); err != nil || !wants(a) {
			return err
		}
	}
	if a.parts == nil {
		return nil
	}
	a.keys, a.calls = newKeyTable(nil), nil // what they held is free from here
	return a.emitSpilled(st)
}

// emitChanges hands on the old rows of changed groups with weight -1 and the new ones with +1.
func (a *aggregate) emitChanges(st *run) error {
	if len(a.dirty) == 0 {
		return nil
	}
	now := make([]uint32, 0, len(a.dirty))
	for _, g := range a.dirty {
		if a.present(g) {
			now = append(now, g)
		}
	}
	fresh, err := a.rows(now)
	if err != nil {
		return err
	}
	if len(a.oldGids) == 0 {
		a.markEmitted(now)
		return a.emitSlices(st, fresh)
	}
	old, err := types.ConcatBatches(a.oldRows)
	if err != nil {
		return err
	}
	gone, come := a.differing(old, fresh, now)
	a.markEmitted(now)
	parts := []*types.Batch{types.TakeBatch(old, gone), types.TakeBatch(fresh, come)}
	parts[0].W, parts[1].W = constWeights(len(gone), -1), constWeights(len(come), 1)
	out, err := types.ConcatBatches(parts)
	if err != nil {
		return err
	}
	return a.emitSlices(st, out)
}

// emitSlices hands a batch on in pieces.
func (n *node) emitSlices(st *run, b *types.Batch) error {
	for from := 0; from < b.N; from += outBatch {
		if err := n.emit(st, b.Slice(from, min(from+outBatch, b.N))); err != nil {
			return err
		}
	}
	return nil
}

func constWeights(n int, w int64) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = w
	}
	return out
}

// differing gives the rows of old that went and the rows of fresh (the groups now) that came; a group whose row is the same is in
// neither. Both are in the order of dirty.
func (a *aggregate) differing(old, fresh *types.Batch, now []uint32) (gone, come []int32) {
	same := identicalRows(old.Cols, fresh.Cols)
	k, j := 0, 0
	for _, g := range a.dirty {
		was, is := k < len(a.oldGids) && a.oldGids[k] == g, j < len(now) && now[j] == g
		if !was || !is || !same(k, j) {
			if was {
				gone = append(gone, int32(k))
			}
			if is {
				come = append(come, int32(j))
			}
		}
		if was {
			k++
		}
		if is {
			j++
		}
	}
	return gone, come
}

func (a *aggregate) markEmitted(gids []uint32) {
	for _, g := range gids {
		a.flags[g] |= isEmitted
	}
}

// sweep ends the step: groups without rows go.
func (a *aggregate) sweep() {
	var gone []uint32
	for _, g := range a.dirty {
		a.flags[g] &^= isDirty
		if !a.present(g) {
			gone = append(gone, g)
		}
	}
	a.dirty, a.oldGids, a.oldRows = a.dirty[:0], a.oldGids[:0], nil
	if len(gone) > 0 {
		if a.saving != nil {
			a.saving.log = append(a.saving.log, Chunk{a.name, "x", &types.Batch{Cols: a.keys.gather(gone), N: len(gone)}})
		}
		a.forget(gone)
	}
}

// forget removes groups and their state.
func (a *aggregate) forget(gids []uint32) {
	for _, c := range a.calls {
		c.forget(gids)
	}
	left := uint8(isUnsaved)
	if a.page != nil {
		left = 0
	}
	for _, g := range gids {
		a.flags[g] &= left
		if a.changing {
			a.weight[g] = 0
		}
		a.keys.remove(g)
	}
}
