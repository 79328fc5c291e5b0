package expr

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// regex is a compiled POSIX regular expression and its flags.
type regex struct {
	*regexp.Regexp
	global bool // flag g
	pre    prefilter
	back   *backRegex            // what runs instead, where there are back references or look-around
	after  func() *regexp.Regexp // one character and then a match, from the beginning of the text; nil where no match is empty
}

// regexCache keeps compiled expressions by flags and pattern; it is emptied when it grows large.
var regexCache = struct {
	sync.Mutex
	m map[string]*regex
}{m: map[string]*regex{}}

var lazyQuantifier = regexp.MustCompile(`[*+?}]\?`)

// compileRegex translates PostgreSQL's advanced regular expressions to Go's and compiles them. Errors: 2201B, 22023 (flags), 0A000.
func compileRegex(pattern, flags string) (*regex, error) {
	key := flags + "\x00" + pattern
	regexCache.Lock()
	r := regexCache.m[key]
	regexCache.Unlock()
	if r != nil {
		return r, nil
	}
	mode, global, err := regexFlags(flags)
	if err != nil {
		return nil, err
	}
	src, err := translateRegex(pattern, &mode)
	if err != nil {
		return nil, err
	}
	if len(mode.extras) > 0 {
		if len(mode.extras) > extraEnd-firstExtra || strings.ContainsFunc(pattern, func(c rune) bool { return c >= firstExtra }) {
			return nil, badRegex("regular expression is too complex")
		}
		back, err := newBackRegex(mode.prefix()+src, mode.extras, !lazyQuantifier.MatchString(src), mode.fold)
		if err != nil {
			return nil, err
		}
		return keepRegex(key, &regex{back: back, global: global}), nil
	}
	re, err := regexp.Compile(mode.prefix() + src)
	if err != nil {
		return nil, badRegex(err.Error())
	}
	longest := !lazyQuantifier.MatchString(src) // then the longest match is POSIX's
	if longest {
		re.Longest()
	}
	r = &regex{Regexp: re, global: global, pre: newPrefilter(mode.prefix() + src)}
	if tree, err := syntax.Parse(mode.prefix()+src, syntax.Perl); err != nil || mayBeEmpty(tree) {
		r.after = sync.OnceValue(func() *regexp.Regexp {
			re := regexp.MustCompile(mode.prefix() + `\A(?s:.)(?:` + src + `)`)
			if longest {
				re.Longest()
			}
			return re
		})
	}
	return keepRegex(key, r), nil
}

func keepRegex(key string, r *regex) *regex {
	regexCache.Lock()
	defer regexCache.Unlock()
	if len(regexCache.m) > 1000 {
		clear(regexCache.m)
	}
	regexCache.m[strings.Clone(key)] = r
	return r
}

// mayBeEmpty says whether an expression can match no characters.
func mayBeEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune) == 0
	case syntax.OpNoMatch, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return mayBeEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || mayBeEmpty(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !mayBeEmpty(sub) {
				return false
			}
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if mayBeEmpty(sub) {
				return true
			}
		}
		return false
	}
	return true
}

// findAll gives the places of all matches and their captures as PostgreSQL counts them: unlike with Go, an empty match may follow
// another match at once.
func (r *regex) findAll(s string) ([][]int, error) {
	if r.back != nil {
		return r.back.findAll(s)
	}
	all := r.FindAllStringSubmatchIndex(s, -1)
	if r.after == nil {
		return all, nil
	}
	var out [][]int
	for i, m := range all {
		out = append(out, m)
		end := m[1]
		if m[0] == end || i+1 < len(all) && all[i+1][0] == end {
			continue
		}
		_, width := utf8.DecodeLastRuneInString(s[:end])
		from := end - width
		if e := r.after().FindStringSubmatchIndex(s[from:]); e != nil && e[1] == width {
			for k := range e {
				if e[k] >= 0 {
					e[k] += from
				}
			}
			e[0] = end
			out = append(out, e)
		}
	}
	return out, nil
}

