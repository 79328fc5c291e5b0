package exec

// denseKeys finds integer keys that lie close together by their place: a table of numbers beside the slots of a keyTable, which has all keys. A key that is not in it may
// still be in the slots.
type denseKeys struct {
	lo      int64
	at      []uint32 // number plus one of key lo+i; 0: not known
	refused int      // keys that were too far away
}

// A dense table has room for this many keys, or for this many times the keys that there are.
const (
	denseRoom   = 1 << 16
	denseSparse = 8
	denseGiveUp = 1 << 10
)

// use says that there is a table, and that it is of use.
func (d *denseKeys) use() bool { return d != nil && d.refused <= denseGiveUp }

// put notes the number of key x, of n keys.
func (d *denseKeys) put(x int64, g uint32, n int) {
	if !d.reach(x, n) {
		return
	}
	d.at[uint64(x)-uint64(d.lo)] = g + 1
}

// reach makes room for key x, unless it is too far away.
func (d *denseKeys) reach(x int64, n int) bool {
	if uint64(x)-uint64(d.lo) < uint64(len(d.at)) {
		return true
	}
	lo, hi := x, x
	if len(d.at) > 0 {
		lo, hi = min(x, d.lo), max(x, d.lo+int64(len(d.at)-1))
	}
	span := uint64(hi) - uint64(lo) + 1
	room := uint64(max(denseRoom, denseSparse*n))
	if span == 0 || span > room {
		if d.refused++; d.refused > denseGiveUp {
			d.at = nil
		}
		return false
	}
	size := min(max(span, uint64(2*len(d.at)), 1<<10), room)
	if spare := int64(size - span); x == lo && len(d.at) > 0 && lo > -1<<62 {
		lo -= spare
	}
	if uint64(lo)+size-1 > 1<<63-1 && lo >= 0 {
		size = span
	}
	at := make([]uint32, size)
	if len(d.at) > 0 {
		copy(at[d.lo-lo:], d.at)
	}
	d.lo, d.at = lo, at
	return true
}

// drop forgets key x.
func (d *denseKeys) drop(x int64) {
	if i := uint64(x) - uint64(d.lo); i < uint64(len(d.at)) {
		d.at[i] = 0
	}
}
