package exec

import (
	"math"
	"sort"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// history keeps the rows of a table with the times at which they came and went. Changes come in the order of their clocks.
type history struct {
	rows    *rowStore // each row once
	refs    []int32   // by row: versions of it
	open    []uint32  // by row: its newest version that has not ended
	vers    []version
	free    []uint32
	byKey   []keyVersions
	ended   []uint32 // versions that have ended, by their end; from `first` on
	first   int
	unsaved []uint32
	emptied []uint32 // keys that may have nothing any more
	n       int
}

// version says that a row was there w times in [from, to).
type version struct {
	row, key uint32
	next     uint32 // the row's next older version that has not ended
	dirty    bool   // in unsaved
	from, to int64
	w        int64 // 0: a free number
}

// keyVersions are the versions of a key.
type keyVersions struct {
	open  []uint32
	ended []uint32 // by their end
	// crossing: some that have ended overlap others; else they follow one another.
	crossing bool
}

func newHistory(ts []types.Type) *history { return &history{rows: newRowStore(ts, true)} }

func (h *history) growKeys(n int) { h.byKey = resize(h.byKey, n) }

// add takes changes with their keys and clocks, and gives the numbers of their rows, which are good until sweep.
func (h *history) add(b *types.Batch, gids []uint32, clock []int64) ([]uint32, error) {
	ids, fresh := h.rows.add(b)
	h.refs, h.open = resize(h.refs, h.rows.cap()), resize(h.open, h.rows.cap())
	for _, e := range fresh {
		h.refs[e], h.open[e] = 0, none
	}
	for i, e := range ids {
		switch w := b.Weight(i); {
		case w > 0:
			h.begin(e, gids[i], clock[i], w)
		case w < 0 && !h.end(e, clock[i], -w):
			return nil, sqlerr.New(sqlerr.InternalError, "a row went from a table's history that was not there")
		}
	}
	return ids, nil
}

func (h *history) newVersion(v version) uint32 {
	var id uint32
	if k := len(h.free); k > 0 {
		id = h.free[k-1]
		h.free = h.free[:k-1]
		v.dirty = h.vers[id].dirty
		h.vers[id] = v
	} else {
		id = uint32(len(h.vers))
		v.dirty = false
		h.vers = append(h.vers, v)
	}
	h.refs[v.row]++
	h.n++
	h.unsave(id)
	return id
}

func (h *history) unsave(id uint32) {
	if !h.vers[id].dirty {
		h.vers[id].dirty = true
		h.unsaved = append(h.unsaved, id)
	}
}

// begin notes that a row came w times.
func (h *history) begin(e, g uint32, at, w int64) {
	if id := h.open[e]; id != none && h.vers[id].from == at {
		h.vers[id].w += w
		h.unsave(id)
		return
	}
	id := h.newVersion(version{row: e, key: g, next: h.open[e], from: at, to: never, w: w})
	h.open[e] = id
	h.byKey[g].open = append(h.byKey[g].open, id)
}

// end notes that a row went n times; false: it was not there so often.
func (h *history) end(e uint32, at, n int64) bool {
	for n > 0 {
		id := h.open[e]
		if id == none {
			return false
		}
		v := &h.vers[id]
		h.unsave(id)
		if v.w > n { // some of it stay
			v.w -= n
			if v.from < at {
				part := *v
				part.w, part.to, part.next = n, at, none
				h.close(h.newVersion(part))
			}
			return true
		}
		n -= v.w
		h.open[e] = v.next
		list := &h.byKey[v.key].open
		for k, o := range *list {
			if o == id {
				(*list)[k] = (*list)[len(*list)-1]
				*list = (*list)[:len(*list)-1]
				break
			}
		}
		if v.from >= at {
			h.forget(id)
			continue
		}
		v.to = at
		h.close(id)
	}
	return true
}

// close enters a version that has ended.
func (h *history) close(id uint32) {
	v := &h.vers[id]
	k := &h.byKey[v.key]
	if n := len(k.ended); n > 0 && h.vers[k.ended[n-1]].to > v.from {
		k.crossing = true
	}
	k.ended = append(k.ended, id)
	h.ended = append(h.ended, id)
}

// forget takes a version out that no list names any more.
func (h *history) forget(id uint32) {
	v := &h.vers[id]
	h.unsave(id)
	h.refs[v.row]--
	h.emptied = append(h.emptied, id)
	v.w = 0
	h.n--
}

// at calls fn for the rows of a key that held at a time, with how often.
func (h *history) at(g uint32, ts int64, fn func(row uint32, w int64)) {
	k := &h.byKey[g]
	for _, id := range k.open {
		if v := &h.vers[id]; v.from <= ts {
			fn(v.row, v.w)
		}
	}
	first := sort.Search(len(k.ended), func(i int) bool { return h.vers[k.ended[i]].to > ts })
	for _, id := range k.ended[first:] {
		v := &h.vers[id]
		if v.from <= ts {
			fn(v.row, v.w)
		} else if !k.crossing {
			return
		}
	}
}

// cut forgets the versions that ended at or before a time.
func (h *history) cut(ts int64) {
	for h.first < len(h.ended) && h.vers[h.ended[h.first]].to <= ts {
		id := h.ended[h.first]
		h.first++
		k := &h.byKey[h.vers[id].key]
		if k.ended = k.ended[1:]; len(k.ended) == 0 {
			k.ended, k.crossing = nil, false
		}
		h.forget(id)
	}
	if h.first > len(h.ended)/2 {
		h.ended = append(h.ended[:0:0], h.ended[h.first:]...)
		h.first = 0
	}
}

// sweep lets go of the rows and keys of forgotten versions.
func (h *history) sweep(keys *keyTable, left *joinSide) {
	for _, id := range h.emptied {
		e, g := h.vers[id].row, h.vers[id].key
		if h.refs[e] == 0 && h.rows.tab.live[e] {
			h.rows.remove(e)
		}
		h.free = append(h.free, id)
		h.dropKey(g, keys, left)
	}
	h.emptied = h.emptied[:0]
}

// dropKey takes a key out that has neither versions nor left rows.
func (h *history) dropKey(g uint32, keys *keyTable, left *joinSide) {
	if k := &h.byKey[g]; keys.live[g] && len(k.open) == 0 && len(k.ended) == 0 && left.head[g] == none {
		h.byKey[g] = keyVersions{}
		keys.remove(g)
	}
}

func (h *history) memory() int64 {
	return h.rows.memory() + int64(cap(h.vers)*48+cap(h.refs)*4+cap(h.open)*4+cap(h.byKey)*56+cap(h.ended)*4+h.n*4+cap(h.unsaved)*4)
}

// horizon is the least time a left row may still have under a watermark.
func (t *temporal) horizon(mark int64) int64 {
	if !t.bounded || mark == NoWatermark {
		return math.MinInt64
	}
	return plusTime(mark, -t.close)
}
