package exec

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// aggSaving is what an aggregate keeps for the next SaveDelta. The chunks of an aggregate, by tag:
//
//	g   groups as they stand: keys, flags, [weight], the accumulators' columns
//	x   keys of groups that went
//	c   one row: all groups that close at or before this watermark went
//	eN  tuples of call N's multiset: group keys, columns, weight (0: it went)
type aggSaving struct {
	log     []Chunk // x, c, eN in the order of events
	unsaved []uint32
}

// chunkRows is how many rows of state go into a chunk.
const chunkRows = 1 << 16

// SaveDelta gives the log since the last save and the changed groups.
func (a *aggregate) SaveDelta() ([]Chunk, error) {
	if a.shards != nil {
		return a.shards.chunks((*aggregate).SaveDelta)
	}
	if a.page != nil {
		return nil, a.savePages()
	}
	s := a.saving
	var gids []uint32
	for _, g := range s.unsaved {
		a.flags[g] &^= isUnsaved
		if a.keys.live[g] {
			gids = append(gids, g)
		}
	}
	out, err := a.groupChunks(s.log, gids)
	s.log, s.unsaved = nil, nil
	return out, err
}

// SaveAll gives all groups, then all multisets.
func (a *aggregate) SaveAll() ([]Chunk, error) {
	if a.shards != nil {
		return a.shards.chunks((*aggregate).SaveAll)
	}
	if a.page != nil {
		return nil, a.savePages()
	}
	for _, g := range a.saving.unsaved {
		a.flags[g] &^= isUnsaved
	}
	a.saving.log, a.saving.unsaved = nil, nil
	out, err := a.groupChunks(nil, a.keys.all())
	if err != nil {
		return nil, err
	}
	for i, c := range a.calls {
		if c.set == nil {
			continue
		}
		for part := range slices.Chunk(c.set.inOrder(), chunkRows) {
			out = append(out, a.entryChunk(i, part))
		}
	}
	return out, nil
}

func (a *aggregate) groupChunks(out []Chunk, gids []uint32) ([]Chunk, error) {
	for part := range slices.Chunk(gids, chunkRows) {
		cols, err := a.groupCols(part)
		if err != nil {
			return nil, err
		}
		out = append(out, Chunk{a.name, "g", &types.Batch{Cols: cols, N: len(part)}})
	}
	return out, nil
}

// groupCols are the stored columns of groups: keys, flags, [weight], the accumulators' columns.
func (a *aggregate) groupCols(gids []uint32) ([]arrow.Array, error) {
	cols := a.keys.gather(gids)
	flags := make([]int64, len(gids))
	for i, g := range gids {
		flags[i] = int64(a.flags[g] & (isEmitted | isSticky))
	}
	cols = append(cols, types.Int64Array(flags, nil, 0))
	if a.changing {
		w := make([]int64, len(gids))
		for i, g := range gids {
			w[i] = a.weight[g]
		}
		cols = append(cols, types.Int64Array(w, nil, 0))
	}
	for _, c := range a.calls {
		if c.kind == recomputed {
			continue
		}
		st, err := c.acc.Save(gids)
		if err != nil {
			return nil, err
		}
		cols = append(cols, st...)
	}
	return cols, nil
}

func (a *aggregate) entryChunk(call int, entries []uint32) Chunk {
	set := a.calls[call].set
	return Chunk{a.name, fmt.Sprintf("e%d", call), &types.Batch{Cols: set.storedEntries(a.keys, entries), N: len(entries)}}
}

// Load takes a chunk.
func (a *aggregate) Load(c Chunk) error {
	switch nk := len(a.keys.cols); {
	case c.Tag == "g":
		return a.loadGroups(c.Batch, nk)
	case c.Tag == "x":
		gids := make([]uint32, c.Batch.N)
		a.keys.find(c.Batch.Cols, gids)
		a.forget(slices.DeleteFunc(gids, func(g uint32) bool { return g == none }))
		return nil
	case c.Tag == "c" && a.closing != nil:
		a.forget(a.closing.pop(types.Int64s(c.Batch.Cols[0])[0], func(g uint32) bool { return a.keys.live[g] }))
		return nil
	case c.Tag[0] == 'e':
		i, err := strconv.Atoi(c.Tag[1:])
		if err != nil || i >= len(a.calls) || a.calls[i].set == nil {
			break
		}
		gids, err := a.loadKeys(c.Batch.Cols[:nk], c.Batch.N)
		if err != nil {
			return err
		}
		a.calls[i].set.load(gids, c.Batch.Cols[nk:])
		return nil
	}
	return sqlerr.New(sqlerr.DataCorrupted, "unknown state chunk %q of operator %s", c.Tag, a.name)
}

func (a *aggregate) loadGroups(b *types.Batch, nk int) error {
	gids, err := a.loadKeys(b.Cols[:nk], b.N)
	if err != nil {
		return err
	}
	return a.fill(gids, b.Cols[nk:])
}

// fill sets what groups hold: the stored columns without the keys.
func (a *aggregate) fill(gids []uint32, cols []arrow.Array) error {
	for i, f := range types.Int64s(cols[0]) {
		a.flags[gids[i]] = uint8(f)
	}
	cols = cols[1:]
	if a.changing {
		for i, w := range types.Int64s(cols[0]) {
			a.weight[gids[i]] = w
		}
		cols = cols[1:]
	}
	for _, c := range a.calls {
		if c.kind == recomputed {
			continue
		}
		n := len(c.acc.StateTypes())
		if err := c.acc.Load(gids, cols[:n]); err != nil {
			return err
		}
		cols = cols[n:]
	}
	return nil
}

// loadKeys finds or makes the groups of saved keys.
func (a *aggregate) loadKeys(keys []arrow.Array, n int) ([]uint32, error) {
	gids := make([]uint32, n)
	a.insert(keys, gids)
	if a.closing == nil || len(a.keys.fresh) == 0 {
		return gids, nil
	}
	fresh := a.keys.fresh
	ec := &expr.Ctx{}
	if a.ctx != nil {
		ec = a.ctx()
	}
	ts, err := a.closeTimes(ec, fresh)
	if err != nil {
		return nil, err
	}
	for i, g := range fresh {
		a.closing.add(g, ts[i])
	}
	return gids, nil
}

// Loaded fills the accumulators that are not saved themselves; in append mode that is done when a group closes.
func (a *aggregate) Loaded() error {
	for _, c := range a.calls {
		if c.kind == recomputed && !a.plan.OnClose {
			if err := c.recompute(a.keys.all()); err != nil {
				return err
			}
		}
	}
	if a.page != nil {
		for _, g := range a.keys.all() {
			a.flags[g] |= isUnsaved
			a.page.dirty = append(a.page.dirty, cell{a.closeAt(g), a.keys.hashes[g]})
		}
	}
	return nil
}

// Size is the number of groups and about their bytes.
func (a *aggregate) Size() (rows, bytes int64) {
	if a.shards != nil {
		return a.shards.size()
	}
	if a.page != nil {
		rows = int64(a.keys.n) + a.page.away
		bytes = a.page.bytesOf(rows)
		for _, m := range a.multisets() {
			bytes += m.page.bytesOf(m.page.away + int64(m.tab.n))
		}
		return rows, bytes
	}
	return a.inMemory()
}

// inMemory is the number of groups in memory and about the bytes they take.
func (a *aggregate) inMemory() (rows, bytes int64) {
	bytes = a.keys.memory() + int64(cap(a.weight)*8+cap(a.flags))
	for _, c := range a.calls {
		bytes += c.memory()
	}
	return int64(a.keys.n), bytes
}
