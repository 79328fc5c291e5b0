package exec

import (
	"cmp"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// The chunks of a temporal join, by tag:
//
//	v       versions: number, columns, from, to, how often
//	l       left rows: number, columns, weight, weight of their partners
//	v-, l-  numbers of those that went
//	s       one row: the time before which versions are not known

// SaveDelta gives what went and what came or changed.
func (t *temporal) SaveDelta() ([]Chunk, error) {
	h, l := t.hist, t.left
	var out []Chunk
	vers, gone := parted(h.unsaved, func(id uint32) bool {
		h.vers[id].dirty = false
		return h.vers[id].w > 0
	})
	out = t.goneChunks(out, "v-", gone)
	out = t.versionChunks(out, vers)
	rows, gone := parted(l.unsaved, func(e uint32) bool {
		l.flags[e] &^= rowUnsaved
		return l.rows.tab.live[e]
	})
	out = t.goneChunks(out, "l-", gone)
	out = t.leftChunks(out, rows)
	if t.unsince {
		out = append(out, t.sinceChunk())
	}
	h.unsaved, l.unsaved, t.unsince = nil, nil, false
	return out, nil
}

// SaveAll gives everything.
func (t *temporal) SaveAll() ([]Chunk, error) {
	h, l := t.hist, t.left
	var ids []uint32
	for id := range h.vers {
		h.vers[id].dirty = false
		if h.vers[id].w > 0 {
			ids = append(ids, uint32(id))
		}
	}
	for _, e := range l.unsaved {
		l.flags[e] &^= rowUnsaved
	}
	h.unsaved, l.unsaved, t.unsince = nil, nil, false
	out := t.leftChunks(t.versionChunks(nil, ids), l.rows.tab.all())
	return append(out, t.sinceChunk()), nil
}

func parted(ids []uint32, live func(uint32) bool) (here, gone []uint32) {
	for _, id := range ids {
		if live(id) {
			here = append(here, id)
		} else {
			gone = append(gone, id)
		}
	}
	return here, gone
}

func (t *temporal) goneChunks(out []Chunk, tag string, ids []uint32) []Chunk {
	for part := range slices.Chunk(ids, chunkRows) {
		out = append(out, Chunk{t.name, tag, &types.Batch{N: len(part), Cols: []arrow.Array{rowNumbers(part)}}})
	}
	return out
}

func (t *temporal) sinceChunk() Chunk {
	return Chunk{t.name, "s", &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{t.since}, nil, 0)}}}
}

func (t *temporal) versionChunks(out []Chunk, ids []uint32) []Chunk {
	for part := range slices.Chunk(ids, chunkRows) {
		rows := make([]uint32, len(part))
		from, to, w := make([]int64, len(part)), make([]int64, len(part)), make([]int64, len(part))
		for i, id := range part {
			v := &t.hist.vers[id]
			rows[i], from[i], to[i], w[i] = v.row, v.from, v.to, v.w
		}
		cols := append([]arrow.Array{rowNumbers(part)}, t.hist.rows.columns(rows)...)
		cols = append(cols, types.Int64Array(from, nil, 0), types.Int64Array(to, nil, 0), types.Int64Array(w, nil, 0))
		out = append(out, Chunk{t.name, "v", &types.Batch{N: len(part), Cols: cols}})
	}
	return out
}

func (t *temporal) leftChunks(out []Chunk, rows []uint32) []Chunk {
	l := t.left
	for part := range slices.Chunk(rows, chunkRows) {
		cols := append([]arrow.Array{rowNumbers(part)}, l.rows.columns(part)...)
		cols = append(cols, types.Int64Array(pick(l.rows.w, part), nil, 0), types.Int64Array(pick(l.partners, part), nil, 0))
		out = append(out, Chunk{t.name, "l", &types.Batch{N: len(part), Cols: cols}})
	}
	return out
}

// Load takes a chunk.
func (t *temporal) Load(c Chunk) error {
	switch c.Tag {
	case "s":
		t.since = types.Int64s(c.Batch.Cols[0])[0]
		return nil
	case "v-":
		for _, id := range types.Int32s(c.Batch.Cols[0]) {
			t.hist.unload(uint32(id))
		}
		return nil
	case "l-":
		for _, e := range types.Int32s(c.Batch.Cols[0]) {
			t.unload(uint32(e))
		}
		return nil
	case "v":
		return t.loadVersions(c.Batch)
	case "l":
		return t.loadLeft(c.Batch)
	}
	return sqlerr.New(sqlerr.DataCorrupted, "unknown state chunk %q of operator %s", c.Tag, t.name)
}

func (h *history) unload(id uint32) {
	if int(id) < len(h.vers) && h.vers[id].w > 0 {
		v := &h.vers[id]
		v.w = 0
		h.n--
		if h.refs[v.row]--; h.refs[v.row] == 0 {
			h.rows.remove(v.row)
		}
	}
}

func (t *temporal) unload(e uint32) {
	if int(e) < t.left.rows.cap() && t.left.rows.tab.live[e] {
		t.left.rows.remove(e)
	}
}

