package types

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// maxJSONDepth bounds the nesting of JSON, and with it the depth of the recursion.
const maxJSONDepth = 6000

// jsonNode is a value of a JSON text.
type jsonNode struct {
	kind byte // '{' '[' '"' '0' 't' 'f' 'n'
	text string
	num  Dec
	keys []string // of an object: sorted by length, then bytes, each once
	vals []jsonNode
}

// jsonParser reads JSON. With build it makes nodes and resolves escapes as jsonb does; without it only checks.
type jsonParser struct {
	s     string
	pos   int
	depth int
	build bool
}

// CheckJSON checks that s is JSON (RFC 8259). Errors: 22P02, 54001 when it nests too deep.
func CheckJSON(s string) error {
	_, err := parseJSON(s, false)
	return err
}

// CheckEscapes checks that each \u escape of JSON stands for a character. Errors: 22P02, 22P05.
func CheckEscapes(s string) error {
	_, err := parseJSON(s, true)
	return err
}

func parseJSON(s string, build bool) (jsonNode, error) {
	p := jsonParser{s: s, build: build}
	n, err := p.value()
	if err != nil {
		return n, err
	}
	if p.skip(); p.pos < len(s) {
		return n, p.unexpected("end of input")
	}
	return n, nil
}

func (p *jsonParser) skip() {
	for p.pos < len(p.s) {
		switch p.s[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *jsonParser) fail(detail string) error {
	return sqlerr.New(sqlerr.InvalidTextRepresentation, "invalid input syntax for type json").WithDetail("%s", detail)
}

// unexpected tells what stands where want (a quoted token or a description) should.
func (p *jsonParser) unexpected(want string) error {
	if p.pos >= len(p.s) {
		return p.fail("The input string ended unexpectedly.")
	}
	end := p.pos + 1
	if isWordByte(p.s[p.pos]) {
		for end < len(p.s) && isWordByte(p.s[end]) {
			end++
		}
	}
	token := p.s[p.pos:end]
	switch {
	case isWordByte(token[0]) || !strings.Contains(`{}[]:,"`, token):
		return p.fail(`Token "` + token + `" is invalid.`)
	}
	return p.fail("Expected " + want + `, but found "` + token + `".`)
}

func isWordByte(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || c == '_' || c == '+' || c == '-' || c == '.'
}

func (p *jsonParser) peek() byte {
	if p.skip(); p.pos < len(p.s) {
		return p.s[p.pos]
	}
	return 0
}

func (p *jsonParser) value() (n jsonNode, err error) {
	switch c := p.peek(); {
	case c == '{' || c == '[':
		if p.depth++; p.depth > maxJSONDepth {
			return n, sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded").
				WithHint("The JSON nests deeper than %d levels.", maxJSONDepth)
		}
		p.pos++
		if c == '{' {
			n, err = p.object()
		} else {
			n, err = p.array()
		}
		p.depth--
		return n, err
	case c == '"':
		n.kind = '"'
		n.text, err = p.str()
		return n, err
	case c == '-' || isDigit(c):
		return p.number()
	}
	for _, w := range [3]string{"true", "false", "null"} {
		if end := p.pos + len(w); strings.HasPrefix(p.s[p.pos:], w) && (end == len(p.s) || !isWordByte(p.s[end])) {
			p.pos = end
			return jsonNode{kind: w[0]}, nil
		}
	}
	return n, p.unexpected("JSON value")
}

func (p *jsonParser) array() (jsonNode, error) {
	n := jsonNode{kind: '['}
	if p.peek() == ']' {
		p.pos++
		return n, nil
	}
	for {
		v, err := p.value()
		if err != nil {
			return n, err
		}
		if p.build {
			n.vals = append(n.vals, v)
		}
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			p.pos++
			return n, nil
		default:
			return n, p.unexpected(`"," or "]"`)
		}
	}
}

func (p *jsonParser) object() (jsonNode, error) {
	n := jsonNode{kind: '{'}
	if p.peek() == '}' {
		p.pos++
		return n, nil
	}
	for {
		if p.peek() != '"' {
			return n, p.unexpected("string")
		}
		key, err := p.str()
		if err != nil {
			return n, err
		}
		if p.peek() != ':' {
			return n, p.unexpected(`":"`)
		}
		p.pos++
		v, err := p.value()
		if err != nil {
			return n, err
		}
		if p.build {
			n.keys, n.vals = append(n.keys, key), append(n.vals, v)
		}
		switch p.peek() {
		case ',':
			p.pos++
		case '}':
			p.pos++
			n.sortKeys()
			return n, nil
		default:
			return n, p.unexpected(`"," or "}"`)
		}
	}
}

func (p *jsonParser) number() (n jsonNode, err error) {
	start := p.pos
	digits := func() bool {
		from := p.pos
		p.pos = skipWhile(p.s, p.pos, isDigit)
		return p.pos > from
	}
	if p.s[p.pos] == '-' {
		p.pos++
	}
	ok := true
	if p.pos < len(p.s) && p.s[p.pos] == '0' {
		p.pos++
	} else {
		ok = digits()
	}
	if ok && p.pos < len(p.s) && p.s[p.pos] == '.' {
		p.pos++
		ok = digits()
	}
	if ok && p.pos < len(p.s) && (p.s[p.pos] == 'e' || p.s[p.pos] == 'E') {
		if p.pos++; p.pos < len(p.s) && (p.s[p.pos] == '+' || p.s[p.pos] == '-') {
			p.pos++
		}
		ok = digits()
	}
	if !ok || p.pos < len(p.s) && isWordByte(p.s[p.pos]) {
		end := skipWhile(p.s, p.pos, isWordByte)
		return n, p.fail(`Token "` + p.s[start:end] + `" is invalid.`)
	}
	n.kind = '0'
	if p.build {
		n.num, err = ParseDec(p.s[start:p.pos])
	}
	return n, err
}

// str reads a string; with build it gives its characters, otherwise "".
func (p *jsonParser) str() (string, error) {
	p.pos++
	start := p.pos
	var buf []byte
	for p.pos < len(p.s) {
		switch c := p.s[p.pos]; {
		case c == '"':
			text := p.s[start:p.pos]
			p.pos++
			if buf != nil {
				return string(append(buf, text...)), nil
			}
			return text, nil
		case c < 0x20:
			return "", p.fail("Character with value 0x" + string([]byte{hexDigits[c>>4], hexDigits[c&15]}) + " must be escaped.")
		case c == '\\':
			buf = append(buf, p.s[start:p.pos]...)
			var err error
			if buf, err = p.escape(buf); err != nil {
				return "", err
			}
			start = p.pos
		default:
			p.pos++
		}
	}
	return "", p.fail(`Token "` + `"` + p.s[start:] + `" is invalid.`)
}

// escape reads an escape and appends what it stands for.
func (p *jsonParser) escape(buf []byte) ([]byte, error) {
	if buf == nil {
		buf = []byte{}
	}
	if p.pos++; p.pos == len(p.s) {
		return buf, p.fail("The input string ended unexpectedly.")
	}
	c := p.s[p.pos]
	if c == 'u' {
		return p.unicode(buf)
	}
	at := strings.IndexByte(`"\/bfnrt`, c)
	if at < 0 {
		_, size := utf8.DecodeRuneInString(p.s[p.pos:])
		return buf, p.fail(`Escape sequence "\` + p.s[p.pos:p.pos+size] + `" is invalid.`)
	}
	p.pos++
	return append(buf, "\"\\/\b\f\n\r\t"[at]), nil
}

func (p *jsonParser) unicode(buf []byte) ([]byte, error) {
	r, ok := p.hex4()
	if !ok {
		return buf, p.fail(`"\u" must be followed by four hexadecimal digits.`)
	}
	if !p.build {
		return buf, nil
	}
	switch {
	case r == 0:
		return buf, sqlerr.New("22P05", "unsupported Unicode escape sequence").WithDetail(`\u0000 cannot be converted to text.`)
	case r >= 0xdc00 && r < 0xe000:
		return buf, p.fail("Unicode low surrogate must follow a high surrogate.")
	case r >= 0xd800 && r < 0xdc00:
		if !strings.HasPrefix(p.s[p.pos:], `\u`) {
			return buf, p.fail("Unicode low surrogate must follow a high surrogate.")
		}
		p.pos++
		low, ok := p.hex4()
		if !ok || low < 0xdc00 || low >= 0xe000 {
			return buf, p.fail("Unicode low surrogate must follow a high surrogate.")
		}
		r = 0x10000 + (r-0xd800)<<10 + low - 0xdc00
	}
	return utf8.AppendRune(buf, r), nil
}

// hex4 reads the four digits behind the u where the parser stands.
func (p *jsonParser) hex4() (r rune, ok bool) {
	if p.pos+5 > len(p.s) {
		return 0, false
	}
	for _, c := range []byte(p.s[p.pos+1 : p.pos+5]) {
		d, ok := hexValue(c)
		if !ok {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	p.pos += 5
	return r, true
}
