package expr

import (
	"math"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// numberFuncs are to_char of numbers and to_number.
func numberFuncs() []*Func {
	X := types.Text
	fn := func(t types.Type, digits int, dec func(v Vec) func(int) types.Dec) *Func {
		return &Func{Name: "to_char", Args: args(t, X), Ret: X, Vol: Stable, Kernel: toCharNumber(dec, digits), Doc: "number as text by a template"}
	}
	return []*Func{
		fn(types.Int4, -1, func(v Vec) func(int) types.Dec {
			x := read[int32](v)
			return func(i int) types.Dec { return types.FromInt64(int64(x(i))) }
		}),
		fn(types.Int8, 0, func(v Vec) func(int) types.Dec {
			x := read[int64](v)
			return func(i int) types.Dec { return types.FromInt64(x(i)) }
		}),
		fn(types.Float4, 6, func(v Vec) func(int) types.Dec {
			x := read[float32](v)
			return func(i int) types.Dec { return exactFloat(float64(x(i))) }
		}),
		fn(types.Float8, 15, func(v Vec) func(int) types.Dec {
			x := read[float64](v)
			return func(i int) types.Dec { return exactFloat(x(i)) }
		}),
		fn(types.Numeric, 0, readDec),
		vol(Stable, f2("to_number", X, X, types.Numeric, toNumber, "number of a text by a template")),
	}
}

// numFormat is a parsed template of a number.
type numFormat struct {
	items     []numItem
	pre, post int  // digits before and behind the point
	firstZero int  // place of the first 0 before the point, -1: none
	lastZero  int  // number of digits behind the point that are always shown
	fill      bool // FM
	point     bool
	sci       bool // EEEE
	roman     bool // RN
	shift     bool // V
	places    int  // digits behind V
	other     bool // PL
	sign      byte // how the sign is shown: 0 before the number, 'S' at its place, 'M' MI, 'G' SG, 'R' PR
}

// numItem is '9' or '0' (a digit), '.', ',', a sign 'S' 'M' 'P' 'G', 't'/'T' (th), or text.
type numItem struct {
	kind byte
	text string
}

var numKeys = []struct {
	key  string
	kind byte
}{{"FM", 'F'}, {"MI", 'M'}, {"PL", 'P'}, {"SG", 'G'}, {"PR", 'R'}, {"TH", 'T'}, {"EEEE", 'E'}, {"RN", 'N'}, {"V", 'V'},
	{"S", 'S'}, {"9", '9'}, {"0", '0'}, {".", '.'}, {"D", '.'}, {",", ','}, {"G", ','}, {"L", 'L'}}

func parseNumFormat(s string) (*numFormat, error) {
	f := &numFormat{firstZero: -1}
	for s != "" {
		if s[0] == '"' || strings.HasPrefix(s, `\"`) {
			var text string
			text, s = quotedTemplate(s)
			f.items = append(f.items, numItem{kind: 'x', text: text})
			continue
		}
		kind, n := byte('x'), 1
		for _, k := range numKeys {
			if len(s) >= len(k.key) && strings.EqualFold(s[:len(k.key)], k.key) {
				kind, n = k.kind, len(k.key)
				break
			}
		}
		if err := f.add(kind, s[:n]); err != nil {
			return nil, err
		}
		s = s[n:]
	}
	return f, nil
}

// quotedTemplate takes "text" from a template, in which a backslash takes the next character as it is; or a quote behind a backslash.
func quotedTemplate(s string) (text, rest string) {
	if s[0] == '\\' {
		return s[1:2], s[2:]
	}
	var b strings.Builder
	i := 1
	for ; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), s[min(len(s), i+1):]
}

