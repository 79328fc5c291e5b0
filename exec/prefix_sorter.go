package exec

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// prefixSorter sorts rows by their keys, one after the other: by counting the digits of a key's numbers where it has such, and rows among which that does
// not decide by comparing.
type prefixSorter struct {
	cols  []arrow.Array
	keys  []plan.SortKey
	order *rowOrder
	by    []keyPrefixes
	radix keySorter
}

// keyPrefixes are the numbers of a key, of all rows.
type keyPrefixes struct {
	known, ok, exact bool
	of               []uint64
}

func newPrefixSorter(cols []arrow.Array, keys []plan.SortKey) *prefixSorter {
	return &prefixSorter{cols: cols, keys: keys, order: newRowOrder(keys), by: make([]keyPrefixes, len(keys))}
}

// sort sorts rows, which ascend and are equal in the keys before k.
func (p *prefixSorter) sort(rows []int32, k int) {
	if len(rows) < 2 || k == len(p.keys) {
		return
	}
	if len(rows) < smallSort || !p.prefixed(k) {
		p.compare(rows, k)
		return
	}
	by := &p.by[k]
	p.count(rows, by.of)
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && by.of[rows[to]] == by.of[rows[from]] {
			to++
		}
		if run := rows[from:to]; by.exact {
			p.sort(run, k+1)
		} else {
			p.compare(run, k)
		}
		from = to
	}
}

// prefixed makes the numbers of key k; false: it has none.
func (p *prefixSorter) prefixed(k int) bool {
	b := &p.by[k]
	if !b.known {
		b.known, b.of = true, make([]uint64, p.cols[k].Len())
		b.exact, b.ok = prefixes(b.of, p.cols[k], &p.keys[k])
	}
	return b.ok
}

// compare sorts rows by the keys from k on; equal ones ascend.
func (p *prefixSorter) compare(rows []int32, k int) {
	slices.SortFunc(rows, func(a, b int32) int {
		for i := k; i < len(p.keys); i++ {
			if d := p.order.compareKey(i, p.cols[i], int(a), p.cols[i], int(b)); d != 0 {
				return d
			}
		}
		return cmp.Compare(a, b)
	})
}

// count sorts rows by numbers, and keeps the order of those that have the same.
func (p *prefixSorter) count(rows []int32, of []uint64) {
	s, n := &p.radix, len(rows)
	s.gids, s.otherGids = scratch(s.gids, n), scratch(s.otherGids, n)
	s.keys, s.otherKeys = scratch(s.keys, n), scratch(s.otherKeys, n)
	least, most := of[rows[0]], uint64(0)
	for i, r := range rows {
		x := of[r]
		s.gids[i], s.keys[i] = uint32(r), x
		least, most = min(least, x), max(most, x)
	}
	for i := range s.keys {
		s.keys[i] -= least
	}
	for shift := 0; shift < bits.Len64(most-least); shift += digitBits {
		s.pass(shift)
	}
	for i, g := range s.gids {
		rows[i] = int32(g)
	}
}
