package expr

import (
	"github.com/apache/arrow/go/v17/arrow/array"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// likeFuncs are LIKE (~~), NOT LIKE, ILIKE, NOT ILIKE and like_escape.
func likeFuncs() []*Func {
	T := types.Text
	like := func(name string, t types.Type, fold, not bool, doc string) *Func {
		return &Func{Name: name, Args: args(t, T), Ret: types.Bool, Kernel: likeKernel(fold, not), Vol: Immutable, Doc: doc}
	}
	var fs []*Func
	for _, t := range []types.Type{T, types.BPChar, types.Name} {
		fs = append(fs, like("~~", t, false, false, "matches a LIKE pattern"), like("!~~", t, false, true, "does not match a LIKE pattern"),
			like("~~*", t, true, false, "matches a LIKE pattern in any case"), like("!~~*", t, true, true, "does not match a LIKE pattern in any case"))
	}
	B := types.Bytea
	for _, not := range []bool{false, true} {
		kernel := onBytes(likeKernel(false, not), types.Text)
		fs = append(fs, &Func{Name: pick(not, "!~~", "~~"), Args: args(B, B), Ret: types.Bool, Kernel: kernel, Vol: Immutable, Doc: "matches a LIKE pattern"},
			&Func{Name: pick(not, "notlike", "like"), Args: args(B, B), Ret: types.Bool, Kernel: kernel, Vol: Immutable, Doc: "matches a LIKE pattern"})
	}
	return append(fs,
		f2("like_escape", B, B, B, func(_ *Ctx, p, esc string) (string, error) {
			out, err := likeEscape(latinText([]byte(p)), latinText([]byte(esc)))
			return string(latinBytes(out)), err
		}, "LIKE pattern with another escape character"),
		like("like", T, false, false, "matches a LIKE pattern"), like("notlike", T, false, true, "does not match a LIKE pattern"),
		f2("like_escape", T, T, T, func(_ *Ctx, p, esc string) (string, error) { return likeEscape(p, esc) }, "LIKE pattern with another escape character"))
}

// onBytes runs a kernel of texts over bytes, each of which is a character.
func onBytes(k Kernel, t types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		texts := make([]Vec, len(vs))
		for i, v := range vs {
			b, at := types.NewBuilder(t).(*array.StringBuilder), v.Arr.(*array.Binary)
			for r := range at.Len() {
				if at.IsNull(r) {
					b.AppendNull()
				} else {
					b.Append(latinText(at.Value(r)))
				}
			}
			texts[i] = v
			texts[i].Arr = b.NewArray()
		}
		return k(ctx, n, texts)
	}
}

// latinText makes a character of each byte, latinBytes the bytes again.
func latinText(b []byte) string {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return string(out)
}

func latinBytes(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		out = append(out, byte(r))
	}
	return out
}

