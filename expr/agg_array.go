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
	return []*Agg{{Name: "array_agg", Args: args(types.AnyNonArray), Ret: types.AnyArray, RetFn: ret, Ordered: true, New: mk, Doc: "values as an array, NULLs included"}}
}

// arrayAcc collects values. They lie in the columns in which they came; a group's state is the list of their places.
type arrayAcc struct {
	elem types.Type
	cols []arrow.Array
	rows int64 // in cols
	used int64 // places in at
	at   [][]place
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
	if len(a.cols) < 256 && (a.rows < 1<<16 || a.rows < 4*a.used) {
		return nil
	}
	starts, all, err := a.joined()
	if err != nil {
		return err
	}
	var rows []int32
	for g := range a.at {
		for k, p := range a.at[g] {
			a.at[g][k] = place{0, int32(len(rows))}
			rows = append(rows, starts[p.col]+p.row)
		}
	}
	a.cols, a.rows = []arrow.Array{types.Take(all, rows)}, int64(len(rows))
	return nil
}

// joined gives all columns as one, and where each begins.
func (a *arrayAcc) joined() (starts []int32, all arrow.Array, err error) {
	starts = make([]int32, len(a.cols))
	n := int32(0)
	for i, c := range a.cols {
		starts[i] = n
		n += int32(c.Len())
	}
	if len(a.cols) == 0 {
		return starts, types.Nulls(a.elem, 0), nil
	}
	if len(a.cols) == 1 {
		return starts, a.cols[0], nil
	}
	all, err = array.Concatenate(a.cols, types.Mem)
	return starts, all, err
}

// Result is the arrays; NULL for no rows.
func (a *arrayAcc) Result(groups []uint32) (arrow.Array, error) {
	starts, all, err := a.joined()
	if err != nil {
		return nil, err
	}
	offs := make([]int32, len(groups)+1)
	var rows []int32
	for i, g := range groups {
		for _, p := range a.at[g] {
			rows = append(rows, starts[p.col]+p.row)
		}
		offs[i+1] = int32(len(rows))
	}
	valid, _ := validWhere(len(groups), func(i int) bool { return len(a.at[groups[i]]) > 0 })
	return newList(arrow.ListOf(a.elem.Arrow()), offs, types.Take(all, rows), valid), nil
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
