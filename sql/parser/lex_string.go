package parser

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// plainString takes '...'; after a newline it goes on a string literal before it.
func (l *lexer) plainString(p int, newline bool) error {
	s, err := l.quoted(p)
	if err != nil {
		return err
	}
	if k := len(l.toks) - 1; newline && k >= 0 && l.toks[k].kind == tString && l.q[l.toks[k].pos] == '\'' {
		l.toks[k].text += s
		l.toks[k].end = l.i
		return nil
	}
	l.add(tString, s, p)
	return nil
}

// quoted reads from the opening quote to the closing one; a doubled quote is one.
func (l *lexer) quoted(p int) (string, error) {
	l.i++
	start, doubled := l.i, false
	for l.i < len(l.q) {
		if l.q[l.i] != '\'' {
			l.i++
			continue
		}
		if l.peek(1) == '\'' {
			doubled = true
			l.i += 2
			continue
		}
		s := l.q[start:l.i]
		l.i++
		if doubled {
			s = strings.ReplaceAll(s, "''", "'")
		}
		return s, nil
	}
	return "", l.near(p, "unterminated quoted string")
}

// delimited reads "...", from the opening quote.
func (l *lexer) delimited(p int) (string, error) {
	for l.i++; l.i < len(l.q); l.i++ {
		if l.q[l.i] != '"' {
			continue
		}
		if l.peek(1) == '"' {
			l.i++
			continue
		}
		s := l.q[strings.IndexByte(l.q[p:], '"')+p+1 : l.i]
		l.i++
		if s == "" {
			return "", l.near(p, "zero-length delimited identifier")
		}
		return strings.ReplaceAll(s, `""`, `"`), nil
	}
	return "", l.near(p, "unterminated quoted identifier")
}

func (l *lexer) bitString(p int) error {
	l.i++
	s, err := l.quoted(p)
	if err != nil {
		what := "bit"
		if l.q[p]|0x20 == 'x' {
			what = "hexadecimal"
		}
		return sqlerr.New(sqlerr.SyntaxError, `unterminated %s string literal at or near "%s"`, what, l.q[p:]).At(p)
	}
	l.add(tBits, s, p)
	return nil
}

