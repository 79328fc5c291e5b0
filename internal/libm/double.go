package libm

import (
	"math"
	"math/big"
)

// dd is the unevaluated sum of two numbers, |lo| at most half a unit of hi's last place.
type dd struct{ hi, lo float64 }

func fast(a, b float64) dd { // |a| >= |b|
	s := a + b
	return dd{s, b - (s - a)}
}

func sum(a, b float64) dd {
	s := a + b
	t := s - a
	return dd{s, (a - (s - t)) + (b - t)}
}

func product(a, b float64) dd {
	p := a * b
	return dd{p, math.FMA(a, b, -p)}
}

func (x dd) add(y dd) dd {
	s, t := sum(x.hi, y.hi), sum(x.lo, y.lo)
	s = fast(s.hi, s.lo+t.hi)
	return fast(s.hi, s.lo+t.lo)
}

func (x dd) addf(y float64) dd {
	s := sum(x.hi, y)
	return fast(s.hi, s.lo+x.lo)
}

func (x dd) mul(y dd) dd {
	p := product(x.hi, y.hi)
	return fast(p.hi, p.lo+(x.hi*y.lo+x.lo*y.hi))
}

func (x dd) mulf(y float64) dd {
	p := product(x.hi, y)
	return fast(p.hi, math.FMA(x.lo, y, p.lo))
}

func (x dd) div(y dd) dd {
	q := x.hi / y.hi
	r := x.add(y.mulf(-q))
	q2 := r.hi / y.hi
	r = r.add(y.mulf(-q2))
	return fast(q, q2).addf(r.hi / y.hi)
}

func (x dd) sqrt() dd {
	if x.hi <= 0 {
		return dd{}
	}
	s := math.Sqrt(x.hi)
	return fast(s, x.add(dd{s, 0}.mulf(-s)).hi/(2*s))
}

func (x dd) neg() dd        { return dd{-x.hi, -x.lo} }
func (x dd) float() float64 { return x.hi + x.lo }
func fromBig(x *big.Float) dd {
	hi, _ := x.Float64()
	lo, _ := new(big.Float).SetPrec(prec).Sub(x, new(big.Float).SetFloat64(hi)).Float64()
	return dd{hi, lo}
}