func (f *numFormat) add(kind byte, text string) error {
	switch kind {
	case 'F':
		f.fill = true
		return nil
	case 'E', 'N', 'V':
		return f.addSpecial(kind, text)
	case '9', '0':
		if f.sci {
			return errAfterSci()
		}
		if f.shift && kind == '9' {
			f.places++
		}
		if f.point {
			f.post++
			if kind == '0' {
				f.lastZero = f.post
			}
		} else {
			if kind == '0' && f.firstZero < 0 {
				f.firstZero = f.pre
			}
			f.pre++
		}
	case '.':
		if f.point {
			return sqlerr.New(sqlerr.SyntaxError, "multiple decimal points")
		}
		if f.shift {
			return errPointAndV()
		}
		f.point = true
	case 'S', 'M', 'G', 'R', 'P':
		if f.sci {
			return errAfterSci()
		}
		if f.sign = kind; kind == 'P' {
			f.sign, f.other = 0, true
		}
	case 'L':
		kind, text = 'x', " "
	}
	f.items = append(f.items, numItem{kind, text})
	return nil
}

func errAfterSci() error {
	return sqlerr.New(sqlerr.SyntaxError, `"EEEE" must be the last pattern used`)
}

// toCharNumber is to_char of a number of which so many digits mean something; 0: all, -1: all, and it is printed as double precision with EEEE.
func toCharNumber(dec func(v Vec) func(int) types.Dec, digits int) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		get, pat := dec(vs[0]), stringsOf(vs[1])
		var f *numFormat
		last := ""
		a, err := appendRows(types.Text, n, andValid(n, vs...), func(dst []byte, i int) ([]byte, error) {
			if p := pat.at(i); f == nil || p != last {
				var err error
				if f, err = parseNumFormat(p); err != nil {
					return dst, err
				}
				last = p
			}
			d := get(i)
			switch {
			case f.sci:
				return f.appendSci(dst, d, digits != 0), nil
			case f.roman:
				return f.appendRoman(dst, d)
			case f.places > 0 && d.Finite():
				d = shifted(d, f.places)
			}
			return f.append(dst, d, digits), nil
		})
		return Vec{Arr: a}, err
	}
}

// append prints d, of which so many digits mean something.
func (f *numFormat) append(dst []byte, d types.Dec, digits int) []byte {
	post := f.post
	if digits > 0 {
		whole := strings.TrimPrefix(roundFloat(d, 0).String(), "-")
		post = max(0, min(post, digits-len(whole)))
	}
	r := d.Round(int32(post))
	if digits > 0 {
		r = roundFloat(d, int32(post))
	}
	neg := r.Sign() < 0 || digits > 0 && d.Sign() < 0
	text := strings.TrimPrefix(r.String(), "-")
	whole, frac, _ := strings.Cut(text, ".")
	trimmed := frac
	if f.fill {
		keep := len(frac)
		for keep > f.lastZero && frac[keep-1] == '0' {
			keep--
		}
		trimmed = frac[:keep]
	}
	if whole == "0" && (f.post > 0 || f.pre == 0) && f.point && !(f.fill && trimmed == "" && f.pre > 0) {
		whole = ""
	}
	point := post > 0 && d.Finite()
	if len(whole) > f.pre {
		whole, trimmed, point = strings.Repeat("#", f.pre), strings.Repeat("#", post), true
	}
	first := f.pre - len(whole) // the place of the first digit shown
	if f.firstZero >= 0 && f.firstZero < first {
		whole = strings.Repeat("0", first-f.firstZero) + whole
		first = f.firstZero
	}
	return f.emit(dst, numDigits{whole, trimmed, first, point, neg})
}

// exactFloat is x with so many digits that they tell how it is rounded.
func exactFloat(x float64) types.Dec {
	if x == math.Trunc(x) || math.IsNaN(x) || math.IsInf(x, 0) {
		return types.FromFloat64(x)
	}
	d, err := types.ParseDec(strconv.FormatFloat(x, 'e', 40, 64))
	if err != nil {
		return types.FromFloat64(x)
	}
	return d
}

// roundFloat rounds as printf does: a half to the even digit.
func roundFloat(d types.Dec, scale int32) types.Dec {
	r := d.Round(scale)
	if !r.Finite() || d.Scale() <= scale {
		return r
	}
	twice := types.FromInt64(2)
	if t := r.Mul(twice).Sub(d.Mul(twice)).Abs(); t.Cmp(types.NewDec(1, scale)) != 0 {
		return r
	}
	down := d.Trunc(scale)
	if text := down.String(); (text[len(text)-1]-'0')%2 == 0 {
		return down
	}
	return r
}

