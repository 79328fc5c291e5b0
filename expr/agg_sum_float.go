package expr

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// floatSum is a sum of floats. In hi and lo it hardly depends on the order and gives back what was added: a pair of floats with twice the
// precision, and counts of the values that are not finite. plain is the sum as PostgreSQL computes it, in order of arrival; it counts as long as
// values were only added one by one.
type floatSum struct {
	hi, lo, plain    float64
	mixed            int64 // not 0: values were taken back or sums merged, so plain does not count
	n                int64 // values
	nan, inf, negInf int64
}

func (s *floatSum) add(x float64, w int64) {
	s.n += w
	if x-x != 0 {
		switch {
		case x != x:
			s.nan += w
		case x > 0:
			s.inf += w
		default:
			s.negInf += w
		}
		return
	}
	s.plain += x
	if w != 1 {
		s.mixed = 1
		x *= float64(w)
	}
	s.plus(x)
}

// plus adds a finite value: the sum of two floats and its rounding error.
func (s *floatSum) plus(x float64) {
	t := s.hi + x
	b := t - s.hi
	s.lo += (s.hi - (t - b)) + (x - b)
	s.hi = t
}

func (s *floatSum) merge(o floatSum) {
	if s.n == 0 && s.mixed == 0 && s.hi == 0 {
		*s = o
		return
	}
	s.mixed = 1
	s.plus(o.hi)
	s.lo += o.lo
	s.n, s.nan, s.inf, s.negInf = s.n+o.n, s.nan+o.nan, s.inf+o.inf, s.negInf+o.negInf
}

// value is the sum; of finite values it is infinite only by overflow.
func (s *floatSum) value() float64 {
	switch {
	case s.nan != 0 || s.inf != 0 && s.negInf != 0:
		return math.NaN()
	case s.inf != 0:
		return math.Inf(1)
	case s.negInf != 0:
		return math.Inf(-1)
	case s.mixed == 0:
		return s.plain
	case s.hi-s.hi != 0:
		return s.hi
	}
	return s.hi + s.lo
}

// finite says whether only finite values were added.
func (s *floatSum) finite() bool { return s.nan == 0 && s.inf == 0 && s.negInf == 0 }

// sumFloatAcc sums floats.
type sumFloatAcc struct {
	arg types.Type
	s   []floatSum
	out func(a *sumFloatAcc, groups []uint32) (arrow.Array, error)
}

func newSumFloat(arg types.Type, out func(*sumFloatAcc, []uint32) (arrow.Array, error)) Accumulator {
	return &sumFloatAcc{arg: arg, out: out}
}

// Grow makes room for n groups.
func (a *sumFloatAcc) Grow(n int) { a.s = growTo(a.s, n) }

// Add sums the values that are not NULL.
func (a *sumFloatAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	v := floatsOf(args[0])
	if w == nil && args[0].NullN() == 0 {
		for i, g := range groups {
			a.s[g].add(v[i], 1)
		}
		return nil
	}
	eachValue(args[0], w, func(i int, w int64) { a.s[groups[i]].add(v[i], w) })
	return nil
}

