package expr

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/libm"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// mathFuncs are the functions of double precision and those on several kinds of numbers.
func mathFuncs() []*Func {
	F, I, N := types.Float8, types.Int4, types.Numeric
	fs := []*Func{
		p1("floor", F, F, math.Floor, "largest integer that is not larger"),
		p1("ceil", F, F, math.Ceil, "smallest integer that is not smaller"),
		p1("ceiling", F, F, math.Ceil, "smallest integer that is not smaller"),
		p1("round", F, F, math.RoundToEven, "nearest integer, ties to even"),
		p1("trunc", F, F, math.Trunc, "cut to an integer"),
		p1("sign", F, F, signFloat, "-1, 0 or 1"),
		f1("degrees", F, F, func(_ *Ctx, x float64) (float64, error) { return ranged(x, x/(math.Pi/180)) }, "radians as degrees"),
		f1("radians", F, F, func(_ *Ctx, x float64) (float64, error) { return ranged(x, x*(math.Pi/180)) }, "degrees as radians"),
		p1("cbrt", F, F, math.Cbrt, "cube root"), p1("||/", F, F, math.Cbrt, "cube root"),
		floatFn("sqrt", sqrt, "square root"), floatFn("|/", sqrt, "square root"),
		floatFn("exp", func(x float64) (float64, error) {
			r := libm.Exp(x)
			if r == 0 && !math.IsInf(x, -1) {
				return 0, floatUnderflow()
			}
			return checkFloat(r, math.IsInf(x, 1))
		}, "e to the power"),
		floatFn("ln", func(x float64) (float64, error) { return logOf(x, libm.Log) }, "natural logarithm"),
		floatFn("log", func(x float64) (float64, error) { return logOf(x, libm.Log10) }, "logarithm to base 10"),
		floatFn("log10", func(x float64) (float64, error) { return logOf(x, libm.Log10) }, "logarithm to base 10"),
		f2("power", F, F, F, power, "a to the power b"), f2("pow", F, F, F, power, "a to the power b"), f2("^", F, F, F, power, "a to the power b"),
		f2("power", N, N, N, powerNumeric, "a to the power b"), f2("pow", N, N, N, powerNumeric, "a to the power b"),
		f2("^", N, N, N, powerNumeric, "a to the power b"),
		f1("sqrt", N, N, func(_ *Ctx, d types.Dec) (types.Dec, error) { return d.Sqrt() }, "square root"),
		f1("exp", N, N, func(_ *Ctx, d types.Dec) (types.Dec, error) { return d.Exp() }, "e to the power"),
		f1("ln", N, N, func(_ *Ctx, d types.Dec) (types.Dec, error) { return d.Ln() }, "natural logarithm"),
		f1("log", N, N, func(_ *Ctx, d types.Dec) (types.Dec, error) { return d.Log(types.FromInt64(10)) }, "logarithm to base 10"),
		f1("log10", N, N, func(_ *Ctx, d types.Dec) (types.Dec, error) { return d.Log(types.FromInt64(10)) }, "logarithm to base 10"),
		f2("log", N, N, N, func(_ *Ctx, b, x types.Dec) (types.Dec, error) { return x.Log(b) }, "logarithm to a base"),
		f0("pi", F, func(*Ctx) (float64, error) { return math.Pi, nil }, "the number pi"),
		f4("width_bucket", F, F, F, I, I, widthBucket, "number of the bucket of equal width"),
		f1("factorial", types.Int8, N, func(_ *Ctx, n int64) (types.Dec, error) { return factorial(n) }, "product of 1 to n"),
	}
	return append(append(fs, trigFuncs()...), randomFuncs()...)
}

func floatFn(name string, f func(float64) (float64, error), doc string) *Func {
	return f1(name, types.Float8, types.Float8, func(_ *Ctx, x float64) (float64, error) { return f(x) }, doc)
}

func signFloat(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func sqrt(x float64) (float64, error) {
	if x < 0 {
		return 0, sqlerr.New(sqlerr.InvalidArgumentForPower, "cannot take square root of a negative number")
	}
	return math.Sqrt(x), nil
}

func logOf(x float64, f func(float64) float64) (float64, error) {
	switch {
	case x == 0:
		return 0, sqlerr.New(sqlerr.InvalidArgumentForLog, "cannot take logarithm of zero")
	case x < 0:
		return 0, sqlerr.New(sqlerr.InvalidArgumentForLog, "cannot take logarithm of a negative number")
	}
	return f(x), nil
}

func power(_ *Ctx, a, b float64) (float64, error) {
	switch {
	case math.IsNaN(a) && b != 0, math.IsNaN(b) && a != 1:
		return math.NaN(), nil
	case a == 0 && b < 0:
		return 0, sqlerr.New(sqlerr.InvalidArgumentForPower, "zero raised to a negative power is undefined")
	case a < 0 && b != math.Floor(b) && !math.IsInf(b, 0):
		return 0, sqlerr.New(sqlerr.InvalidArgumentForPower, "a negative number raised to a non-integer power yields a complex result")
	}
	r := libm.Pow(a, b)
	if r == 0 && a != 0 && !math.IsInf(a, 0) && !math.IsInf(b, 0) {
		return 0, floatUnderflow()
	}
	return checkFloat(r, math.IsInf(a, 0) || math.IsInf(b, 0))
}

func powerNumeric(_ *Ctx, a, b types.Dec) (types.Dec, error) { return a.Power(b) }

func factorial(n int64) (types.Dec, error) {
	switch {
	case n < 0:
		return types.Dec{}, sqlerr.New(sqlerr.NumericValueOutOfRange, "factorial of a negative number is undefined")
	case n > 32177:
		return types.Dec{}, sqlerr.New(sqlerr.NumericValueOutOfRange, "value overflows numeric format")
	}
	r := types.FromInt64(1)
	for i := int64(2); i <= n; i++ {
		r = r.Mul(types.FromInt64(i))
	}
	return r, nil
}

func widthBucket(_ *Ctx, x, lo, hi float64, n int32) (int32, error) {
	bad := func(why string) (int32, error) {
		return 0, sqlerr.New("2201G", "%s", why)
	}
	switch {
	case n <= 0:
		return bad("count must be greater than zero")
	case x != x || lo != lo || hi != hi:
		return bad("operand, lower bound, and upper bound cannot be NaN")
	case math.IsInf(lo, 0) || math.IsInf(hi, 0):
		return bad("lower and upper bounds must be finite")
	case lo == hi:
		return bad("lower bound cannot equal upper bound")
	case lo > hi:
		x, lo, hi = -x, -lo, -hi
	}
	switch {
	case x < lo:
		return 0, nil
	case x >= hi:
		if n == math.MaxInt32 {
			return 0, outOfRange(types.Int4)
		}
		return n + 1, nil
	}
	return min(int32((x-lo)/(hi-lo)*float64(n)), n-1) + 1, nil
}
