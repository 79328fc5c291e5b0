package types

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// AppendText appends PostgreSQL's text of d: plain digits with exactly scale digits behind the point.
func (d Dec) AppendText(dst []byte) []byte {
	switch d.kind {
	case decNaN:
		return append(dst, "NaN"...)
	case decInf:
		return append(dst, "Infinity"...)
	case decNegInf:
		return append(dst, "-Infinity"...)
	}
	if d.scale == 0 && d.big == nil {
		return strconv.AppendInt(dst, d.coef, 10)
	}
	if d.Sign() < 0 {
		dst = append(dst, '-')
	}
	var buf [32]byte
	digits := d.appendDigits(buf[:0])
	point := len(digits) - int(d.scale)
	if point > 0 {
		dst = append(dst, digits[:point]...)
		digits = digits[point:]
	} else {
		dst = append(dst, '0')
	}
	if d.scale == 0 {
		return dst
	}
	dst = append(dst, '.')
	for ; point < 0; point++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// appendDigits appends the digits of the coefficient without sign.
func (d Dec) appendDigits(dst []byte) []byte {
	if d.big == nil {
		return strconv.AppendUint(dst, absInt64(d.coef), 10)
	}
	n := len(dst)
	dst = d.big.Append(dst, 10)
	if dst[n] == '-' {
		dst = append(dst[:n], dst[n+1:]...)
	}
	return dst
}

// numDigits is the number of decimal digits of the coefficient; 1 for 0.
func (d Dec) numDigits() int {
	if d.big != nil {
		return len(d.appendDigits(nil))
	}
	u, n := absInt64(d.coef), 1
	for n < 20 && u >= pow10[n] {
		n++
	}
	return n
}

func (d Dec) String() string { return string(d.AppendText(nil)) }

// ParseDec reads a numeric as PostgreSQL's numeric_in does. Errors: 22P02, 22003.
func ParseDec(s string) (Dec, error) {
	t := trimSpace(s)
	if d, ok := parseDecFast(t); ok {
		return d, nil
	}
	body, neg := t, false
	if body != "" && (body[0] == '-' || body[0] == '+') {
		neg, body = body[0] == '-', body[1:]
	}
	if body != "" && body[0] != '.' && !isDigit(body[0]) {
		return parseDecWord(s, body, neg, len(body) != len(t))
	}
	intPart, rest := leadingDigits(body)
	frac := ""
	if rest != "" && rest[0] == '.' {
		frac, rest = leadingDigits(rest[1:])
	}
	if intPart == "" && frac == "" {
		return Dec{}, badSyntax("numeric", s)
	}
	exp := 0
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		e, err := strconv.Atoi(rest[1:])
		if err != nil && !isRange(err) || strings.ContainsRune(rest[1:], '_') {
			return Dec{}, badSyntax("numeric", s)
		}
		if e > math.MaxInt32/2 || e < -math.MaxInt32/2 {
			return Dec{}, decOverflow()
		}
		exp, rest = e, ""
	}
	if rest != "" {
		return Dec{}, badSyntax("numeric", s)
	}
	return makeDec(strings.TrimLeft(intPart+frac, "0"), len(frac)-exp, neg)
}

// makeDec is the digits * 10^-scale, where scale may be negative or too large.
func makeDec(digits string, scale int, neg bool) (Dec, error) {
	if digits == "" {
		return Dec{scale: int32(min(max(scale, 0), maxDecScale))}, nil
	}
	if len(digits)-scale > maxDecDigits {
		return Dec{}, decOverflow()
	}
	if scale < 0 {
		digits, scale = digits+strings.Repeat("0", -scale), 0
	}
	drop := int32(0)
	if scale > maxDecScale {
		if cut := scale - maxDecScale; cut > len(digits) {
			return Dec{scale: maxDecScale}, nil
		} else if cut > 1 {
			digits, scale = digits[:len(digits)-cut+1], maxDecScale+1
		}
		drop = 1
		if digits == "" {
			digits = "0"
		}
	}
	c, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return Dec{}, badSyntax("numeric", digits)
	}
	if neg {
		c.Neg(c)
	}
	d := NewDecBig(c, int32(scale))
	if drop > 0 {
		d = d.Round(maxDecScale)
	}
	return d, nil
}

func parseDecWord(s, word string, neg, signed bool) (Dec, error) {
	switch {
	case strings.EqualFold(word, "nan") && !signed:
		return DecNaN, nil
	case strings.EqualFold(word, "inf"), strings.EqualFold(word, "infinity"):
		if neg {
			return DecNegInf, nil
		}
		return DecInf, nil
	}
	return Dec{}, badSyntax("numeric", s)
}

// parseDecFast reads [-+]digits[.digits] with at most 18 digits.
func parseDecFast(s string) (Dec, bool) {
	i, neg := 0, false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		i, neg = 1, s[0] == '-'
	}
	if len(s)-i > 19 {
		return Dec{}, false
	}
	v, n, point := int64(0), 0, -1
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			v = v*10 + int64(c-'0')
			n++
		case c == '.' && point < 0:
			point = n
		default:
			return Dec{}, false
		}
	}
	if n == 0 || n > 18 {
		return Dec{}, false
	}
	if neg {
		v = -v
	}
	if point < 0 {
		point = n
	}
	return Dec{coef: v, scale: int32(n - point)}, true
}

func leadingDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func trimSpace(s string) string {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func decOverflow() error {
	return sqlerr.New(sqlerr.NumericValueOutOfRange, "value overflows numeric format")
}

// badSyntax is what an input function says of a text that it cannot read.
func badSyntax(typ, s string) error {
	return sqlerr.New(sqlerr.InvalidTextRepresentation, `invalid input syntax for type %s: "%s"`, typ, s)
}
