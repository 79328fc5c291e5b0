package expr

import (
	"math/big"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// bitFuncs are the operators and functions on bit strings.
func bitFuncs() []*Func {
	B, V, I := types.Bit, types.VarBit, types.Int4
	size := func(s string) int32 { return int32(len(s)) }
	both := func(name, word string, op func(a, b byte) byte) *Func {
		return f2(name, B, B, B, func(_ *Ctx, a, b string) (string, error) {
			if len(a) != len(b) {
				return "", sqlerr.New(sqlerr.StringDataLengthMismatch, "cannot %s bit strings of different sizes", word)
			}
			out := make([]byte, len(a))
			for i := range out {
				out[i] = '0' + op(a[i]-'0', b[i]-'0')
			}
			return string(out), nil
		}, "bitwise "+strings.ToLower(word))
	}
	return []*Func{
		both("&", "AND", func(a, b byte) byte { return a & b }),
		both("|", "OR", func(a, b byte) byte { return a | b }),
		both("#", "XOR", func(a, b byte) byte { return a ^ b }),
		p1("~", B, B, func(s string) string {
			return strings.Map(func(r rune) rune { return '0' + '1' - r }, s)
		}, "bitwise not"),
		p2("<<", B, I, B, shiftBits, "bitwise shift left"),
		p2(">>", B, I, B, func(s string, n int32) string { return shiftBits(s, -max(n, -1<<31+1)) }, "bitwise shift right"),
		p2("||", V, V, V, func(a, b string) string { return a + b }, "bit strings joined"),
		p1("length", B, I, size, "number of bits"),
		p1("bit_length", B, I, size, "number of bits"),
		p1("octet_length", B, I, func(s string) int32 { return int32(len(s)+7) / 8 }, "number of bytes"),
		p1("bit_count", B, types.Int8, func(s string) int64 { return int64(strings.Count(s, "1")) }, "number of bits set"),
		f2("get_bit", B, I, I, func(_ *Ctx, s string, n int32) (int32, error) {
			if n < 0 || int(n) >= len(s) {
				return 0, bitIndex(n, s)
			}
			return int32(s[n] - '0'), nil
		}, "a bit"),
		f3("set_bit", B, I, I, B, func(_ *Ctx, s string, n, v int32) (string, error) {
			switch {
			case n < 0 || int(n) >= len(s):
				return "", bitIndex(n, s)
			case v != 0 && v != 1:
				return "", sqlerr.New(sqlerr.InvalidParameterValue, "new bit must be 0 or 1")
			}
			return s[:n] + string(rune('0'+v)) + s[n+1:], nil
		}, "a bit replaced"),
		f2("substring", B, I, B, func(ctx *Ctx, s string, from int32) (string, error) { return s[min(len(s), max(0, int(from)-1)):], nil }, "from a position, from 1"),
		f3("substring", B, I, I, B, subBytes, "from a position, from 1, so many bits"),
		f3("overlay", B, B, I, B, func(ctx *Ctx, s, r string, from int32) (string, error) {
			return overlay(ctx, s, r, from, int32(len(r)))
		}, "part of the bits replaced"),
		f4("overlay", B, B, I, I, B, overlay, "part of the bits replaced"),
		p2("position", B, B, I, func(s, sub string) int32 {
			if s == "" {
				return 0
			}
			return int32(strings.Index(s, sub) + 1)
		}, "position of bits, from 1; 0: not there"),
	}
}

func bitIndex(n int32, s string) error {
	return sqlerr.New(sqlerr.ArraySubscriptError, "bit index %d out of valid range (0..%d)", n, len(s)-1)
}

func shiftBits(s string, n int32) string {
	k := min(max(int(n), -int(n)), len(s))
	if n < 0 {
		return strings.Repeat("0", k) + s[:len(s)-k]
	}
	return s[k:] + strings.Repeat("0", k)
}

// intToBits is int::bit(n): the last n bits, the sign repeated before them. Without a modifier it is bit(1).
func intToBits[T int32 | int64](to types.Type, size int) Kernel {
	n := max(int(to.Mod), 1)
	return row1(to, func(_ *Ctx, x T) (string, error) {
		out := make([]byte, n)
		for k := range n { // from the right
			out[n-1-k] = '0' + byte(int64(x)>>min(k, size-1)&1)
		}
		return string(out), nil
	})
}

// bitsToInt is bit::int4 or int8.
func bitsToInt(to types.Type) Kernel {
	if to.Is(types.Int8) {
		return row1(to, func(_ *Ctx, s string) (int64, error) {
			v, err := bitsValue(s, 64, to)
			return int64(v), err
		})
	}
	return row1(to, func(_ *Ctx, s string) (int32, error) {
		v, err := bitsValue(s, 32, to)
		return int32(v), err
	})
}

func bitsValue(s string, size int, to types.Type) (uint64, error) {
	if len(s) > size {
		return 0, outOfRange(to)
	}
	v, ok := new(big.Int).SetString("0"+s, 2)
	if !ok {
		return 0, outOfRange(to)
	}
	return v.Uint64(), nil
}
