package types

import (
	"math/big"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Round rounds half away from zero to scale digits behind the point; a negative scale rounds before the point. The result
// shows exactly max(scale, 0) digits.
func (d Dec) Round(scale int32) Dec { return d.rescale(scale, true) }

// Trunc cuts to scale digits behind the point; otherwise as Round.
func (d Dec) Trunc(scale int32) Dec { return d.rescale(scale, false) }

func (d Dec) rescale(scale int32, round bool) Dec {
	if d.kind != decFinite || scale == d.scale {
		return d
	}
	scale = min(scale, maxDecScale)
	if scale < -maxDecDigits {
		return Dec{}
	}
	if scale > d.scale {
		if d.big == nil {
			if c, ok := scaleUp(d.coef, scale-d.scale); ok {
				return Dec{coef: c, scale: scale}
			}
		}
		return NewDecBig(new(big.Int).Mul(d.Coef(), bigPow10(scale-d.scale)), scale)
	}
	drop := d.scale - scale
	if d.big == nil && drop <= 18 {
		p := int64(pow10[drop])
		q, r := d.coef/p, d.coef%p
		if round && absInt64(r)*2 >= uint64(p) {
			if d.coef < 0 {
				q--
			} else {
				q++
			}
		}
		return unshift(Dec{coef: q}, scale)
	}
	var q *big.Int
	if round {
		q = quoRound(d.Coef(), bigPow10(drop))
	} else {
		q = new(big.Int).Quo(d.Coef(), bigPow10(drop))
	}
	return unshift(NewDecBig(q, 0), scale)
}

// unshift gives the integer d the scale; for a negative one it puts the zeros back.
func unshift(d Dec, scale int32) Dec {
	if scale >= 0 {
		d.scale = scale
		return d
	}
	if d.big == nil {
		if c, ok := scaleUp(d.coef, -scale); ok {
			return Dec{coef: c}
		}
	}
	return NewDecBig(new(big.Int).Mul(d.Coef(), bigPow10(-scale)), 0)
}

// Floor is the largest integer that is not larger than d.
func (d Dec) Floor() Dec {
	t := d.Trunc(0)
	if d.Sign() < 0 && t.Cmp(d) != 0 {
		return t.Sub(FromInt64(1))
	}
	return t
}

// Ceil is the smallest integer that is not smaller than d.
func (d Dec) Ceil() Dec {
	t := d.Trunc(0)
	if d.Sign() > 0 && t.Cmp(d) != 0 {
		return t.Add(FromInt64(1))
	}
	return t
}

// ApplyMod rounds d to the scale of a numeric's modifier (-1: none) and checks its precision. Errors: 22003.
func (d Dec) ApplyMod(mod int32) (Dec, error) {
	if mod < 4 || d.kind == decNaN {
		return d, nil
	}
	precision, scale := (mod-4)>>16&0xffff, ((mod-4)&0x7ff^1024)-1024
	if d.kind != decFinite {
		return d, sqlerr.New(sqlerr.NumericValueOutOfRange, "numeric field overflow").
			WithDetail("A field with precision %d, scale %d cannot hold an infinite value.", precision, scale)
	}
	r := d.Round(scale)
	if r.Sign() == 0 || r.numDigits()-int(r.scale) <= int(precision-scale) {
		return r, nil
	}
	limit := "1"
	if precision != scale {
		limit = "10^" + FromInt64(int64(precision-scale)).String()
	}
	return d, sqlerr.New(sqlerr.NumericValueOutOfRange, "numeric field overflow").
		WithDetail("A field with precision %d, scale %d must round to an absolute value less than %s.", precision, scale, limit)
}
