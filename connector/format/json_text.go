package format

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// text reads the string whose quote is at i; the text lies in l or in d.buf, which the next call overwrites.
func (d *jsonDecoder) text(l []byte, i int) (s []byte, end int, err error) {
	if !d.esc {
		n := bytes.IndexByte(l[i+1:], '"')
		if n < 0 {
			return nil, i, badJSON(l, len(l))
		}
		return l[i+1 : i+1+n], i + n + 2, nil
	}
	if end, err = skipString(l, i); err != nil {
		return nil, i, err
	}
	s = l[i+1 : end-1]
	if bytes.IndexByte(s, '\\') < 0 {
		return s, end, nil
	}
	d.buf, err = unescape(d.buf[:0], s)
	return d.buf, end, err
}

// unescape appends the text of what stands between the quotes of a JSON string.
func unescape(dst, s []byte) ([]byte, error) {
	for {
		n := bytes.IndexByte(s, '\\')
		if n < 0 {
			return append(dst, s...), nil
		}
		dst = append(dst, s[:n]...)
		c := s[n+1]
		s = s[n+2:]
		switch c {
		case '"', '\\', '/':
			dst = append(dst, c)
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(s)
			if r < 0 {
				return dst, sqlerr.New(sqlerr.InvalidTextRepresentation, `invalid JSON: "\u" must be followed by four hexadecimal digits`)
			}
			if r == 0 {
				return dst, sqlerr.New("22P05", `unsupported Unicode escape sequence: \u0000 cannot be converted to text`)
			}
			s = s[4:]
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
					low = hex4(s[2:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					s = s[6:]
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			return dst, sqlerr.New(sqlerr.InvalidTextRepresentation, `invalid JSON: escape sequence "\%c"`, c)
		}
	}
}

// hex4 reads four hexadecimal digits; -1: they are not.
func hex4(s []byte) rune {
	if len(s) < 4 {
		return -1
	}
	v, err := strconv.ParseUint(string(s[:4]), 16, 32)
	if err != nil {
		return -1
	}
	return rune(v)
}

// nestedValue reads an object or array: into an array column element by element, elsewhere as its text.
func (d *jsonDecoder) nestedValue(c *column, l []byte, i int) (int, error) {
	end, err := skipNested(l, i, 0)
	if err != nil {
		return i, err
	}
	if !c.typ.IsArray() || l[i] == '{' {
		return end, d.set(c, l[i:end])
	}
	elem := newColumn(catalog.Column{Name: c.def.Name, Type: c.typ.Elem()})
	var items [][]byte
	for at := skipBlank(l, i+1); l[at] != ']'; {
		to, err := skipValue(l, at, 0)
		if err != nil {
			return i, err
		}
		items = append(items, l[at:to])
		if at = skipBlank(l, to); l[at] == ',' {
			at = skipBlank(l, at+1)
		}
	}
	if err := d.list(c, elem, items); err != nil {
		return i, err
	}
	c.last = d.n
	d.put++
	return end, nil
}

// list appends the items as one array. They are read into a column of their own first, so that a bad one leaves c as it was.
func (d *jsonDecoder) list(c, elem *column, items [][]byte) error {
	n, put, size := d.n, d.put, d.cap
	defer func() { d.n, d.put, d.cap = n, put, size }()
	d.cap = len(items)
	elem.reset(d.cap)
	for k, it := range items {
		d.n = k
		if _, err := d.value(elem, it, 0); err != nil {
			return err
		}
	}
	vals := elem.finish(len(items))
	b := c.build.(*types.ListBuilder)
	b.Append(true)
	for k := range items {
		if vals.IsNull(k) {
			b.ValueBuilder().AppendNull()
			continue
		}
		text := types.AppendText(nil, vals, k, elem.typ, nil)
		if err := types.ParseText(b.ValueBuilder(), string(text), elem.typ, nil); err != nil {
			return err
		}
	}
	return nil
}
