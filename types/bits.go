package types

import (
	"encoding/binary"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Bit strings lie in columns as their text of 0 and 1, whose order is theirs.

// ParseBits reads a bit string: 0s and 1s, perhaps after a b, or hexadecimal digits after an x. Errors: 22P02.
func ParseBits(s string) (string, error) {
	digits, hex := s, false
	if s != "" && (s[0]|0x20 == 'b' || s[0]|0x20 == 'x') {
		digits, hex = s[1:], s[0]|0x20 == 'x'
	}
	if !hex {
		if i := strings.IndexFunc(digits, func(r rune) bool { return r != '0' && r != '1' }); i >= 0 {
			return "", badDigit(digits[i:], "binary")
		}
		return digits, nil
	}
	out := make([]byte, 0, 4*len(digits))
	for i := range len(digits) {
		v, ok := hexValue(digits[i])
		if !ok {
			return "", badDigit(digits[i:], "hexadecimal")
		}
		for k := 3; k >= 0; k-- {
			out = append(out, '0'+v>>k&1)
		}
	}
	return string(out), nil
}

func badDigit(s, kind string) error {
	for _, r := range s {
		return sqlerr.New(sqlerr.InvalidTextRepresentation, `"%c" is not a valid %s digit`, r, kind)
	}
	return nil
}

// FitBits makes s fit bit(n) or bit varying(n): an explicit cast cuts, and fills bit(n) with zeros. Errors: 22026, 22001.
func FitBits(s string, t Type, explicit bool) (string, error) {
	n := int(t.Mod)
	switch {
	case t.Mod < 1 || len(s) == n || t.OID == VarBit.OID && len(s) < n:
		return s, nil
	case t.OID == VarBit.OID && !explicit:
		return "", sqlerr.New(sqlerr.StringDataRightTruncation, "bit string too long for type bit varying(%d)", n)
	case !explicit:
		return "", sqlerr.New(sqlerr.StringDataLengthMismatch, "bit string length %d does not match type bit(%d)", len(s), n)
	case len(s) < n:
		return s + strings.Repeat("0", n-len(s)), nil
	}
	return s[:n], nil
}

// appendBitsBinary appends the binary form: the number of bits and the bits in bytes.
func appendBitsBinary(dst []byte, s string) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(s)))
	for i := 0; i < len(s); i += 8 {
		var b byte
		for k := i; k < min(i+8, len(s)); k++ {
			b |= (s[k] - '0') << (7 - (k - i))
		}
		dst = append(dst, b)
	}
	return dst
}

func parseBitsBinary(c *array.StringBuilder, data []byte, t Type) error {
	if len(data) < 4 {
		return badBinary()
	}
	n := int(int32(binary.BigEndian.Uint32(data)))
	if data = data[4:]; n < 0 || len(data) != (n+7)/8 {
		return badBinary()
	}
	out := make([]byte, n)
	for i := range out {
		out[i] = '0' + data[i/8]>>(7-i%8)&1
	}
	s, err := FitBits(string(out), t, false)
	if err == nil {
		c.Append(s)
	}
	return err
}
