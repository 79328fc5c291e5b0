package jsonpath

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

type kind int

const (
	end kind = iota
	symbol
	word
	text
	number
	variable
)

// token is a part of the input: a symbol, an unquoted word, a quoted text, a number or a variable.
type token struct {
	kind kind
	text string
	pos  int
}

const special = "?%$.[]{}()|&!=<>@#,*:-+/\" \t\n\r\f\\"

// lexer parts the input.
type lexer struct {
	in  string
	pos int
}

func (l *lexer) syntax(t token) error {
	if t.kind == end {
		return sqlerr.New(sqlerr.SyntaxError, "syntax error at end of jsonpath input")
	}
	return sqlerr.New(sqlerr.SyntaxError, `syntax error at or near "%s" of jsonpath input`, t.text)
}

func (l *lexer) skip() error {
	for l.pos < len(l.in) {
		switch {
		case strings.IndexByte(" \t\n\r\f", l.in[l.pos]) >= 0:
			l.pos++
		case strings.HasPrefix(l.in[l.pos:], "/*"):
			n := strings.Index(l.in[l.pos+2:], "*/")
			if n < 0 {
				return sqlerr.New(sqlerr.SyntaxError, "unexpected end of comment at end of jsonpath input")
			}
			l.pos += n + 4
		default:
			return nil
		}
	}
	return nil
}

// next reads a token.
func (l *lexer) next() (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	at := l.pos
	if at == len(l.in) {
		return token{pos: at}, nil
	}
	rest := l.in[at:]
	for _, s := range []string{"&&", "||", "==", "<>", "!=", "<=", ">=", "**"} {
		if strings.HasPrefix(rest, s) {
			l.pos += len(s)
			return token{symbol, s, at}, nil
		}
	}
	switch c := rest[0]; {
	case c == '"':
		s, err := l.quoted()
		return token{text, s, at}, err
	case c == '$':
		return l.variable()
	case c >= '0' && c <= '9', c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		return l.number()
	case c != '\\' && strings.IndexByte(special, c) >= 0:
		l.pos++
		return token{symbol, rest[:1], at}, nil
	}
	s, err := l.word()
	return token{word, s, at}, err
}

func (l *lexer) variable() (token, error) {
	at := l.pos
	l.pos++
	rest := l.in[l.pos:]
	switch {
	case strings.HasPrefix(rest, `"`):
		s, err := l.quoted()
		return token{variable, s, at}, err
	case rest != "" && (rest[0] == '\\' || strings.IndexByte(special, rest[0]) < 0):
		s, err := l.word()
		return token{variable, s, at}, err
	}
	return token{symbol, "$", at}, nil
}

func (l *lexer) number() (token, error) {
	at := l.pos
	digits := func() {
		for l.pos < len(l.in) && l.in[l.pos] >= '0' && l.in[l.pos] <= '9' {
			l.pos++
		}
	}
	digits()
	if l.pos < len(l.in) && l.in[l.pos] == '.' {
		l.pos++
		digits()
	}
	if l.pos < len(l.in) && l.in[l.pos]|32 == 'e' {
		mark := l.pos
		l.pos++
		if l.pos < len(l.in) && (l.in[l.pos] == '+' || l.in[l.pos] == '-') {
			l.pos++
		}
		first := l.pos
		if digits(); l.pos == first {
			l.pos = mark
		}
	}
	s := l.in[at:l.pos]
	if l.pos < len(l.in) && strings.IndexByte(special, l.in[l.pos]) < 0 || len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		return token{}, sqlerr.New(sqlerr.SyntaxError, `trailing junk after numeric literal at or near "%s" of jsonpath input`, l.in[at:min(l.pos+1, len(l.in))])
	}
	return token{number, s, at}, nil
}

func (l *lexer) word() (string, error) {
	var b strings.Builder
	for l.pos < len(l.in) {
		c := l.in[l.pos]
		switch {
		case c == '\\':
			if err := l.escape(&b); err != nil {
				return "", err
			}
		case strings.IndexByte(special, c) >= 0:
			return b.String(), nil
		default:
			b.WriteByte(c)
			l.pos++
		}
	}
	return b.String(), nil
}

func (l *lexer) quoted() (string, error) {
	var b strings.Builder
	for l.pos++; l.pos < len(l.in); {
		switch c := l.in[l.pos]; c {
		case '"':
			l.pos++
			return b.String(), nil
		case '\\':
			if err := l.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			l.pos++
		}
	}
	return "", sqlerr.New(sqlerr.SyntaxError, "unexpected end of quoted string at end of jsonpath input")
}

// escape reads a backslash and what it stands for, as JavaScript does.
func (l *lexer) escape(b *strings.Builder) error {
	l.pos++
	if l.pos == len(l.in) {
		return sqlerr.New(sqlerr.SyntaxError, "unexpected end after backslash at end of jsonpath input")
	}
	c := l.in[l.pos]
	l.pos++
	switch c {
	case 'b', 'f', 'n', 'r', 't', 'v':
		b.WriteByte(map[byte]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}[c])
	case 'x':
		r, err := l.hex(2)
		b.WriteRune(r)
		return err
	case 'u':
		r, err := l.unicode()
		if err == nil && utf16.IsSurrogate(r) {
			r, err = l.pair(r)
		}
		if err == nil && r == 0 {
			err = sqlerr.New("22P05", "unsupported Unicode escape sequence").WithDetail(`\u0000 cannot be converted to text.`)
		}
		b.WriteRune(r)
		return err
	default:
		_, n := utf8.DecodeRuneInString(l.in[l.pos-1:])
		b.WriteString(l.in[l.pos-1 : l.pos-1+n])
		l.pos += n - 1
	}
	return nil
}

// pair reads the low surrogate behind a high one.
func (l *lexer) pair(high rune) (rune, error) {
	bad := func(detail string) error {
		return sqlerr.New(sqlerr.InvalidTextRepresentation, "invalid input syntax for type jsonpath").WithDetail("%s", detail)
	}
	if high >= 0xdc00 || !strings.HasPrefix(l.in[l.pos:], `\u`) {
		return 0, bad("Unicode low surrogate must follow a high surrogate.")
	}
	l.pos += 2
	low, err := l.unicode()
	switch {
	case err != nil:
		return 0, err
	case low >= 0xd800 && low < 0xdc00:
		return 0, bad("Unicode high surrogate must not follow a high surrogate.")
	case low < 0xdc00 || low > 0xdfff:
		return 0, bad("Unicode low surrogate must follow a high surrogate.")
	}
	return utf16.DecodeRune(high, low), nil
}

func (l *lexer) unicode() (rune, error) {
	if !strings.HasPrefix(l.in[l.pos:], "{") {
		return l.hex(4)
	}
	n := strings.IndexByte(l.in[l.pos:], '}')
	if n < 2 || n > 7 {
		return 0, l.badUnicode()
	}
	l.pos++
	r, err := l.hex(n - 1)
	l.pos++
	return r, err
}

func (l *lexer) hex(n int) (rune, error) {
	if l.pos+n > len(l.in) {
		return 0, l.badUnicode()
	}
	v, err := strconv.ParseUint(l.in[l.pos:l.pos+n], 16, 32)
	if err != nil {
		return 0, l.badUnicode()
	}
	l.pos += n
	return rune(v), nil
}

func (l *lexer) badUnicode() error {
	return sqlerr.New(sqlerr.SyntaxError, `invalid Unicode escape sequence at or near "%s" of jsonpath input`, l.in[min(l.pos, len(l.in)):])
}
