package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// sortBound is the last of the first rows that a sorter below a Limit holds: a row that does not come before it does not count.
type sortBound struct {
	keys   []plan.SortKey
	order  *rowOrder
	row    []arrow.Array // its keys
	prefix uint64        // of its first key
	own    []uint64
	keep   []int32
}

// boundOf takes the last row of b, which is sorted.
func (s *sorter) boundOf(st *run, b *types.Batch) (*sortBound, error) {
	keys := s.keys()
	row, err := evalCols(st.ec, keyExprs(keys), b.Slice(b.N-1, b.N))
	if err != nil {
		return nil, err
	}
	o := &sortBound{keys: keys, order: newRowOrder(keys), row: row}
	var p [1]uint64
	if _, ok := prefixes(p[:], row[0], &keys[0]); ok {
		o.prefix, o.own = p[0], make([]uint64, 0, outBatch)
	}
	if s.beyond != nil {
		s.beyond.take(row[0], keys[0].NullsFirst)
	}
	return o, nil
}

// better gives the rows of b that come before the bound.
func (o *sortBound) better(st *run, b *types.Batch) (*types.Batch, error) {
	cols, err := evalCols(st.ec, keyExprs(o.keys), b)
	if err != nil {
		return nil, err
	}
	o.keep = o.keep[:0]
	if o.own == nil {
		for i := range b.N {
			if o.order.compare(cols, i, o.row, 0) < 0 {
				o.keep = append(o.keep, int32(i))
			}
		}
	} else {
		o.byPrefix(cols, b.N)
	}
	if len(o.keep) == b.N {
		return b, nil
	}
	return types.TakeBatch(b, o.keep), nil
}

func (o *sortBound) byPrefix(cols []arrow.Array, n int) {
	if cap(o.own) < n {
		o.own = make([]uint64, n)
	}
	o.own = o.own[:n]
	prefixes(o.own, cols[0], &o.keys[0])
	for i, p := range o.own {
		if p < o.prefix || p == o.prefix && o.order.compare(cols, i, o.row, 0) < 0 {
			o.keep = append(o.keep, int32(i))
		}
	}
}
