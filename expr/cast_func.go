package expr

import (
	"math"
	"unsafe"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// castFunc is the kernel of a conversion that pg_cast does by a function; nil: by text.
func castFunc(from, to types.Type) Kernel {
	switch from {
	case types.Int2:
		return castInt[int16](to)
	case types.Int4:
		return castInt[int32](to)
	case types.Int8:
		return castInt[int64](to)
	case types.OID, types.RegClass, types.RegType, types.RegNS, types.RegRole, types.RegProc, types.RegProcedure:
		return castInt[uint32](to)
	case types.Float4:
		return castFloat[float32](to)
	case types.Float8:
		return castFloat[float64](to)
	case types.Numeric:
		return castNumeric(to)
	case types.Bool:
		return castBool(to)
	case types.JSONB:
		return castJSONB(to)
	case types.Text, types.Varchar, types.BPChar, types.Name, types.Char:
		return castString(from, to)
	}
	return castTime(from, to)
}

func outOfRange(t types.Type) error {
	if isReg(t) || t.Is(types.OID) {
		return sqlerr.New(sqlerr.NumericValueOutOfRange, "OID out of range")
	}
	return sqlerr.New(sqlerr.NumericValueOutOfRange, "%s out of range", t.Base())
}

// castInt converts integers: among themselves with a check, to floats, to numeric, to boolean and "char".
func castInt[T ints](to types.Type) Kernel {
	switch to {
	case types.Int2:
		return castInts[T, int16](to)
	case types.Int4:
		return castInts[T, int32](to)
	case types.Int8:
		return castInts[T, int64](to)
	case types.OID, types.RegClass, types.RegType, types.RegNS, types.RegRole, types.RegProc, types.RegProcedure:
		return castToOID[T](to)
	case types.Float4:
		return mapFixed(to, func(x T) float32 { return float32(x) })
	case types.Float8:
		return mapFixed(to, func(x T) float64 { return float64(x) })
	case types.Numeric:
		return intToNumeric[T]()
	case types.Bool:
		return row1(to, func(_ *Ctx, x T) (bool, error) { return x != 0, nil })
	case types.Char:
		return row1(to, func(_ *Ctx, x T) (string, error) {
			if int64(x) < -128 || int64(x) > 127 {
				return "", sqlerr.New(sqlerr.NumericValueOutOfRange, `"char" out of range`)
			}
			if x == 0 {
				return "", nil
			}
			return string([]byte{byte(x)}), nil
		})
	}
	return nil
}

// mapFixed makes the kernel of a conversion between fixed-width types that cannot fail.
func mapFixed[A, R fixed](to types.Type, f func(A) R) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		in := values[A](args[0].Arr)[:n]
		out := make([]R, n)
		for i, x := range in {
			out[i] = f(x)
		}
		return Vec{Arr: newFixed(to.Arrow(), out, andValid(n, args[0]))}, nil
	}
}

func castInts[A, R ints](to types.Type) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		in := values[A](args[0].Arr)[:n]
		out := make([]R, n)
		bad := false
		for i, x := range in {
			r := R(x)
			out[i] = r
			bad = bad || int64(r) != int64(x)
		}
		valid := andValid(n, args[0])
		if bad {
			for i, x := range in {
				if int64(R(x)) != int64(x) && (valid == nil || bitSet(valid, i)) {
					return Vec{}, outOfRange(to)
				}
			}
		}
		return Vec{Arr: newFixed(to.Arrow(), out, valid)}, nil
	}
}

// castToOID takes a bigint within 32 bits, or the bits of a smaller integer.
func castToOID[T ints](to types.Type) Kernel {
	return row1(to, func(_ *Ctx, x T) (uint32, error) {
		if unsafe.Sizeof(x) == 8 && (int64(x) < 0 || int64(x) > math.MaxUint32) {
			return 0, outOfRange(to)
		}
		return uint32(x), nil
	})
}

func castFloat[T float32 | float64](to types.Type) Kernel {
	switch to {
	case types.Int2:
		return floatToInt[T, int16](to, math.MinInt16, -math.MinInt16)
	case types.Int4:
		return floatToInt[T, int32](to, math.MinInt32, -math.MinInt32)
	case types.Int8:
		return floatToInt[T, int64](to, math.MinInt64, -math.MinInt64)
	case types.Float8:
		return mapFixed(to, func(x T) float64 { return float64(x) })
	case types.Float4:
		return row1(to, func(_ *Ctx, x T) (float32, error) { return toFloat4(float64(x)) })
	case types.Numeric:
		return row1(to, func(_ *Ctx, x T) (types.Dec, error) {
			if unsafe.Sizeof(x) == 4 {
				return types.FromFloat32(float32(x)), nil
			}
			return types.FromFloat64(float64(x)), nil
		})
	}
	return nil
}

func toFloat4(x float64) (float32, error) {
	r := float32(x)
	if math.IsInf(float64(r), 0) && !math.IsInf(x, 0) {
		return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, "value out of range: overflow")
	}
	if r == 0 && x != 0 {
		return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, "value out of range: underflow")
	}
	return r, nil
}

// floatToInt rounds to the nearest, ties to even; lo <= result < hi.
func floatToInt[T float32 | float64, R ints](to types.Type, lo, hi float64) Kernel {
	return row1(to, func(_ *Ctx, x T) (R, error) {
		r := math.RoundToEven(float64(x))
		if !(r >= lo && r < hi) {
			return 0, outOfRange(to)
		}
		return R(r), nil
	})
}

func castBool(to types.Type) Kernel {
	switch to {
	case types.Int4:
		return row1(to, func(_ *Ctx, x bool) (int32, error) { return int32(b2u(x)), nil })
	case types.Text, types.Varchar, types.BPChar:
		return row1(to, func(_ *Ctx, x bool) (string, error) {
			if x {
				return "true", nil
			}
			return "false", nil
		})
	}
	return nil
}

// castString converts among the string types.
func castString(from, to types.Type) Kernel {
	pad := from == types.BPChar
	str := func(f func(string) string) Kernel {
		return row1(to, func(_ *Ctx, s string) (string, error) {
			if pad {
				s = cutBlanks(s)
			}
			return f(s), nil
		})
	}
	switch to {
	case types.Char:
		return str(types.ParseChar)
	case types.Name:
		return str(func(s string) string { return cutBytes(s, 63) })
	case types.Int4:
		return row1(to, func(_ *Ctx, s string) (int32, error) {
			if s == "" {
				return 0, nil
			}
			return int32(int8(s[0])), nil
		})
	case types.Text, types.Varchar, types.BPChar:
		if from == types.Char {
			return str(func(s string) string { return string(types.AppendChar(nil, s)) })
		}
		return str(func(s string) string { return s })
	}
	return nil
}

// cutBytes shortens s to at most n bytes, at the border of a character.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
