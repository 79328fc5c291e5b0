package expr

import (
	"bytes"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// minMaxTypes are the types that min and max have an overload for; other string types come by conversion.
var minMaxTypes = []types.Type{types.Int8, types.Int4, types.Int2, types.OID, types.Float4, types.Float8, types.Numeric, types.Text, types.BPChar,
	types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.Interval, types.Bytea, types.UUID, types.Inet}

func minMaxAggs() []*Agg {
	var out []*Agg
	for _, name := range []string{"min", "max"} {
		isMax := name == "max"
		mk := func(ts []types.Type) Accumulator { return newMinMax(ts[0], isMax) }
		for _, t := range minMaxTypes {
			out = append(out, &Agg{Name: name, Args: args(t), Ret: t, Exact: true, New: mk, Doc: name + "imum"})
		}
		arr := func(ts []types.Type) types.Type { return ts[0] }
		for _, t := range []types.Type{types.AnyArray, types.AnyEnum} {
			out = append(out, &Agg{Name: name, Args: args(t), Ret: t, RetFn: arr, Exact: true, New: mk, Doc: name + "imum"})
		}
	}
	return out
}

func newMinMax(t types.Type, isMax bool) Accumulator {
	switch t.Arrow().ID() {
	case arrow.INT64, arrow.TIMESTAMP, arrow.TIME64:
		return &minMaxAcc[int64]{typ: t, max: isMax}
	case arrow.INT32, arrow.DATE32:
		return &minMaxAcc[int32]{typ: t, max: isMax}
	case arrow.INT16:
		return &minMaxAcc[int16]{typ: t, max: isMax}
	case arrow.UINT32:
		return &minMaxAcc[uint32]{typ: t, max: isMax}
	case arrow.FLOAT32:
		return &minMaxAcc[float32]{typ: t, max: isMax}
	case arrow.FLOAT64:
		return &minMaxAcc[float64]{typ: t, max: isMax}
	case arrow.STRING, arrow.BINARY:
		return newMinMaxBytes(t, isMax)
	}
	return &minMaxAnyAcc{typ: t, max: isMax, cmp: types.NewComparer(t)}
}

// minMaxAcc is min or max of numbers, dates and times. NaN is greater than all other floats.
type minMaxAcc[T int16 | int32 | int64 | uint32 | float32 | float64] struct {
	typ types.Type
	max bool
	v   []T
	has []bool
}

// Grow makes room for n groups.
func (a *minMaxAcc[T]) Grow(n int) { a.v, a.has = growTo(a.v, n), growTo(a.has, n) }

// Add takes values; weights are those of additions.
func (a *minMaxAcc[T]) Add(groups []uint32, args []arrow.Array, _ []int64) error {
	a.take(groups, args[0])
	return nil
}

func (a *minMaxAcc[T]) take(groups []uint32, col arrow.Array) {
	vals := types.Values[T](col)
	nulls := col.NullN() > 0
	v, has := a.v, a.has
	for i, g := range groups {
		if nulls && col.IsNull(i) {
			continue
		}
		x := vals[i]
		if !has[g] {
			v[g], has[g] = x, true
		} else if x > v[g] == a.max && x != v[g] && x == x && v[g] == v[g] {
			v[g] = x
		} else if a.max && x != x || !a.max && v[g] != v[g] {
			v[g] = x
		}
	}
}

// Result is the extremes.
func (a *minMaxAcc[T]) Result(groups []uint32) (arrow.Array, error) {
	valid, nulls := validWhere(len(groups), func(i int) bool { return a.has[groups[i]] })
	return types.NewFixed(a.typ.Arrow(), gatherGroups(a.v, groups), valid, nulls), nil
}

// StateTypes is the column itself.
func (a *minMaxAcc[T]) StateTypes() []arrow.DataType { return []arrow.DataType{a.typ.Arrow()} }

// Save is the extremes.
func (a *minMaxAcc[T]) Save(groups []uint32) ([]arrow.Array, error) {
	r, err := a.Result(groups)
	return []arrow.Array{r}, err
}

// Load sets the extremes.
func (a *minMaxAcc[T]) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge takes extremes as values.
func (a *minMaxAcc[T]) Merge(groups []uint32, cols []arrow.Array) error {
	a.take(groups, cols[0])
	return nil
}

// Reset empties the groups.
func (a *minMaxAcc[T]) Reset(groups []uint32) {
	for _, g := range groups {
		a.v[g], a.has[g] = 0, false
	}
}

// Bytes is the columns' memory.
func (a *minMaxAcc[T]) Bytes() int64 { return int64(cap(a.v)) * 9 }

// minMaxBytesAcc is min or max of strings, byte strings and numerics, as they lie in a column.
type minMaxBytesAcc struct {
	typ types.Type
	max bool
	cmp func(a, b []byte) int
	v   [][]byte // nil: none
	mem int64
}

func newMinMaxBytes(t types.Type, isMax bool) Accumulator {
	a := &minMaxBytesAcc{typ: t, max: isMax, cmp: bytes.Compare}
	switch t.Base() {
	case types.Numeric:
		a.cmp = func(x, y []byte) int { return types.DecodeDec(x).Cmp(types.DecodeDec(y)) }
	case types.BPChar:
		a.cmp = func(x, y []byte) int { return bytes.Compare(bytes.TrimRight(x, " "), bytes.TrimRight(y, " ")) }
	}
	return a
}

// Grow makes room for n groups.
func (a *minMaxBytesAcc) Grow(n int) { a.v = growTo(a.v, n) }

// Add takes values.
func (a *minMaxBytesAcc) Add(groups []uint32, args []arrow.Array, _ []int64) error {
	s := stringsOf(Vec{Arr: args[0]})
	eachValue(args[0], nil, func(i int, _ int64) {
		x, g := s.bytes(i), groups[i]
		old := a.v[g]
		if old != nil {
			d := a.cmp(x, old)
			if d == 0 || (d > 0) != a.max {
				return
			}
		}
		a.mem += int64(len(x) - len(old))
		a.v[g] = append(make([]byte, 0, len(x)+1), x...)
	})
	return nil
}

// Result is the extremes.
func (a *minMaxBytesAcc) Result(groups []uint32) (arrow.Array, error) {
	return bytesColumn(a.typ.Arrow(), len(groups), func(dst []byte, i int) ([]byte, bool) {
		x := a.v[groups[i]]
		return append(dst, x...), x != nil
	}), nil
}

// StateTypes is the column itself.
func (a *minMaxBytesAcc) StateTypes() []arrow.DataType { return []arrow.DataType{a.typ.Arrow()} }

// Save is the extremes.
func (a *minMaxBytesAcc) Save(groups []uint32) ([]arrow.Array, error) {
	r, err := a.Result(groups)
	return []arrow.Array{r}, err
}

// Load sets the extremes.
func (a *minMaxBytesAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Add(groups, cols, nil)
}

// Merge takes extremes as values.
func (a *minMaxBytesAcc) Merge(groups []uint32, cols []arrow.Array) error {
	return a.Add(groups, cols, nil)
}

// Reset empties the groups.
func (a *minMaxBytesAcc) Reset(groups []uint32) {
	for _, g := range groups {
		a.mem -= int64(len(a.v[g]))
		a.v[g] = nil
	}
}

// Bytes is the values' memory.
func (a *minMaxBytesAcc) Bytes() int64 { return int64(cap(a.v))*24 + a.mem }

// minMaxAnyAcc is min or max of all other types: the extreme of a group is a column of one row.
type minMaxAnyAcc struct {
	typ types.Type
	max bool
	cmp func(a arrow.Array, i int, b arrow.Array, j int) int
	v   []arrow.Array
}

// Grow makes room for n groups.
func (a *minMaxAnyAcc) Grow(n int) { a.v = growTo(a.v, n) }

// Add takes values.
func (a *minMaxAnyAcc) Add(groups []uint32, args []arrow.Array, _ []int64) error {
	col := args[0]
	eachValue(col, nil, func(i int, _ int64) {
		g := groups[i]
		if old := a.v[g]; old != nil {
			d := a.cmp(col, i, old, 0)
			if d == 0 || (d > 0) != a.max {
				return
			}
		}
		a.v[g] = types.Take(col, []int32{int32(i)})
	})
	return nil
}

// Result is the extremes.
func (a *minMaxAnyAcc) Result(groups []uint32) (arrow.Array, error) {
	parts := make([]arrow.Array, len(groups))
	for i, g := range groups {
		if parts[i] = a.v[g]; parts[i] == nil {
			parts[i] = types.Nulls(a.typ, 1)
		}
	}
	if len(parts) == 0 {
		return types.Nulls(a.typ, 0), nil
	}
	return types.Concat(parts)
}

// StateTypes is the column itself.
func (a *minMaxAnyAcc) StateTypes() []arrow.DataType { return []arrow.DataType{a.typ.Arrow()} }

// Save is the extremes.
func (a *minMaxAnyAcc) Save(groups []uint32) ([]arrow.Array, error) {
	r, err := a.Result(groups)
	return []arrow.Array{r}, err
}

// Load sets the extremes.
func (a *minMaxAnyAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Add(groups, cols, nil)
}

// Merge takes extremes as values.
func (a *minMaxAnyAcc) Merge(groups []uint32, cols []arrow.Array) error {
	return a.Add(groups, cols, nil)
}

// Reset empties the groups.
func (a *minMaxAnyAcc) Reset(groups []uint32) {
	for _, g := range groups {
		a.v[g] = nil
	}
}

// Bytes is about the values' memory.
func (a *minMaxAnyAcc) Bytes() int64 { return int64(cap(a.v)) * 200 }