// numDigits are the digits to show.
type numDigits struct {
	whole, frac string
	first       int  // the place of the first digit
	point       bool // the point is shown
	neg         bool
}

// emit goes through the template with the digits.
func (f *numFormat) emit(dst []byte, d numDigits) []byte {
	whole, frac, first, neg := d.whole, d.frac, d.first, d.neg
	pos, behind := 0, 0
	started := false
	start := func() { // in front of the first digit or the point stands the sign
		if started {
			return
		}
		started = true
		switch {
		case f.sign == 'R' && neg:
			dst = append(dst, '<')
		case f.sign == 0 && neg, f.sign == 'S' && neg && f.signFirst():
			dst = append(dst, '-')
		case f.sign == 'S' && f.signFirst():
			dst = append(dst, '+')
		case (f.sign == 0 || f.sign == 'R') && !f.fill:
			dst = append(dst, ' ')
		}
	}
	blank := func() {
		if !f.fill {
			dst = append(dst, ' ')
		}
	}
	point := false
	for _, it := range f.items {
		switch it.kind {
		case '9', '0':
			switch {
			case point:
				if behind < len(frac) {
					dst = append(dst, frac[behind])
				}
				behind++
			case pos < first:
				blank()
				pos++
			default:
				start()
				dst = append(dst, whole[pos-first])
				pos++
			}
		case '.':
			start()
			if point = true; d.point {
				dst = append(dst, '.')
			}
		case ',':
			if pos > first || point {
				dst = append(dst, ',')
			} else {
				blank()
			}
		default:
			dst = f.emitOther(dst, it, whole, neg)
		}
	}
	if f.pre > 0 || f.post > 0 || f.point {
		start()
	}
	if f.sign == 'R' {
		if neg {
			dst = append(dst, '>')
		} else {
			blank()
		}
	}
	return dst
}

// signFirst says whether S stands in front of the digits.
func (f *numFormat) signFirst() bool {
	for _, it := range f.items {
		switch it.kind {
		case 'S':
			return true
		case '9', '0', '.':
			return false
		}
	}
	return false
}

func (f *numFormat) emitOther(dst []byte, it numItem, whole string, neg bool) []byte {
	sign := func(plus, minus string) []byte { return append(dst, pick(neg, minus, plus)...) }
	switch it.kind {
	case 'S':
		if f.signFirst() {
			return dst
		}
		return sign("+", "-")
	case 'G':
		return sign("+", "-")
	case 'M':
		if f.fill {
			return sign("", "-")
		}
		return sign(" ", "-")
	case 'P':
		if f.fill {
			return sign("+", "")
		}
		return sign("+", " ")
	case 'T':
		if neg || f.point || whole == "" || whole[0] == '#' {
			return dst
		}
		return appendOrdinal(dst, []byte(whole), it.text[0])
	case 'R':
		return dst
	}
	return append(dst, it.text...)
}

// toNumber takes the digits, the point and the sign of a text where the template has them.
func toNumber(_ *Ctx, s, format string) (types.Dec, error) {
	f, err := parseNumFormat(format)
	switch {
	case err != nil:
		return types.Dec{}, err
	case f.sci:
		return types.Dec{}, sqlerr.New(sqlerr.FeatureNotSupported, `"EEEE" not supported for input`)
	case f.roman:
		return types.Dec{}, sqlerr.New(sqlerr.FeatureNotSupported, `"RN" not supported for input`)
	}
	var num []byte
	neg, point := false, false
	digits := 0
	for _, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9':
			if !point && digits == f.pre || point && digits == f.pre+f.post {
				continue
			}
			num = append(num, c)
			digits++
		case c == '.' && f.point && !point:
			point, digits = true, f.pre
			num = append(num, c)
		case c == '-' || c == '<':
			neg = true
		}
	}
	d, err := types.ParseDec(string(num))
	if err != nil {
		return d, sqlerr.New(sqlerr.InvalidTextRepresentation, `invalid input syntax for type numeric: " "`)
	}
	if neg {
		d = d.Neg()
	}
	if f.places > 0 {
		return d.Div(shifted(types.FromInt64(1), f.places))
	}
	return d, nil
}
