package expr

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"

	"github.com/streamsqld/streamsqld/types"
)

// intState is a state of some bigint columns, all 0 at first. Accumulators embed it.
type intState struct{ c [][]int64 }

func newIntState(cols int) intState { return intState{make([][]int64, cols)} }

// Grow makes room for n groups.
func (s *intState) Grow(n int) {
	for k := range s.c {
		s.c[k] = growTo(s.c[k], n)
	}
}

// StateTypes are bigint columns.
func (s *intState) StateTypes() []arrow.DataType {
	out := make([]arrow.DataType, len(s.c))
	for k := range out {
		out[k] = arrow.PrimitiveTypes.Int64
	}
	return out
}

// Save gathers the columns.
func (s *intState) Save(groups []uint32) ([]arrow.Array, error) {
	out := make([]arrow.Array, len(s.c))
	for k, col := range s.c {
		out[k] = types.Int64Array(gatherGroups(col, groups), nil, 0)
	}
	return out, nil
}

// Load scatters the columns.
func (s *intState) Load(groups []uint32, cols []arrow.Array) error {
	for k, col := range s.c {
		for i, v := range types.Int64s(cols[k]) {
			col[groups[i]] = v
		}
	}
	return nil
}

// Merge adds the columns.
func (s *intState) Merge(groups []uint32, cols []arrow.Array) error {
	for k, col := range s.c {
		for i, v := range types.Int64s(cols[k]) {
			col[groups[i]] += v
		}
	}
	return nil
}

// Reset puts 0 everywhere.
func (s *intState) Reset(groups []uint32) {
	for _, col := range s.c {
		for _, g := range groups {
			col[g] = 0
		}
	}
}

// Bytes is the columns' memory.
func (s *intState) Bytes() int64 {
	n := int64(0)
	for _, col := range s.c {
		n += int64(cap(col)) * 8
	}
	return n
}

// growTo gives s with at least n elements, growing by doubling, and when it is large by a quarter; new ones are zero.
func growTo[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	if n <= cap(s) {
		return s[:n]
	}
	room := 2 * cap(s)
	if cap(s) > 1<<16 {
		room = cap(s) + cap(s)/4
	}
	t := make([]T, n, max(n, room, 64))
	copy(t, s)
	return t
}

func gatherGroups[T any](col []T, groups []uint32) []T {
	out := make([]T, len(groups))
	for i, g := range groups {
		out[i] = col[g]
	}
	return out
}

// eachValue calls f for the rows that are not NULL, with their weights.
func eachValue(a arrow.Array, w []int64, f func(i int, w int64)) {
	nulls := a.NullN() > 0
	for i := range a.Len() {
		if nulls && a.IsNull(i) {
			continue
		}
		if w == nil {
			f(i, 1)
		} else {
			f(i, w[i])
		}
	}
}

// validWhere makes a validity bitmap: bit i set where ok says so; nil and 0 where all are.
func validWhere(n int, ok func(i int) bool) (valid []byte, nulls int) {
	for i := range n {
		if ok(i) {
			continue
		}
		if valid == nil {
			valid = make([]byte, bitutil.BytesForBits(int64(n)))
			for k := range n {
				setBit(valid, k)
			}
		}
		clearBit(valid, i)
		nulls++
	}
	return valid, nulls
}

// decColumn makes a numeric column; f gives the value of row i, ok false: NULL.
func decColumn(n int, f func(i int) (d types.Dec, ok bool, err error)) (arrow.Array, error) {
	offs := make([]int32, n+1)
	var data []byte
	null := make([]bool, n)
	for i := range n {
		d, ok, err := f(i)
		if err != nil {
			return nil, err
		}
		null[i] = !ok
		if ok {
			data = d.Append(data)
		}
		offs[i+1] = int32(len(data))
	}
	valid, nulls := validWhere(n, func(i int) bool { return !null[i] })
	return types.BytesArray(types.Numeric.Arrow(), offs, data, valid, nulls), nil
}

// bytesColumn makes a column of strings or byte strings; f appends row i, ok false: NULL.
func bytesColumn(dt arrow.DataType, n int, f func(dst []byte, i int) (out []byte, ok bool)) arrow.Array {
	offs := make([]int32, n+1)
	var data []byte
	null := make([]bool, n)
	for i := range n {
		var ok bool
		data, ok = f(data, i)
		null[i] = !ok
		offs[i+1] = int32(len(data))
	}
	valid, nulls := validWhere(n, func(i int) bool { return !null[i] })
	return types.BytesArray(dt, offs, data, valid, nulls)
}
