package expr

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

func stringAggs() []*Agg {
	mk := func(ts []types.Type) Accumulator { return &stringAcc{typ: ts[0]} }
	return []*Agg{
		{Name: "string_agg", Args: args(types.Text, types.Text), Ret: types.Text, Ordered: true, New: mk, Doc: "values joined by a delimiter"},
		{Name: "string_agg", Args: args(types.Bytea, types.Bytea), Ret: types.Bytea, Ordered: true, New: mk, Doc: "values joined by a delimiter"},
	}
}

// stringAcc joins strings. A group's state is all its strings, each with its delimiter before it; the length of the first delimiter, which the
// result leaves out, stands in first.
type stringAcc struct {
	typ   types.Type
	v     [][]byte // nil: no value yet
	first []uint32
	mem   int64
}

// Grow makes room for n groups.
func (a *stringAcc) Grow(n int) { a.v, a.first = growTo(a.v, n), growTo(a.first, n) }

// Add appends the values that are not NULL; a NULL delimiter is an empty one.
func (a *stringAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	s, d := stringsOf(Vec{Arr: args[0]}), stringsOf(Vec{Arr: args[1]})
	delimNulls := args[1].NullN() > 0
	eachValue(args[0], w, func(i int, w int64) {
		var delim []byte
		if !delimNulls || args[1].IsValid(i) {
			delim = d.bytes(i)
		}
		for range w {
			a.put(groups[i], delim, s.bytes(i))
		}
	})
	return nil
}

func (a *stringAcc) put(g uint32, delim, x []byte) {
	if a.v[g] == nil {
		a.v[g] = make([]byte, 0, len(delim)+len(x)+1)
		a.first[g] = uint32(len(delim))
	}
	a.v[g] = append(append(a.v[g], delim...), x...)
	a.mem += int64(len(delim) + len(x))
}

// Result is the joined strings.
func (a *stringAcc) Result(groups []uint32) (arrow.Array, error) {
	return bytesColumn(a.typ.Arrow(), len(groups), func(dst []byte, i int) ([]byte, bool) {
		x := a.v[groups[i]]
		if x == nil {
			return dst, false
		}
		return append(dst, x[a.first[groups[i]]:]...), true
	}), nil
}

// StateTypes is one column of bytes.
func (a *stringAcc) StateTypes() []arrow.DataType { return []arrow.DataType{arrow.BinaryTypes.Binary} }

// Save gives the length of the first delimiter and the strings.
func (a *stringAcc) Save(groups []uint32) ([]arrow.Array, error) {
	col := bytesColumn(arrow.BinaryTypes.Binary, len(groups), func(dst []byte, i int) ([]byte, bool) {
		x := a.v[groups[i]]
		if x == nil {
			return dst, false
		}
		return append(binary.AppendUvarint(dst, uint64(a.first[groups[i]])), x...), true
	})
	return []arrow.Array{col}, nil
}

// Load sets the strings.
func (a *stringAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge appends saved strings.
func (a *stringAcc) Merge(groups []uint32, cols []arrow.Array) error {
	v := cols[0].(*array.Binary)
	eachValue(v, nil, func(i int, _ int64) {
		first, n := binary.Uvarint(v.Value(i))
		x := v.Value(i)[n:]
		a.put(groups[i], x[:first], x[first:])
	})
	return nil
}

// Reset empties the groups.
func (a *stringAcc) Reset(groups []uint32) {
	for _, g := range groups {
		a.mem -= int64(len(a.v[g]))
		a.v[g], a.first[g] = nil, 0
	}
}

// Bytes is the strings' memory.
func (a *stringAcc) Bytes() int64 { return int64(cap(a.v))*28 + a.mem }
