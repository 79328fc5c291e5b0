package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// listPages ties the rows of an over to a Cold, under the hash of their partition's keys. Memory has all rows of a partition that is there, and none of another; partitions of
// one hash come together. A nil one does nothing: all rows are in memory.
type listPages struct {
	rowPages
	clock
	queue inputQueue
	keys  *keyTable
	marks *coldMarks // of the partitions that close; nil: none does
	ends  *closing   // when they close

	keyCol    []int    // by partition key: the stored column that it is, or -1
	part      []uint32 // by row: its partition; none: the row is not there
	unsaved   []uint32
	isUnsaved []bool // by row
	hot       []bool // by partition: used since the clock's hand passed
	gids      []uint32
}

// dueParts is how many partitions that close are read at a time.
const dueParts = 4096

// pageable says whether the rows can lie in a Cold: partition by partition.
func (o *over) pageable() bool { return (o.saving || o.page != nil) && len(o.parts.keys.cols) > 0 }

// pages makes the operator keep its rows in c.
func (o *over) pages(c Cold, prefix []byte, stored bool) error {
	return o.pagesUntil(c, prefix, stored, o.parts.closing)
}

// pagesUntil is pages with what says when there is something to do for a partition that lies in c.
func (o *over) pagesUntil(c Cold, prefix []byte, stored bool, ends *closing) error {
	p := &listPages{keys: o.parts.keys, ends: ends}
	for _, x := range o.parts.exprs {
		at := -1
		if col, ok := x.(*expr.Column); ok {
			at = col.Idx
		}
		p.keyCol = append(p.keyCol, at)
	}
	if o.page, o.saving = p, false; ends != nil {
		p.marks = newColdMarks(c, append(slices.Clone(prefix), 'k'))
	}
	var dts []arrow.DataType
	for _, col := range o.storedCols(nil) {
		dts = append(dts, col.DataType())
	}
	p.rowPages = *newRowPages(c, prefix, 0, false, dts)
	o.rows.page = p
	if stored {
		return p.open()
	}
	return nil
}

// storedCols are the columns of rows as they are stored: theirs, the weight, and the partition keys that are not among them.
func (o *over) storedCols(rows []uint32) []arrow.Array {
	cols := append(o.rows.gather(rows, len(o.rows.cols)), types.Int64Array(pick(o.rows.w, rows), nil, 0))
	ps := make([]uint32, len(rows))
	for i, e := range rows {
		ps[i] = o.page.part[e]
	}
	for k, at := range o.page.keyCol {
		if at < 0 {
			cols = append(cols, o.parts.keys.cols[k].gather(ps))
		}
	}
	return cols
}

// keyCols are the partition keys of stored rows; those that stand for themselves begin at column more.
func (p *listPages) keyCols(cols []arrow.Array, more int) []arrow.Array {
	keys := make([]arrow.Array, len(p.keyCol))
	for k, at := range p.keyCol {
		if at < 0 {
			at = more
			more++
		}
		keys[k] = cols[at]
	}
	return keys
}

// hold keeps input where rows may have to be read for it; held: it was kept, ready: enough of it is there.
func (p *listPages) hold(b *types.Batch) (held, ready bool) {
	if p == nil || p.away == 0 {
		return false, false
	}
	return true, p.queue.hold(0, b)
}

// drain takes the rows that wait.
func (o *over) drain(st *run) error {
	if o.page == nil {
		return nil
	}
	return o.page.queue.drain(func(_ int, b *types.Batch) error { return o.push(st, b) })
}

// enter notes a row that came new to partition part.
func (p *listPages) enter(e, part uint32) {
	n := int(e) + 1
	p.grow(n)
	p.rowPages.enter(e)
	p.part[e] = part
	p.note(e)
}

func (p *listPages) grow(n int) {
	if n > len(p.part) {
		p.rowPages.grow(n)
		p.part, p.isUnsaved = resize(p.part, n), resize(p.isUnsaved, n)
	}
}

// note notes that a row has to be written.
func (p *listPages) note(e uint32) {
	if !p.isUnsaved[e] {
		p.isUnsaved[e] = true
		p.unsaved = append(p.unsaved, e)
	}
}

// dropped notes that a row went.
func (p *listPages) dropped(e uint32) {
	p.remove(e, 0, p.keys.hashes[p.part[e]])
	p.part[e] = none
}

// pageIn notes that the partitions gids are used, and reads the rows of those of them that came new into memory, fresh.
func (o *over) pageIn(ec *expr.Ctx, gids, fresh []uint32) error {
	p := o.page
	fresh = slices.Clone(fresh)
	o.arrive(fresh)
	for _, g := range gids {
		p.hot[g] = true
	}
	if p.away == 0 || len(fresh) == 0 {
		return nil
	}
	cells := absentCells(o.parts.keys, fresh, noTime)
	hashes := make([]uint64, len(cells))
	for i, c := range cells {
		hashes[i] = c.hash
	}
	return o.readHashes(ec, hashes)
}

// arrive makes room for partitions that came new into memory.
func (o *over) arrive(fresh []uint32) {
	o.grow()
	p, n := o.page, o.parts.keys.cap()
	p.hot = resize(p.hot, n)
	p.marks.enter(fresh, n)
	if o.entered != nil {
		for _, g := range fresh {
			o.entered(g)
		}
	}
}

