package types

import (
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// AppendArrayText appends the array of row i as array_out does ("{1,2,NULL}"); of int2vector and oidvector as their own output does.
func AppendArrayText(dst []byte, a *array.List, i int, t Type, f *Format) []byte {
	from, to := a.ValueOffsets(i)
	vals, elem := a.ListValues(), t.Elem()
	if isVector(t) {
		for e := from; e < to; e++ {
			if e > from {
				dst = append(dst, ' ')
			}
			dst = AppendText(dst, vals, int(e), elem, f)
		}
		return dst
	}
	dst = append(dst, '{')
	quotable := mayNeedQuotes(elem)
	for e := from; e < to; e++ {
		if e > from {
			dst = append(dst, ',')
		}
		if vals.IsNull(int(e)) {
			dst = append(dst, "NULL"...)
			continue
		}
		n := len(dst)
		dst = AppendText(dst, vals, int(e), elem, f)
		if quotable {
			dst = quoteElement(dst, n)
		}
	}
	return append(dst, '}')
}

func isVector(t Type) bool { return t.OID == Int2Vector.OID || t.OID == OIDVector.OID }

// mayNeedQuotes says whether the text of a type can hold what array_out quotes.
func mayNeedQuotes(t Type) bool {
	switch t.Category() {
	case CatNumeric, CatBool:
		return false
	}
	return t.OID != UUID.OID
}

// quoteElement puts the text from n on into quotes where array_out would.
func quoteElement(dst []byte, n int) []byte {
	text := dst[n:]
	quote := len(text) == 0 || strings.EqualFold(string(text), "null")
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			quote = true
		case c == '{' || c == '}' || c == ',' || isSpace(c):
			quote = true
		}
	}
	if !quote {
		return dst
	}
	old := string(text)
	dst = append(dst[:n], '"')
	for k := range len(old) {
		if old[k] == '"' || old[k] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, old[k])
	}
	return append(dst, '"')
}

// arrayItem is an element of an array literal.
type arrayItem struct {
	text string
	null bool
}

// ParseArrayItems reads a one-dimensional array literal as array_in does and gives its elements' texts and which are NULL.
// Errors: 22P02, 0A000 for more dimensions or another lower bound than 1.
func ParseArrayItems(s string) (items []string, nulls []bool, err error) {
	p := arrayParser{all: s, s: trimSpace(s)}
	list, err := p.parse()
	if err != nil {
		return nil, nil, err
	}
	for _, it := range list {
		items, nulls = append(items, it.text), append(nulls, it.null)
	}
	return items, nulls, nil
}

type arrayParser struct {
	all, s string
	pos    int
}

func (p *arrayParser) bad(detail string) error {
	return sqlerr.New(sqlerr.InvalidTextRepresentation, `malformed array literal: "%s"`, p.all).WithDetail("%s", detail)
}

// bounds skips a decoration [1:n]= and gives n, -1 without one.
func (p *arrayParser) bounds() (int, error) {
	if !strings.HasPrefix(p.s, "[") {
		return -1, nil
	}
	dims, rest, ok := strings.Cut(p.s, "=")
	if !ok {
		return 0, p.bad(`Missing "=" after array dimensions.`)
	}
	lo, hi, ok := strings.Cut(strings.TrimSuffix(trimSpace(dims)[1:], "]"), ":")
	if !ok {
		lo, hi = "1", lo
	}
	l, err1 := strconv.Atoi(lo)
	h, err2 := strconv.Atoi(hi)
	switch {
	case strings.Count(dims, "[") > 1:
		return 0, multiDim()
	case err1 != nil || err2 != nil || h < l:
		return 0, p.bad(`"[" must introduce explicitly-specified array dimensions.`)
	case l != 1:
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "arrays with a lower bound other than 1 are not supported")
	}
	p.s = trimSpace(rest)
	return h, nil
}

func multiDim() error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "multidimensional arrays are not supported").
		WithHint("Use a one-dimensional array or jsonb.")
}

func (p *arrayParser) parse() ([]arrayItem, error) {
	want, err := p.bounds()
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(p.s, "{") {
		return nil, p.bad(`Array value must start with "{" or dimension information.`)
	}
	p.pos = 1
	p.skip()
	var items []arrayItem
	if p.peek() == '}' {
		p.pos++
	} else {
		for done := false; !done; {
			it, err := p.item()
			if err != nil {
				return nil, err
			}
			items = append(items, it)
			done = p.s[p.pos-1] == '}'
		}
	}
	p.skip()
	if p.pos < len(p.s) {
		return nil, p.bad("Junk after closing right brace.")
	}
	if want >= 0 && want != len(items) {
		return nil, p.bad("Specified array dimensions do not match array contents.")
	}
	return items, nil
}

func (p *arrayParser) skip() {
	for p.pos < len(p.s) && isSpace(p.s[p.pos]) {
		p.pos++
	}
}

func (p *arrayParser) peek() byte {
	if p.pos < len(p.s) {
		return p.s[p.pos]
	}
	return 0
}

// item reads an element and the comma or brace behind it.
func (p *arrayParser) item() (arrayItem, error) {
	p.skip()
	var buf []byte
	quoted, keep := false, 0
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		p.pos++
		switch {
		case c == '"':
			if quoted || len(buf) > 0 {
				return arrayItem{}, p.bad("Unexpected array element.")
			}
			quoted = true
			var ok bool
			if buf, ok = p.quoted(); !ok {
				return arrayItem{}, p.bad("Unexpected end of input.")
			}
			keep = len(buf)
			p.skip()
			if d := p.peek(); d != ',' && d != '}' {
				return arrayItem{}, p.bad("Unexpected array element.")
			}
		case c == '{':
			if len(buf) == 0 && !quoted {
				return arrayItem{}, multiDim()
			}
			return arrayItem{}, p.bad(`Unexpected "{" character.`)
		case c == ',' || c == '}':
			text := string(buf[:keep])
			if text == "" && !quoted {
				return arrayItem{}, p.bad(`Unexpected "` + string(c) + `" character.`)
			}
			return arrayItem{text, !quoted && strings.EqualFold(text, "null")}, nil
		case c == '\\':
			if p.pos == len(p.s) {
				return arrayItem{}, p.bad("Unexpected end of input.")
			}
			buf = append(buf, p.s[p.pos])
			keep = len(buf)
			p.pos++
		default:
			if buf = append(buf, c); !isSpace(c) {
				keep = len(buf)
			}
		}
	}
	return arrayItem{}, p.bad("Unexpected end of input.")
}

// quoted reads up to the closing quote.
func (p *arrayParser) quoted() ([]byte, bool) {
	buf := []byte{}
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		p.pos++
		switch {
		case c == '"':
			return buf, true
		case c == '\\' && p.pos < len(p.s):
			c = p.s[p.pos]
			p.pos++
		}
		buf = append(buf, c)
	}
	return nil, false
}
