package exec

import (
	"bytes"
	"cmp"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// slots stores rows in columns; a row has a number, and the numbers of dropped rows are used again.
type slots struct {
	cols []*keyCol
	w    []int64 // by row
	vecs []keyVec
	free []uint32
	n    int
	page *listPages // nil: all rows are in memory
}

func newSlots(ts []types.Type) *slots {
	s := &slots{vecs: make([]keyVec, len(ts))}
	for _, t := range ts {
		s.cols = append(s.cols, newKeyCol(t))
	}
	return s
}

// read makes the columns those that put and before take rows from.
func (s *slots) read(cols []arrow.Array) {
	for k, c := range s.cols {
		c.read(&s.vecs[k], cols[k])
	}
}

// put stores row i of the columns read, with a weight.
func (s *slots) put(i int, w int64) uint32 {
	var e uint32
	if k := len(s.free); k > 0 {
		e = s.free[k-1]
		s.free = s.free[:k-1]
	} else {
		e = uint32(len(s.w))
		s.w = append(s.w, 0)
	}
	for k, c := range s.cols {
		c.set(&s.vecs[k], i, e)
	}
	s.w[e] = w
	s.n++
	return e
}

func (s *slots) drop(e uint32) {
	for _, c := range s.cols {
		c.drop(e)
	}
	s.w[e] = 0
	if s.page != nil {
		s.page.dropped(e)
	}
	s.free = append(s.free, e)
	s.n--
}

func (s *slots) dropAll(es []uint32) {
	for _, e := range es {
		s.drop(e)
	}
}

// gather gives the first k columns of rows.
func (s *slots) gather(es []uint32, k int) []arrow.Array {
	out := make([]arrow.Array, k)
	for i, c := range s.cols[:k] {
		out[i] = c.gather(es)
	}
	return out
}

func (s *slots) memory() int64 {
	m := int64(cap(s.w) * 12)
	for _, c := range s.cols {
		m += c.memory()
	}
	return m
}

// slotKey is a key of the order of rows.
type slotKey struct {
	col              int
	desc, nullsFirst bool
}

// slotOrder orders stored rows by keys and then, so that the order does not depend on when a row came, by all columns. With arrival, rows with
// equal keys are equal.
type slotOrder struct {
	rows    *slots
	keys    []slotKey
	arrival bool
}

func (o *slotOrder) compare(a, b uint32) int {
	if d := o.compareKeys(a, b); d != 0 || o.arrival {
		return d
	}
	for _, c := range o.rows.cols {
		if d := c.order(a, b); d != 0 {
			return d
		}
		if c.canon != nil {
			if d := bytes.Compare(c.at(a), c.at(b)); d != 0 {
				return d
			}
		}
	}
	return 0
}

func (o *slotOrder) compareKeys(a, b uint32) int {
	for _, k := range o.keys {
		c := o.rows.cols[k.col]
		if c.nulls != nil && c.nulls[a] != c.nulls[b] {
			if c.nulls[a] == k.nullsFirst {
				return -1
			}
			return 1
		}
		if d := c.order(a, b); d != 0 {
			if k.desc {
				return -d
			}
			return d
		}
	}
	return 0
}

// isBehind says that row i of the columns read stands behind row e by the first key, where that is quickly seen.
func (o *slotOrder) isBehind(i int, e uint32) bool {
	if len(o.keys) == 0 {
		return false
	}
	k := o.keys[0]
	c, v := o.rows.cols[k.col], &o.rows.vecs[k.col]
	if !c.isInt || c.nulls != nil && c.nulls[e] || v.isNull(i) {
		return false
	}
	var d int
	if id := c.typ.Arrow().ID(); id == arrow.FLOAT32 || id == arrow.FLOAT64 {
		d = compareFloats(v.ints[i], c.ints[e])
	} else {
		d = cmp.Compare(v.ints[i], c.ints[e])
	}
	return d > 0 && !k.desc || d < 0 && k.desc
}
