package expr

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

func varianceAggs() []*Agg {
	var out []*Agg
	for _, f := range []struct {
		name         string
		sample, root bool
		doc          string
	}{
		{"variance", true, false, "sample variance"}, {"var_samp", true, false, "sample variance"}, {"var_pop", false, false, "population variance"},
		{"stddev", true, true, "sample standard deviation"}, {"stddev_samp", true, true, "sample standard deviation"},
		{"stddev_pop", false, true, "population standard deviation"},
	} {
		for _, t := range []types.Type{types.Int8, types.Int4, types.Int2, types.Numeric} {
			mk := func([]types.Type) Accumulator {
				return &varDecAcc{arg: t, sample: f.sample, root: f.root}
			}
			out = append(out, &Agg{Name: f.name, Args: args(t), Ret: types.Numeric, Invertible: true, New: mk, Doc: f.doc})
		}
		for _, t := range []types.Type{types.Float4, types.Float8} {
			mk := func([]types.Type) Accumulator { return newVarFloat(f.sample, f.root) }
			out = append(out, &Agg{Name: f.name, Args: args(t), Ret: types.Float8, Invertible: true, New: mk, Doc: f.doc})
		}
	}
	return out
}

// varDecAcc is variance and standard deviation of integers and numerics, exact: the sum of the values and of their squares.
type varDecAcc struct {
	arg          types.Type
	sample, root bool
	x, xx        sumDecAcc
}

// Grow makes room for n groups.
func (a *varDecAcc) Grow(n int) {
	a.x.Grow(n)
	a.xx.Grow(n)
}

// Add takes the values that are not NULL.
func (a *varDecAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	get := func(i int) types.Dec { return types.Dec{} }
	if a.arg.Is(types.Numeric) {
		v := args[0].(*array.Binary)
		get = func(i int) types.Dec { return types.NumericAt(v, i) }
	} else {
		ints := intsOf(args[0])
		get = func(i int) types.Dec { return types.FromInt64(ints(i)) }
	}
	eachValue(args[0], w, func(i int, w int64) {
		d := get(i)
		a.x.s[groups[i]].add(d, w)
		a.xx.s[groups[i]].add(d.Mul(d), w)
	})
	return nil
}

// Result is the variances or their roots; of a single value the sample variance is NULL.
func (a *varDecAcc) Result(groups []uint32) (arrow.Array, error) {
	return decColumn(len(groups), func(i int) (types.Dec, bool, error) {
		n := a.x.s[groups[i]].n
		if n == 0 || a.sample && n == 1 {
			return types.Dec{}, false, nil
		}
		d, err := a.variance(groups[i], n)
		return d, true, err
	})
}

func (a *varDecAcc) variance(g uint32, n int64) (types.Dec, error) {
	x, xx, nd := a.x.s[g].value(), a.xx.s[g].value(), types.FromInt64(n)
	if !x.Finite() {
		return decNaN, nil
	}
	num := nd.Mul(xx).Sub(x.Mul(x))
	if num.Sign() <= 0 {
		return types.FromInt64(0), nil
	}
	den := nd.Mul(nd)
	if a.sample {
		den = nd.Mul(types.FromInt64(n - 1))
	}
	d, err := num.Div(den)
	if err != nil || !a.root {
		return d, err
	}
	return d.SqrtScale(d.Scale()), nil
}

// StateTypes are the two sums.
func (a *varDecAcc) StateTypes() []arrow.DataType {
	return append(a.x.StateTypes(), a.xx.StateTypes()...)
}

// Save gives the two sums.
func (a *varDecAcc) Save(groups []uint32) ([]arrow.Array, error) {
	x, err := a.x.Save(groups)
	if err != nil {
		return nil, err
	}
	xx, err := a.xx.Save(groups)
	return append(x, xx...), err
}

// Load sets the two sums.
func (a *varDecAcc) Load(groups []uint32, cols []arrow.Array) error {
	if err := a.x.Load(groups, cols[:1]); err != nil {
		return err
	}
	return a.xx.Load(groups, cols[1:])
}

// Merge adds the two sums.
func (a *varDecAcc) Merge(groups []uint32, cols []arrow.Array) error {
	if err := a.x.Merge(groups, cols[:1]); err != nil {
		return err
	}
	return a.xx.Merge(groups, cols[1:])
}

// Reset empties the groups.
func (a *varDecAcc) Reset(groups []uint32) {
	a.x.Reset(groups)
	a.xx.Reset(groups)
}

// Bytes is the two sums' memory.
func (a *varDecAcc) Bytes() int64 { return a.x.Bytes() + a.xx.Bytes() }

// floatSumsAcc keeps some sums of floats for each group: the state of the statistical aggregates. add puts a row's terms into t, ok false:
// the row does not count; out gives the result, ok false: NULL. The plain values of the sums from products on are not sums: young brings them up to the
// row, by the method of Youngs and Cramer, as PostgreSQL computes them in order of arrival.
type floatSumsAcc struct {
	k        int
	products int        // the first sum of products
	s        []floatSum // k for each group
	add      func(x []float64, t []float64)
	young    func(s []floatSum, x []float64)
	out      func(s []floatSum) (v float64, ok bool)
}