// readHashes brings the partitions with these hashes, which ascend, into memory, where none of them is.
func (o *over) readHashes(ec *expr.Ctx, hashes []uint64) error {
	p := o.page
	f, err := p.fetch(hashes)
	if err != nil {
		return damaged(o.name, err)
	}
	if f.n == 0 {
		return nil
	}
	w := len(o.rows.cols)
	gids := make([]uint32, f.n)
	o.parts.keys.insert(p.keyCols(f.cols, w+1), gids)
	fresh := slices.Clone(o.parts.keys.fresh)
	if err := o.parts.register(ec, fresh); err != nil {
		return err
	}
	o.arrive(fresh)
	o.rows.read(f.cols[:w])
	weights := types.Int64s(f.cols[w])
	var ps []uint32
	for i, g := range gids {
		if len(o.lists[g]) == 0 {
			ps = append(ps, g)
		}
		e := o.rows.put(i, weights[i])
		p.grow(int(e) + 1)
		p.load(e, f.numbers[i])
		p.part[e] = g
		o.lists[g] = append(o.lists[g], e)
	}
	for _, g := range ps {
		p.hot[g] = true
		slices.SortStableFunc(o.lists[g], o.order.compare)
		if o.entered != nil {
			o.entered(g)
		}
	}
	return nil
}

// eachDue calls do for the partitions in memory, and again whenever some of those that are due at wm and lie in the Cold were read.
func (o *over) eachDue(st *run, wm int64, do func() error) error {
	if err := do(); err != nil {
		return err
	}
	p := o.page
	if p == nil || p.marks == nil {
		return nil
	}
	first, err := p.marks.first()
	if err != nil || first > wm {
		return err
	}
	for from, more := []byte(nil), true; more; more = from != nil {
		var hashes []uint64
		if from, err = p.marks.due(from, wm, func(hash uint64) bool {
			if !o.meet(hash, wm) {
				hashes = append(hashes, hash)
			}
			return len(hashes) < dueParts
		}); err != nil {
			return damaged(o.name, err)
		}
		slices.Sort(hashes)
		if hashes = slices.Compact(hashes); len(hashes) == 0 {
			continue
		}
		if err := o.readHashes(st.ec, hashes); err != nil {
			return err
		}
		for _, h := range hashes {
			o.meet(h, wm)
		}
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// meet notes that the mark of a hash up to wm was met; is any of its partitions in memory?
func (o *over) meet(hash uint64, wm int64) bool {
	p := o.page
	p.gids = o.parts.keys.withHash(p.gids[:0], hash)
	for _, g := range p.gids {
		p.marks.met(g, wm)
	}
	return len(p.gids) > 0
}

// savePages writes what changed.
func (o *over) savePages() {
	p := o.page
	if p.marks != nil {
		p.marks.begin()
		for _, g := range p.marks.bare {
			o.mark(g)
		}
		p.marks.bare = p.marks.bare[:0]
	}
	live := p.unsaved[:0]
	for _, e := range p.unsaved {
		if p.isUnsaved[e] = false; p.part[e] != none {
			live = append(live, e)
			if p.marks != nil {
				o.mark(p.part[e])
			}
		}
	}
	p.save(live, func(e uint32) storedRow { return storedRow{hash: o.parts.keys.hashes[p.part[e]]} }, o.storedCols, o.rows.n)
	p.unsaved = p.unsaved[:0]
}

// mark puts the time at which partition g closes into the Cold.
func (o *over) mark(g uint32) {
	keys, p := o.parts.keys, o.page
	if keys.live[g] && int(g) < len(p.ends.at) {
		p.marks.set(g, keys.hashes[g], p.ends.at[g])
	}
}

// used is about the bytes of the rows in memory.
func (o *over) used() int64 {
	if len(o.rows.w) == 0 {
		return 0
	}
	return int64(float64(o.memory()) * float64(o.rows.n) / float64(len(o.rows.w)))
}

// release forgets partitions with a part of the rows in memory.
func (o *over) release(part float64) {
	p, keys := o.page, o.parts.keys
	hot := func(g uint32) bool {
		was := p.hot[g]
		p.hot[g] = false
		return was
	}
	gone := p.victims(keys, int(part*float64(o.rows.n))+1, hot, func(uint32) bool { return false }, func(g uint32) int { return len(o.lists[g]) })
	for _, g := range gone {
		for _, e := range o.lists[g] {
			p.forget(e)
		}
	}
	o.forget(gone)
	if p.ends != nil {
		p.ends.leave(gone, keys)
	}
}

// paging gives the counters.
func (o *over) paging(s *OpStats) {
	if o.page == nil {
		return
	}
	s.MemoryRows, s.MemoryBytes = int64(o.rows.n), o.memory()
	s.Reads, s.Writes = s.Reads+o.page.reads, s.Writes+o.page.writes
}

// nextDue is the earliest time at which a partition closes, in memory or not.
func (o *over) nextDue(ends *closing) (int64, bool) {
	first := int64(never)
	if ends != nil && len(ends.times) > 0 {
		first = ends.times[0]
	}
	if p := o.page; p != nil && p.marks != nil && p.away > 0 {
		if t, err := p.marks.first(); err == nil { // the step will meet the error
			first = min(first, t)
		}
	}
	return first, first != never
}

func (o *over) isPaged() bool { return o.page != nil }

// coldRows gives the rows that are stored.
func (o *over) coldRows(emit func(part string, b *types.Batch) error) error {
	w := len(o.rows.cols)
	return o.page.each(func(numbers []uint64, cols []arrow.Array) error {
		return emit("rows", &types.Batch{Cols: append(o.page.keyCols(cols, w+1), cols[:w+1]...), N: len(numbers)})
	})
}
