package expr

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/axiomhq/hyperloglog"

	"github.com/streamsqld/streamsqld/types"
)

func approxAggs() []*Agg {
	return []*Agg{{Name: "approx_count_distinct", Args: args(types.Any), Ret: types.Int8, Doc: "about the number of distinct values that are not NULL (HyperLogLog, error 1 %)",
		New: func(ts []types.Type) Accumulator { return &approxAcc{typ: ts[0]} }}}
}

// approxAcc estimates the number of distinct values by a sketch for each group.
type approxAcc struct {
	typ types.Type
	s   []*hyperloglog.Sketch // nil: no value yet
}

// Grow makes room for n groups.
func (a *approxAcc) Grow(n int) { a.s = growTo(a.s, n) }

// Add takes the values that are not NULL.
func (a *approxAcc) Add(groups []uint32, args []arrow.Array, _ []int64) error {
	hs := make([]uint64, len(groups))
	types.HashCols(args[:1], []types.Type{a.typ}, len(groups), hs)
	eachValue(args[0], nil, func(i int, _ int64) { a.sketch(groups[i]).InsertHash(hs[i]) })
	return nil
}

func (a *approxAcc) sketch(g uint32) *hyperloglog.Sketch {
	if a.s[g] == nil {
		a.s[g] = hyperloglog.New14()
	}
	return a.s[g]
}

// Result is the estimates.
func (a *approxAcc) Result(groups []uint32) (arrow.Array, error) {
	out := make([]int64, len(groups))
	for i, g := range groups {
		if a.s[g] != nil {
			out[i] = int64(a.s[g].Estimate())
		}
	}
	return types.Int64Array(out, nil, 0), nil
}

// StateTypes is one column of encoded sketches.
func (a *approxAcc) StateTypes() []arrow.DataType { return []arrow.DataType{arrow.BinaryTypes.Binary} }

// Save encodes the sketches.
func (a *approxAcc) Save(groups []uint32) ([]arrow.Array, error) {
	b := array.NewBinaryBuilder(types.Mem, arrow.BinaryTypes.Binary)
	for _, g := range groups {
		if a.s[g] == nil {
			b.AppendNull()
			continue
		}
		enc, err := a.s[g].MarshalBinary()
		if err != nil {
			return nil, err
		}
		b.Append(enc)
	}
	return []arrow.Array{b.NewArray()}, nil
}

// Load sets the sketches.
func (a *approxAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge unites sketches.
func (a *approxAcc) Merge(groups []uint32, cols []arrow.Array) error {
	v := cols[0].(*array.Binary)
	for i, g := range groups {
		if v.IsNull(i) {
			continue
		}
		var s hyperloglog.Sketch
		if err := s.UnmarshalBinary(v.Value(i)); err != nil {
			return err
		}
		if err := a.sketch(g).Merge(&s); err != nil {
			return err
		}
	}
	return nil
}

// Reset empties the groups.
func (a *approxAcc) Reset(groups []uint32) {
	for _, g := range groups {
		a.s[g] = nil
	}
}

// Bytes is about the sketches' memory.
func (a *approxAcc) Bytes() int64 { return int64(len(a.s)) * 512 }
