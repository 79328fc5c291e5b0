package exec

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// none is what lookup gives for a key that is not there.
const none = ^uint32(0)

// keyTable gives each distinct key (a tuple of columns; NULLs are equal) a number, from 0; the numbers of removed keys are used again. It is an open-addressing table: a slot
// holds the low half of the hash and the number plus one.
type keyTable struct {
	cols   []*keyCol
	slots  []uint64
	mask   uint64
	hashes []uint64 // by number
	live   []bool   // by number
	free   []uint32
	n      int        // keys in the table
	fresh  []uint32   // keys that the last insert added
	dense  *denseKeys // of one integer key; else nil

	vecs    []keyVec
	hs      []uint64
	noNulls bool // of the columns of the last lookup
}

func newKeyTable(ts []types.Type) *keyTable {
	t := &keyTable{slots: make([]uint64, 64), mask: 63, vecs: make([]keyVec, len(ts))}
	for _, typ := range ts {
		t.cols = append(t.cols, newKeyCol(typ))
	}
	if len(ts) == 1 && t.cols[0].isInt && !t.cols[0].isFloat {
		t.dense = &denseKeys{}
	}
	return t
}

// view is the table for a goroutine that looks keys up in it, as others do; nobody changes it.
func (t *keyTable) view() *keyTable {
	v := *t
	v.vecs, v.hs, v.cols = make([]keyVec, len(t.vecs)), nil, nil
	for _, c := range t.cols {
		own := *c
		own.c1, own.c2 = nil, nil
		v.cols = append(v.cols, &own)
	}
	return &v
}

// exact makes t tell apart values that are equal and written differently (1.0 and 1.00, 0 and -0), so that a row is taken back as it came.
func (t *keyTable) exact() *keyTable {
	for _, c := range t.cols {
		c.canon, c.exact = nil, true
	}
	return t
}

func mix(h, v uint64) uint64 {
	hi, lo := bits.Mul64(v^0x9E3779B97F4A7C15, h^0xD6E8FEB86659FD93)
	return (hi ^ lo) * 0x9FB21C651E98DF25
}

// isLive says whether a number stands for a key.
func (t *keyTable) isLive(g uint32) bool { return t.live[g] }

// cap is one more than the greatest number ever given.
func (t *keyTable) cap() int { return len(t.hashes) }

// insert finds the rows' keys, adding those that are new (t.fresh lists them), and puts their numbers into out.
func (t *keyTable) insert(cols []arrow.Array, out []uint32) {
	t.fresh = t.fresh[:0]
	t.reserve(0)
	if t.dense.use() && t.readOne(cols[0], len(out)) {
		t.insertDense(out)
		return
	}
	t.load(cols, len(out))
	switch {
	case len(t.cols) == 1 && t.cols[0].isInt && t.noNulls:
		t.insert1(out)
	case len(t.cols) == 2 && t.cols[0].isInt && t.cols[1].isInt && t.noNulls:
		t.insert2(out)
	default:
		for i := range out {
			out[i] = t.insertRow(i)
		}
	}
}

// find is insert without adding: none for a key that is not there.
func (t *keyTable) find(cols []arrow.Array, out []uint32) {
	if t.dense.use() && t.readOne(cols[0], len(out)) {
		t.findDense(out)
		return
	}
	t.load(cols, len(out))
	t.findLoaded(out)
}

// findLoaded is find after load.
func (t *keyTable) findLoaded(out []uint32) {
	if len(t.cols) == 1 && t.cols[0].isInt && t.noNulls {
		t.find1(out)
		return
	}
	for i := range out {
		out[i] = t.findRow(i)
	}
}

// readOne reads the only key; false: there are NULLs.
func (t *keyTable) readOne(col arrow.Array, n int) bool {
	v, c := &t.vecs[0], t.cols[0]
	c.read(v, col)
	t.hs = scratch(t.hs, n)
	return v.valid == nil && c.nulls == nil
}

// insertDense is insert1 where keys may lie close together; the hashes are known of new keys only.
func (t *keyTable) insertDense(out []uint32) {
	d := t.dense
	lo, at := uint64(d.lo), d.at
	for i, x := range t.vecs[0].ints[:len(out)] {
		if k := uint64(x) - lo; k < uint64(len(at)) && at[k] != 0 {
			out[i] = at[k] - 1
			continue
		}
		t.hs[i] = mix(0, uint64(x))
		out[i] = t.insertRow(i)
		d.put(x, out[i], t.n)
		lo, at = uint64(d.lo), d.at
	}
}

// findDense is find1 where keys may lie close together.
func (t *keyTable) findDense(out []uint32) {
	lo, at := uint64(t.dense.lo), t.dense.at
	for i, x := range t.vecs[0].ints[:len(out)] {
		if k := uint64(x) - lo; k < uint64(len(at)) && at[k] != 0 {
			out[i] = at[k] - 1
			continue
		}
		t.hs[i] = mix(0, uint64(x))
		out[i] = t.findRow(i)
	}
}

func (t *keyTable) find1(out []uint32) {
	vals, ints := t.vecs[0].ints[:len(out)], t.cols[0].ints
	for i, x := range vals {
		h := t.hs[i]
		p, tag := h>>32&t.mask, h<<32
		out[i] = none
		for s := t.slots[p]; s != 0; s = t.slots[p] {
			if g := uint32(s) - 1; s&^0xffffffff == tag && ints[g] == x {
				out[i] = g
				break
			}
			p = (p + 1) & t.mask
		}
	}
}

