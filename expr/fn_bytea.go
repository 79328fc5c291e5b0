package expr

import (
	"math/bits"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// byteaFuncs read and change single bytes and bits. Bit 0 is the lowest of the first byte.
func byteaFuncs() []*Func {
	B, I, L := types.Bytea, types.Int4, types.Int8
	return []*Func{
		p2("btrim", B, B, B, func(s, set string) string { return trimBytes(s, set, true, true) }, "bytes of a set cut off"),
		p2("ltrim", B, B, B, func(s, set string) string { return trimBytes(s, set, true, false) }, "bytes of a set cut off"),
		p2("rtrim", B, B, B, func(s, set string) string { return trimBytes(s, set, false, true) }, "bytes of a set cut off"),
		f2("get_byte", B, I, I, func(_ *Ctx, s string, n int32) (int32, error) {
			if err := byteIndex(int64(n), int64(len(s))); err != nil {
				return 0, err
			}
			return int32(s[n]), nil
		}, "byte at a place, from 0"),
		f3("set_byte", B, I, I, B, func(_ *Ctx, s string, n, v int32) (string, error) {
			if err := byteIndex(int64(n), int64(len(s))); err != nil {
				return "", err
			}
			return s[:n] + string([]byte{byte(v)}) + s[n+1:], nil
		}, "byte at a place replaced"),
		f2("get_bit", B, L, I, func(_ *Ctx, s string, n int64) (int32, error) {
			if err := byteIndex(n, int64(len(s))*8); err != nil {
				return 0, err
			}
			return int32(s[n/8] >> (n % 8) & 1), nil
		}, "bit at a place, from 0"),
		f3("set_bit", B, L, I, B, func(_ *Ctx, s string, n int64, v int32) (string, error) {
			if err := byteIndex(n, int64(len(s))*8); err != nil {
				return "", err
			}
			if v != 0 && v != 1 {
				return "", sqlerr.New(sqlerr.InvalidParameterValue, "new bit must be 0 or 1")
			}
			b := s[n/8]&^(1<<(n%8)) | byte(v)<<(n%8)
			return s[:n/8] + string([]byte{b}) + s[n/8+1:], nil
		}, "bit at a place replaced"),
		p1("bit_count", B, L, func(s string) int64 {
			count := 0
			for i := range len(s) {
				count += bits.OnesCount8(s[i])
			}
			return int64(count)
		}, "number of bits that are set"),
	}
}

func byteIndex(n, size int64) error {
	if n < 0 || n >= size {
		return sqlerr.New(sqlerr.ArraySubscriptError, "index %d out of valid range, 0..%d", n, size-1)
	}
	return nil
}

func trimBytes(s, set string, left, right bool) string {
	for left && s != "" && strings.IndexByte(set, s[0]) >= 0 {
		s = s[1:]
	}
	for right && s != "" && strings.IndexByte(set, s[len(s)-1]) >= 0 {
		s = s[:len(s)-1]
	}
	return s
}
