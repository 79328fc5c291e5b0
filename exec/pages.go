package exec

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// pages ties the rows of a keyTable to a Cold. All rows of one closing time and one hash make a cell: a key (prefix, 'r', closing time where rows close, hash) whose
// value is their number and the rows. A cell is in memory wholly or not at all. Under prefix and 'm' lies how many rows there are.
type pages struct {
	coldCounts
	cold  Cold
	base  []byte
	rows  []byte // the beginning of the cells' keys
	timed bool
	dts   []arrow.DataType // of a stored row
	clock
	dirty []cell // changed since the last save
	cut   int64  // cells that close up to here go with the next save; math.MinInt64: none

	err   error // of a read, where the caller can't be told
	queue inputQueue

	gids       []uint32
	keys       [][]byte
	buf, value []byte
	next       int64 // the earliest closing time of a cell, where nextKnown; never: there is none
	nextKnown  bool
}

// cell names a cell: the closing time (0 where rows don't close) and the hash.
type cell struct {
	ts   int64
	hash uint64
}

func newPages(c Cold, prefix []byte, timed bool, dts []arrow.DataType) *pages {
	return &pages{cold: c, base: slices.Clone(prefix), rows: append(slices.Clone(prefix), 'r'), timed: timed, dts: dts, cut: math.MinInt64}
}

// open reads how many rows there are.
func (p *pages) open() error {
	return readCounts(p.cold, append(slices.Clone(p.base), 'm'), &p.away, &p.saved, &p.bytes)
}

// hold keeps input until enough of it is there for a read to pay; ready: it is. Nothing is kept (held is false) while all rows are in memory.
func (p *pages) hold(port int, b *types.Batch) (held, ready bool) {
	if p == nil || p.away == 0 {
		return false, false
	}
	return true, p.queue.hold(port, b)
}

// drain hands the input that waits to push.
func (p *pages) drain(push func(port int, b *types.Batch) error) error {
	if p == nil {
		return nil
	}
	return p.queue.drain(push)
}

// key appends the key of a cell.
func (p *pages) key(dst []byte, c cell) []byte {
	dst = append(dst, p.rows...)
	if p.timed {
		dst = p.time(dst, c.ts)
	}
	return binary.BigEndian.AppendUint64(dst, c.hash)
}

func (p *pages) time(dst []byte, ts int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(ts)^1<<63)
}

// timeOf is the closing time in a key.
func (p *pages) timeOf(key []byte) int64 {
	return int64(binary.BigEndian.Uint64(key[len(p.rows):]) ^ 1<<63)
}

// closed is the range of the cells that close at or before wm.
func (p *pages) closed(wm int64) (from, to []byte) {
	return p.rows, p.time(slices.Clone(p.rows), wm+1)
}

// changed are the cells that close at or before wm and changed since the last save: what the Cold has of them is old.
func (p *pages) changed(wm int64) map[cell]bool {
	out := map[cell]bool{}
	for _, c := range p.dirty {
		if c.ts <= wm {
			out[c] = true
		}
	}
	return out
}

func compareCells(a, b cell) int {
	if c := cmp.Compare(a.ts, b.ts); c != 0 {
		return c
	}
	return cmp.Compare(a.hash, b.hash)
}

// absent gives the cells of new rows of t that may be only in the Cold, ascending, each once; at gives a row's closing time.
func (p *pages) absent(t *keyTable, fresh []uint32, at func(e uint32) int64) []cell {
	if p.away == 0 {
		return nil
	}
	return absentCells(t, fresh, at)
}

// absentCells gives the cells of those of t's new rows whose cell is not in memory, ascending, each once.
func absentCells(t *keyTable, fresh []uint32, at func(e uint32) int64) []cell {
	var isFresh map[uint32]bool
	var gids []uint32
	out := make([]cell, 0, len(fresh))
	for _, e := range fresh {
		if !t.live[e] {
			continue
		}
		c := cell{at(e), t.hashes[e]}
		gids = t.withHash(gids[:0], c.hash)
		if len(gids) > 1 {
			if isFresh == nil {
				isFresh = map[uint32]bool{}
				for _, f := range fresh {
					isFresh[f] = true
				}
			}
			if slices.ContainsFunc(gids, func(o uint32) bool { return !isFresh[o] && at(o) == c.ts }) {
				continue // the cell is in memory
			}
		}
		out = append(out, c)
	}
	slices.SortFunc(out, compareCells)
	return slices.Compact(out)
}

// fetch reads cells and gives their rows; n is 0 where there are none.
func (p *pages) fetch(cells []cell) (rows []arrow.Array, n int, err error) {
	if len(cells) == 0 {
		return nil, 0, nil
	}
	p.buf, p.keys = p.buf[:0], p.keys[:0]
	for _, c := range cells {
		p.buf = p.key(p.buf, c)
	}
	w := len(p.buf) / len(cells)
	for i := range cells {
		p.keys = append(p.keys, p.buf[i*w:(i+1)*w:(i+1)*w])
	}
	values, err := p.cold.Get(p.keys)
	if err != nil {
		return nil, 0, err
	}
	r := newRowReader(p.dts)
	for _, v := range values {
		if v == nil {
			continue
		}
		if err := r.cell(v); err != nil {
			return nil, 0, err
		}
	}
	if r.n == 0 {
		return nil, 0, nil
	}
	p.away -= int64(r.n)
	p.reads += int64(r.n)
	return r.arrays(), r.n, nil
}

