package expr

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// addSpecial takes EEEE, RN and V into a template of a number.
func (f *numFormat) addSpecial(kind byte, text string) error {
	switch {
	case kind == 'V' && f.point:
		return errPointAndV()
	case kind == 'V':
		f.shift = true
	case kind == 'N':
		f.roman = true
		f.items = append(f.items, numItem{kind, text})
	case f.sci:
		return sqlerr.New(sqlerr.SyntaxError, `cannot use "EEEE" twice`)
	case f.fill || f.sign != 0 || f.roman || f.shift || f.other:
		return sqlerr.New(sqlerr.SyntaxError, `"EEEE" is incompatible with other formats`).
			WithDetail(`"EEEE" may only be used together with digit and decimal point patterns.`)
	default:
		f.sci = true
	}
	return nil
}

func errPointAndV() error {
	return sqlerr.New(sqlerr.SyntaxError, `cannot use "V" and decimal point together`)
}

// appendSci prints d as a digit, a fraction and an exponent; binary says that it is printed as a double precision number.
func (f *numFormat) appendSci(dst []byte, d types.Dec, binary bool) []byte {
	if !d.Finite() {
		s := []byte(strings.Repeat("#", f.pre+f.post+6))
		s[0], s[f.pre+1] = ' ', '.'
		return append(dst, s...)
	}
	if d.Sign() >= 0 {
		dst = append(dst, ' ')
	}
	if binary {
		return strconv.AppendFloat(dst, d.ToFloat64(), 'e', f.post, 64)
	}
	exp, lead := 0, "0"
	if d.Sign() != 0 {
		whole, frac, _ := strings.Cut(strings.TrimPrefix(d.String(), "-"), ".")
		lead = strings.TrimLeft(whole+frac, "0")
		exp = len(whole) - 1 - (len(whole+frac) - len(lead))
	}
	if d.Sign() < 0 {
		dst = append(dst, '-')
	}
	one, _ := types.ParseDec(lead[:1] + "." + lead[1:min(len(lead), f.post+2)] + "0")
	dst = one.Round(int32(f.post)).AppendText(dst)
	dst = append(dst, 'e')
	dst = append(dst, pick(exp < 0, "-", "+")...)
	if exp = max(exp, -exp); exp < 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(exp), 10)
}

// shifted is d with the point moved n places to the right.
func shifted(d types.Dec, n int) types.Dec {
	k, err := types.ParseDec("1e" + strconv.Itoa(n))
	if err != nil {
		return d
	}
	return d.Mul(k)
}

const romanWidth = 15

// roman writes d in Roman numerals, as many # as they have room where it is not in 1 to 3999.
func (f *numFormat) romanText(d types.Dec) (string, error) {
	if d.IsInf() {
		return "", sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert infinity to integer")
	}
	n, err := d.Round(0).ToInt64()
	if err != nil || n < 1 || n > 3999 {
		return strings.Repeat("#", romanWidth), nil
	}
	var b strings.Builder
	for _, r := range []struct {
		value int64
		text  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= r.value; n -= r.value {
			b.WriteString(r.text)
		}
	}
	return b.String(), nil
}

// appendRoman goes through a template with RN: its digits and signs show nothing.
func (f *numFormat) appendRoman(dst []byte, d types.Dec) ([]byte, error) {
	text, err := f.romanText(d)
	if err != nil {
		return dst, err
	}
	for _, it := range f.items {
		switch it.kind {
		case 'N':
			s := text
			if it.text[0] == 'r' {
				s = strings.ToLower(s)
			}
			if !f.fill {
				s = strings.Repeat(" ", romanWidth-len(s)) + s
			}
			dst = append(dst, s...)
		case 'x':
			dst = append(dst, it.text...)
		}
	}
	return dst, nil
}
