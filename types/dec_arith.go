package types

import (
	"math/big"
	"math/bits"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Add is d + e; its scale is the larger one.
func (d Dec) Add(e Dec) Dec {
	if d.kind|e.kind != decFinite {
		return addSpecial(d, e)
	}
	if d.big == nil && e.big == nil {
		a, b, s, ok := alignSmall(d, e)
		if r := a + b; ok && (r > a) == (b > 0) {
			return Dec{coef: r, scale: s}
		}
	}
	a, b := align(d, e)
	return NewDecBig(new(big.Int).Add(a, b), max(d.scale, e.scale))
}

// Sub is d - e; its scale is the larger one.
func (d Dec) Sub(e Dec) Dec { return d.Add(e.Neg()) }

// Neg is -d.
func (d Dec) Neg() Dec {
	switch d.kind {
	case decNaN:
		return d
	case decInf:
		return DecNegInf
	case decNegInf:
		return DecInf
	}
	if d.big != nil || d.coef == -1<<63 {
		return NewDecBig(new(big.Int).Neg(d.Coef()), d.scale)
	}
	d.coef = -d.coef
	return d
}

// Abs is |d|.
func (d Dec) Abs() Dec {
	if d.Sign() < 0 {
		return d.Neg()
	}
	return d
}

func addSpecial(d, e Dec) Dec {
	switch {
	case d.kind == decNaN || e.kind == decNaN:
		return DecNaN
	case d.kind == decFinite:
		return e
	case e.kind == decFinite || d.kind == e.kind:
		return d
	}
	return DecNaN
}

// alignSmall gives small coefficients at the larger scale, where they fit.
func alignSmall(d, e Dec) (a, b int64, scale int32, ok bool) {
	switch {
	case d.scale == e.scale:
		return d.coef, e.coef, d.scale, true
	case d.scale < e.scale:
		a, ok = scaleUp(d.coef, e.scale-d.scale)
		return a, e.coef, e.scale, ok
	}
	b, ok = scaleUp(e.coef, d.scale-e.scale)
	return d.coef, b, d.scale, ok
}

// Mul is d * e; its scale is the sum of both, rounded to what a numeric can show.
func (d Dec) Mul(e Dec) Dec {
	if d.kind|e.kind != decFinite {
		return mulSpecial(d, e)
	}
	scale := d.scale + e.scale
	if d.big == nil && e.big == nil && scale <= maxDecScale {
		hi, lo := bits.Mul64(absInt64(d.coef), absInt64(e.coef))
		if hi == 0 && lo < 1<<63 {
			r := int64(lo)
			if (d.coef < 0) != (e.coef < 0) {
				r = -r
			}
			return Dec{coef: r, scale: scale}
		}
	}
	r := NewDecBig(new(big.Int).Mul(d.Coef(), e.Coef()), scale)
	if scale > maxDecScale {
		return r.Round(maxDecScale)
	}
	return r
}

func mulSpecial(d, e Dec) Dec {
	switch s := d.Sign() * e.Sign(); {
	case d.kind == decNaN || e.kind == decNaN || s == 0:
		return DecNaN
	case s < 0:
		return DecNegInf
	}
	return DecInf
}

// Div is d / e with PostgreSQL's scale: at least 16 significant digits, never fewer digits than the inputs show. Errors: 22012.
func (d Dec) Div(e Dec) (Dec, error) {
	if d.kind|e.kind != decFinite {
		return divSpecial(d, e)
	}
	if e.Sign() == 0 {
		return Dec{}, divByZero()
	}
	return d.divRound(e, divScale(d, e)), nil
}

// divRound is d / e rounded half away from zero to scale digits; e is not zero and both are finite.
func (d Dec) divRound(e Dec, scale int32) Dec {
	shift := scale - d.scale + e.scale
	if d.big == nil && e.big == nil && shift >= 0 && shift < 20 {
		num, den := absInt64(d.coef), absInt64(e.coef)
		hi, lo := bits.Mul64(num, pow10[shift])
		if hi < den {
			q, r := bits.Div64(hi, lo, den)
			if r >= den-r {
				q++
			}
			if q < 1<<63 {
				c := int64(q)
				if (d.coef < 0) != (e.coef < 0) {
					c = -c
				}
				return Dec{coef: c, scale: scale}
			}
		}
	}
	num, den := d.Coef(), e.Coef()
	if shift >= 0 {
		num = new(big.Int).Mul(num, bigPow10(shift))
	} else {
		den = new(big.Int).Mul(den, bigPow10(-shift))
	}
	return NewDecBig(quoRound(num, den), scale)
}

// quoRound is a / b rounded half away from zero.
func quoRound(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Lsh(r, 1).CmpAbs(b) >= 0 {
		if a.Sign()*b.Sign() < 0 {
			q.Sub(q, bigPow[0])
		} else {
			q.Add(q, bigPow[0])
		}
	}
	return q
}

// divScale is PostgreSQL's select_div_scale.
func divScale(d, e Dec) int32 {
	w1, f1 := d.top()
	w2, f2 := e.top()
	qweight := w1 - w2
	if f1 <= f2 {
		qweight--
	}
	s := max(int32(minSigDigits-qweight*4), d.scale, e.scale, 0)
	return min(s, maxDisplayScale)
}

// top gives the weight of the first base-10000 digit and that digit, as in PostgreSQL's NumericVar; 0, 0 for zero.
func (d Dec) top() (weight, first int) {
	if d.Sign() == 0 {
		return 0, 0
	}
	exp := d.numDigits() - 1 - int(d.scale)
	weight = exp >> 2
	keep := exp - 4*weight + 1
	if d.big == nil {
		n := d.numDigits()
		u := absInt64(d.coef)
		if keep >= n {
			return weight, int(u * pow10[keep-n])
		}
		return weight, int(u / pow10[n-keep])
	}
	digits := d.appendDigits(nil)
	for i := range keep {
		if first *= 10; i < len(digits) {
			first += int(digits[i] - '0')
		}
	}
	return weight, first
}

func divSpecial(d, e Dec) (Dec, error) {
	switch {
	case d.kind == decNaN || e.kind == decNaN:
		return DecNaN, nil
	case d.kind != decFinite && e.kind != decFinite:
		return DecNaN, nil
	case e.kind != decFinite:
		return Dec{}, nil
	case e.Sign() == 0:
		return Dec{}, divByZero()
	}
	return mulSpecial(d, Dec{coef: int64(e.Sign())}), nil
}

// DivTrunc is d / e cut to an integer (the function div). Errors: 22012.
func (d Dec) DivTrunc(e Dec) (Dec, error) {
	if d.kind|e.kind != decFinite {
		return divSpecial(d, e)
	}
	if e.Sign() == 0 {
		return Dec{}, divByZero()
	}
	if d.big == nil && e.big == nil {
		if a, b, _, ok := alignSmall(d, e); ok && b != -1 {
			return Dec{coef: a / b}, nil
		}
	}
	a, b := align(d, e)
	return NewDecBig(new(big.Int).Quo(a, b), 0), nil
}

// Mod is the remainder of d / e with the sign of d; its scale is the larger one. Errors: 22012.
func (d Dec) Mod(e Dec) (Dec, error) {
	switch {
	case d.kind == decNaN || e.kind == decNaN:
		return DecNaN, nil
	case e.Sign() == 0:
		return Dec{}, divByZero()
	case d.kind != decFinite:
		return DecNaN, nil
	case e.kind != decFinite:
		return d, nil
	}
	if d.big == nil && e.big == nil {
		if a, b, s, ok := alignSmall(d, e); ok && b != -1 {
			return Dec{coef: a % b, scale: s}, nil
		}
	}
	a, b := align(d, e)
	return NewDecBig(new(big.Int).Rem(a, b), max(d.scale, e.scale)), nil
}

func divByZero() error { return sqlerr.New(sqlerr.DivisionByZero, "division by zero") }
