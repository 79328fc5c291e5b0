package libm

import (
	"math"
	"math/big"
	"sync"
)

// prec is the precision (bits) in which the tables are made.
const prec = 200

// tables are values at regular points, made when they are first asked for.
type tables struct {
	exp      [128]dd // 2^(i/128)
	log      [129]dd // -log(1/(1+i/128) rounded to a float64)
	inv      [129]float64
	sin, cos [64]dd // of i/64
	atan     [65]dd // of i/64
	ln2, pi2 dd     // log 2 and π/2
	ln2Step  [3]float64
	pi2Parts [4]float64
}

var table = sync.OnceValue(makeTables)

func number(x float64) *big.Float { return new(big.Float).SetPrec(prec).SetFloat64(x) }

// series sums term(0) = first, and each next one by step, until it no longer counts.
func series(first *big.Float, step func(term *big.Float, n int64)) *big.Float {
	total, term := number(0), number(0).Set(first)
	for n := int64(1); term.Sign() != 0 && (total.Sign() == 0 || term.MantExp(nil) > total.MantExp(nil)-prec); n++ {
		total.Add(total, term)
		step(term, n)
	}
	return total
}

func bigSin(x *big.Float, first *big.Float, from int64) *big.Float {
	square := number(0).Mul(x, x)
	return series(first, func(t *big.Float, n int64) {
		t.Mul(t, square).Quo(t, number(float64((2*n+from-1)*(2*n+from)))).Neg(t)
	})
}

// bigAtan is atan of x, at most 1, by halving the angle twice and the series.
func bigAtan(x *big.Float) *big.Float {
	half := func(x *big.Float) *big.Float {
		root := number(0).Sqrt(number(0).Add(number(1), number(0).Mul(x, x)))
		return number(0).Quo(x, root.Add(root, number(1)))
	}
	x = half(half(half(x)))
	square, power := number(0).Mul(x, x), number(0).Set(x)
	sum := series(x, func(t *big.Float, n int64) {
		power.Mul(power, square).Neg(power)
		t.Quo(power, number(float64(2*n+1)))
	})
	return sum.Mul(sum, number(8))
}

// bigLog is the logarithm of x near 1 by 2 atanh((x-1)/(x+1)).
func bigLog(x *big.Float) *big.Float {
	z := number(0).Quo(number(0).Sub(x, number(1)), number(0).Add(x, number(1)))
	square, power := number(0).Mul(z, z), number(0).Set(z)
	sum := series(z, func(t *big.Float, n int64) {
		power.Mul(power, square)
		t.Quo(power, number(float64(2*n+1)))
	})
	return sum.Mul(sum, number(2))
}

func makeTables() *tables {
	t := &tables{}
	root := number(2)
	for range 7 {
		root.Sqrt(root)
	}
	power := number(1)
	for i := range t.exp {
		t.exp[i] = fromBig(power)
		power = number(0).Mul(power, root)
	}
	for i := range t.log {
		t.inv[i] = 1 / (1 + float64(i)/128)
		t.log[i] = fromBig(bigLog(number(t.inv[i]))).neg()
	}
	for i := range t.sin {
		x := number(float64(i) / 64)
		t.sin[i], t.cos[i] = fromBig(bigSin(x, x, 1)), fromBig(bigSin(x, number(1), 0))
	}
	for i := range t.atan {
		t.atan[i] = fromBig(bigAtan(number(float64(i) / 64)))
	}
	ln2 := number(0).Neg(bigLog(number(0.5)))
	pi := bigAtan(number(1))
	pi.Mul(pi, number(4))
	t.ln2, t.pi2 = fromBig(ln2), fromBig(number(0).Quo(pi, number(2)))
	copy(t.ln2Step[:], parts(number(0).Quo(ln2, number(128)), 36, 3))
	copy(t.pi2Parts[:], parts(number(0).Quo(pi, number(2)), 32, 4))
	return t
}

// parts cuts x into numbers of so many bits each; the last one has what is left.
func parts(x *big.Float, bits, n int) []float64 {
	out := make([]float64, n)
	rest := number(0).Set(x)
	for i := range out {
		p := number(0).Set(rest)
		if i < n-1 {
			p = new(big.Float).SetPrec(uint(bits)).SetMode(big.ToZero).Set(rest)
		}
		out[i], _ = p.Float64()
		rest.Sub(rest, number(out[i]))
	}
	return out
}

var piDigits = sync.OnceValue(func() *big.Float { // π/2 with bits enough for the largest angle: 16 atan(1/5) - 4 atan(1/239), over 2
	const bits = 1400
	wide := func(x float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(x) }
	atan := func(n float64) *big.Float {
		power, total := wide(1), wide(0)
		power.Quo(power, wide(n))
		for k := 0; power.MantExp(nil) > -bits; k++ {
			term := wide(0).Quo(power, wide(float64(2*k+1)))
			if k%2 == 1 {
				term.Neg(term)
			}
			total.Add(total, term)
			power.Quo(power, wide(n*n))
		}
		return total
	}
	a, b := atan(5), atan(239)
	return a.Mul(a, wide(8)).Sub(a, b.Mul(b, wide(2)))
})

// reduceLarge takes multiples of π/2 off an angle too large for the parts.
func reduceLarge(x float64) (r dd, quadrant int) {
	p := piDigits()
	v := new(big.Float).SetPrec(1400).SetFloat64(math.Abs(x))
	q := new(big.Float).SetPrec(1400).Quo(v, p)
	k, _ := q.Add(q, big.NewFloat(0.5)).Int(nil)
	v.Sub(v, new(big.Float).SetPrec(1400).Mul(new(big.Float).SetPrec(1400).SetInt(k), p))
	quadrant = int(new(big.Int).And(k, big.NewInt(3)).Int64())
	r = fromBig(new(big.Float).SetPrec(prec).Set(v))
	if x < 0 {
		return r.neg(), (4 - quadrant) % 4
	}
	return r, quadrant
}
