package expr

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

func arrayAggs() []*Agg {
	ret := func(ts []types.Type) types.Type {
		t, _ := ts[0].Array()
		return t
	}
	mk := func(ts []types.Type) Accumulator { return &arrayAcc{elem: ts[0]} }
	nest := func(ts []types.Type) Accumulator { return &nestedArrayAcc{arrayAcc{elem: ts[0]}} }
	same := func(ts []types.Type) types.Type { return ts[0].Base() }
	nested := &Agg{Name: "array_agg", Args: args(types.AnyArray), Ret: types.AnyArray, RetFn: same, Ordered: true, New: nest, Doc: "arrays as an array of one dimension more"}
	return []*Agg{nested, {Name: "array_agg", Args: args(types.AnyNonArray), Ret: types.AnyArray, RetFn: ret, Ordered: true, New: mk, Doc: "values as an array, NULLs included"}}
}

// arrayAcc collects values. They lie in the columns in which they came; a group's state is the list of their places.
type arrayAcc struct {
	since int64 // rows that came since the columns were last joined
	elem  types.Type
	cols  []arrow.Array
	rows  int64 // in cols
	used  int64 // places in at
	at    [][]place
}

// place is a row of one of the columns.
type place struct {
	col uint32
	row int32
}

// Grow makes room for n groups.
func (a *arrayAcc) Grow(n int) { a.at = growTo(a.at, n) }

// Add keeps the values.
func (a *arrayAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	if len(groups) == 0 {
		return nil
	}
	col := uint32(len(a.cols))
	a.cols = append(a.cols, args[0])
	a.rows += int64(args[0].Len())
	a.since += int64(args[0].Len())
	for i, g := range groups {
		n := int64(1)
		if w != nil {
			n = w[i]
		}
		for range n {
			a.at[g] = append(a.at[g], place{col, int32(i)})
			a.used++
		}
	}
	return a.compact()
}

// compact joins the columns when there are many, or when most of their rows are not used any more.
func (a *arrayAcc) compact() error {
	many := len(a.cols) >= 256 && a.since >= a.used/2
	if !many && (a.rows < 1<<16 || a.rows < 4*a.used) {
		return nil
	}
	all := make([]place, 0, a.used)
	for _, ps := range a.at {
		all = append(all, ps...)
	}
	joined, err := a.pick(all)
	if err != nil {
		return err
	}
	k := int32(0)
	for _, ps := range a.at {
		for i := range ps {
			ps[i] = place{0, k}
			k++
		}
	}
	a.cols, a.rows, a.since = []arrow.Array{joined}, int64(k), 0
	return nil
}

// nowhere is the place of a NULL.
var nowhere = place{row: -1}

// pick gathers the values at these places; its cost does not depend on what else is kept.
func (a *arrayAcc) pick(ps []place) (arrow.Array, error) {
	if len(ps) == 0 {
		return types.Nulls(a.elem, 0), nil
	}
	rows := map[uint32][]int32{} // by column
	var cols []uint32
	at := make([]int32, len(ps)) // place in its column's rows
	for i, p := range ps {
		r, ok := rows[p.col]
		if !ok {
			cols = append(cols, p.col)
		}
		at[i] = int32(len(r))
		rows[p.col] = append(r, p.row)
	}
	parts := make([]arrow.Array, len(cols))
	begin := map[uint32]int32{}
	n := int32(0)
	for i, c := range cols {
		col := types.Nulls(a.elem, 0)
		if int(c) < len(a.cols) {
			col = a.cols[c]
		}
		parts[i], begin[c] = types.Take(col, rows[c]), n
		n += int32(len(rows[c]))
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	all, err := types.Concat(parts)
	if err != nil {
		return nil, err
	}
	for i, p := range ps {
		at[i] += begin[p.col]
	}
	return types.Take(all, at), nil
}

// Result is the arrays; NULL for no rows.
func (a *arrayAcc) Result(groups []uint32) (arrow.Array, error) {
	offs := make([]int32, len(groups)+1)
	var ps []place
	for i, g := range groups {
		ps = append(ps, a.at[g]...)
		offs[i+1] = int32(len(ps))
	}
	vals, err := a.pick(ps)
	if err != nil {
		return nil, err
	}
	valid, _ := validWhere(len(groups), func(i int) bool { return len(a.at[groups[i]]) > 0 })
	return newList(arrow.ListOf(a.elem.Arrow()), offs, vals, valid), nil
}

// StateTypes is an array column.
func (a *arrayAcc) StateTypes() []arrow.DataType {
	return []arrow.DataType{arrow.ListOf(a.elem.Arrow())}
}

// Save is the arrays.
func (a *arrayAcc) Save(groups []uint32) ([]arrow.Array, error) {
	r, err := a.Result(groups)
	return []arrow.Array{r}, err
}

// Load sets the arrays.
func (a *arrayAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge appends arrays.
func (a *arrayAcc) Merge(groups []uint32, cols []arrow.Array) error {
	l := cols[0].(*array.List)
	col := uint32(len(a.cols))
	a.cols = append(a.cols, l.ListValues())
	a.rows += int64(l.ListValues().Len())
	a.since += int64(l.ListValues().Len())
	for i, g := range groups {
		if l.IsNull(i) {
			continue
		}
		from, to := l.ValueOffsets(i)
		for r := from; r < to; r++ {
			a.at[g] = append(a.at[g], place{col, int32(r)})
			a.used++
		}
	}
	return a.compact()
}

// Reset empties the groups.
func (a *arrayAcc) Reset(groups []uint32) {
	for _, g := range groups {
		a.used -= int64(len(a.at[g]))
		a.at[g] = nil
	}
}

// Bytes is about the values' memory.
func (a *arrayAcc) Bytes() int64 { return int64(cap(a.at))*24 + a.used*8 + a.rows*16 }
