package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// joinPages is the part of a join whose rows can lie in a Cold. Memory holds the rows of a key on a side wholly, or those alone that came since it forgot the key: a side
// that is only added to need not be read for that.
type joinPages struct {
	queue inputQueue
	side  [2]*rowPages
	whole [2][]uint8 // by key
	hot   []bool     // by key: used since the clock's hand passed
	hand  int
}

// What memory has of a key's rows.
const (
	someRows = iota // those that came since it was forgotten
	loadRows        // they are being read
	allRows
)

// pageable says whether the rows can lie in a Cold.
func (j *join) pageable() bool {
	if j.asof != nil && (j.side[0].waiting || j.side[0].expiry != nil || j.side[1].expiry != nil) {
		return false
	}
	return (j.saving || j.page != nil) && !j.streamed && !j.nullSafe && len(j.keys.cols) > 0
}

// pages makes the join keep its rows in c.
func (j *join) pages(c Cold, prefix []byte, stored bool) error {
	j.page, j.saving = &joinPages{}, false
	for port, s := range j.side {
		cols := j.storedCols(port, nil)
		dts := make([]arrow.DataType, len(cols))
		for k, col := range cols {
			dts[k] = col.DataType()
		}
		p := newRowPages(c, prefix, joinTags[port][0], s.expiry != nil, dts)
		j.page.side[port] = p
		if stored {
			if err := p.open(); err != nil {
				return damaged(j.name, err)
			}
		}
	}
	return nil
}

// storedCols are the columns of rows as they are stored: theirs, the weight, and the weight of the partners where it is kept.
func (j *join) storedCols(port int, rows []uint32) []arrow.Array {
	s := j.side[port]
	cols := append(s.rows.columns(rows), types.Int64Array(pick(s.rows.w, rows), nil, 0))
	if j.byRow && s.tracked {
		partners := pick(s.partners, rows)
		if j.asof != nil && j.page != nil { // a row's number in memory is not its number in the Cold
			for i, with := range partners {
				if with > 0 {
					partners[i] = int64(j.page.side[1].number[with-1]) + 1
				}
			}
		}
		cols = append(cols, types.Int64Array(partners, nil, 0))
	}
	return cols
}

// meetNearest finds the partners of left rows of an ASOF join that were read, whose right rows are in memory now.
func (j *join) meetNearest(rows []uint32) {
	l, r, p := j.side[0], j.side[1], j.page.side[1]
	at := map[uint64]uint32{} // rows of the right side by number
	seen := map[uint32]bool{}
	for _, e := range rows {
		if g := l.key[e]; !seen[g] {
			seen[g] = true
			for o := r.head[g]; o != none; o = r.next[o] {
				at[p.number[o]] = o
			}
		}
		if with := l.partners[e]; with > 0 {
			l.partners[e] = int64(at[uint64(with-1)]) + 1
		}
		l.out[e] = 0
		if j.outer || l.partners[e] > 0 {
			l.out[e] = l.rows.w[e]
		}
	}
}

// hold keeps input where rows may have to be read for it; held: it was kept, ready: enough of it is there.
func (p *joinPages) hold(port int, b *types.Batch) (held, ready bool) {
	if p == nil || p.side[0].away+p.side[1].away == 0 {
		return false, false
	}
	return true, p.queue.hold(port, b)
}

func (j *join) drain(st *run) error {
	if j.page == nil {
		return nil
	}
	return j.page.queue.drain(func(port int, b *types.Batch) error { return j.push(st, port, b) })
}

func (p *joinPages) growKeys(n int) {
	if p == nil {
		return
	}
	p.hot = resize(p.hot, n)
	for port := range p.whole {
		p.whole[port] = resize(p.whole[port], n)
	}
}

func (p *joinPages) growRows(port, n int) {
	if p != nil {
		p.side[port].grow(n)
	}
}

// pageIn reads what rows of port with the keys gids need: the rows of the other side, and where something is taken back or rows stand for themselves those of their own.
func (j *join) pageIn(ec *expr.Ctx, port int, gids []uint32) error {
	if j.page == nil {
		return nil
	}
	need := [2]bool{true, true}
	need[port] = j.side[port].changing || j.side[0].tracked || j.side[1].tracked
	return j.pageKeys(ec, need, gids)
}