// likeEscape rewrites a pattern with the escape character esc ("": none) into one with the backslash.
func likeEscape(p, esc string) (string, error) {
	if utf8.RuneCountInString(esc) > 1 {
		return "", sqlerr.New(sqlerr.InvalidEscapeSequence, "invalid escape string").WithHint("Escape string must be empty or one character.")
	}
	if esc == `\` {
		return p, nil
	}
	if esc == "" {
		return strings.ReplaceAll(p, `\`, `\\`), nil
	}
	var b strings.Builder
	for p != "" {
		switch {
		case strings.HasPrefix(p, esc):
			p = p[len(esc):]
			_, n := utf8.DecodeRuneInString(p)
			b.WriteString(`\` + p[:n])
			p = p[n:]
		case p[0] == '\\':
			b.WriteString(`\\`)
			p = p[1:]
		default:
			b.WriteByte(p[0])
			p = p[1:]
		}
	}
	return b.String(), nil
}

// likePattern is a LIKE pattern parted at its % signs.
type likePattern struct {
	pieces     []likePiece
	head, tail bool // the pattern begins / ends with a piece, not with %
	// open: the pattern ends with the escape character, which is an error for texts that open matches; it matches none.
	open *likePattern
}

// likePiece is text between % signs; any marks the places of _ by their character's index, nil where there is none.
type likePiece struct {
	text string
	any  []bool
	lead string // what stands before the first _
}

func parseLike(p string) *likePattern {
	l := &likePattern{head: true, tail: true}
	var text []byte
	var marks []bool
	hasAny := false
	flush := func() {
		if len(text) == 0 {
			return
		}
		piece := likePiece{text: string(text)}
		if hasAny {
			piece.any = marks
			piece.lead = leadOf(piece.text, marks)
		}
		l.pieces = append(l.pieces, piece)
		text, marks, hasAny = nil, nil, false
	}
	for i := 0; i < len(p); {
		_, n := utf8.DecodeRuneInString(p[i:])
		switch c := p[i]; {
		case c == '%':
			if i == 0 {
				l.head = false
			}
			flush()
			l.tail = i+1 < len(p)
			if len(l.pieces) == 0 {
				l.head = false
			}
		case c == '\\':
			if i++; i == len(p) {
				l.open = parseLike(p[:i-1] + "_%")
				l.tail, text, marks = true, append(text, 0), append(marks, false) // matches no text
				flush()
				return l
			}
			_, n = utf8.DecodeRuneInString(p[i:])
			text, marks = append(text, p[i:i+n]...), append(marks, false)
		case c == '_':
			text, marks, hasAny = append(text, '_'), append(marks, true), true
		default:
			text, marks = append(text, p[i:i+n]...), append(marks, false)
		}
		i += n
	}
	flush()
	return l
}

func leadOf(text string, marks []bool) string {
	at := 0
	for _, m := range marks {
		if m {
			break
		}
		_, n := utf8.DecodeRuneInString(text[at:])
		at += n
	}
	return text[:at]
}

// matchAt says how many bytes of s the piece takes at its beginning; -1: it does not match there.
func (p *likePiece) matchAt(s string) int {
	if p.any == nil {
		if strings.HasPrefix(s, p.text) {
			return len(p.text)
		}
		return -1
	}
	at, t := 0, p.text
	for _, wild := range p.any {
		if at == len(s) {
			return -1
		}
		_, k := utf8.DecodeRuneInString(t)
		_, n := utf8.DecodeRuneInString(s[at:])
		if !wild && s[at:at+n] != t[:k] {
			return -1
		}
		at, t = at+n, t[k:]
	}
	return at
}

// find is the first place where the piece matches, and the byte behind it; -1: nowhere.
func (p *likePiece) find(s string) (from, to int) {
	if p.any == nil {
		i := strings.Index(s, p.text)
		return i, i + len(p.text)
	}
	for i := 0; i <= len(s); {
		if p.lead != "" { // go to the next place where the characters before the first _ stand
			k := strings.Index(s[i:], p.lead)
			if k < 0 {
				return -1, 0
			}
			i += k
		}
		if n := p.matchAt(s[i:]); n >= 0 {
			return i, i + n
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		i += max(n, 1)
	}
	return -1, 0
}

// matchEnd says whether the piece matches exactly the end of s.
func (p *likePiece) matchEnd(s string) bool {
	if p.any == nil {
		return strings.HasSuffix(s, p.text)
	}
	at := len(s)
	for range p.any {
		if at == 0 {
			return false
		}
		_, n := utf8.DecodeLastRuneInString(s[:at])
		at -= n
	}
	return p.matchAt(s[at:]) == len(s)-at
}

// match says whether all of s matches: the first and last pieces are held to the ends, those between are found from left to right.
func (l *likePattern) match(s string) bool {
	ps := l.pieces
	if len(ps) == 0 {
		return s == "" || !l.head
	}
	if l.head {
		n := ps[0].matchAt(s)
		if n < 0 {
			return false
		}
		s, ps = s[n:], ps[1:]
		if len(ps) == 0 {
			return !l.tail || s == ""
		}
	}
	last := len(ps)
	if l.tail {
		last--
	}
	for i := range ps[:last] {
		from, to := ps[i].find(s)
		if from < 0 {
			return false
		}
		s = s[to:]
	}
	return !l.tail || ps[last].matchEnd(s)
}

func likeKernel(fold, not bool) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		s, p := stringsOf(args[0]), stringsOf(args[1])
		valid := andValid(n, args...)
		out := newBits(n)
		var pat *likePattern
		last, have := "", false
		for i := range n {
			if valid != nil && !bitSet(valid, i) {
				continue
			}
			if t := p.at(i); !have || !args[1].Const && t != last {
				last, have = t, true
				if fold {
					t = strings.ToLower(t)
				}
				pat = parseLike(t)
			}
			x := s.at(i)
			if fold {
				x = strings.ToLower(x)
			}
			if pat.open != nil && x != "" && pat.open.match(x) {
				return Vec{}, sqlerr.New(sqlerr.InvalidEscapeSequence, "LIKE pattern must not end with escape character")
			}
			if pat.match(x) != not {
				setBit(out, i)
			}
		}
		return Vec{Arr: newBool(n, out, valid)}, nil
	}
}