func badRegex(why string) error {
	why = strings.TrimPrefix(why, "error parsing regexp: ")
	switch {
	case strings.Contains(why, "missing closing )"), strings.Contains(why, "unexpected )"):
		why = "parentheses () not balanced"
	case strings.Contains(why, "missing closing ]"):
		why = "brackets [] not balanced"
	case strings.Contains(why, "missing argument to repetition"), strings.Contains(why, "invalid nested repetition"):
		why = "quantifier operand invalid"
	case strings.Contains(why, "invalid character class range"):
		why = "invalid character range"
	}
	return sqlerr.New(sqlerr.InvalidRegularExpression, "invalid regular expression: %s", why)
}

// regexMode is what the flags say.
type regexMode struct {
	fold      bool // i
	lineDot   bool // n, p: . and [^ do not match a newline
	lineEnds  bool // n, w: ^ and $ match at lines
	expanded  bool // x
	literal   bool // q
	basicForm bool // b

	// what the translation finds
	groups  int // captures so far
	extras  []regexExtra
	looking bool // within look-around, where nothing is captured
}

func (m regexMode) prefix() string {
	p := ""
	if m.fold {
		p += "i"
	}
	if m.lineEnds {
		p += "m"
	}
	if !m.lineDot {
		p += "s"
	}
	if p == "" {
		return ""
	}
	return "(?" + p + ")"
}

func regexFlags(flags string) (m regexMode, global bool, err error) {
	for _, c := range flags {
		switch c {
		case 'g':
			global = true
		case 'c':
			m.fold = false
		case 'i':
			m.fold = true
		case 'm', 'n':
			m.lineDot, m.lineEnds = true, true
		case 'p':
			m.lineDot, m.lineEnds = true, false
		case 'w':
			m.lineDot, m.lineEnds = false, true
		case 's':
			m.lineDot, m.lineEnds = false, false
		case 'x':
			m.expanded = true
		case 'q':
			m.literal = true
		case 't', 'e':
		case 'b':
			m.basicForm = true
		default:
			return m, false, sqlerr.New(sqlerr.InvalidParameterValue, `invalid regular expression option: "%c"`, c)
		}
	}
	return m, global, nil
}

// translateRegex writes a pattern in Go's syntax.
func translateRegex(p string, m *regexMode) (string, error) {
	if rest, ok := strings.CutPrefix(p, "***="); ok {
		return regexp.QuoteMeta(rest), nil
	}
	p = strings.TrimPrefix(p, "***:")
	if m.literal {
		return regexp.QuoteMeta(p), nil
	}
	if m.basicForm {
		return "", sqlerr.New(sqlerr.FeatureNotSupported, "basic regular expressions are not supported")
	}
	if strings.HasPrefix(p, "(?") && len(p) > 2 && p[2] >= 'a' && p[2] <= 'z' {
		if end := strings.IndexByte(p, ')'); end > 0 {
			inner, _, err := regexFlags(p[2:end])
			if err != nil {
				return "", badRegex("invalid embedded option")
			}
			*m = inner
			p = p[end+1:]
		}
	}
	return translateItems(p, m)
}

func translateItems(p string, m *regexMode) (string, error) {
	var b strings.Builder
	for i := 0; i < len(p); {
		n, err := translateAtom(&b, p[i:], m)
		if err != nil {
			return "", err
		}
		i += n
	}
	return b.String(), nil
}

// translateAtom writes the next item of the pattern and says how many bytes it took.
func translateAtom(b *strings.Builder, p string, m *regexMode) (int, error) {
	switch c := p[0]; {
	case c == '\\':
		if len(p) > 1 && p[1] >= '1' && p[1] <= '9' {
			return backReference(b, p, m)
		}
		return translateEscape(b, p)
	case c == '[':
		if strings.HasPrefix(p, "[[:<:]]") || strings.HasPrefix(p, "[[:>:]]") {
			b.WriteString(`\b`)
			return 7, nil
		}
		return translateBracket(b, p, m)
	case strings.HasPrefix(p, "(?=") || strings.HasPrefix(p, "(?!") || strings.HasPrefix(p, "(?<"):
		return lookAround(b, p, m)
	case c == '(' && m.looking && !strings.HasPrefix(p, "(?"):
		b.WriteString("(?:")
		return 1, nil
	case c == '(' && !strings.HasPrefix(p, "(?"):
		m.groups++
	case strings.HasPrefix(p, "(?#"):
		end := strings.IndexByte(p, ')')
		if end < 0 {
			return 0, badRegex("missing closing )")
		}
		return end + 1, nil
	case m.expanded && strings.IndexByte(" \t\n\r\f\v", c) >= 0:
		return 1, nil
	case m.expanded && c == '#':
		end := strings.IndexByte(p, '\n')
		if end < 0 {
			end = len(p) - 1
		}
		return end + 1, nil
	case c == '$' && !m.lineEnds:
		b.WriteString(`\z`)
		return 1, nil
	case c == '{' && (len(p) < 2 || p[1] < '0' || p[1] > '9'):
		b.WriteString(`\{`)
		return 1, nil
	}
	_, n := utf8.DecodeRuneInString(p)
	b.WriteString(p[:n])
	return n, nil
}

