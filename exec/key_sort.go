package exec

import (
	"math/bits"
	"slices"
)

// sort orders entries by their keys, as comparer does: by counting where all keys are integers without NULL, which costs a few passes over the
// entries and no comparisons.
func (t *keyTable) sort(gids []uint32) {
	if len(gids) < smallSort || !t.countable(gids) {
		slices.SortFunc(gids, t.comparer())
		return
	}
	s := keySorter{gids: gids, keys: make([]uint64, len(gids)), otherGids: make([]uint32, len(gids)), otherKeys: make([]uint64, len(gids))}
	for i := len(t.cols) - 1; i >= 0; i-- {
		s.by(t.cols[i].ints)
	}
	copy(gids, s.gids)
}

const (
	smallSort = 256 // below it comparing is as fast
	digitBits = 11
)

// countable says whether the keys of the entries are integers without NULL.
func (t *keyTable) countable(gids []uint32) bool {
	for _, c := range t.cols {
		if !c.isInt || c.isFloat {
			return false
		}
		if c.nulls == nil {
			continue
		}
		for _, g := range gids {
			if c.nulls[g] {
				return false
			}
		}
	}
	return true
}

// keySorter is a radix sort, least significant digit first, of entries with the keys of one column after the other.
type keySorter struct {
	gids, otherGids []uint32
	keys, otherKeys []uint64
	count           [1 << digitBits]uint32
}

// by sorts by one column, and keeps the order of entries that are equal in it. Values count from the least; times in whole seconds count in seconds.
func (s *keySorter) by(ints []int64) {
	const second = 1_000_000
	least := ints[s.gids[0]]
	for _, g := range s.gids {
		least = min(least, ints[g])
	}
	greatest, whole := uint64(0), true
	for i, g := range s.gids {
		k := uint64(ints[g]) - uint64(least)
		s.keys[i] = k
		greatest = max(greatest, k)
		whole = whole && k%second == 0
	}
	if whole && greatest > 0 {
		for i := range s.keys {
			s.keys[i] /= second
		}
		greatest /= second
	}
	for shift := 0; shift < bits.Len64(greatest); shift += digitBits {
		s.pass(shift)
	}
}

// pass sorts by one digit.
func (s *keySorter) pass(shift int) {
	clear(s.count[:])
	for _, k := range s.keys {
		s.count[k>>shift&(1<<digitBits-1)]++
	}
	at := uint32(0)
	for d, n := range s.count {
		s.count[d], at = at, at+n
	}
	for i, k := range s.keys {
		d := k >> shift & (1<<digitBits - 1)
		s.otherKeys[s.count[d]], s.otherGids[s.count[d]] = k, s.gids[i]
		s.count[d]++
	}
	s.keys, s.otherKeys = s.otherKeys, s.keys
	s.gids, s.otherGids = s.otherGids, s.gids
}
