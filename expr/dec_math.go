package expr

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// The functions of numeric that need more than arithmetic, by apd, with the number of digits that PostgreSQL shows.

const (
	minSigDigits = 16
	maxScale     = 1000
)

func numericOverflow() error {
	return sqlerr.New(sqlerr.NumericValueOutOfRange, "value overflows numeric format")
}

func toAPD(d types.Dec) *apd.Decimal {
	var c apd.BigInt
	c.SetMathBigInt(d.Coef())
	return apd.NewWithBigInt(&c, -d.Scale())
}

// fromAPD rounds to scale digits behind the point.
func fromAPD(x *apd.Decimal, scale int32) types.Dec {
	c := x.Coeff.MathBigInt()
	if x.Negative {
		c.Neg(c)
	}
	if x.Exponent > 0 {
		c.Mul(c, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(x.Exponent)), nil))
		return types.NewDecBig(c, 0).Round(scale)
	}
	return types.NewDecBig(c, -x.Exponent).Round(scale)
}

// exponent10 is the decimal exponent of the first digit of d, which is finite.
func exponent10(d types.Dec) int {
	return len(new(big.Int).Abs(d.Coef()).String()) - 1 - int(d.Scale())
}

// weight is that of the first base-10000 digit.
func weight(d types.Dec) int {
	if d.Sign() == 0 {
		return 0
	}
	return int(floorDiv(int64(exponent10(d)), 4))
}

// log10Of is about the logarithm of |d|.
func log10Of(d types.Dec) float64 {
	s := new(big.Int).Abs(d.Coef()).String()
	lead := s[:min(len(s), 17)]
	f := 0.0
	for _, c := range lead {
		f = f*10 + float64(c-'0')
	}
	return math.Log10(f) + float64(len(s)-len(lead)) - float64(d.Scale())
}

func resultScale(digits int, inputs ...types.Dec) int32 {
	s := int32(minSigDigits - digits)
	for _, d := range inputs {
		s = max(s, d.Scale())
	}
	return min(max(s, 0), maxScale)
}

// apdContext works with enough digits for a result of the given scale and so many digits before the point.
func apdContext(scale int32, before int) *apd.Context {
	c := apd.BaseContext.WithPrecision(uint32(int(scale) + max(before, 0) + 10))
	c.MaxExponent, c.MinExponent = apd.MaxExponent, apd.MinExponent
	return c
}

func decSqrt(d types.Dec) (types.Dec, error) {
	switch {
	case d.IsNaN() || d.IsInf() && d.Sign() > 0:
		return d, nil
	case d.Sign() < 0:
		return d, sqlerr.New(sqlerr.InvalidArgumentForPower, "cannot take square root of a negative number")
	}
	scale := resultScale((weight(d)+1)*2-1, d)
	r := new(apd.Decimal)
	if _, err := apdContext(scale, exponent10(d)/2+1).Sqrt(r, toAPD(d)); err != nil {
		return d, numericOverflow()
	}
	return fromAPD(r, scale), nil
}

func decExp(d types.Dec) (types.Dec, error) {
	switch {
	case d.IsNaN() || d.IsInf() && d.Sign() > 0:
		return d, nil
	case d.IsInf():
		return types.Dec{}, nil
	}
	val := d.ToFloat64() * 0.434294481903252
	if val > 131072 {
		return d, numericOverflow()
	}
	val = min(max(val, -2000), 2000)
	scale := resultScale(int(val), d)
	r := new(apd.Decimal)
	if _, err := apdContext(scale, int(val)).Exp(r, toAPD(d)); err != nil {
		return d, numericOverflow()
	}
	return fromAPD(r, scale), nil
}

// lnWeight is PostgreSQL's estimate_ln_dweight: the decimal exponent of ln(d).
func lnWeight(d types.Dec) int {
	one := types.FromInt64(1)
	if d.Cmp(types.NewDec(9, 1)) >= 0 && d.Cmp(types.NewDec(11, 1)) <= 0 {
		x := d.Sub(one)
		if x.Sign() == 0 {
			return 0
		}
		return exponent10(x)
	}
	return int(math.Log10(math.Abs(log10Of(d) * math.Ln10)))
}

func checkLog(d types.Dec) error {
	switch {
	case d.Sign() == 0 && !d.IsNaN():
		return sqlerr.New(sqlerr.InvalidArgumentForLog, "cannot take logarithm of zero")
	case d.Sign() < 0:
		return sqlerr.New(sqlerr.InvalidArgumentForLog, "cannot take logarithm of a negative number")
	}
	return nil
}

