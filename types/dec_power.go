package types

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Power is d^e. Errors: 2201F, 22003.
func (d Dec) Power(e Dec) (Dec, error) {
	if d.kind|e.kind != decFinite {
		return powerSpecial(d, e)
	}
	switch {
	case d.Sign() == 0 && e.Sign() < 0:
		return Dec{}, zeroToNegative()
	case d.Sign() < 0 && !e.isInt():
		return Dec{}, sqlerr.New(sqlerr.InvalidArgumentForPower, "a negative number raised to a non-integer power yields a complex result")
	}
	if t := e.Trunc(0); e.isInt() && t.big == nil && t.coef == int64(int32(t.coef)) {
		return d.powerInt(t.coef, resultScale(minSigDigits, d.scale))
	}
	if d.Sign() == 0 {
		return Dec{scale: minSigDigits}, nil
	}
	return d.powerFrac(e)
}

func zeroToNegative() error {
	return sqlerr.New(sqlerr.InvalidArgumentForPower, "zero raised to a negative power is undefined")
}

func (d Dec) isInt() bool { return d.scale == 0 || d.Cmp(d.Trunc(0)) == 0 }

// powerInt is d^n rounded to scale.
func (d Dec) powerInt(n int64, scale int32) (Dec, error) {
	switch {
	case n == 0:
		return oneDec.Round(scale), nil
	case n == 1:
		return d.Round(scale), nil
	case n == -1:
		return oneDec.divRound(d, scale), nil
	case n == 2:
		return d.Mul(d).Round(scale), nil
	case d.Sign() == 0:
		return Dec{scale: scale}, nil
	}
	f, exp := d.lead()
	weight := float64(n) * (math.Log10(f) + float64(exp))
	if weight > (math.MaxInt16+1)*4 {
		return Dec{}, decOverflow()
	}
	if weight+1 < -float64(scale) || weight+1 < -maxDisplayScale {
		return Dec{scale: scale}, nil
	}
	if n > 0 && float64(n)*float64(d.numDigits()+int(d.scale)) < 1e6 && n*int64(d.scale) < math.MaxInt32/2 {
		c := new(big.Int).Exp(d.Coef(), big.NewInt(n), nil)
		return NewDecBig(c, int32(n)*d.scale).Round(scale), nil
	}
	digits := 1 + int(scale) + int(weight) + len(FromInt64(n).String())
	return mathResult(digits, scale, func(c *apd.Context, r *apd.Decimal) (apd.Condition, error) {
		r.SetInt64(1)
		sq := d.apd()
		for m := absInt64(n); m > 0; m >>= 1 {
			if m&1 == 1 {
				if cond, err := c.Mul(r, r, sq); err != nil {
					return cond, err
				}
			}
			if m > 1 {
				if cond, err := c.Mul(sq, sq, sq); err != nil {
					return cond, err
				}
			}
		}
		if n < 0 {
			return c.Quo(r, apd.New(1, 0), r)
		}
		return 0, nil
	})
}

// powerFrac is d^e as exp(e * ln(d)).
func (d Dec) powerFrac(e Dec) (Dec, error) {
	neg := d.Sign() < 0 && new(big.Int).And(e.Trunc(0).Coef(), bigPow[0]).Sign() != 0
	base := d.Abs()
	if base.Cmp(oneDec) == 0 {
		base = oneDec
	}
	ln, err := base.Ln()
	if err != nil {
		return Dec{}, err
	}
	f := ln.Mul(e).ToFloat64()
	if math.Abs(f) > maxResultScale*3.01 {
		if f > 0 {
			return Dec{}, decOverflow()
		}
		return Dec{scale: maxDisplayScale}, nil
	}
	weight := clampWeight(f * 0.434294481903252)
	scale := resultScale(minSigDigits-weight, d.scale, e.scale)
	digits := int(scale) + int(max(f*0.434294481903252, 0)) + 8
	r, err := mathResult(digits, scale, func(c *apd.Context, r *apd.Decimal) (apd.Condition, error) {
		return c.Pow(r, base.apd(), e.apd())
	})
	if neg {
		r = r.Neg()
	}
	return r, err
}

// powerSpecial is POSIX's pow for NaN and the infinities.
func powerSpecial(d, e Dec) (Dec, error) {
	one := func(x Dec) bool { return x.kind == decFinite && x.Cmp(oneDec) == 0 }
	switch {
	case one(d) || e.kind == decFinite && e.Sign() == 0:
		return oneDec, nil
	case d.kind == decNaN || e.kind == decNaN:
		return DecNaN, nil
	case d.kind == decFinite && d.Sign() == 0 && e.kind == decNegInf:
		return Dec{}, zeroToNegative()
	case e.kind != decFinite:
		c := d.Abs().Cmp(oneDec)
		switch {
		case c == 0:
			return oneDec, nil
		case (c > 0) == (e.kind == decInf):
			return DecInf, nil
		}
		return zeroDec, nil
	case d.kind == decNegInf && !e.isInt():
		return Dec{}, sqlerr.New(sqlerr.InvalidArgumentForPower, "a negative number raised to a non-integer power yields a complex result")
	case e.Sign() < 0:
		return zeroDec, nil
	case d.kind == decNegInf && new(big.Int).And(e.Trunc(0).Coef(), bigPow[0]).Sign() != 0:
		return DecNegInf, nil
	}
	return DecInf, nil
}
