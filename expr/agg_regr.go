package expr

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// The sums of regression aggregates; the products come with the errors of their rounding.
const (
	regY = iota
	regX
	regYY
	regYYErr
	regXX
	regXXErr
	regXY
	regXYErr
	regSums
)

// regr is what the aggregates of two variables compute from.
type regr struct {
	n, y, x, syy, sxx, sxy float64
	inOrder                bool // as PostgreSQL computes them
}

func regrAggs() []*Agg {
	f := func(name, doc string, out func(r regr) (float64, bool)) *Agg {
		mk := func([]types.Type) Accumulator { return newRegr(out) }
		return &Agg{Name: name, Args: args(types.Float8, types.Float8), Ret: types.Float8, Invertible: true, New: mk, Doc: doc}
	}
	slope := func(r regr) (float64, bool) { return r.sxy / r.sxx, r.sxx != 0 }
	return []*Agg{
		f("corr", "correlation coefficient", func(r regr) (float64, bool) {
			c := r.sxy / math.Sqrt(r.sxx*r.syy)
			if !r.inOrder {
				c = max(-1, min(1, c))
			}
			return c, r.sxx != 0 && r.syy != 0
		}),
		f("covar_pop", "population covariance", func(r regr) (float64, bool) { return r.sxy / r.n, true }),
		f("covar_samp", "sample covariance", func(r regr) (float64, bool) { return r.sxy / (r.n - 1), r.n > 1 }),
		f("regr_avgx", "average of the independent variable", func(r regr) (float64, bool) { return r.x / r.n, true }),
		f("regr_avgy", "average of the dependent variable", func(r regr) (float64, bool) { return r.y / r.n, true }),
		f("regr_sxx", "sum of squares of the independent variable", func(r regr) (float64, bool) { return r.sxx, true }),
		f("regr_syy", "sum of squares of the dependent variable", func(r regr) (float64, bool) { return r.syy, true }),
		f("regr_sxy", "sum of products", func(r regr) (float64, bool) { return r.sxy, true }),
		f("regr_slope", "slope of the least-squares line", slope),
		f("regr_intercept", "y-intercept of the least-squares line", func(r regr) (float64, bool) {
			return (r.y - r.x*r.sxy/r.sxx) / r.n, r.sxx != 0
		}),
		f("regr_r2", "square of the correlation coefficient", func(r regr) (float64, bool) {
			if r.syy == 0 {
				return 1, r.sxx != 0
			}
			return r.sxy * r.sxy / (r.sxx * r.syy), r.sxx != 0
		}),
		{Name: "regr_count", Args: args(types.Float8, types.Float8), Ret: types.Int8, Invertible: true,
			New: func([]types.Type) Accumulator { return &pairCountAcc{countAcc{newIntState(1)}} }, Doc: "number of rows where both are not NULL"},
	}
}

func newRegr(out func(r regr) (float64, bool)) Accumulator {
	return &floatSumsAcc{k: regSums, products: regYY,
		add: func(v, t []float64) {
			y, x := v[0], v[1]
			t[regY], t[regX] = y, x
			t[regYY], t[regYYErr] = product(y, y)
			t[regXX], t[regXXErr] = product(x, x)
			t[regXY], t[regXYErr] = product(x, y)
		},
		young: func(s []floatSum, v []float64) {
			if n := float64(s[regY].n); n > 1 {
				y, x, scale := float64(v[0]*n)-s[regY].plain, float64(v[1]*n)-s[regX].plain, 1/(n*(n-1))
				s[regYY].plain += float64(float64(y*y) * scale)
				s[regXX].plain += float64(float64(x*x) * scale)
				s[regXY].plain += float64(float64(x*y) * scale)
			}
		},
		out: func(s []floatSum) (float64, bool) {
			if s[regY].n == 0 {
				return 0, false
			}
			sum := func(k int) float64 {
				if inOrder(s[k]) {
					return s[k].plain
				}
				return s[k].value()
			}
			products := func(a, b, k, errs int) float64 {
				if inOrder(s[a], s[b]) {
					return s[k].plain
				}
				return squares(&s[a], &s[b], &s[k], &s[errs])
			}
			return out(regr{float64(s[regY].n), sum(regY), sum(regX), products(regY, regY, regYY, regYYErr), products(regX, regX, regXX, regXXErr),
				products(regX, regY, regXY, regXYErr), inOrder(s[regX], s[regY])})
		}}
}

// pairCountAcc counts rows where both arguments are not NULL.
type pairCountAcc struct{ countAcc }

// Add counts.
func (a *pairCountAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	eachValue(args[0], w, func(i int, w int64) {
		if args[1].IsValid(i) {
			a.c[0][groups[i]] += w
		}
	})
	return nil
}