func (t *temporal) loadVersions(b *types.Batch) error {
	h, n := t.hist, len(t.right)
	if len(b.Cols) != n+4 {
		return sqlerr.New(sqlerr.DataCorrupted, "the stored state of operator %s has %d columns", t.name, len(b.Cols))
	}
	ids := types.Int32s(b.Cols[0])
	for _, id := range ids {
		h.unload(uint32(id))
	}
	rows, fresh := h.rows.add(&types.Batch{N: b.N, Cols: b.Cols[1 : n+1]})
	h.refs = resize(h.refs, h.rows.cap())
	for _, e := range fresh {
		h.refs[e] = 0
	}
	from, to, w := types.Int64s(b.Cols[n+1]), types.Int64s(b.Cols[n+2]), types.Int64s(b.Cols[n+3])
	for i, id := range ids {
		h.vers = resize(h.vers, max(len(h.vers), int(id)+1))
		h.vers[id] = version{row: rows[i], next: none, from: from[i], to: to[i], w: w[i]}
		h.refs[rows[i]]++
		h.n++
	}
	return nil
}

func (t *temporal) loadLeft(b *types.Batch) error {
	l, n := t.left, len(t.left.types)
	if len(b.Cols) != n+3 {
		return sqlerr.New(sqlerr.DataCorrupted, "the stored state of operator %s has %d columns", t.name, len(b.Cols))
	}
	ids := make([]uint32, b.N)
	for i, e := range types.Int32s(b.Cols[0]) {
		ids[i] = uint32(e)
		t.unload(ids[i])
	}
	l.rows.put(ids, b.Cols[1:n+1])
	l.growRows()
	w, partners := types.Int64s(b.Cols[n+1]), types.Int64s(b.Cols[n+2])
	for i, e := range ids {
		l.rows.w[e], l.partners[e] = w[i], partners[i]
	}
	return nil
}

// Loaded makes the lists by key out of the rows.
func (t *temporal) Loaded() error {
	ec := &expr.Ctx{}
	if t.ctx != nil {
		ec = t.ctx()
	}
	if err := t.loadedVersions(ec); err != nil {
		return err
	}
	l := t.left
	l.rows.settle()
	rows := l.rows.tab.all()
	t.times = resize(t.times, l.rows.cap())
	for part := range slices.Chunk(rows, chunkRows) {
		b := &types.Batch{N: len(part), Cols: l.rows.columns(part)}
		keys, err := evalCols(ec, append(l.keys[:len(l.keys):len(l.keys)], t.plan.AsOfTime), b)
		if err != nil {
			return err
		}
		gids := make([]uint32, len(part))
		t.keys.insert(keys[:len(l.keys)], gids)
		t.growKeys()
		for i, e := range part {
			l.link(e, gids[i])
			t.times[e] = types.Int64s(keys[len(l.keys)])[i]
			if t.final || t.bounded {
				l.expiry.add(e, t.times[e])
			}
			if !t.final && t.outer && l.partners[e] == 0 {
				l.out[e] = l.rows.w[e]
			}
		}
	}
	return nil
}

func (t *temporal) loadedVersions(ec *expr.Ctx) error {
	h := t.hist
	h.rows.settle()
	h.refs, h.open = resize(h.refs, h.rows.cap()), resize(h.open, h.rows.cap())
	for e := range h.open {
		h.open[e], h.rows.w[e] = none, 0
	}
	var ids []uint32
	for id := range h.vers {
		if h.vers[id].w > 0 {
			ids = append(ids, uint32(id))
		} else {
			h.free = append(h.free, uint32(id))
		}
	}
	slices.SortStableFunc(ids, func(a, b uint32) int {
		x, y := &h.vers[a], &h.vers[b]
		return cmp.Or(cmp.Compare(x.to, y.to), cmp.Compare(x.from, y.from))
	})
	for part := range slices.Chunk(ids, chunkRows) {
		rows := make([]uint32, len(part))
		for i, id := range part {
			rows[i] = h.vers[id].row
		}
		keys, err := evalCols(ec, t.rkeys, &types.Batch{N: len(rows), Cols: h.rows.columns(rows)})
		if err != nil {
			return err
		}
		gids := make([]uint32, len(part))
		t.keys.insert(keys, gids)
		t.growKeys()
		for i, id := range part {
			v := &h.vers[id]
			if v.key = gids[i]; v.to != never {
				h.close(id)
				continue
			}
			v.next, h.open[v.row] = h.open[v.row], id
			h.rows.w[v.row] += v.w
			h.byKey[v.key].open = append(h.byKey[v.key].open, id)
		}
	}
	return nil
}

// Size is the number of versions and left rows, and about their bytes.
func (t *temporal) Size() (rows, bytes int64) {
	return int64(t.hist.n + t.left.rows.tab.n), t.keys.memory() + t.hist.memory() + t.left.memory() + t.heldSize + int64(cap(t.times)*8)
}