// translateEscape writes one escape.
func translateEscape(b *strings.Builder, p string) (int, error) {
	if len(p) == 1 {
		return 0, badRegex(`invalid escape \ sequence`)
	}
	switch c := p[1]; c {
	case 'd', 'D', 's', 'S', 'w', 'W', 'f', 'n', 'r', 't', 'v', 'a', 'B':
		if c == 'B' {
			b.WriteString(`\\`)
		} else if c == 'w' || c == 'W' {
			b.WriteString(map[byte]string{'w': `[\pL\pN_]`, 'W': `[^\pL\pN_]`}[c])
		} else {
			b.WriteString(p[:2])
		}
	case 'm', 'M', 'y':
		b.WriteString(`\b`)
	case 'Y':
		b.WriteString(`\B`)
	case 'A':
		b.WriteString(`\A`)
	case 'Z':
		b.WriteString(`\z`)
	case 'b':
		b.WriteString(`\x08`)
	case 'e':
		b.WriteString(`\x1b`)
	case '0':
		b.WriteString(`\x00`)
	case 'x', 'u', 'U':
		return translateHex(b, p)
	default:
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return 0, badRegex(`invalid escape \ sequence`)
		}
		_, n := utf8.DecodeRuneInString(p[1:])
		b.WriteString(regexp.QuoteMeta(p[1 : 1+n]))
		return 1 + n, nil
	}
	return 2, nil
}

func translateHex(b *strings.Builder, p string) (int, error) {
	want := map[byte]int{'x': 8, 'u': 4, 'U': 8}[p[1]]
	n := 2
	for n < len(p) && n-2 < want && strings.IndexByte("0123456789abcdefABCDEF", p[n]) >= 0 {
		n++
	}
	if n == 2 || p[1] != 'x' && n-2 < want {
		return 0, badRegex(`invalid escape \ sequence`)
	}
	b.WriteString(`\x{` + p[2:n] + `}`)
	return n, nil
}

// translateBracket writes a bracket expression; in it a backslash escapes, ] comes first or ends it.
func translateBracket(b *strings.Builder, p string, m *regexMode) (int, error) {
	i := 1
	b.WriteByte('[')
	if i < len(p) && p[i] == '^' {
		b.WriteByte('^')
		if m.lineDot {
			b.WriteString(`\n`)
		}
		i++
	}
	for first := true; i < len(p); first = false {
		switch {
		case p[i] == ']' && !first:
			b.WriteByte(']')
			return i + 1, nil
		case strings.HasPrefix(p[i:], "[:"):
			end := strings.Index(p[i:], ":]")
			if end < 0 {
				return 0, badRegex("missing closing ]")
			}
			b.WriteString(p[i : i+end+2])
			i += end + 2
		case strings.HasPrefix(p[i:], "[."), strings.HasPrefix(p[i:], "[="):
			end := strings.Index(p[i+2:], p[i+1:i+2]+"]")
			if end < 0 {
				return 0, badRegex("missing closing ]")
			}
			b.WriteString(regexp.QuoteMeta(p[i+2 : i+2+end]))
			i += end + 4
		case p[i] == '\\' && i+1 < len(p):
			if c := p[i+1]; c == 'w' {
				b.WriteString(`\pL\pN_`)
				i += 2
				continue
			}
			n, err := translateEscape(b, p[i:])
			if err != nil {
				return 0, err
			}
			i += n
		case p[i] == '[' || p[i] == ']' || p[i] == '\\':
			b.WriteString(`\` + p[i:i+1])
			i++
		default:
			b.WriteByte(p[i])
			i++
		}
	}
	return 0, badRegex("missing closing ]")
}
