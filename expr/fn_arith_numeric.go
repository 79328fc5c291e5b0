package expr

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// readDec reads a numeric column.
func readDec(v Vec) func(int) types.Dec {
	s := stringsOf(v)
	if v.Const {
		d := types.DecodeDec(s.bytes(0))
		return func(int) types.Dec { return d }
	}
	return func(i int) types.Dec { return types.DecodeDec(s.bytes(i)) }
}

// smallLen is the length of an encoded numeric whose coefficient is an int64: a header of two bytes, its scale, and the coefficient.
const smallLen = 10

// isSmall says whether b is such a numeric, and gives its parts.
func isSmall(b []byte) (coef int64, scale uint16, ok bool) {
	if len(b) != smallLen {
		return 0, 0, false
	}
	h := binary.LittleEndian.Uint16(b)
	return int64(binary.LittleEndian.Uint64(b[2:])), h, h>>14 == 0
}

func putSmall(dst []byte, coef int64, scale uint16) []byte {
	var b [smallLen]byte
	binary.LittleEndian.PutUint16(b[:], scale)
	binary.LittleEndian.PutUint64(b[2:], uint64(coef))
	return append(dst, b[:]...)
}

// intToNumeric writes the encoding of small numerics directly.
func intToNumeric[T ints]() Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		in := values[T](args[0].Arr)[:n]
		offs, data := make([]int32, n+1), make([]byte, n*smallLen)
		for i, x := range in {
			offs[i+1] = int32((i + 1) * smallLen)
			binary.LittleEndian.PutUint64(data[i*smallLen+2:], uint64(int64(x)))
		}
		return Vec{Arr: newBinary(types.Numeric.Arrow(), offs, data, andValid(n, args[0]))}, nil
	}
}

// numericArith makes the kernel of a numeric operator: small says what it does with coefficients of the given scales, where the
// result fits; full does the rest.
func numericArith(small func(a, b int64, sa, sb uint16) (int64, uint16, bool), full func(a, b types.Dec) (types.Dec, error)) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		l, r := stringsOf(args[0]), stringsOf(args[1])
		valid := andValid(n, args...)
		offs, data := make([]int32, n+1), make([]byte, 0, n*smallLen)
		for i := range n {
			if valid == nil || bitSet(valid, i) {
				x, y := l.bytes(i), r.bytes(i)
				a, sa, oka := isSmall(x)
				b, sb, okb := isSmall(y)
				if c, s, ok := small(a, b, sa, sb); ok && oka && okb {
					data = putSmall(data, c, s)
				} else {
					d, err := full(types.DecodeDec(x), types.DecodeDec(y))
					if err != nil {
						return Vec{}, err
					}
					if d.Overflows() {
						return Vec{}, sqlerr.New(sqlerr.NumericValueOutOfRange, "value overflows numeric format")
					}
					data = d.Append(data)
				}
			}
			offs[i+1] = int32(len(data))
		}
		return Vec{Arr: newBinary(types.Numeric.Arrow(), offs, data, valid)}, nil
	}
}

func smallMul(a, b int64, sa, sb uint16) (int64, uint16, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	hi -= uint64(a>>63)&uint64(b) + uint64(b>>63)&uint64(a)
	return int64(lo), sa + sb, int64(hi) == int64(lo)>>63 && sa+sb < 1000 && int64(lo) != math.MinInt64
}

func smallAdd(a, b int64, sa, sb uint16) (int64, uint16, bool) {
	s := a + b
	return s, sa, sa == sb && (a^s)&(b^s) >= 0
}

func smallSub(a, b int64, sa, sb uint16) (int64, uint16, bool) {
	s := a - b
	return s, sa, sa == sb && (a^b)&(a^s) >= 0
}

func notSmall(int64, int64, uint16, uint16) (int64, uint16, bool) { return 0, 0, false }

func decErr(f func(a, b types.Dec) types.Dec) func(a, b types.Dec) (types.Dec, error) {
	return func(a, b types.Dec) (types.Dec, error) { return f(a, b), nil }
}

