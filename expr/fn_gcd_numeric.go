package expr

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// gcdNumericFuncs are gcd and lcm of numeric.
func gcdNumericFuncs() []*Func {
	N := types.Numeric
	return []*Func{
		f2("gcd", N, N, N, func(_ *Ctx, a, b types.Dec) (types.Dec, error) { return gcdDec(a, b) }, "greatest common divisor"),
		f2("lcm", N, N, N, func(_ *Ctx, a, b types.Dec) (types.Dec, error) { return lcmDec(a, b) }, "least common multiple"),
	}
}

func gcdDec(a, b types.Dec) (types.Dec, error) {
	if a.IsNaN() || a.IsInf() || b.IsNaN() || b.IsInf() {
		return types.DecNaN, nil
	}
	scale := max(a.Scale(), b.Scale())
	for b.Sign() != 0 {
		r, err := a.Mod(b)
		if err != nil {
			return r, err
		}
		a, b = b, r
	}
	return a.Abs().Round(scale), nil
}

func lcmDec(a, b types.Dec) (types.Dec, error) {
	g, err := gcdDec(a, b)
	if err != nil || g.IsNaN() || g.Sign() == 0 {
		return g, err
	}
	scale := max(a.Scale(), b.Scale())
	q, err := a.DivTrunc(g)
	if err != nil {
		return q, err
	}
	out := q.Mul(b).Abs().Round(scale)
	if out.Overflows() {
		return out, sqlerr.New(sqlerr.NumericValueOutOfRange, "value overflows numeric format")
	}
	return out, nil
}
