package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

type kind uint8

const (
	tEOF    kind = iota
	tIdent       // folded to lower case
	tQuoted      // a "delimited identifier"
	tString      // decoded
	tBits        // B'...' or X'...'
	tNumber      // as written
	tParam       // the digits of $1
	tOp          // an operator or punctuation
)

// token is one token; text is what it means, q[pos:end] what the user wrote.
type token struct {
	kind     kind
	text     string
	pos, end int
}

func (t *token) is(w string) bool { return (t.kind == tIdent || t.kind == tOp) && t.text == w }

// maxName is the longest identifier, in bytes (NAMEDATALEN - 1); longer ones are cut.
const maxName = 63

const opChars = "+-*/<>=~!@#%^&|`?"

type lexer struct {
	q    string
	i    int
	toks []token
}

// lex follows PostgreSQL's scan.l. The last token is tEOF.
func lex(q string) ([]token, error) {
	if k := strings.IndexByte(q, 0); k >= 0 {
		return nil, sqlerr.New(sqlerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": 0x00`).At(k)
	}
	l := &lexer{q: q, toks: make([]token, 0, len(q)/3+8)}
	for {
		newline, err := l.skip()
		if err != nil {
			return nil, err
		}
		if l.i >= len(q) {
			l.toks = append(l.toks, token{kind: tEOF, pos: len(q), end: len(q)})
			return l.toks, nil
		}
		if err := l.next(newline); err != nil {
			return nil, err
		}
	}
}

func (l *lexer) at(s string) bool { return strings.HasPrefix(l.q[l.i:], s) }

func (l *lexer) peek(k int) byte {
	if l.i+k < len(l.q) {
		return l.q[l.i+k]
	}
	return 0
}

func (l *lexer) add(k kind, text string, pos int) {
	l.toks = append(l.toks, token{k, text, pos, l.i})
}

// near makes an error in the words of PostgreSQL's scanner, which names the text from pos up to where it got.
func (l *lexer) near(pos int, msg string) error {
	return sqlerr.New(sqlerr.SyntaxError, `%s at or near "%s"`, msg, l.q[pos:l.i]).At(pos)
}

// skip passes white space and comments and says whether there was a newline, and no /* comment, which would keep a string
// from going on.
func (l *lexer) skip() (newline bool, err error) {
	block := false
	for l.i < len(l.q) {
		switch c := l.q[l.i]; {
		case c == '\n' || c == '\r':
			newline = true
			l.i++
		case c == ' ' || c == '\t' || c == '\f' || c == '\v':
			l.i++
		case l.at("--"):
			for l.i < len(l.q) && l.q[l.i] != '\n' && l.q[l.i] != '\r' {
				l.i++
			}
		case l.at("/*"):
			block = true
			if err := l.comment(); err != nil {
				return false, err
			}
		default:
			return newline && !block, nil
		}
	}
	return newline && !block, nil
}

func (l *lexer) comment() error {
	start, depth := l.i, 0
	for l.i < len(l.q) {
		switch {
		case l.at("/*"):
			depth++
			l.i += 2
		case l.at("*/"):
			depth--
			l.i += 2
			if depth == 0 {
				return nil
			}
		default:
			l.i++
		}
	}
	return l.near(start, "unterminated /* comment")
}

func isIdentStart(c byte) bool { return c == '_' || c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool      { return c >= '0' && c <= '9' }
func isIdentPart(c byte) bool  { return isIdentStart(c) || isDigit(c) || c == '$' }

func (l *lexer) next(newline bool) error {
	p, c := l.i, l.q[l.i]
	switch {
	case c == '\'':
		return l.plainString(p, newline)
	case (c|0x20 == 'e') && l.peek(1) == '\'':
		l.i++
		return l.escapeString(p)
	case (c|0x20 == 'b' || c|0x20 == 'x') && l.peek(1) == '\'':
		return l.bitString(p)
	case (c|0x20 == 'n') && l.peek(1) == '\'':
		l.i++
		l.add(tIdent, "nchar", p)
		return nil
	case (c|0x20 == 'u') && l.peek(1) == '&' && (l.peek(2) == '\'' || l.peek(2) == '"'):
		return l.unicodeToken(p)
	case c == '"':
		s, err := l.delimited(p)
		if err != nil {
			return err
		}
		l.add(tQuoted, cutName(s), p)
	case c == '$' && isDigit(l.peek(1)):
		return l.param(p)
	case c == '$':
		return l.dollar(p)
	case isDigit(c) || c == '.' && isDigit(l.peek(1)):
		return l.number(p)
	case isIdentStart(c):
		for l.i < len(l.q) && isIdentPart(l.q[l.i]) {
			l.i++
		}
		l.add(tIdent, cutName(fold(l.q[p:l.i])), p)
	case strings.IndexByte(opChars, c) >= 0:
		l.operator(p)
	default:
		l.i++
		if n := l.peek(0); c == ':' && (n == ':' || n == '=') || c == '.' && n == '.' {
			l.i++
		}
		l.add(tOp, l.q[p:l.i], p)
	}
	return nil
}

// operator takes the longest operator, up to the start of a comment; a trailing + or - belongs to it only if it
// holds one of ~!@#%^&|`?.
func (l *lexer) operator(p int) {
	for l.i < len(l.q) && strings.IndexByte(opChars, l.q[l.i]) >= 0 && !(l.i > p && (l.at("--") || l.at("/*"))) {
		l.i++
	}
	for l.i-p > 1 && (l.q[l.i-1] == '+' || l.q[l.i-1] == '-') && !strings.ContainsAny(l.q[p:l.i], "~!@#%^&|`?") {
		l.i--
	}
	s := l.q[p:l.i]
	if s == "!=" {
		s = "<>"
	}
	l.add(tOp, s, p)
}

func (l *lexer) param(p int) error {
	for l.i++; isDigit(l.peek(0)); l.i++ {
	}
	if isIdentStart(l.peek(0)) {
		for isIdentPart(l.peek(0)) {
			l.i++
		}
		return l.near(p, "trailing junk after parameter")
	}
	l.add(tParam, l.q[p+1:l.i], p)
	return nil
}

// number takes an integer (also 0x, 0o, 0b, and _ between digits) or a decimal with or without exponent.
func (l *lexer) number(p int) error {
	digits := func(ok func(byte) bool) {
		for n := l.i; ok(l.peek(0)) || l.i > n && l.peek(0) == '_' && ok(l.peek(1)); {
			l.i++
		}
	}
	if c := l.peek(1) | 0x20; l.q[p] == '0' && (c == 'x' || c == 'o' || c == 'b') && isHex(l.peek(2)) {
		l.i += 2
		digits(map[byte]func(byte) bool{
			'x': isHex,
			'o': func(c byte) bool { return c >= '0' && c <= '7' },
			'b': func(c byte) bool { return c == '0' || c == '1' },
		}[c])
	} else {
		digits(isDigit)
		if l.peek(0) == '.' && l.peek(1) != '.' {
			l.i++
			digits(isDigit)
		}
		if l.peek(0)|0x20 == 'e' {
			k := 1
			if c := l.peek(1); c == '+' || c == '-' {
				k = 2
			}
			if isDigit(l.peek(k)) {
				l.i += k
				digits(isDigit)
			}
		}
	}
	if isIdentStart(l.peek(0)) {
		for isIdentPart(l.peek(0)) {
			l.i++
		}
		return l.near(p, "trailing junk after numeric literal")
	}
	l.add(tNumber, l.q[p:l.i], p)
	return nil
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// fold lowers ASCII letters only, as PostgreSQL does in UTF-8.
func fold(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] |= 0x20
				}
			}
			return string(b)
		}
	}
	return s
}

// cutName cuts a name to maxName bytes, not within a character.
func cutName(s string) string {
	if len(s) <= maxName {
		return s
	}
	n := maxName
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