// arithNumericFuncs are the operators of numeric.
func arithNumericFuncs() []*Func {
	N := types.Numeric
	op := func(name string, k Kernel, doc string) *Func {
		return &Func{Name: name, Args: args(N, N), Ret: N, Kernel: k, Vol: Immutable, Doc: doc}
	}
	mod := op("%", numericArith(notSmall, types.Dec.Mod), "remainder")
	return []*Func{
		op("+", numericArith(smallAdd, decErr(types.Dec.Add)), "add"),
		op("-", numericArith(smallSub, decErr(types.Dec.Sub)), "subtract"),
		op("*", numericArith(smallMul, decErr(types.Dec.Mul)), "multiply"),
		op("/", numericArith(notSmall, types.Dec.Div), "divide"),
		mod, alias("mod", mod),
		op("div", numericArith(notSmall, types.Dec.DivTrunc), "quotient cut to an integer"),
		p1("-", N, N, types.Dec.Neg, "negate"),
		p1("+", N, N, func(d types.Dec) types.Dec { return d }, "the value itself"),
		p1("abs", N, N, types.Dec.Abs, "absolute value"),
		p1("@", N, N, types.Dec.Abs, "absolute value"),
		p1("sign", N, N, func(d types.Dec) types.Dec {
			if d.IsNaN() {
				return d
			}
			return types.FromInt64(int64(d.Sign()))
		}, "-1, 0 or 1"),
		p1("floor", N, N, types.Dec.Floor, "largest integer that is not larger"),
		p1("ceil", N, N, types.Dec.Ceil, "smallest integer that is not smaller"),
		p1("ceiling", N, N, types.Dec.Ceil, "smallest integer that is not smaller"),
		p1("round", N, N, func(d types.Dec) types.Dec { return d.Round(0) }, "rounded to an integer, half away from zero"),
		p1("trunc", N, N, func(d types.Dec) types.Dec { return d.Trunc(0) }, "cut to an integer"),
		f2("round", N, types.Int4, N, func(_ *Ctx, d types.Dec, s int32) (types.Dec, error) {
			r := d.Round(clampScale(s))
			if r.Overflows() {
				return r, sqlerr.New(sqlerr.NumericValueOutOfRange, "value overflows numeric format")
			}
			return r, nil
		}, "rounded to so many digits"),
		p2("trunc", N, types.Int4, N, func(d types.Dec, s int32) types.Dec { return d.Trunc(clampScale(s)) }, "cut to so many digits"),
		f1("scale", N, types.Int4, func(_ *Ctx, d types.Dec) (int32, error) {
			if !d.Finite() {
				return 0, errNull
			}
			return d.Scale(), nil
		}, "number of decimal digits shown"),
		f1("min_scale", N, types.Int4, func(_ *Ctx, d types.Dec) (int32, error) {
			if !d.Finite() {
				return 0, errNull
			}
			return d.Canonical().Scale(), nil
		}, "number of decimal digits needed"),
		p1("trim_scale", N, N, types.Dec.Canonical, "without zeros at the end"),
	}
}

func clampScale(s int32) int32 { return min(max(s, -131073), 16383) }

// castNumeric is the conversion from numeric to the other numbers.
func castNumeric(to types.Type) Kernel {
	switch to {
	case types.Int2:
		return row1(to, func(_ *Ctx, d types.Dec) (int16, error) {
			x, err := d.ToInt("smallint", math.MinInt16, math.MaxInt16)
			return int16(x), err
		})
	case types.Int4:
		return row1(to, func(_ *Ctx, d types.Dec) (int32, error) {
			x, err := d.ToInt("integer", math.MinInt32, math.MaxInt32)
			return int32(x), err
		})
	case types.Int8:
		return row1(to, func(_ *Ctx, d types.Dec) (int64, error) { return d.ToInt64() })
	case types.Float4:
		return row1(to, func(_ *Ctx, d types.Dec) (float32, error) {
			f := d.ToFloat64()
			if r := float32(f); !math.IsInf(float64(r), 0) || d.IsInf() {
				return r, nil
			}
			return 0, floatText(d, "real")
		})
	case types.Float8:
		return row1(to, func(_ *Ctx, d types.Dec) (float64, error) {
			f := d.ToFloat64()
			if math.IsInf(f, 0) && !d.IsInf() {
				return 0, floatText(d, "double precision")
			}
			return f, nil
		})
	}
	return nil
}

func floatText(d types.Dec, typ string) error {
	return sqlerr.New(sqlerr.NumericValueOutOfRange, `"%s" is out of range for type %s`, d, typ)
}