// cell takes all rows of a value.
func (r *rowReader) cell(v []byte) error {
	n, k := binary.Uvarint(v)
	if k <= 0 {
		return errColdRow
	}
	v = v[k:]
	for range n {
		var err error
		if v, err = r.read(v); err != nil {
			return err
		}
	}
	return nil
}

// cellRows is how many rows a value has.
func cellRows(v []byte) int64 {
	n, _ := binary.Uvarint(v)
	return int64(n)
}

// save writes the cells that changed: rows gives the stored columns of entries, at their closing times. clean is called for the entries written.
func (p *pages) save(t *keyTable, at func(e uint32) int64, rows func(ids []uint32) ([]arrow.Array, error)) error {
	if p.cut != math.MinInt64 {
		p.cold.DeleteRange(p.closed(p.cut))
	}
	p.dirty = slices.DeleteFunc(p.dirty, func(c cell) bool { return p.timed && c.ts <= p.cut })
	slices.SortFunc(p.dirty, compareCells)
	for part := range slices.Chunk(slices.Compact(p.dirty), chunkRows) {
		ids, ends := p.gids[:0], make([]int, len(part))
		for i, c := range part {
			from := len(ids)
			ids = t.withHash(ids, c.hash)
			for k := len(ids) - 1; k >= from; k-- {
				if at(ids[k]) != c.ts {
					ids = slices.Delete(ids, k, k+1)
				}
			}
			ends[i] = len(ids)
		}
		cols, err := rows(ids)
		if err != nil {
			return err
		}
		p.write(part, ends, newRowWriter(cols))
		p.writes += int64(len(ids))
		p.gids = ids
	}
	p.dirty, p.cut, p.nextKnown = p.dirty[:0], math.MinInt64, false
	p.buf = append(append(p.buf[:0], p.base...), 'm')
	p.value = appendCounts(p.value[:0], int64(t.n)+p.away, p.saved, p.bytes)
	p.cold.Set(p.buf, p.value)
	return nil
}

// write sets cells, whose rows end at ends; one without rows goes.
func (p *pages) write(cells []cell, ends []int, w *rowWriter) {
	at := 0
	for i, c := range cells {
		p.buf = p.key(p.buf[:0], c)
		if at == ends[i] {
			p.cold.Delete(p.buf)
			continue
		}
		p.value = binary.AppendUvarint(p.value[:0], uint64(ends[i]-at))
		for ; at < ends[i]; at++ {
			p.value = w.append(p.value, at)
			p.saved++
		}
		p.bytes += int64(len(p.buf) + len(p.value))
		p.cold.Set(p.buf, p.value)
	}
}

// each gives the rows of all cells, some at a time.
func (p *pages) each(fn func(r *rowReader) error) error {
	r := newRowReader(p.dts)
	to := append(slices.Clone(p.base), 'r'+1)
	err := p.cold.Scan(p.rows, to, func(_, value []byte) (bool, error) {
		if err := r.cell(value); err != nil || r.n < outBatch {
			return true, err
		}
		err := fn(r)
		r = newRowReader(p.dts)
		return true, err
	})
	if err != nil || r.n == 0 {
		return err
	}
	return fn(r)
}

// victims takes about n rows out of t's order of use, but those that keep names. They are not removed.
func (p *pages) victims(t *keyTable, n int, hot, keep func(e uint32) bool) []uint32 {
	out := p.clock.victims(t, n, hot, keep, func(uint32) int { return 1 })
	p.away += int64(len(out))
	return out
}

// first is the earliest closing time of a cell; never: there is none.
func (p *pages) first() (int64, error) {
	if p.nextKnown {
		return p.next, nil
	}
	p.next = never
	from, to := p.closed(never - 1)
	err := p.cold.Scan(from, to, func(key, _ []byte) (bool, error) {
		p.next = p.timeOf(key)
		return false, nil
	})
	p.nextKnown = err == nil
	return p.next, err
}

// withHash appends the numbers of the keys with hash h.
func (t *keyTable) withHash(dst []uint32, h uint64) []uint32 {
	p, tag := h>>32&t.mask, h<<32
	for s := t.slots[p]; s != 0; s = t.slots[p] {
		if g := uint32(s) - 1; s&^0xffffffff == tag && t.hashes[g] == h {
			dst = append(dst, g)
		}
		p = (p + 1) & t.mask
	}
	return dst
}

// damaged says what is wrong with the stored state of an operator.
func damaged(op string, err error) error {
	return sqlerr.New(sqlerr.DataCorrupted, "the stored state of operator %s cannot be read: %s", op, err)
}
