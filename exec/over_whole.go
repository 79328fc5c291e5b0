package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// partTotal is what functions know of a partition as a whole.
type partTotal struct {
	rows int64
	vals []arrow.Array // by function: an aggregate of all rows, one row; nil: it is none
}

// partTotals reads the rows of a sortedOver ahead of it, a partition at a time.
type partTotals struct {
	over  *sortedOver
	rows  *partReader
	first *types.Batch // the first rows of the next partition; nil: there are none
}

// newTotals begins to read; nil: no function asks for a total.
func (o *sortedOver) newTotals(st *run) (*partTotals, error) {
	asks := false
	for _, w := range o.ways {
		asks = asks || w == whole || w == shared
	}
	if !asks {
		return nil, nil
	}
	var again []*spillFile
	for _, f := range o.sorter.runs {
		again = append(again, &spillFile{spills: f.spills, places: f.places})
	}
	m, err := o.sorter.mergerOf(st, again)
	if err != nil {
		return nil, err
	}
	t := &partTotals{over: o, rows: o.reader(m)}
	t.first, _, err = t.rows.next(st)
	return t, err
}

// next is the total of the next partition.
func (t *partTotals) next(st *run) (out partTotal, err error) {
	if t == nil {
		return out, nil
	}
	accs := make([]expr.Accumulator, len(t.over.funcs))
	for k := range accs {
		if t.over.ways[k] == whole {
			f := &t.over.funcs[k]
			var ts []types.Type
			for _, x := range f.Args {
				ts = append(ts, x.Type())
			}
			accs[k] = f.Agg.New(ts)
			accs[k].Grow(1)
		}
	}
	fresh := false
	for b := t.first; b != nil && !fresh; {
		out.rows += int64(b.N)
		for k, acc := range accs {
			if acc == nil {
				continue
			}
			if err := t.add(st, k, acc, b); err != nil {
				return out, err
			}
		}
		b, fresh, err = t.rows.next(st)
		if t.first = b; err != nil {
			return out, err
		}
	}
	out.vals = make([]arrow.Array, len(accs))
	for k, acc := range accs {
		if acc == nil {
			continue
		}
		if out.vals[k], err = acc.Result([]uint32{0}); err != nil {
			return out, err
		}
	}
	return out, nil
}

// add gives an accumulator rows of its partition.
func (t *partTotals) add(st *run, k int, acc expr.Accumulator, b *types.Batch) error {
	f := &t.over.funcs[k]
	args, err := evalCols(st.ec, f.Args, b)
	if err != nil {
		return err
	}
	n := b.N
	if f.Filter != nil {
		rows, err := expr.FilterRows(st.ec, f.Filter, b, nil)
		if err != nil {
			return err
		}
		args, n = takeCols(args, rows), len(rows)
	}
	if err := acc.Add(make([]uint32, n), args, nil); err != nil {
		return err
	}
	if st.budget.limit > 0 && acc.Bytes() > 2*st.budget.limit+16<<20 {
		return st.budget.take(acc.Bytes())
	}
	return nil
}

// bucketsOf deals n rows that stand behind done others, of so many rows in all, out to buckets, as ntile does.
func bucketsOf(done int64, n int, rows, buckets int64) (arrow.Array, error) {
	if buckets <= 0 {
		return nil, sqlerr.New(invalidNtile, "argument of ntile must be greater than zero")
	}
	per, more := rows/buckets, rows%buckets
	out := make([]int32, n)
	for i := range out {
		k := done + int64(i)
		if big := more * (per + 1); k < big {
			out[i] = int32(k/(per+1)) + 1
		} else {
			out[i] = int32(more+(k-big)/max(1, per)) + 1
		}
	}
	return types.Int32Array(out, nil, 0), nil
}
