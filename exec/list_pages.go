package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// listPages ties rows that stand in lists by key, those of an over by partition, to a Cold, under the hash of the key. Memory has all rows of a partition (of a key) that is there, and none
// of another; partitions of one hash come together. A nil one does nothing: all rows are in memory.
type listPages struct {
	rowPages
	clock
	op        string
	queue     inputQueue
	keys      *keyTable
	marks     *coldMarks // of the partitions that close; nil: none does
	part      []uint32   // by row: its partition; none: the row is not there
	unsaved   []uint32
	isUnsaved []bool // by row
	hot       []bool // by partition: used since the clock's hand passed
	gids      []uint32
}

// dueParts is how many partitions that close are read at a time.
const dueParts = 4096

// hold keeps input where rows may have to be read for it; held: it was kept, ready: enough of it is there.
func (p *listPages) hold(b *types.Batch) (held, ready bool) {
	if p == nil || p.away == 0 {
		return false, false
	}
	return true, p.queue.hold(0, b)
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

// grown makes room for n partitions, of which fresh came new into memory.
func (p *listPages) grown(fresh []uint32, n int) {
	p.hot = resize(p.hot, n)
	p.marks.enter(fresh, n)
}

// absent are the hashes of those of the partitions that came new into memory which may lie in the Cold, ascending.
func (p *listPages) absent(fresh []uint32) []uint64 {
	if p.away == 0 || len(fresh) == 0 {
		return nil
	}
	cells := absentCells(p.keys, fresh, noTime)
	hashes := make([]uint64, len(cells))
	for i, c := range cells {
		hashes[i] = c.hash
	}
	return hashes
}

// eachDue calls do for the partitions in memory, and again whenever some of those that are due at wm and lie in the Cold were read.
func (p *listPages) eachDue(wm int64, read func(hashes []uint64) error, do func() error) error {
	if err := do(); err != nil {
		return err
	}
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
			if !p.meet(hash, wm) {
				hashes = append(hashes, hash)
			}
			return len(hashes) < dueParts
		}); err != nil {
			return damaged(p.op, err)
		}
		slices.Sort(hashes)
		if hashes = slices.Compact(hashes); len(hashes) == 0 {
			continue
		}
		if err := read(hashes); err != nil {
			return err
		}
		for _, h := range hashes {
			p.meet(h, wm)
		}
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// meet notes that the mark of a hash up to wm was met; is any of its partitions in memory?
func (p *listPages) meet(hash uint64, wm int64) bool {
	p.gids = p.keys.withHash(p.gids[:0], hash)
	for _, g := range p.gids {
		p.marks.met(g, wm)
	}
	return len(p.gids) > 0
}

// saveRows writes the rows that changed, with the columns to store; mark sets the marks of a partition, and n is how many rows memory holds.
func (p *listPages) saveRows(mark func(g uint32), cols func(rows []uint32) ([]arrow.Array, error), n int) error {
	if p.marks != nil {
		p.marks.begin()
		for _, g := range p.marks.bare {
			if p.keys.live[g] {
				mark(g)
			}
		}
		p.marks.bare = p.marks.bare[:0]
	}
	live := p.unsaved[:0]
	for _, e := range p.unsaved {
		if p.isUnsaved[e] = false; p.part[e] != none {
			live = append(live, e)
			if p.marks != nil {
				mark(p.part[e])
			}
		}
	}
	err := p.save(live, func(e uint32) storedRow { return storedRow{hash: p.keys.hashes[p.part[e]]} }, cols, n)
	p.unsaved = p.unsaved[:0]
	return err
}

// oldest picks partitions with about n rows that were not used of late.
func (p *listPages) oldest(n int, rows func(g uint32) int) []uint32 {
	hot := func(g uint32) bool {
		was := p.hot[g]
		p.hot[g] = false
		return was
	}
	return p.victims(p.keys, n, hot, func(uint32) bool { return false }, rows)
}

// nextDue is the earliest time at which something closes, in memory (ends; nil: nothing does) or not.
func (p *listPages) nextDue(ends *closing) (int64, bool) {
	first := int64(never)
	if ends != nil && len(ends.times) > 0 {
		first = ends.times[0]
	}
	if p != nil && p.marks != nil && p.away > 0 {
		if t, err := p.marks.first(); err == nil { // the step will meet the error
			first = min(first, t)
		}
	}
	return first, first != never
}
