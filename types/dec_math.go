package types

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// guard is how many digits more than asked the transcendental functions compute.
const guard = 10

var zeroDec, oneDec = Dec{}, Dec{coef: 1}

// Sqrt is the square root with at least 16 significant digits. Errors: 2201F for a negative number.
func (d Dec) Sqrt() (Dec, error) {
	if d.kind == decNaN || d.kind == decInf {
		return d, nil
	}
	if d.Sign() < 0 {
		return Dec{}, sqlerr.New(sqlerr.InvalidArgumentForPower, "cannot take square root of a negative number")
	}
	w, _ := d.top()
	return d.SqrtScale(resultScale(minSigDigits-((w+1)*4/2-1), d.scale)), nil
}

// SqrtScale is the square root of a finite number, not negative, with so many digits after the point.
func (d Dec) SqrtScale(scale int32) Dec {
	c, shift := d.Coef(), 2*scale-d.scale
	if shift >= 0 {
		c = new(big.Int).Mul(c, bigPow10(shift))
	} else {
		c = new(big.Int).Quo(c, bigPow10(-shift))
	}
	q := new(big.Int).Sqrt(c)
	if rest := new(big.Int).Mul(q, q); rest.Sub(c, rest).Cmp(q) > 0 {
		q.Add(q, bigPow[0])
	}
	return NewDecBig(q, scale)
}

// resultScale is a scale that PostgreSQL computes, at least those of the inputs, at most what it displays.
func resultScale(s int, inputs ...int32) int32 {
	r := max(int32(s), 0)
	for _, i := range inputs {
		r = max(r, i)
	}
	return min(r, maxDisplayScale)
}

// Exp is e^d. Errors: 22003.
func (d Dec) Exp() (Dec, error) {
	switch d.kind {
	case decNaN, decInf:
		return d, nil
	case decNegInf:
		return zeroDec, nil
	}
	f := d.ToFloat64()
	weight := clampWeight(f * 0.434294481903252)
	scale := resultScale(minSigDigits-weight, d.scale)
	if math.Abs(f) >= maxResultScale*3 {
		if f > 0 {
			return Dec{}, decOverflow()
		}
		return Dec{scale: scale}, nil
	}
	digits := int(scale) + int(max(f*0.434294481903252, float64(-scale)))
	return mathResult(digits, scale, func(c *apd.Context, r *apd.Decimal) (apd.Condition, error) { return expAPD(c, r, d.apd()) })
}

// expAPD is e^x; apd needs too many steps for large x, whose half it gets instead.
func expAPD(c *apd.Context, r, x *apd.Decimal) (apd.Condition, error) {
	if x.NumDigits()+int64(x.Exponent) < 4 {
		return c.Exp(r, x)
	}
	var half apd.Decimal
	if cond, err := c.Mul(&half, x, apd.New(5, -1)); err != nil {
		return cond, err
	}
	if cond, err := c.Exp(&half, &half); err != nil {
		return cond, err
	}
	return c.Mul(r, &half, &half)
}

// clampWeight is the decimal weight of a result, cut to what PostgreSQL reckons with.
func clampWeight(f float64) int { return int(max(min(f, maxResultScale), -maxResultScale)) }

// mathResult runs f with digits significant digits and some more, and rounds what it gives to scale.
func mathResult(digits int, scale int32, f func(*apd.Context, *apd.Decimal) (apd.Condition, error)) (Dec, error) {
	c := apd.BaseContext.WithPrecision(uint32(max(digits, 0) + 1 + guard))
	var r apd.Decimal
	if _, err := f(c, &r); err != nil {
		return Dec{}, sqlerr.Wrap(err, sqlerr.NumericValueOutOfRange, "value overflows numeric format")
	}
	return fromAPD(&r).Round(scale), nil
}

func (d Dec) apd() *apd.Decimal {
	return apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(d.Coef()), -d.scale)
}

// fromAPD may give more scale than a column holds; the caller rounds.
func fromAPD(a *apd.Decimal) Dec {
	c := a.Coeff.MathBigInt()
	if a.Negative {
		c.Neg(c)
	}
	if a.Exponent > 0 {
		return NewDecBig(c.Mul(c, bigPow10(a.Exponent)), 0)
	}
	return NewDecBig(c, -a.Exponent)
}

// checkLog refuses what has no logarithm.
func (d Dec) checkLog() error {
	switch s := d.Sign(); {
	case d.kind == decNaN || s > 0:
		return nil
	case s == 0:
		return sqlerr.New(sqlerr.InvalidArgumentForLog, "cannot take logarithm of zero")
	}
	return sqlerr.New(sqlerr.InvalidArgumentForLog, "cannot take logarithm of a negative number")
}

// Ln is the natural logarithm. Errors: 2201E.
func (d Dec) Ln() (Dec, error) {
	if err := d.checkLog(); err != nil || d.kind != decFinite {
		return d, err
	}
	w := d.lnWeight()
	scale := resultScale(minSigDigits-w, d.scale)
	return mathResult(int(scale)+w, scale, func(c *apd.Context, r *apd.Decimal) (apd.Condition, error) { return c.Ln(r, d.apd()) })
}

// lnWeight estimates the decimal weight of the natural logarithm of d, as PostgreSQL's estimate_ln_dweight.
func (d Dec) lnWeight() int {
	if d.Sign() <= 0 {
		return 0
	}
	if d.Cmp(Dec{coef: 9, scale: 1}) >= 0 && d.Cmp(Dec{coef: 11, scale: 1}) <= 0 {
		x := d.Sub(oneDec)
		if x.Sign() == 0 {
			return 0
		}
		w, first := x.top()
		return w*4 + int(math.Log10(float64(first)))
	}
	f, exp := d.lead()
	return int(math.Log10(math.Abs(math.Log(f) + float64(exp)*2.302585092994046)))
}

// lead is |d| as f * 10^exp, with f of up to 16 digits.
func (d Dec) lead() (f float64, exp int) {
	var buf [40]byte
	digits := d.appendDigits(buf[:0])
	exp = len(digits) - int(d.scale)
	for k, c := range digits {
		if k == 16 {
			break
		}
		f = f*10 + float64(c-'0')
		exp--
	}
	return f, exp
}

// Log is the logarithm of d to the base. Errors: 2201E, 22012 for base 1.
func (d Dec) Log(base Dec) (Dec, error) {
	if d.kind == decNaN || base.kind == decNaN {
		return DecNaN, nil
	}
	if err := base.checkLog(); err != nil {
		return d, err
	}
	if err := d.checkLog(); err != nil {
		return d, err
	}
	switch {
	case d.kind == decInf && base.kind == decInf:
		return DecNaN, nil
	case d.kind == decInf:
		return d, nil
	case base.kind == decInf:
		return zeroDec, nil
	case base.Cmp(oneDec) == 0:
		return d, divByZero()
	}
	w := d.lnWeight() - base.lnWeight()
	scale := resultScale(minSigDigits-w, base.scale, d.scale)
	digits := int(scale) + max(w, 0) + 4
	return mathResult(digits, scale, func(c *apd.Context, r *apd.Decimal) (apd.Condition, error) {
		var ln apd.Decimal
		if cond, err := c.Ln(&ln, base.apd()); err != nil {
			return cond, err
		}
		if cond, err := c.Ln(r, d.apd()); err != nil {
			return cond, err
		}
		return c.Quo(r, r, &ln)
	})
}
