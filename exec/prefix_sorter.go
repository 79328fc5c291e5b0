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
	pairs []numberedRow
	large bool // there are many rows, so that it pays to make the numbers of all keys
}

// numberedKeys is of how many keys numbers are made: they take 8 bytes a row, and later keys seldom decide.
const numberedKeys = 4

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
	p.large = p.large || len(rows) >= smallSort
	if len(rows) < smallSort || !p.prefixed(k) {
		p.compare(rows, k)
		return
	}
	p.count(rows, p.by[k].of)
	nums := p.radix.keys // the next keys need the memory
	p.radix.keys = nil
	p.runs(rows, nums, k)
	p.radix.keys = nums
}

// runs sorts the rows that have the same number of key k, by which they are sorted; nums are the numbers.
func (p *prefixSorter) runs(rows []int32, nums []uint64, k int) {
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && nums[to] == nums[from] {
			to++
		}
		if run := rows[from:to]; p.by[k].exact {
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
	if !b.known && k >= numberedKeys {
		b.known = true
	} else if !b.known {
		b.known, b.of = true, make([]uint64, p.cols[k].Len())
		b.exact, b.ok = prefixes(b.of, p.cols[k], &p.keys[k])
	}
	return b.ok
}

// compare sorts rows by the keys from k on; equal ones ascend.
func (p *prefixSorter) compare(rows []int32, k int) {
	if len(rows) < 2 {
		return
	}
	if p.large && p.prefixed(k) {
		p.compareNumbers(rows, k)
		return
	}
	slices.SortFunc(rows, func(a, b int32) int {
		if d := p.rowsOrder(a, b, k); d != 0 {
			return d
		}
		return cmp.Compare(a, b)
	})
}

// numberedRow is a row with the number of a key.
type numberedRow struct {
	num uint64
	row int32
}

// compareNumbers is compare with the numbers of key k beside each other, not scattered over the memory.
func (p *prefixSorter) compareNumbers(rows []int32, k int) {
	by := &p.by[k]
	p.pairs = scratch(p.pairs, len(rows))
	for i, r := range rows {
		p.pairs[i] = numberedRow{by.of[r], r}
	}
	next := k
	if by.exact {
		next++
	}
	slices.SortFunc(p.pairs, func(a, b numberedRow) int {
		if a.num != b.num {
			return cmp.Compare(a.num, b.num)
		}
		if d := p.rowsOrder(a.row, b.row, next); d != 0 {
			return d
		}
		return cmp.Compare(a.row, b.row)
	})
	for i, x := range p.pairs {
		rows[i] = x.row
	}
}

// rowsOrder orders two rows by the keys from k on, by their numbers where that decides.
func (p *prefixSorter) rowsOrder(a, b int32, k int) int {
	for i := k; i < len(p.keys); i++ {
		if p.large && p.prefixed(i) {
			by := &p.by[i]
			if x, y := by.of[a], by.of[b]; x != y {
				return cmp.Compare(x, y)
			} else if by.exact {
				continue
			}
		}
		if d := p.order.compareKey(i, p.cols[i], int(a), p.cols[i], int(b)); d != 0 {
			return d
		}
	}
	return 0
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