// pageKeys reads the rows of keys that are not in memory.
func (j *join) pageKeys(ec *expr.Ctx, need [2]bool, gids []uint32) error {
	p := j.page
	for _, g := range gids {
		p.hot[g] = true
	}
	var fresh [2][]uint32
	for port := range j.side {
		if !need[port] {
			continue
		}
		for _, g := range gids {
			if p.whole[port][g] == someRows {
				p.whole[port][g] = loadRows
				fresh[port] = append(fresh[port], g)
			}
		}
	}
	var loaded [2][]uint32
	for port, fresh := range fresh {
		var err error
		if loaded[port], err = j.readKeys(ec, port, fresh); err != nil {
			return damaged(j.name, err)
		}
	}
	for port, s := range j.side {
		if s.tracked && !j.byRow {
			for _, g := range fresh[1-port] {
				s.found[g] = j.side[1-port].weight[g] > 0
			}
		}
	}
	if j.asof != nil {
		j.meetNearest(loaded[0])
		return nil
	}
	for port, s := range j.side {
		if s.tracked && !s.waiting {
			for _, e := range loaded[port] {
				s.out[e] = j.standing(s, e)
			}
		}
	}
	return nil
}

// readKeys reads rows of a side and gives their numbers in memory.
func (j *join) readKeys(ec *expr.Ctx, port int, fresh []uint32) ([]uint32, error) {
	p := j.page.side[port]
	defer func() {
		for _, g := range fresh {
			j.page.whole[port][g] = allRows
		}
	}()
	if p.away == 0 || len(fresh) == 0 {
		return nil, nil
	}
	hashes := make([]uint64, len(fresh))
	for i, g := range fresh {
		hashes[i] = j.keys.hashes[g]
	}
	slices.Sort(hashes)
	f, err := p.fetch(slices.Compact(hashes))
	if err != nil || f.n == 0 {
		return nil, err
	}
	return j.take(ec, port, f)
}

// take puts rows that were read into memory: those of keys that are being read and are not there.
func (j *join) take(ec *expr.Ctx, port int, f fetched) ([]uint32, error) {
	s, p := j.side[port], j.page.side[port]
	n := len(s.types)
	b := &types.Batch{Cols: f.cols[:n], N: f.n, W: types.Int64s(f.cols[n])}
	keys, err := evalCols(ec, s.keys, b)
	if err != nil {
		return nil, err
	}
	gids := make([]uint32, f.n)
	j.keys.find(keys, gids)
	var sel []int32
	for i, g := range gids {
		if g != none && j.page.whole[port][g] == loadRows && !j.has(port, g, f.numbers[i]) {
			sel = append(sel, int32(i))
		}
	}
	if len(sel) < f.n {
		b = types.Filter(b, sel)
	}
	ids, _ := s.rows.add(b)
	s.growRows()
	p.grow(s.rows.cap())
	for k, i := range sel {
		e, g := ids[k], gids[i]
		p.load(e, f.numbers[i])
		s.weight[g] += b.W[k]
		s.link(e, g)
		if s.tracked {
			s.out[e], s.partners[e] = 0, 0
			if j.byRow {
				s.partners[e] = types.Int64s(f.cols[n+1])[i]
			}
		}
		if s.expiry != nil {
			s.expiry.add(e, s.expires(e))
		}
	}
	return slices.Clone(ids), nil
}

// has says whether the row of key g with this number is in memory.
func (j *join) has(port int, g uint32, number uint64) bool {
	s, p := j.side[port], j.page.side[port]
	for e := s.head[g]; e != none; e = s.next[e] {
		if p.stored[e] && p.number[e] == number {
			return true
		}
	}
	return false
}

// expireCold lets the rows go that find no partner any more and are only in the Cold; those that wait for one are read instead, so that evict sees them.
func (j *join) expireCold(st *run, port int) error {
	s, p := j.side[port], j.page.side[port]
	cut := min(plusTime(st.wmEnd, -s.done), never-1)
	first, err := p.first()
	if err != nil || first > cut {
		return err
	}
	var gone []storedRow
	if err := p.upTo(cut, func(r storedRow) bool { gone = append(gone, r); return true }); err != nil {
		return damaged(j.name, err)
	}
	if s.waiting {
		return j.readHashes(st.ec, gone)
	}
	for _, r := range gone {
		p.drop(r)
	}
	p.away -= int64(len(gone))
	return nil
}

// readHashes reads the keys of rows.
func (j *join) readHashes(ec *expr.Ctx, rows []storedRow) error {
	hashes := make([]uint64, len(rows))
	for i, r := range rows {
		hashes[i] = r.hash
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	var gids []uint32
	for port, s := range j.side {
		f, err := j.page.side[port].fetch(hashes)
		if err != nil {
			return damaged(j.name, err)
		}
		if f.n == 0 {
			continue
		}
		keys, err := evalCols(ec, s.keys, &types.Batch{Cols: f.cols[:len(s.types)], N: f.n})
		if err != nil {
			return err
		}
		ids := make([]uint32, f.n)
		j.keys.insert(keys, ids)
		j.growKeys()
		gids = append(gids, ids...)
	}
	return j.pageKeys(ec, [2]bool{true, true}, gids)
}
