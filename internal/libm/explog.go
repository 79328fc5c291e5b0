package libm

import "math"

// Exp is e to the power x.
func Exp(x float64) float64 {
	if !(math.Abs(x) < 700) || math.Abs(x) < 0x1p-54 {
		return math.Exp(x) // the ends, where the C library's own steps are no better
	}
	return expOf(dd{x, 0})
}

// expOf is e to the power x, |x| < 745.
func expOf(x dd) float64 {
	t := table()
	k := math.RoundToEven(x.hi * (128 / math.Ln2))
	r := sum(x.hi-k*t.ln2Step[0], -k*t.ln2Step[1]).addf(-k * t.ln2Step[2]).addf(x.lo)
	// e^r - 1 = r + r²/2 + the rest, for which one float64 is enough
	h := r.hi
	rest := h * h * h * (1.0/6 + h*(1.0/24+h*(1.0/120+h*(1.0/720+h/5040))))
	e := r.add(r.mul(r).mulf(0.5)).addf(rest)
	n := int(k)
	base := t.exp[((n%128)+128)%128]
	v := base.add(base.mul(e))
	return scale(v, (n-((n%128)+128)%128)/128)
}

// scale is v * 2^n, rounded once.
func scale(v dd, n int) float64 {
	if n > -1000 && n < 1000 {
		return math.Ldexp(v.hi+v.lo, n)
	}
	f := v.hi + v.lo
	if n < 0 {
		// A result without all its bits: what is lost is rounded with lo in sight.
		cut := math.Ldexp(f, n)
		if back := math.Ldexp(cut, -n); math.Abs(cut) < 0x1p-1022 && back != f && 2*math.Abs(f-back) == math.Ldexp(0x1p-1074, -n) {
			return math.Ldexp(f+math.Copysign(math.Ldexp(0x1p-1076, -n), v.hi-f+v.lo), n)
		}
		return cut
	}
	return math.Ldexp(math.Ldexp(f, 512), n-512)
}

// logOf is the natural logarithm of a positive finite number, nearly to twice the precision.
func logOf(x float64) dd {
	t := table()
	m, e := math.Frexp(x)
	m, e = m*2, e-1 // 1 <= m < 2
	i := int((m - 1) * 128)
	if m-1-float64(i)/128 > 1.0/256 {
		i++
	}
	if i > 53 { // then of m/2, so that the logarithm of what is just below 1 loses nothing
		m, e = m/2, e+1
		i = int((2*m-1)*128 + 0.5)
		r := product(m, 2*t.inv[i]).addf(-1)
		return log1pOf(r).add(t.log[i]).add(t.ln2.mulf(float64(e - 1)))
	}
	r := product(m, t.inv[i]).addf(-1)
	return log1pOf(r).add(t.log[i]).add(t.ln2.mulf(float64(e)))
}

// log1pOf is log(1+r) for |r| < 1/128.
func log1pOf(r dd) dd {
	h := r.hi
	rest := h * h * h * h * (-1.0/4 + h*(1.0/5+h*(-1.0/6+h*(1.0/7+h*(-1.0/8+h*(1.0/9+h*(-1.0/10+h/11)))))))
	square := r.mul(r)
	return r.add(square.mulf(-0.5)).add(square.mul(r).div(dd{3, 0})).addf(rest)
}

// Log is the natural logarithm.
func Log(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) || x == 1 {
		return math.Log(x)
	}
	if d := x - 1; math.Abs(d) < 1.0/256 {
		return log1pOf(dd{d, 0}).float()
	}
	return logOf(x).float()
}

// Log10 is the logarithm to base 10, in the C library's steps.
func Log10(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) {
		return math.Log10(x)
	}
	const (
		ivln10   = 4.34294481903251816668e-01
		log10of2 = 3.01029995663611771306e-01
		log2low  = 3.69423907715893078616e-13
	)
	m, e := math.Frexp(x)
	k := e - 1
	i := 0
	if k < 0 {
		i = 1
	}
	y := float64(k + i)
	z := y*log2low + ivln10*Log(math.Ldexp(m*2, -i))
	return z + y*log10of2
}

// Pow is x to the power y.
func Pow(x, y float64) float64 {
	r := math.Pow(x, y)
	if r == 0 || math.IsInf(r, 0) || math.IsNaN(r) || x == 0 || x == 1 || y == 0 || y == 1 || math.IsInf(y, 0) || math.IsInf(x, 0) || math.Abs(r) < 0x1p-1000 || math.Abs(r) > 0x1p1000 {
		return r
	}
	l := logOf(math.Abs(x))
	if d := math.Abs(x) - 1; math.Abs(d) < 1.0/256 {
		l = log1pOf(dd{d, 0})
	}
	return math.Copysign(expOf(l.mulf(y)), r)
}
