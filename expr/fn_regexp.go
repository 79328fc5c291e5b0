package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// regexpFuncs are the operators ~ ~* !~ !~*, and the regexp_ functions that give one row.
func regexpFuncs() []*Func {
	T := types.Text
	textArray, _ := T.Array()
	match := func(name string, t types.Type, flags string, not bool) *Func {
		return &Func{Name: name, Args: args(t, T), Ret: types.Bool, Kernel: regexKernel(flags, not), Vol: Immutable, Doc: "matches a regular expression"}
	}
	var fs []*Func
	for _, t := range []types.Type{T, types.BPChar, types.Name} {
		fs = append(fs, match("~", t, "", false), match("!~", t, "", true), match("~*", t, "i", false), match("!~*", t, "i", true))
	}
	strArr := func(name string, n int, k Kernel, doc string) *Func {
		return &Func{Name: name, Args: args(T, T, T)[:n], Ret: textArray, Kernel: k, Vol: Immutable, Doc: doc}
	}
	return append(fs,
		strArr("regexp_match", 2, regexpMatch, "captures of the first match"),
		strArr("regexp_match", 3, regexpMatch, "captures of the first match, with flags"),
		strArr("regexp_split_to_array", 2, regexpSplit, "text between the matches"),
		strArr("regexp_split_to_array", 3, regexpSplit, "text between the matches, with flags"),
		f2("substring", T, T, T, substringRegex, "first match, or its first capture"),
		f3("substring", T, T, T, T, func(ctx *Ctx, s, p, esc string) (string, error) {
			re, err := similarEscape(ctx, p, esc)
			if err != nil {
				return "", err
			}
			return substringRegex(ctx, s, re)
		}, "match of a SIMILAR TO pattern, or what it has between two escaped double quotes"),
		f2("similar_to_escape", T, T, T, similarEscape, "SIMILAR TO pattern as a regular expression"),
		f1("similar_to_escape", T, T, func(ctx *Ctx, p string) (string, error) { return similarEscape(ctx, p, `\`) },
			"SIMILAR TO pattern as a regular expression"))
}

func regexKernel(flags string, not bool) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		s, p := stringsOf(args[0]), stringsOf(args[1])
		valid := andValid(n, args...)
		out := newBits(n)
		var re *regex
		for i := range n {
			if valid != nil && !bitSet(valid, i) {
				continue
			}
			if re == nil || !args[1].Const {
				var err error
				if re, err = compileRegex(p.at(i), flags); err != nil {
					return Vec{}, err
				}
			}
			found, err := re.matches(s.at(i))
			if err != nil {
				return Vec{}, err
			}
			if found != not {
				setBit(out, i)
			}
		}
		return Vec{Arr: newBool(n, out, valid)}, nil
	}
}

// regexArgs gives the compiled expression for row i of (text, pattern [, flags]), compiled once where it is constant.
func regexArgs(args []Vec) func(i int) (*regex, error) {
	p := stringsOf(args[1])
	var flags strCol
	hasFlags := len(args) > 2
	isConst := args[1].Const
	if hasFlags {
		flags = stringsOf(args[2])
		isConst = isConst && args[2].Const
	}
	var re *regex
	return func(i int) (*regex, error) {
		if re != nil && isConst {
			return re, nil
		}
		f := ""
		if hasFlags {
			f = flags.at(i)
		}
		var err error
		re, err = compileRegex(p.at(i), f)
		return re, err
	}
}

// splitArgs is regexArgs of a function that splits, which finds all matches anyway and takes no flag g.
func splitArgs(name string, args []Vec) func(i int) (*regex, error) {
	re := regexArgs(args)
	if len(args) < 3 {
		return re
	}
	flags := stringsOf(args[2])
	return func(i int) (*regex, error) {
		if strings.Contains(flags.at(i), "g") {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, `%s() does not support the "global" option`, name)
		}
		return re(i)
	}
}

// textLists collects a column of text arrays.
type textLists struct {
	offs  []int32 // of the rows in the elements
	elems []int32 // of the elements in data
	data  []byte
	nulls []int32 // elements that are NULL
	valid []byte
}

func newTextLists(n int, valid []byte) *textLists {
	return &textLists{offs: make([]int32, 1, n+1), elems: []int32{0}, valid: valid}
}

func (t *textLists) add(s string) {
	t.data = append(t.data, s...)
	t.elems = append(t.elems, int32(len(t.data)))
}

func (t *textLists) addNull() {
	t.nulls = append(t.nulls, int32(len(t.elems)-1))
	t.add("")
}

func (t *textLists) endRow() { t.offs = append(t.offs, int32(len(t.elems)-1)) }

func (t *textLists) setNull(i, n int) {
	if t.valid == nil {
		t.valid = allBits(n)
	}
	clearBit(t.valid, i)
}

func (t *textLists) elements() arrow.Array {
	var valid []byte
	if len(t.nulls) > 0 {
		valid = allBits(len(t.elems) - 1)
		for _, i := range t.nulls {
			clearBit(valid, int(i))
		}
	}
	return newBinary(types.Text.Arrow(), t.elems, t.data, valid)
}

func (t *textLists) finish() Vec {
	a, _ := types.Text.Array()
	return Vec{Arr: newList(a.Arrow(), t.offs, t.elements(), t.valid)}
}

// addMatch adds the captures of one match; the whole match where the expression has none.
func (t *textLists) addMatch(s string, m []int) {
	if len(m) == 2 {
		t.add(s[m[0]:m[1]])
		return
	}
	for k := 2; k < len(m); k += 2 {
		if m[k] < 0 {
			t.addNull()
		} else {
			t.add(s[m[k]:m[k+1]])
		}
	}
}

func regexpMatch(_ *Ctx, n int, args []Vec) (Vec, error) {
	s, re := stringsOf(args[0]), regexArgs(args)
	out := newTextLists(n, andValid(n, args...))
	for i := range n {
		if out.valid == nil || bitSet(out.valid, i) {
			r, err := re(i)
			if err != nil {
				return Vec{}, err
			}
			if r.global {
				return Vec{}, sqlerr.New(sqlerr.InvalidParameterValue, `regexp_match() does not support the "global" option`).
					WithHint("Use the regexp_matches function instead.")
			}
			m, err := r.submatches(s.at(i))
			if err != nil {
				return Vec{}, err
			}
			if m != nil {
				out.addMatch(s.at(i), m)
			} else {
				out.setNull(i, n)
			}
		}
		out.endRow()
	}
	return out.finish(), nil
}

func regexpSplit(_ *Ctx, n int, args []Vec) (Vec, error) {
	s, re := stringsOf(args[0]), splitArgs("regexp_split_to_array", args)
	out := newTextLists(n, andValid(n, args...))
	for i := range n {
		if out.valid == nil || bitSet(out.valid, i) {
			r, err := re(i)
			if err != nil {
				return Vec{}, err
			}
			parts, err := splitRegex(r, s.at(i))
			if err != nil {
				return Vec{}, err
			}
			for _, part := range parts {
				out.add(part)
			}
		}
		out.endRow()
	}
	return out.finish(), nil
}

// splitRegex parts s at the matches; an empty match at the ends does not part.
func splitRegex(r *regex, s string) ([]string, error) {
	var out []string
	from := 0
	all, err := r.findAll(s)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m[0] == m[1] && (m[0] == len(s) || m[0] == from) {
			continue
		}
		out = append(out, s[from:m[0]])
		from = m[1]
	}
	return append(out, s[from:]), nil
}

func substringRegex(_ *Ctx, s, p string) (string, error) {
	re, err := compileRegex(p, "")
	if err != nil {
		return "", err
	}
	m, err := re.submatches(s)
	switch {
	case err != nil:
		return "", err
	case m == nil:
		return "", errNull
	case len(m) == 2:
		return s[m[0]:m[1]], nil
	case m[2] < 0:
		return "", errNull
	}
	return s[m[2]:m[3]], nil
}

// similarEscape turns a SIMILAR TO pattern into a regular expression. Of three parts between escaped double quotes the first takes as little as it can
// and the second is a capture.
func similarEscape(_ *Ctx, p, esc string) (string, error) {
	if utf8.RuneCountInString(esc) > 1 {
		return "", sqlerr.New(sqlerr.InvalidEscapeSequence, "invalid escape string").WithHint("Escape string must be empty or one character.")
	}
	lazy := ""
	if esc != "" && strings.Contains(p, esc+`"`) {
		lazy = "?"
	}
	var b strings.Builder
	b.WriteString("^(?:")
	class, quotes := false, 0
	for i := 0; i < len(p); {
		_, n := utf8.DecodeRuneInString(p[i:])
		c := p[i : i+n]
		i += n
		switch {
		case c == esc && i == len(p): // nothing to escape
		case c == esc && p[i] == '"' && !class:
			if i++; quotes == 2 {
				return "", sqlerr.New(sqlerr.InvalidUseOfEscapeCharacter, "SQL regular expression may not contain more than two escape-double-quote separators")
			}
			b.WriteString([]string{")(", ")(?:"}[quotes])
			quotes++
			lazy = ""
		case c == esc:
			_, n = utf8.DecodeRuneInString(p[i:])
			b.WriteString(`\` + p[i:i+n])
			i += n
		case class:
			class = c != "]"
			if c == `\` {
				b.WriteString(c)
			}
			b.WriteString(c)
		case c == "[":
			class = true
			b.WriteString(c)
		case c == "%":
			b.WriteString(".*" + lazy)
		case c == "*" || c == "+" || c == "?" || c == "}":
			b.WriteString(c + lazy)
		case c == "_":
			b.WriteString(".")
		case c == "(":
			b.WriteString("(?:")
		case strings.Contains(`\.^$`, c):
			b.WriteString(`\` + c)
		default:
			b.WriteString(c)
		}
	}
	return b.String() + ")$", nil
}