// escapeString reads E'...', from its quote.
func (l *lexer) escapeString(p int) error {
	var b []byte
	for l.i++; l.i < len(l.q); {
		c := l.q[l.i]
		switch {
		case c == '\'' && l.peek(1) == '\'':
			b = append(b, '\'')
			l.i += 2
		case c == '\'':
			l.i++
			if !utf8.Valid(b) {
				return sqlerr.New(sqlerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": %s`, badBytes(b)).At(p)
			}
			l.add(tString, string(b), p)
			return nil
		case c == '\\' && l.i+1 < len(l.q):
			var err error
			if b, err = l.escape(b); err != nil {
				return err
			}
		default:
			b = append(b, c)
			l.i++
		}
	}
	return l.near(p, "unterminated quoted string")
}

// escape reads one backslash escape and appends what it means.
func (l *lexer) escape(b []byte) ([]byte, error) {
	start := l.i
	c := l.q[l.i+1]
	l.i += 2
	switch {
	case c == 'u' || c == 'U':
		n := 4
		if c == 'U' {
			n = 8
		}
		r, ok := l.hexRune(n)
		if ok && utf16.IsSurrogate(r) && l.at(`\u`) {
			l.i += 2
			var lo rune
			if lo, ok = l.hexRune(4); ok {
				r = utf16.DecodeRune(r, lo)
				ok = r != utf8.RuneError
			}
		}
		if !ok {
			return nil, sqlerr.New(sqlerr.InvalidEscapeSequence, "invalid Unicode escape").At(start).
				WithHint(`Unicode escapes must be \uXXXX or \UXXXXXXXX.`)
		}
		if !utf8.ValidRune(r) || r == 0 {
			return nil, l.near(start, "invalid Unicode escape value")
		}
		return utf8.AppendRune(b, r), nil
	case c == 'x' && isHex(l.peek(0)):
		n := 1
		if isHex(l.peek(1)) {
			n = 2
		}
		return l.byteEscape(b, start, n, 16)
	case c >= '0' && c <= '7':
		l.i--
		n := 1
		for n < 3 && l.peek(n) >= '0' && l.peek(n) <= '7' {
			n++
		}
		return l.byteEscape(b, start, n, 8)
	}
	if k := strings.IndexByte("bfnrtv", c); k >= 0 {
		c = "\b\f\n\r\t\v"[k]
	}
	return append(b, c), nil
}

// byteEscape appends the byte that the next n digits say.
func (l *lexer) byteEscape(b []byte, start, n, base int) ([]byte, error) {
	v, _ := strconv.ParseUint(l.q[l.i:l.i+n], base, 16)
	l.i += n
	if byte(v) == 0 {
		return nil, sqlerr.New(sqlerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": 0x00`).At(start)
	}
	return append(b, byte(v)), nil
}

func badBytes(b []byte) string {
	for i := 0; i < len(b); {
		r, w := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && w == 1 {
			return "0x" + strconv.FormatUint(uint64(b[i]), 16)
		}
		i += w
	}
	return ""
}

func (l *lexer) hexRune(n int) (rune, bool) {
	if l.i+n > len(l.q) {
		return 0, false
	}
	v, err := strconv.ParseUint(l.q[l.i:l.i+n], 16, 31)
	if err != nil {
		return 0, false
	}
	l.i += n
	return rune(v), true
}

// unicodeToken reads U&'...' and U&"...", with UESCAPE 'c' after it where there is one.
func (l *lexer) unicodeToken(p int) error {
	l.i += 2
	k, raw, err := tString, "", error(nil)
	if l.q[l.i] == '"' {
		k = tQuoted
		raw, err = l.delimited(p)
	} else {
		raw, err = l.quoted(p)
	}
	if err != nil {
		return err
	}
	esc, err := l.uescape()
	if err != nil {
		return err
	}
	s, ok := decodeUnicode(raw, esc)
	if !ok {
		return sqlerr.New(sqlerr.SyntaxError, "invalid Unicode escape").At(p).
			WithHint(`Unicode escapes must be \XXXX or \+XXXXXX.`)
	}
	if k == tQuoted {
		s = cutName(s)
	}
	l.add(k, s, p)
	return nil
}

// uescape reads UESCAPE 'c'; without it the escape character is a backslash, and nothing is taken.
func (l *lexer) uescape() (byte, error) {
	back := l.i
	if _, err := l.skip(); err != nil {
		return 0, err
	}
	if len(l.q)-l.i < 7 || !strings.EqualFold(l.q[l.i:l.i+7], "uescape") || isIdentPart(l.peek(7)) {
		l.i = back
		return '\\', nil
	}
	l.i += 7
	if _, err := l.skip(); err != nil {
		return 0, err
	}
	p := l.i
	if l.peek(0) != '\'' || l.peek(2) != '\'' || isHex(l.peek(1)) || strings.IndexByte("+'\" \t\n", l.peek(1)) >= 0 {
		l.i = min(l.i+1, len(l.q))
		return 0, l.near(p, "invalid Unicode escape character")
	}
	l.i += 3
	return l.q[p+1], nil
}

func decodeUnicode(s string, esc byte) (string, bool) {
	var b []byte
	var high rune
	for i := 0; i < len(s); {
		if s[i] != esc {
			if high != 0 {
				return "", false
			}
			b = append(b, s[i])
			i++
			continue
		}
		i++
		if i < len(s) && s[i] == esc {
			b = append(b, esc)
			i++
			continue
		}
		n := 4
		if i < len(s) && s[i] == '+' {
			i++
			n = 6
		}
		if i+n > len(s) {
			return "", false
		}
		v, err := strconv.ParseUint(s[i:i+n], 16, 31)
		if err != nil || v == 0 {
			return "", false
		}
		i += n
		r := rune(v)
		switch {
		case high != 0:
			r, high = utf16.DecodeRune(high, r), 0
			if r == utf8.RuneError {
				return "", false
			}
		case r >= 0xd800 && r < 0xdc00:
			high = r
			continue
		}
		if !utf8.ValidRune(r) {
			return "", false
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b), high == 0
}

// dollar reads $tag$...$tag$; any other $ is a token that only a row pattern takes.
func (l *lexer) dollar(p int) error {
	k := 1
	for isIdentPart(l.peek(k)) && l.peek(k) != '$' {
		k++
	}
	if l.peek(k) != '$' || isDigit(l.peek(1)) {
		l.i++
		l.add(tOp, "$", p)
		return nil
	}
	tag := l.q[p : p+k+1]
	end := strings.Index(l.q[p+len(tag):], tag)
	if end < 0 {
		l.i = len(l.q)
		return l.near(p, "unterminated dollar-quoted string")
	}
	l.i = p + 2*len(tag) + end
	l.add(tString, l.q[p+len(tag):p+len(tag)+end], p)
	return nil
}