// floatsOf is a float column's values as float64.
func floatsOf(a arrow.Array) []float64 {
	if a.DataType().ID() == arrow.FLOAT64 {
		return types.Float64s(a)
	}
	v := types.Values[float32](a)
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// Result is what out makes of the sums.
func (a *sumFloatAcc) Result(groups []uint32) (arrow.Array, error) { return a.out(a, groups) }

func sumFloat(a *sumFloatAcc, groups []uint32) (arrow.Array, error) {
	valid, nulls := validWhere(len(groups), func(i int) bool { return a.s[groups[i]].n != 0 })
	out := make([]float64, len(groups))
	for i, g := range groups {
		s := &a.s[g]
		out[i] = s.value()
		if s.finite() && (out[i]-out[i] != 0 || a.arg.Is(types.Float4) && math.Abs(out[i]) > math.MaxFloat32) {
			return nil, sqlerr.New(sqlerr.NumericValueOutOfRange, "value out of range: overflow")
		}
	}
	if a.arg.Is(types.Float8) {
		return types.Float64Array(out, valid, nulls), nil
	}
	f := make([]float32, len(out))
	for i, x := range out {
		f[i] = float32(x)
	}
	return types.NewFixed(types.Float4.Arrow(), f, valid, nulls), nil
}

func avgFloat(a *sumFloatAcc, groups []uint32) (arrow.Array, error) {
	valid, nulls := validWhere(len(groups), func(i int) bool { return a.s[groups[i]].n != 0 })
	out := make([]float64, len(groups))
	for i, g := range groups {
		s := &a.s[g]
		if s.n == 0 {
			continue
		}
		out[i] = s.value() / float64(s.n)
		if s.finite() && out[i]-out[i] != 0 {
			return nil, sqlerr.New(sqlerr.NumericValueOutOfRange, "value out of range: overflow")
		}
	}
	return types.Float64Array(out, valid, nulls), nil
}

// StateTypes are the fields of floatSum.
func (a *sumFloatAcc) StateTypes() []arrow.DataType { return floatSumTypes() }

func floatSumTypes() []arrow.DataType {
	f, i := arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Int64
	return []arrow.DataType{f, f, f, i, i, i, i, i}
}

// Save gathers the sums.
func (a *sumFloatAcc) Save(groups []uint32) ([]arrow.Array, error) {
	return saveFloatSums(gatherGroups(a.s, groups)), nil
}

func saveFloatSums(s []floatSum) []arrow.Array {
	f := func(get func(*floatSum) float64) arrow.Array {
		out := make([]float64, len(s))
		for i := range s {
			out[i] = get(&s[i])
		}
		return types.Float64Array(out, nil, 0)
	}
	n := func(get func(*floatSum) int64) arrow.Array {
		out := make([]int64, len(s))
		for i := range s {
			out[i] = get(&s[i])
		}
		return types.Int64Array(out, nil, 0)
	}
	return []arrow.Array{f(func(s *floatSum) float64 { return s.hi }), f(func(s *floatSum) float64 { return s.lo }),
		f(func(s *floatSum) float64 { return s.plain }), n(func(s *floatSum) int64 { return s.mixed }),
		n(func(s *floatSum) int64 { return s.n }), n(func(s *floatSum) int64 { return s.nan }),
		n(func(s *floatSum) int64 { return s.inf }), n(func(s *floatSum) int64 { return s.negInf })}
}

// readFloatSums reads what saveFloatSums gave.
func readFloatSums(cols []arrow.Array) []floatSum {
	hi, lo, plain := types.Float64s(cols[0]), types.Float64s(cols[1]), types.Float64s(cols[2])
	mixed, n, nan := types.Int64s(cols[3]), types.Int64s(cols[4]), types.Int64s(cols[5])
	inf, neg := types.Int64s(cols[6]), types.Int64s(cols[7])
	out := make([]floatSum, len(hi))
	for i := range out {
		out[i] = floatSum{hi[i], lo[i], plain[i], mixed[i], n[i], nan[i], inf[i], neg[i]}
	}
	return out
}

// Load scatters the sums.
func (a *sumFloatAcc) Load(groups []uint32, cols []arrow.Array) error {
	for i, s := range readFloatSums(cols) {
		a.s[groups[i]] = s
	}
	return nil
}

// Merge adds sums.
func (a *sumFloatAcc) Merge(groups []uint32, cols []arrow.Array) error {
	for i, s := range readFloatSums(cols) {
		a.s[groups[i]].merge(s)
	}
	return nil
}

// Reset empties the groups.
func (a *sumFloatAcc) Reset(groups []uint32) {
	for _, g := range groups {
		a.s[g] = floatSum{}
	}
}

// Bytes is the sums' memory.
func (a *sumFloatAcc) Bytes() int64 { return int64(cap(a.s)) * 64 }