func decLn(d types.Dec) (types.Dec, error) {
	if err := checkLog(d); err != nil || !d.Finite() {
		return d, err
	}
	scale := resultScale(lnWeight(d), d)
	r := new(apd.Decimal)
	if _, err := apdContext(scale, 8).Ln(r, toAPD(d)); err != nil {
		return d, numericOverflow()
	}
	return fromAPD(r, scale), nil
}

// decLog is the logarithm of x to base b.
func decLog(b, x types.Dec) (types.Dec, error) {
	if err := checkLog(b); err != nil {
		return x, err
	}
	if err := checkLog(x); err != nil {
		return x, err
	}
	switch {
	case b.IsNaN() || x.IsNaN() || b.IsInf() && x.IsInf():
		return types.DecNaN, nil
	case b.IsInf():
		return types.Dec{}, nil
	case x.IsInf():
		return x, nil
	case b.Cmp(types.FromInt64(1)) == 0:
		return x, divByZero()
	}
	scale := resultScale(lnWeight(x)-lnWeight(b), b, x)
	ctx := apdContext(scale+16, 8)
	lx, lb, r := new(apd.Decimal), new(apd.Decimal), new(apd.Decimal)
	if _, err := ctx.Ln(lx, toAPD(x)); err != nil {
		return x, numericOverflow()
	}
	if _, err := ctx.Ln(lb, toAPD(b)); err != nil {
		return x, numericOverflow()
	}
	if _, err := ctx.Quo(r, lx, lb); err != nil {
		return x, numericOverflow()
	}
	return fromAPD(r, scale), nil
}

func decPower(a, b types.Dec) (types.Dec, error) {
	one := types.FromInt64(1)
	switch {
	case b.Sign() == 0 && b.Finite(), a.Cmp(one) == 0 && !a.IsNaN():
		if a.Finite() && b.Finite() {
			return powerInt(a, b)
		}
		return one, nil
	case a.IsNaN() || b.IsNaN():
		return types.DecNaN, nil
	case a.Sign() == 0 && b.Sign() < 0:
		return a, sqlerr.New(sqlerr.InvalidArgumentForPower, "zero raised to a negative power is undefined")
	}
	whole := b.Finite() && b.Trunc(0).Cmp(b) == 0
	switch {
	case a.Sign() < 0 && b.Finite() && !whole:
		return a, sqlerr.New(sqlerr.InvalidArgumentForPower, "a negative number raised to a non-integer power yields a complex result")
	case !a.Finite() || !b.Finite():
		return types.FromFloat64(math.Pow(a.ToFloat64(), b.ToFloat64())), nil
	case whole:
		return powerInt(a, b)
	case a.Sign() == 0:
		return types.NewDec(0, min(max(minSigDigits, a.Scale(), b.Scale()), maxScale)), nil
	}
	return powerFrac(a, b)
}

// powerInt is the power to an integer.
func powerInt(a, b types.Dec) (types.Dec, error) {
	f := 0.0
	if a.Sign() != 0 {
		f = b.ToFloat64() * log10Of(a)
	}
	if f > 131072 {
		return a, numericOverflow()
	}
	if f < -2000 {
		return types.NewDec(0, maxScale), nil
	}
	scale := min(max(minSigDigits, a.Scale()), maxScale)
	if n, err := b.ToInt64(); err == nil && n >= 0 && n <= 1<<20 && float64(n)*float64(exponent10(a)+1+2*int(a.Scale())) < 1e6 {
		c := new(big.Int).Exp(a.Coef(), big.NewInt(n), nil)
		if s := n * int64(a.Scale()); s <= math.MaxInt32/2 {
			return types.NewDecBig(c, int32(s)).Round(scale), nil
		}
	}
	r := new(apd.Decimal)
	if _, err := apdContext(scale, int(f)+10).Pow(r, toAPD(a), toAPD(b)); err != nil {
		return a, numericOverflow()
	}
	return fromAPD(r, scale), nil
}

// powerFrac is exp(b * ln(a)).
func powerFrac(a, b types.Dec) (types.Dec, error) {
	val := b.ToFloat64() * log10Of(a)
	if val > 131072 {
		return a, numericOverflow()
	}
	if val < -2000 {
		return types.NewDec(0, maxScale), nil
	}
	scale := resultScale(int(val), a, b)
	r := new(apd.Decimal)
	if _, err := apdContext(scale, int(val)+10).Pow(r, toAPD(a), toAPD(b)); err != nil {
		return a, numericOverflow()
	}
	return fromAPD(r, scale), nil
}
