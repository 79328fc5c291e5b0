package libm

import "math"

// reduce takes multiples of π/2 off x: |r| is at most π/4.
func reduce(x float64) (r dd, quadrant int) {
	if math.Abs(x) >= 1<<20 {
		return reduceLarge(x)
	}
	p := &table().pi2Parts
	k := math.RoundToEven(x / (math.Pi / 2))
	r = sum(x-k*p[0], -k*p[1]).addf(-k * p[2]).addf(-k * p[3])
	return r, ((int(k) % 4) + 4) % 4
}

// sinCos are both of an angle of at most π/4.
func sinCos(r dd) (s, c dd) {
	t := table()
	i := int(math.Abs(r.hi)*64 + 0.5)
	at := float64(i) / 64
	minus := r.hi < 0
	if minus {
		r = r.neg()
	}
	d := r.addf(-at)
	q := d.mul(d)
	h := q.hi
	// sin d = d - d³/6 + ..., cos d = 1 - d²/2 + ...
	sd := d.add(d.mul(q).mul(dd{-1.0 / 6, -1.0 / 6 * 0x1p-54}).addf(d.hi * h * h * (1.0/120 - h*(1.0/5040-h/362880))))
	cd := q.mulf(-0.5).addf(h * h * (1.0/24 - h*(1.0/720-h/40320)))
	s = t.sin[i].add(t.sin[i].mul(cd)).add(t.cos[i].mul(sd))
	c = t.cos[i].add(t.cos[i].mul(cd)).add(t.sin[i].mul(sd).neg())
	if minus {
		s = s.neg()
	}
	return s, c
}

// angle gives sine and cosine of any finite angle.
func angle(x float64) (s, c dd) {
	r, quadrant := reduce(x)
	s, c = sinCos(r)
	switch quadrant {
	case 1:
		return c, s.neg()
	case 2:
		return s.neg(), c.neg()
	case 3:
		return c.neg(), s
	}
	return s, c
}

func tiny(x float64) bool { return math.Abs(x) < 0x1p-27 || math.IsNaN(x) || math.IsInf(x, 0) }

// Sin is the sine.
func Sin(x float64) float64 {
	if tiny(x) {
		return math.Sin(x)
	}
	s, _ := angle(x)
	return s.float()
}

// Cos is the cosine.
func Cos(x float64) float64 {
	if tiny(x) {
		return math.Cos(x)
	}
	_, c := angle(x)
	return c.float()
}

// Tan is the tangent.
func Tan(x float64) float64 {
	if tiny(x) {
		return math.Tan(x)
	}
	s, c := angle(x)
	return s.div(c).float()
}

// atanOf is the angle whose tangent is y/x, both positive.
func atanOf(y, x dd) dd {
	t := table()
	if y.hi > x.hi {
		return t.pi2.add(atanOf(x, y).neg())
	}
	i := int(y.hi/x.hi*64 + 0.5)
	at := float64(i) / 64
	d := y.add(x.mulf(-at)).div(x.add(y.mulf(at)))
	q := d.mul(d)
	h := q.hi
	rest := d.hi * h * h * (1.0/5 - h*(1.0/7-h*(1.0/9-h/11)))
	return d.add(d.mul(q).div(dd{-3, 0})).addf(rest).add(t.atan[i])
}

// Atan is the arc tangent.
func Atan(x float64) float64 {
	if tiny(x) || math.Abs(x) > 1e17 {
		return math.Atan(x)
	}
	return math.Copysign(atanOf(dd{math.Abs(x), 0}, dd{1, 0}).float(), x)
}

// Atan2 is the angle of the point (x, y).
func Atan2(y, x float64) float64 {
	if y == 0 || x == 0 || math.IsNaN(x) || math.IsNaN(y) || math.IsInf(x, 0) || math.IsInf(y, 0) || math.Abs(y/x) > 1e15 || math.Abs(y/x) < 1e-15 {
		return math.Atan2(y, x)
	}
	a := atanOf(dd{math.Abs(y), 0}, dd{math.Abs(x), 0})
	if x < 0 {
		a = table().pi2.mulf(2).add(a.neg())
	}
	return math.Copysign(a.float(), y)
}

// leg is sqrt(1 - x²).
func leg(x float64) dd { return sum(1, -x).mul(sum(1, x)).sqrt() }

// Asin is the arc sine.
func Asin(x float64) float64 {
	if tiny(x) || math.Abs(x) >= 1 {
		return math.Asin(x)
	}
	return math.Copysign(atanOf(dd{math.Abs(x), 0}, leg(x)).float(), x)
}

// Acos is the arc cosine.
func Acos(x float64) float64 {
	if tiny(x) || math.Abs(x) >= 1 {
		return math.Acos(x)
	}
	a := atanOf(leg(x), dd{math.Abs(x), 0})
	if x < 0 {
		a = table().pi2.mulf(2).add(a.neg())
	}
	return a.float()
}
