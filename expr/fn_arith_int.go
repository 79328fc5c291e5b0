package expr

import (
	"math"
	"math/bits"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func divByZero() error { return sqlerr.New(sqlerr.DivisionByZero, "division by zero") }

// intArith makes the kernel of + - * over integers. f gives the result and whether it did not fit; overflow in a NULL row does
// not count, so the flags are looked at again, row by row, only when one was raised.
func intArith[T signed](t types.Type, f func(a, b T) (T, bool), cols func(out, a, b []T) bool, col func(out, a []T, c T) bool, sym bool) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		l, r := args[0], args[1]
		a, b := values[T](l.Arr), values[T](r.Arr)
		out := make([]T, n)
		var bad bool
		switch {
		case !l.Const && !r.Const:
			bad = cols(out, a, b)
		case r.Const && (!l.Const || n == 1):
			bad = col(out, a[:n], b[0])
		case l.Const && sym:
			bad = col(out, b[:n], a[0])
		default:
			for i := range out {
				var o bool
				out[i], o = f(a[l.Idx(i)], b[r.Idx(i)])
				bad = bad || o
			}
		}
		valid := andValid(n, l, r)
		if bad {
			for i := range n {
				if _, o := f(a[l.Idx(i)], b[r.Idx(i)]); o && (valid == nil || bitSet(valid, i)) {
					return Vec{}, outOfRange(t)
				}
			}
		}
		return Vec{Arr: newFixed(t.Arrow(), out, valid)}, nil
	}
}

type signed interface{ int16 | int32 | int64 }

func addCols[T signed](out, a, b []T) bool {
	var o T
	b = b[:len(a)]
	out = out[:len(a)]
	for i, x := range a {
		y := b[i]
		s := x + y
		out[i] = s
		o |= (x ^ s) & (y ^ s)
	}
	return o < 0
}

func addConst[T signed](out, a []T, c T) bool {
	var o T
	out = out[:len(a)]
	for i, x := range a {
		s := x + c
		out[i] = s
		o |= (x ^ s) & (c ^ s)
	}
	return o < 0
}

func subCols[T signed](out, a, b []T) bool {
	var o T
	b = b[:len(a)]
	out = out[:len(a)]
	for i, x := range a {
		y := b[i]
		s := x - y
		out[i] = s
		o |= (x ^ y) & (x ^ s)
	}
	return o < 0
}

func subConst[T signed](out, a []T, c T) bool {
	var o T
	out = out[:len(a)]
	for i, x := range a {
		s := x - c
		out[i] = s
		o |= (x ^ c) & (x ^ s)
	}
	return o < 0
}

func addOver[T signed](x, y T) (T, bool) {
	s := x + y
	return s, (x^s)&(y^s) < 0
}

func subOver[T signed](x, y T) (T, bool) {
	s := x - y
	return s, (x^y)&(x^s) < 0
}

func mulOver[T signed](x, y T) (T, bool) {
	p := x * y
	if int64(p) != int64(x)*int64(y) {
		return p, true
	}
	hi, lo := bits.Mul64(uint64(int64(x)), uint64(int64(y)))
	hi -= uint64(int64(x)>>63)&uint64(int64(y)) + uint64(int64(y)>>63)&uint64(int64(x))
	return p, int64(hi) != int64(lo)>>63
}

func mulCols[T signed](out, a, b []T) bool {
	bad := false
	for i, x := range a {
		p, o := mulOver(x, b[i])
		out[i] = p
		bad = bad || o
	}
	return bad
}

func mulConst[T signed](out, a []T, c T) bool {
	bad := false
	for i, x := range a {
		p, o := mulOver(x, c)
		out[i] = p
		bad = bad || o
	}
	return bad
}

