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
	if place == nil {
		newPrefixSorter(cols, keys).sort(rows, 0)
		return rows
	}
	o := newRowOrder(keys)
	slices.SortStableFunc(rows, func(a, b int32) int {
		if place[a] != place[b] {
			return cmp.Compare(place[a], place[b])
		}
		return o.compare(cols, int(a), cols, int(b))
	})
	return rows
}
