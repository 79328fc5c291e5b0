package libm

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestRounding compares with results of many more bits, rounded once.
func TestRounding(t *testing.T) {
	bigExp := func(x *big.Float) *big.Float {
		return series(number(1), func(term *big.Float, n int64) { term.Mul(term, x).Quo(term, number(float64(n))) })
	}
	cos := func(x *big.Float) *big.Float { return bigSin(x, number(1), 0) }
	sin := func(x *big.Float) *big.Float { return bigSin(x, x, 1) }
	for _, c := range []struct {
		name   string
		got    func(float64) float64
		want   func(*big.Float) *big.Float
		lo, hi float64
	}{
		{"exp", Exp, bigExp, -5, 5}, {"log", Log, bigLog, 0.3, 3}, {"log near 1", Log, bigLog, 0.99, 1.01},
		{"sin", Sin, sin, -10, 10}, {"cos", Cos, cos, -10, 10}, {"sin of little", Sin, sin, -0.01, 0.01},
		{"tan", Tan, func(x *big.Float) *big.Float { return number(0).Quo(sin(x), cos(x)) }, -5, 5},
		{"atan", Atan, bigAtan, -1, 1},
		{"asin", func(x float64) float64 { return Asin(x) }, func(x *big.Float) *big.Float {
			return bigAtan(number(0).Quo(x, number(0).Sqrt(number(0).Sub(number(1), number(0).Mul(x, x)))))
		}, -0.7, 0.7},
		{"pow", func(x float64) float64 { return Pow(1.5, x) }, func(x *big.Float) *big.Float { return bigExp(number(0).Mul(x, bigLog(number(1.5)))) }, -9, 9},
	} {
		rng := rand.New(rand.NewPCG(1, 7))
		wrong := 0
		for range 1500 {
			x := c.lo + rng.Float64()*(c.hi-c.lo)
			if want, _ := c.want(number(x)).Float64(); c.got(x) != want {
				wrong++
				if math.Abs(c.got(x)-want) > 2*math.Abs(math.Nextafter(want, 9)-want) {
					t.Errorf("%s(%v) = %v, want %v", c.name, x, c.got(x), want)
				}
			}
		}
		if wrong > 1 {
			t.Errorf("%s: %d of 1500 are not rounded right", c.name, wrong)
		}
	}
}

// TestSpecial holds the ends of the domains.
func TestSpecial(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -1, 0.5, 2, inf, -inf, nan, 1e-310, -1e-310, 1e300, -1e300, 709.7, -745, 710} {
		for _, c := range []struct {
			name      string
			got, want func(float64) float64
		}{{"exp", Exp, math.Exp}, {"log", Log, math.Log}, {"log10", Log10, math.Log10}, {"sin", Sin, math.Sin}, {"cos", Cos, math.Cos}, {"atan", Atan, math.Atan},
			{"asin", Asin, math.Asin}, {"acos", Acos, math.Acos}, {"sinh", Sinh, math.Sinh}, {"cosh", Cosh, math.Cosh}, {"tanh", Tanh, math.Tanh},
			{"asinh", Asinh, math.Asinh}, {"acosh", Acosh, math.Acosh}, {"atanh", Atanh, math.Atanh},
			{"pow", func(x float64) float64 { return Pow(x, 3) }, func(x float64) float64 { return math.Pow(x, 3) }},
			{"to the power", func(x float64) float64 { return Pow(-2, x) }, func(x float64) float64 { return math.Pow(-2, x) }}} {
			if math.Abs(x) == 1e300 && (c.name == "sin" || c.name == "cos") || x == 1e-310 && (c.name == "log" || c.name == "log10") { // where package math is off
				continue
			}
			got, want := c.got(x), c.want(x)
			if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-14*math.Abs(want) || math.IsInf(got, 0) && got != want {
				t.Errorf("%s(%v) = %v, want %v", c.name, x, got, want)
			}
		}
	}
	if got := Sin(1e300); math.Abs(got - -0.8178819121159085) > 1e-15 {
		t.Errorf("sin(1e300) = %v", got)
	}
	for _, c := range [][3]float64{{1, 1, math.Pi / 4}, {1, -1, 3 * math.Pi / 4}, {-1, -1, -3 * math.Pi / 4}, {0, -1, math.Pi}, {2, 0, math.Pi / 2}} {
		if got := Atan2(c[0], c[1]); got != c[2] {
			t.Errorf("atan2(%v, %v) = %v, want %v", c[0], c[1], got, c[2])
		}
	}
}

func BenchmarkTables(b *testing.B) {
	for range b.N {
		makeTables()
	}
}
