package exec

import (
	"cmp"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// rowOrder compares rows by sort keys; col k of both sides belongs to key k.
type rowOrder struct {
	keys []plan.SortKey
	cmps []func(a arrow.Array, i int, b arrow.Array, j int) int
}

func newRowOrder(keys []plan.SortKey) *rowOrder {
	o := &rowOrder{keys: keys}
	for _, k := range keys {
		o.cmps = append(o.cmps, types.NewComparer(k.X.Type()))
	}
	return o
}

// compare orders row i of a and row j of b.
func (o *rowOrder) compare(a []arrow.Array, i int, b []arrow.Array, j int) int {
	for k := range o.keys {
		if d := o.compareKey(k, a[k], i, b[k], j); d != 0 {
			return d
		}
	}
	return 0
}

func (o *rowOrder) compareKey(k int, a arrow.Array, i int, b arrow.Array, j int) int {
	key := &o.keys[k]
	an, bn := a.IsNull(i), b.IsNull(j)
	if an || bn {
		if an == bn {
			return 0
		}
		if an == key.NullsFirst {
			return -1
		}
		return 1
	}
	d := o.cmps[k](a, i, b, j)
	if key.Desc {
		return -d
	}
	return d
}

// sortedRows gives the rows 0..n-1 sorted by the place (nil: none) and then by the keys, whose columns are cols; equal rows keep
// their order.
func sortedRows(n int, cols []arrow.Array, keys []plan.SortKey, place []uint32) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	if place == nil && len(keys) > 0 && sortByPrefix(rows, cols, keys) {
		return rows
	}
	o := newRowOrder(keys)
	slices.SortStableFunc(rows, func(a, b int32) int {
		if place != nil && place[a] != place[b] {
			return cmp.Compare(place[a], place[b])
		}
		return o.compare(cols, int(a), cols, int(b))
	})
	return rows
}

// sortByPrefix sorts the rows 0..n-1 by numbers made of the first key, and by the keys where those are equal; false where there are no such numbers.
func sortByPrefix(rows []int32, cols []arrow.Array, keys []plan.SortKey) bool {
	type item struct {
		prefix uint64
		row    int32
	}
	all := make([]uint64, len(rows))
	exact, ok := prefixes(all, cols[0], &keys[0])
	if !ok {
		return false
	}
	items := make([]item, len(rows))
	for i := range items {
		items[i] = item{all[i], int32(i)}
	}
	o, from := newRowOrder(keys), btoi(exact)
	slices.SortFunc(items, func(a, b item) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		for k := from; k < len(keys); k++ {
			if d := o.compareKey(k, cols[k], int(a.row), cols[k], int(b.row)); d != 0 {
				return d
			}
		}
		return cmp.Compare(a.row, b.row)
	})
	for i := range items {
		rows[i] = items[i].row
	}
	return true
}