// Grow makes room for n groups.
func (a *floatSumsAcc) Grow(n int) { a.s = growTo(a.s, n*a.k) }

// Add takes the rows without NULLs.
func (a *floatSumsAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	cols := make([][]float64, len(args))
	for k, c := range args {
		cols[k] = floatsOf(c)
	}
	x, t := make([]float64, len(args)), make([]float64, a.k)
rows:
	for i, g := range groups {
		for k, c := range args {
			if c.IsNull(i) {
				continue rows
			}
			x[k] = cols[k][i]
		}
		a.add(x, t)
		n := int64(1)
		if w != nil {
			n = w[i]
		}
		s := a.s[int(g)*a.k : int(g+1)*a.k]
		for k, v := range t {
			was := s[k].plain
			if s[k].add(v, n); k >= a.products {
				s[k].plain = was
			}
		}
		a.young(s, x)
	}
	return nil
}

// Result is what out makes of the sums.
func (a *floatSumsAcc) Result(groups []uint32) (arrow.Array, error) {
	out, has := make([]float64, len(groups)), make([]bool, len(groups))
	for i, g := range groups {
		s := a.s[int(g)*a.k : int(g+1)*a.k]
		if overflowed(s, a.products) {
			return nil, floatOverflow()
		}
		out[i], has[i] = a.out(s)
	}
	valid, nulls := validWhere(len(groups), func(i int) bool { return has[i] })
	return types.Float64Array(out, valid, nulls), nil
}

// overflowed says whether finite values have sums or products that are not; the sums before products are those of the values.
func overflowed(s []floatSum, products int) bool {
	return inOrder(s[:products]...) && slices.ContainsFunc(s, func(f floatSum) bool { return f.plain-f.plain != 0 })
}

// StateTypes are the fields of all sums.
func (a *floatSumsAcc) StateTypes() []arrow.DataType {
	var out []arrow.DataType
	for range a.k {
		out = append(out, floatSumTypes()...)
	}
	return out
}

// Save gathers the sums.
func (a *floatSumsAcc) Save(groups []uint32) ([]arrow.Array, error) {
	var out []arrow.Array
	for k := range a.k {
		s := make([]floatSum, len(groups))
		for i, g := range groups {
			s[i] = a.s[int(g)*a.k+k]
		}
		out = append(out, saveFloatSums(s)...)
	}
	return out, nil
}

// Load sets the sums.
func (a *floatSumsAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge adds sums.
func (a *floatSumsAcc) Merge(groups []uint32, cols []arrow.Array) error {
	width := len(floatSumTypes())
	for k := range a.k {
		for i, s := range readFloatSums(cols[k*width : (k+1)*width]) {
			a.s[int(groups[i])*a.k+k].merge(s)
		}
	}
	return nil
}

// Reset empties the groups.
func (a *floatSumsAcc) Reset(groups []uint32) {
	for _, g := range groups {
		clear(a.s[int(g)*a.k : int(g+1)*a.k])
	}
}

// Bytes is the sums' memory.
func (a *floatSumsAcc) Bytes() int64 { return int64(cap(a.s)) * 64 }

// newVarFloat is variance and standard deviation of floats.
func newVarFloat(sample, root bool) Accumulator {
	return &floatSumsAcc{k: 3, products: 1,
		add: func(x, t []float64) {
			t[0] = x[0]
			t[1], t[2] = product(x[0], x[0])
		},
		young: func(s []floatSum, x []float64) {
			if n := float64(s[0].n); n > 1 {
				d := float64(x[0]*n) - s[0].plain
				s[1].plain += d * d / (n * (n - 1))
			}
		},
		out: func(s []floatSum) (float64, bool) {
			n := float64(s[0].n)
			if n == 0 || sample && n == 1 {
				return 0, false
			}
			v := s[1].plain
			if !inOrder(s[0]) {
				v = squares(&s[0], &s[0], &s[1], &s[2])
			}
			if sample {
				v /= n - 1
			} else {
				v /= n
			}
			if root {
				v = math.Sqrt(v)
			}
			return v, true
		}}
}

// inOrder says that the plain values of sums, and of what was computed from them, count: finite ones only came, one by one.
func inOrder(s ...floatSum) bool {
	for k := range s {
		if s[k].mixed != 0 || !s[k].finite() {
			return false
		}
	}
	return true
}

// product is x*y and the error of its rounding.
func product(x, y float64) (p, rest float64) {
	p = x * y
	if p-p != 0 {
		return p, 0
	}
	return p, math.FMA(x, y, -p)
}

// squares is the sum of (x - mean x)(y - mean y) from the sums of x, y and their products with the products' errors; where x is y it is
// never negative.
func squares(x, y, xy, errs *floatSum) float64 {
	if !x.finite() || !y.finite() {
		return math.NaN()
	}
	mean, n := x.value()/float64(x.n), float64(x.n)
	rest := math.FMA(-mean, n, x.hi) + x.lo // what mean*n lacks of the sum
	v := math.FMA(-mean, y.hi, xy.hi) + (xy.lo + errs.value() - mean*y.lo) - rest*y.value()/n
	if x == y {
		return max(v, 0)
	}
	return v
}