func (t *keyTable) load(cols []arrow.Array, n int) {
	t.hs = scratch(t.hs, n)
	clear(t.hs)
	t.noNulls = true
	for k, c := range t.cols {
		v := &t.vecs[k]
		c.read(v, cols[k])
		c.hash(v, t.hs)
		t.noNulls = t.noNulls && v.valid == nil && c.nulls == nil
	}
}

func (t *keyTable) insert1(out []uint32) {
	vals := t.vecs[0].ints[:len(out)]
	col := t.cols[0]
	for i, x := range vals {
		h := t.hs[i]
		p, tag := h>>32&t.mask, h<<32
		for {
			s := t.slots[p]
			if s == 0 {
				out[i] = t.add(i, p)
				break
			}
			if g := uint32(s) - 1; s&^0xffffffff == tag && col.ints[g] == x {
				out[i] = g
				break
			}
			p = (p + 1) & t.mask
		}
	}
}

func (t *keyTable) insert2(out []uint32) {
	a, b := t.vecs[0].ints[:len(out)], t.vecs[1].ints[:len(out)]
	ca, cb := t.cols[0], t.cols[1]
	for i, x := range a {
		h := t.hs[i]
		p, tag := h>>32&t.mask, h<<32
		for {
			s := t.slots[p]
			if s == 0 {
				out[i] = t.add(i, p)
				break
			}
			if g := uint32(s) - 1; s&^0xffffffff == tag && ca.ints[g] == x && cb.ints[g] == b[i] {
				out[i] = g
				break
			}
			p = (p + 1) & t.mask
		}
	}
}

func (t *keyTable) insertRow(i int) uint32 {
	h := t.hs[i]
	p, tag := h>>32&t.mask, h<<32
	for {
		s := t.slots[p]
		if s == 0 {
			return t.add(i, p)
		}
		if s&^0xffffffff == tag && t.equal(i, uint32(s)-1) {
			return uint32(s) - 1
		}
		p = (p + 1) & t.mask
	}
}

func (t *keyTable) findRow(i int) uint32 {
	h := t.hs[i]
	p, tag := h>>32&t.mask, h<<32
	for {
		s := t.slots[p]
		if s == 0 {
			return none
		}
		if s&^0xffffffff == tag && t.equal(i, uint32(s)-1) {
			return uint32(s) - 1
		}
		p = (p + 1) & t.mask
	}
}

func (t *keyTable) equal(i int, g uint32) bool {
	for k, c := range t.cols {
		if !c.equal(&t.vecs[k], i, g) {
			return false
		}
	}
	return true
}

// add makes an entry of row i at slot p.
func (t *keyTable) add(i int, p uint64) uint32 {
	var g uint32
	h := t.hs[i]
	if k := len(t.free); k > 0 {
		g = t.free[k-1]
		t.free = t.free[:k-1]
		t.hashes[g], t.live[g] = h, true
	} else {
		g = uint32(len(t.hashes))
		t.hashes, t.live = append(t.hashes, h), append(t.live, true)
	}
	for k, c := range t.cols {
		c.set(&t.vecs[k], i, g)
	}
	t.slots[p] = h<<32 | uint64(g+1)
	t.n++
	t.fresh = append(t.fresh, g)
	t.reserve(1)
	return g
}

// reserve rehashes when there is no room for n more keys.
func (t *keyTable) reserve(n int) {
	if (t.n+n)*10 < len(t.slots)*6 {
		return
	}
	size := len(t.slots) * 2
	slots := make([]uint64, size)
	mask := uint64(size - 1)
	for g, h := range t.hashes {
		if !t.live[g] {
			continue
		}
		p := h >> 32 & mask
		for slots[p] != 0 {
			p = (p + 1) & mask
		}
		slots[p] = h<<32 | uint64(g+1)
	}
	t.slots, t.mask = slots, mask
}

// remove takes the key with number g out; the slots behind it move up.
func (t *keyTable) remove(g uint32) {
	p := t.hashes[g] >> 32 & t.mask
	for uint32(t.slots[p]) != g+1 {
		p = (p + 1) & t.mask
	}
	for q := (p + 1) & t.mask; t.slots[q] != 0; q = (q + 1) & t.mask {
		home := t.hashes[uint32(t.slots[q])-1] >> 32 & t.mask
		if (q-home)&t.mask >= (q-p)&t.mask {
			t.slots[p] = t.slots[q]
			p = q
		}
	}
	t.slots[p] = 0
	if t.dense != nil {
		t.dense.drop(t.cols[0].ints[g])
	}
	for _, c := range t.cols {
		c.drop(g)
	}
	t.live[g] = false
	t.free = append(t.free, g)
	t.n--
}

// gather gives the keys with these numbers as columns.
func (t *keyTable) gather(gids []uint32) []arrow.Array {
	out := make([]arrow.Array, len(t.cols))
	for k, c := range t.cols {
		out[k] = c.gather(gids)
	}
	return out
}

// all lists the numbers in use, ascending.
func (t *keyTable) all() []uint32 {
	out := make([]uint32, 0, t.n)
	for g, live := range t.live {
		if live {
			out = append(out, uint32(g))
		}
	}
	return out
}

func (t *keyTable) memory() int64 {
	m := int64(cap(t.slots)*8 + cap(t.hashes)*9)
	if t.dense != nil {
		m += int64(cap(t.dense.at)) * 4
	}
	for _, c := range t.cols {
		m += c.memory()
	}
	return m
}
