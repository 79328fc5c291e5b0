package expr

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func floatOverflow() error {
	return sqlerr.New(sqlerr.NumericValueOutOfRange, "value out of range: overflow")
}

// ranged is r, what a function of x that has no poles gives. Errors: 22003 where it is too great or too small for a float.
func ranged(x, r float64) (float64, error) {
	switch {
	case math.IsInf(r, 0) && !math.IsInf(x, 0):
		return 0, floatOverflow()
	case r == 0 && x != 0:
		return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, "value out of range: underflow")
	}
	return r, nil
}

func floatUnderflow() error {
	return sqlerr.New(sqlerr.NumericValueOutOfRange, "value out of range: underflow")
}

type floats interface{ float32 | float64 }

func isInf[T floats](x T) bool { return math.IsInf(float64(x), 0) }

// floatOps are the operators of real or double precision: an infinite result of finite operands is 22003.
func floatOps[T floats](t types.Type) []*Func {
	add := func(_ *Ctx, a, b T) (T, error) { return checkFloat(a+b, isInf(a) || isInf(b)) }
	sub := func(_ *Ctx, a, b T) (T, error) { return checkFloat(a-b, isInf(a) || isInf(b)) }
	mul := func(_ *Ctx, a, b T) (T, error) {
		r := a * b
		if r == 0 && a != 0 && b != 0 {
			return 0, floatUnderflow()
		}
		return checkFloat(r, isInf(a) || isInf(b))
	}
	div := func(_ *Ctx, a, b T) (T, error) {
		if b == 0 && a == a {
			return 0, divByZero()
		}
		r := a / b
		if r == 0 && a != 0 && !isInf(b) {
			return 0, floatUnderflow()
		}
		return checkFloat(r, isInf(a))
	}
	abs := func(a T) T { return T(math.Abs(float64(a))) }
	return []*Func{
		f2("+", t, t, t, add, "add"), f2("-", t, t, t, sub, "subtract"),
		f2("*", t, t, t, mul, "multiply"), f2("/", t, t, t, div, "divide"),
		p1("-", t, t, func(a T) T { return -a }, "negate"),
		p1("+", t, t, func(a T) T { return a }, "the value itself"),
		p1("abs", t, t, abs, "absolute value"), p1("@", t, t, abs, "absolute value"),
	}
}

func checkFloat[T floats](r T, infOK bool) (T, error) {
	if isInf(r) && !infOK {
		return 0, floatOverflow()
	}
	return r, nil
}

// arithFloatFuncs are the operators of real and double precision.
func arithFloatFuncs() []*Func {
	fs := append(floatOps[float32](types.Float4), floatOps[float64](types.Float8)...)
	for _, f := range fs[:len(fs):len(fs)] {
		if len(f.Args) == 2 && f.Args[0] == types.Float8 {
			fs = append(fs, widened(f, types.Float4, types.Float8), widened(f, types.Float8, types.Float4))
		}
	}
	return fs
}

// widened is an operator of double precision with one side real, as PostgreSQL has them: they settle what integers become.
func widened(f *Func, l, r types.Type) *Func {
	w := *f
	w.Args = args(l, r)
	widen := mapFixed(types.Float8, func(x float32) float64 { return float64(x) })
	side := 0
	if r == types.Float4 {
		side = 1
	}
	w.Kernel = func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		rows := n
		if vs[side].Const {
			rows = 1
		}
		x, err := widen(ctx, rows, vs[side:side+1])
		if err != nil {
			return Vec{}, err
		}
		x.Const = vs[side].Const
		both := []Vec{vs[0], vs[1]}
		both[side] = x
		return f.Kernel(ctx, n, both)
	}
	return &w
}
