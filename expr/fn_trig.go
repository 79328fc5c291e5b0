package expr

import (
	"math"
	"sync"

	"github.com/streamsqld/streamsqld/internal/libm"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// trigFuncs are the trigonometric and hyperbolic functions, in radians and degrees.
func trigFuncs() []*Func {
	F := types.Float8
	domain := func(ok func(float64) bool, f func(float64) float64) func(float64) (float64, error) {
		return func(x float64) (float64, error) {
			if x == x && !ok(x) {
				return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, "input is out of range")
			}
			return f(x), nil
		}
	}
	finite := func(x float64) bool { return !math.IsInf(x, 0) }
	unit := func(x float64) bool { return x >= -1 && x <= 1 }
	always := func(float64) bool { return true }
	return []*Func{
		floatFn("sin", domain(finite, libm.Sin), "sine"), floatFn("cos", domain(finite, libm.Cos), "cosine"),
		floatFn("tan", domain(finite, libm.Tan), "tangent"),
		floatFn("cot", domain(finite, func(x float64) float64 { return 1 / libm.Tan(x) }), "cotangent"),
		floatFn("asin", domain(unit, libm.Asin), "inverse sine"), floatFn("acos", domain(unit, libm.Acos), "inverse cosine"),
		floatFn("atan", domain(always, libm.Atan), "inverse tangent"),
		floatFn("sinh", domain(always, libm.Sinh), "hyperbolic sine"), floatFn("cosh", domain(always, libm.Cosh), "hyperbolic cosine"),
		floatFn("tanh", domain(always, libm.Tanh), "hyperbolic tangent"),
		floatFn("asinh", domain(always, libm.Asinh), "inverse hyperbolic sine"),
		floatFn("acosh", domain(func(x float64) bool { return x >= 1 }, libm.Acosh), "inverse hyperbolic cosine"),
		floatFn("atanh", domain(unit, libm.Atanh), "inverse hyperbolic tangent"),
		floatFn("sind", domain(finite, sinDegrees), "sine of degrees"), floatFn("cosd", domain(finite, cosDegrees), "cosine of degrees"),
		floatFn("tand", domain(finite, tanDegrees), "tangent of degrees"), floatFn("cotd", domain(finite, cotDegrees), "cotangent of degrees"),
		floatFn("asind", domain(unit, asinDegrees), "inverse sine in degrees"), floatFn("acosd", domain(unit, acosDegrees), "inverse cosine in degrees"),
		floatFn("atand", domain(always, func(x float64) float64 { return libm.Atan(x) / libm.Atan(1) * 45 }), "inverse tangent in degrees"),
		p2("atan2d", F, F, F, func(y, x float64) float64 { return libm.Atan2(y, x) / libm.Atan(1) * 45 }, "inverse tangent of y/x in degrees"),
		p2("atan2", F, F, F, libm.Atan2, "inverse tangent of y/x"),
	}
}

const radian = math.Pi / 180

// halves are the sine of 30 degrees and the cosine of 60 as the library gives them, which need not be a half.
var halves = sync.OnceValues(func() (sin30, cos60 float64) {
	a, b := 30.0, 60.0 // variables: constants would be multiplied without rounding
	return libm.Sin(a * radian), libm.Cos(b * radian)
})

// sinQuarter is the sine of 0 to 90 degrees. It is scaled so that 30 degrees give exactly a half, as PostgreSQL does.
func sinQuarter(x float64) float64 {
	if x > 30 {
		return cosSixty(90 - x)
	}
	sin30, _ := halves()
	return libm.Sin(x*radian) / sin30 / 2
}

// cosQuarter is the cosine of 0 to 90 degrees.
func cosQuarter(x float64) float64 {
	if x > 60 {
		return sinQuarter(90 - x)
	}
	return cosSixty(x)
}

// cosSixty is the cosine of 0 to 60 degrees; 60 degrees give exactly a half.
func cosSixty(x float64) float64 {
	_, cos60 := halves()
	return 1 - (1-libm.Cos(x*radian))/(1-cos60)/2
}

// firstHalf brings an angle to 0 to 180 degrees and says whether it was below the axis.
func firstHalf(x float64) (float64, bool) {
	x = math.Mod(x, 360)
	below := x < 0
	x = math.Abs(x)
	if x > 180 {
		return 360 - x, !below
	}
	return x, below
}

func withSign(x float64, minus bool) float64 {
	if minus && x != 0 {
		return -x
	}
	return x
}

func sinDegrees(x float64) float64 {
	x, minus := firstHalf(x)
	return withSign(sinQuarter(min(x, 180-x)), minus)
}

func cosDegrees(x float64) float64 {
	x, _ = firstHalf(x)
	return withSign(cosQuarter(min(x, 180-x)), x > 90)
}

func tanDegrees(x float64) float64 {
	x, minus := firstHalf(x)
	q := min(x, 180-x)
	return withSign(sinQuarter(q)/cosQuarter(q)/(sinQuarter(45)/cosQuarter(45)), minus != (x > 90))
}

func cotDegrees(x float64) float64 {
	x, minus := firstHalf(x)
	q := min(x, 180-x)
	return withSign(cosQuarter(q)/sinQuarter(q)/(cosQuarter(45)/sinQuarter(45)), minus != (x > 90))
}

func asinDegrees(x float64) float64 {
	y := math.Abs(x)
	if y <= 0.5 {
		y = libm.Asin(y) / libm.Asin(0.5) * 30
	} else {
		y = 90 - libm.Acos(y)/libm.Acos(0.5)*60
	}
	return math.Copysign(y, x)
}

func acosDegrees(x float64) float64 {
	switch {
	case x < 0:
		return 90 + asinDegrees(-x)
	case x <= 0.5:
		return 90 - libm.Asin(x)/libm.Asin(0.5)*30
	}
	return libm.Acos(x) / libm.Acos(0.5) * 60
}
