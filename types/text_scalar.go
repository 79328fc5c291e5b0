package types

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// ParseBool reads a boolean: true, false, yes, no, on, off, 1, 0 or an unambiguous beginning of a word. Errors: 22P02.
func ParseBool(s string) (bool, error) {
	w := strings.ToLower(trimSpace(s))
	switch {
	case w == "":
	case strings.HasPrefix("true", w), strings.HasPrefix("yes", w), w == "on", w == "1":
		return true, nil
	case strings.HasPrefix("false", w), strings.HasPrefix("no", w), strings.HasPrefix("off", w) && w != "o", w == "0":
		return false, nil
	}
	return false, badSyntax("boolean", s)
}

// ParseInt reads an integer of 16, 32 or 64 bits. Errors: 22P02, 22003.
func ParseInt(s string, bits int) (int64, error) {
	t := trimSpace(s)
	body, neg := t, false
	if body != "" && (body[0] == '-' || body[0] == '+') {
		neg, body = body[0] == '-', body[1:]
	}
	if body == "" {
		return 0, badSyntax(intName(bits), s)
	}
	v, over, limit := uint64(0), false, uint64(1)<<(bits-1)
	for i := range len(body) {
		d := uint64(body[i] - '0')
		if d > 9 {
			return 0, badSyntax(intName(bits), s)
		}
		if over = v > (limit-d)/10; over { // whatever stands behind
			break
		}
		v = v*10 + d
	}
	if over || v == limit && !neg {
		return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, `value "%s" is out of range for type %s`, s, intName(bits))
	}
	if neg {
		return -int64(v), nil
	}
	return int64(v), nil
}

func intName(bits int) string {
	switch bits {
	case 16:
		return "smallint"
	case 32:
		return "integer"
	}
	return "bigint"
}

func parseOID(s string, t Type) (uint32, error) {
	name := "oid"
	if t.OID == Xid.OID {
		name = "xid"
	}
	v, err := strconv.ParseInt(trimSpace(s), 10, 64)
	switch {
	case err != nil && !isRange(err):
		return 0, badSyntax(name, s)
	case err != nil || v > math.MaxUint32 || v < math.MinInt32:
		return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, `value "%s" is out of range for type %s`, s, name)
	}
	return uint32(v), nil
}

// ParseFloat reads a real (bits 32) or double precision (64). Errors: 22P02, 22003.
func ParseFloat(s string, bits int) (float64, error) {
	name := "double precision"
	if bits == 32 {
		name = "real"
	}
	t := trimSpace(s)
	if !floatWord(t) {
		return 0, badSyntax(name, s)
	}
	if strings.EqualFold(t[max(len(t)-3, 0):], "nan") {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(t, bits)
	if err != nil && !isRange(err) {
		return 0, badSyntax(name, s)
	}
	if err != nil || v == 0 && strings.ContainsAny(mantissa(t), "123456789") {
		return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, `"%s" is out of range for type %s`, t, name)
	}
	return v, nil
}

func mantissa(s string) string {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return s[:i]
	}
	return s
}

// floatWord says whether s is made of what a decimal float or one of the words for NaN and infinity is made of.
func floatWord(s string) bool {
	body := strings.TrimLeft(s, "+-")
	switch strings.ToLower(body) {
	case "nan", "inf", "infinity":
		return len(s)-len(body) < 2
	}
	return body != "" && strings.Trim(body, "0123456789.eE+-") == ""
}

// ParseBytea reads hex or escape form. Errors: 22P02, 22023.
func ParseBytea(s string) ([]byte, error) {
	if strings.HasPrefix(s, `\x`) {
		return parseHex(s[2:])
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '\\' {
			out = append(out, c)
			continue
		}
		switch {
		case i+1 < len(s) && s[i+1] == '\\':
			out = append(out, '\\')
			i++
		case i+3 < len(s) && s[i+1] >= '0' && s[i+1] <= '3' && isOctal(s[i+2]) && isOctal(s[i+3]):
			out = append(out, (s[i+1]-'0')<<6|(s[i+2]-'0')<<3|(s[i+3]-'0'))
			i += 3
		default:
			return nil, sqlerr.New(sqlerr.InvalidTextRepresentation, "invalid input syntax for type bytea")
		}
	}
	return out, nil
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

func parseHex(s string) ([]byte, error) {
	out := make([]byte, 0, len(s)/2)
	for i := 0; i < len(s); i++ {
		if isSpace(s[i]) {
			continue
		}
		hi, ok := hexValue(s[i])
		if !ok {
			return nil, badHex(s[i:])
		}
		if i++; i == len(s) {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid hexadecimal data: odd number of digits")
		}
		lo, ok := hexValue(s[i])
		if !ok {
			return nil, badHex(s[i:])
		}
		out = append(out, hi<<4|lo)
	}
	return out, nil
}

func badHex(s string) error {
	_, n := utf8.DecodeRuneInString(s)
	return sqlerr.New(sqlerr.InvalidParameterValue, `invalid hexadecimal digit: "%s"`, s[:n])
}

func hexValue(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// ParseUUID reads a uuid: 32 digits, with a hyphen after any group of four, in braces or not. Errors: 22P02.
func ParseUUID(s string) (u [16]byte, err error) {
	p := s
	if len(p) > 1 && p[0] == '{' && p[len(p)-1] == '}' {
		p = p[1 : len(p)-1]
	}
	for i := range u {
		if len(p) < 2 {
			return u, badSyntax("uuid", s)
		}
		hi, ok1 := hexValue(p[0])
		lo, ok2 := hexValue(p[1])
		if !ok1 || !ok2 {
			return u, badSyntax("uuid", s)
		}
		u[i] = hi<<4 | lo
		p = p[2:]
		if i%2 == 1 && i < 15 && len(p) > 0 && p[0] == '-' {
			p = p[1:]
		}
	}
	if p != "" {
		return u, badSyntax("uuid", s)
	}
	return u, nil
}
