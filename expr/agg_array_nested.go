package expr

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// nestedArrayAcc collects arrays, which become the members of one array with a dimension more. Its state is that array, which is
// taken apart again.
type nestedArrayAcc struct{ arrayAcc }

// Result is the arrays; NULL for no rows. Errors: 22004 and 2202E for arrays that do not fit together.
func (a *nestedArrayAcc) Result(groups []uint32) (arrow.Array, error) {
	var ps []place
	for _, g := range groups {
		ps = append(ps, a.at[g]...)
	}
	vals, err := a.pick(ps)
	if err != nil {
		return nil, err
	}
	v := Vec{Arr: vals}
	out := newLists(len(groups))
	base, read := out.source(Vec{Arr: listElems(v)}), readList(v)
	at := 0
	for _, g := range groups {
		rows := make([]int, len(a.at[g]))
		for k := range rows {
			rows[k] = at
			at++
		}
		if len(rows) == 0 {
			out.endRow(true)
			continue
		}
		if err := nestArrays(read, vals.IsNull, rows, out, base, cannotAccumulate); err != nil {
			return nil, err
		}
	}
	r, err := out.finish(a.elem.Base())
	return r.Arr, err
}

// StateTypes is an array column.
func (a *nestedArrayAcc) StateTypes() []arrow.DataType { return []arrow.DataType{a.elem.Arrow()} }

// Save is the arrays.
func (a *nestedArrayAcc) Save(groups []uint32) ([]arrow.Array, error) {
	r, err := a.Result(groups)
	return []arrow.Array{r}, err
}

// Load sets the arrays.
func (a *nestedArrayAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge appends the members of arrays.
func (a *nestedArrayAcc) Merge(groups []uint32, cols []arrow.Array) error {
	parts, rows := splitArrays(cols[0].(*array.List))
	of := make([]uint32, len(rows))
	for k, r := range rows {
		of[k] = groups[r]
	}
	return a.Add(of, []arrow.Array{parts}, nil)
}