// intOps are the operators of one integer type.
func intOps[T signed](t types.Type) []*Func {
	lowest := T(int64(math.MinInt64) >> (64 - bitsOf[T]()))
	arith := func(name string, k Kernel, doc string) *Func {
		return &Func{Name: name, Args: args(t, t), Ret: t, Kernel: k, Vol: Immutable, Doc: doc}
	}
	div := func(_ *Ctx, a, b T) (T, error) {
		switch {
		case b == 0:
			return 0, divByZero()
		case b == -1 && a == lowest:
			return 0, outOfRange(t)
		}
		return a / b, nil
	}
	mod := func(_ *Ctx, a, b T) (T, error) {
		switch b {
		case 0:
			return 0, divByZero()
		case -1:
			return 0, nil
		}
		return a % b, nil
	}
	neg := func(_ *Ctx, a T) (T, error) {
		if a == lowest {
			return 0, outOfRange(t)
		}
		return -a, nil
	}
	abs := func(ctx *Ctx, a T) (T, error) {
		if a < 0 {
			return neg(ctx, a)
		}
		return a, nil
	}
	modFn := &Func{Name: "%", Args: args(t, t), Ret: t, Kernel: modKernel(t, mod), Vol: Immutable, Doc: "remainder"}
	return []*Func{
		arith("+", intArith(t, addOver[T], addCols[T], addConst[T], true), "add"),
		arith("-", intArith(t, subOver[T], subCols[T], subConst[T], false), "subtract"),
		arith("*", intArith(t, mulOver[T], mulCols[T], mulConst[T], true), "multiply"),
		f2("/", t, t, t, div, "divide, towards zero"),
		modFn, alias("mod", modFn),
		f1("-", t, t, neg, "negate"),
		p1("+", t, t, func(a T) T { return a }, "the value itself"),
		f1("abs", t, t, abs, "absolute value"),
		f1("@", t, t, abs, "absolute value"),
		p2("&", t, t, t, func(a, b T) T { return a & b }, "bitwise and"),
		p2("|", t, t, t, func(a, b T) T { return a | b }, "bitwise or"),
		p2("#", t, t, t, func(a, b T) T { return a ^ b }, "bitwise exclusive or"),
		p1("~", t, t, func(a T) T { return ^a }, "bitwise not"),
		p2("<<", t, types.Int4, t, func(a T, n int32) T { return T(int64(a) << shiftBy[T](n)) }, "bitwise shift left"),
		p2(">>", t, types.Int4, t, func(a T, n int32) T { return T(int64(a) >> shiftBy[T](n)) }, "bitwise shift right"),
	}
}

// shiftBy is how many bits a shift by n moves: smallints are shifted as integers.
func shiftBy[T signed](n int32) uint32 { return uint32(n) & uint32(max(bitsOf[T](), 32)-1) }

// modKernel takes the remainder by a constant without a call per row.
func modKernel[T signed](t types.Type, mod func(*Ctx, T, T) (T, error)) Kernel {
	slow := row2(t, mod)
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		l, r := args[0], args[1]
		if !r.Const || l.Const {
			return slow(ctx, n, args)
		}
		c := values[T](r.Arr)[0]
		if c == 0 || c == -1 {
			return slow(ctx, n, args)
		}
		out := make([]T, n)
		for i, x := range values[T](l.Arr)[:n] {
			out[i] = x % c
		}
		return Vec{Arr: newFixed(t.Arrow(), out, andValid(n, l))}, nil
	}
}

func bitsOf[T signed]() int {
	switch any(*new(T)).(type) {
	case int16:
		return 16
	case int32:
		return 32
	}
	return 64
}

// arithIntFuncs are the operators of smallint, integer and bigint, and what else is special to integers.
func arithIntFuncs() []*Func {
	fs := append(intOps[int16](types.Int2), intOps[int32](types.Int4)...)
	fs = append(fs, intOps[int64](types.Int8)...)
	return append(fs,
		f2("gcd", types.Int4, types.Int4, types.Int4, func(_ *Ctx, a, b int32) (int32, error) {
			g, err := gcd(int64(a), int64(b))
			if err != nil || g > math.MaxInt32 {
				return 0, outOfRange(types.Int4)
			}
			return int32(g), nil
		}, "greatest common divisor"),
		f2("gcd", types.Int8, types.Int8, types.Int8, func(_ *Ctx, a, b int64) (int64, error) { return gcd(a, b) }, "greatest common divisor"),
		f2("lcm", types.Int4, types.Int4, types.Int4, func(_ *Ctx, a, b int32) (int32, error) {
			x, err := lcm(int64(a), int64(b))
			if err != nil || x > math.MaxInt32 {
				return 0, outOfRange(types.Int4)
			}
			return int32(x), nil
		}, "least common multiple"),
		f2("lcm", types.Int8, types.Int8, types.Int8, func(_ *Ctx, a, b int64) (int64, error) { return lcm(a, b) }, "least common multiple"),
	)
}

func gcd(a, b int64) (int64, error) {
	for b != 0 {
		if b == -1 {
			return 1, nil
		}
		a, b = b, a%b
	}
	if a == math.MinInt64 {
		return 0, outOfRange(types.Int8)
	}
	if a < 0 {
		a = -a
	}
	return a, nil
}

func lcm(a, b int64) (int64, error) {
	if a == 0 || b == 0 {
		return 0, nil
	}
	g, err := gcd(a, b)
	if err != nil {
		return 0, err
	}
	p, over := mulOver(a/g, b)
	if over || p == math.MinInt64 {
		return 0, outOfRange(types.Int8)
	}
	if p < 0 {
		p = -p
	}
	return p, nil
}
