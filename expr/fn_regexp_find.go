package expr

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// regexpFindFuncs are regexp_replace, regexp_like, regexp_count, regexp_substr and regexp_instr. The last arguments may be left out;
// positions are counted in characters from 1. A search that begins later takes the rest of the text for the whole.
func regexpFindFuncs() []*Func {
	T, I := types.Text, types.Int4
	fn := func(name string, as []types.Type, defaults int, ret types.Type, doc string, k Kernel) *Func {
		return &Func{Name: name, Args: as, Defaults: defaults, Ret: ret, Vol: Immutable, Doc: doc, Kernel: k}
	}
	return []*Func{
		f3("regexp_replace", T, T, T, T, func(_ *Ctx, s, p, r string) (string, error) { return regexpReplace(s, p, r, 1, -1, "") }, "first match replaced"),
		f4("regexp_replace", T, T, T, T, T, func(_ *Ctx, s, p, r, flags string) (string, error) {
			if flags != "" && flags[0] >= '0' && flags[0] <= '9' {
				return "", sqlerr.New(sqlerr.InvalidParameterValue, `invalid regular expression option: "%c"`, flags[0]).
					WithHint("If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.")
			}
			return regexpReplace(s, p, r, 1, -1, flags)
		},
			"matches replaced, with flags"),
		fn("regexp_replace", args(T, T, T, I, I, T), 2, T, "match replaced from a position, the so-manieth or (0) all, with flags",
			regexpKernel(T, 3, 5, func(s, p, flags string, a findArgs) (string, error) {
				if err := cmp.Or(positive("start", a.num(0, 1), 1), positive("n", a.num(1, 0), 0)); err != nil {
					return "", err
				}
				return regexpReplace(s, p, a.text, a.num(0, 1), a.num(1, -1), flags)
			})),
		f2("regexp_like", T, T, types.Bool, func(_ *Ctx, s, p string) (bool, error) { return regexpLike(s, p, "") }, "whether there is a match"),
		f3("regexp_like", T, T, T, types.Bool, func(_ *Ctx, s, p, f string) (bool, error) { return regexpLike(s, p, f) }, "whether there is a match, with flags"),
		fn("regexp_count", args(T, T, I, T), 2, I, "number of matches", regexpKernel(I, 2, 3, func(s, p, flags string, a findArgs) (int32, error) {
			all, _, err := findFrom("regexp_count", s, p, flags, a.num(0, 1))
			return int32(len(all)), err
		})),
		fn("regexp_substr", args(T, T, I, I, T, I), 4, T, "the so-manieth match, or a capture of it",
			regexpKernel(T, 2, 4, func(s, p, flags string, a findArgs) (string, error) {
				from, to, err := findNth("regexp_substr", s, p, flags, a.num(0, 1), a.num(1, 1), a.num(2, 0))
				if err == nil && from < 0 {
					err = errNull
				}
				if err != nil {
					return "", err
				}
				return s[from:to], nil
			})),
		fn("regexp_instr", args(T, T, I, I, I, T, I), 5, I, "where the so-manieth match begins, or (end option 1) what follows it",
			regexpKernel(I, 2, 5, func(s, p, flags string, a findArgs) (int32, error) {
				end := a.num(2, 0)
				if err := cmp.Or(positive("start", a.num(0, 1), 1), positive("n", a.num(1, 1), 1)); err != nil {
					return 0, err
				}
				if end != 0 && end != 1 {
					return 0, sqlerr.New(sqlerr.InvalidParameterValue, `invalid value for parameter "%s": %d`, "endoption", end)
				}
				from, to, err := findNth("regexp_instr", s, p, flags, a.num(0, 1), a.num(1, 1), a.num(3, 0))
				if err != nil || from < 0 {
					return 0, err
				}
				if end == 1 {
					from = to
				}
				return int32(utf8.RuneCountInString(s[:from]) + 1), nil
			})),
	}
}

// findArgs are the arguments behind the pattern: a text (of regexp_replace), and the numbers in their order.
type findArgs struct {
	text string
	nums [4]int32
	n    int
}

func (a findArgs) num(k int, missing int32) int32 {
	if k < a.n {
		return a.nums[k]
	}
	return missing
}

// regexpKernel calls f for each row: numbers begin at argument first, the flags are argument flagsAt.
func regexpKernel[R any](ret types.Type, first, flagsAt int, f func(s, p, flags string, a findArgs) (R, error)) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		s, p := stringsOf(vs[0]), stringsOf(vs[1])
		return write(ret, n, andValid(n, vs...), func(i int) (R, error) {
			var a findArgs
			flags := ""
			for k := 2; k < len(vs); k++ {
				switch {
				case k == flagsAt:
					c := stringsOf(vs[k])
					flags = c.at(i)
				case k < first:
					c := stringsOf(vs[k])
					a.text = c.at(i)
				default:
					a.nums[a.n] = read[int32](vs[k])(i)
					a.n++
				}
			}
			return f(s.at(i), p.at(i), flags, a)
		})
	}
}

// positive refuses numbers of a search that count from 1.
func positive(name string, n, least int32) error {
	if n < least {
		return sqlerr.New(sqlerr.InvalidParameterValue, `invalid value for parameter "%s": %d`, name, n)
	}
	return nil
}

// compileOne compiles a pattern for a function, of which only regexp_replace takes the flag g. Errors: 22023, 2201B.
func compileOne(fn, p, flags string) (*regex, error) {
	if _, global, err := regexFlags(flags); err == nil && global && fn != "regexp_replace" {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, `%s() does not support the "global" option`, fn)
	}
	return compileRegex(p, flags)
}

// findFrom gives all matches from a position on, and the offset that their places count from. Errors: 22023, 2201B.
func findFrom(fn, s, p, flags string, start int32) ([][]int, int, error) {
	if err := positive("start", start, 1); err != nil {
		return nil, 0, err
	}
	re, err := compileOne(fn, p, flags)
	if err != nil {
		return nil, 0, err
	}
	if int(start) > utf8.RuneCountInString(s)+1 {
		return nil, 0, nil
	}
	at := runeOffset(s, int(start)-1)
	all, err := re.findAll(s[at:])
	return all, at, err
}

// findNth gives the place of the n-th match or of one of its captures; -1 where there is none.
func findNth(fn, s, p, flags string, start, n, capture int32) (from, to int, err error) {
	if err := cmp.Or(positive("start", start, 1), positive("n", n, 1), positive("subexpr", capture, 0)); err != nil {
		return 0, 0, err
	}
	all, at, err := findFrom(fn, s, p, flags, start)
	if err != nil || int(n) > len(all) {
		return -1, -1, err
	}
	m := all[n-1]
	if int(2*capture) >= len(m) || m[2*capture] < 0 {
		return -1, -1, nil
	}
	return at + m[2*capture], at + m[2*capture+1], nil
}

// regexpReplace replaces the n-th match from a position on, all where n is 0, and where n is -1 the first or with flag g all; \1 to \9 and
// \& stand for captures.
func regexpReplace(s, p, r string, start, n int32, flags string) (string, error) {
	if n == -1 && !strings.Contains(flags, "g") {
		n = 1
	}
	if n == 1 && start == 1 {
		return replaceFirst(s, p, r, flags)
	}
	all, from, err := findFrom("regexp_replace", s, p, flags, start)
	if err != nil {
		return "", err
	}
	if n > 0 {
		all = all[min(len(all), int(n-1)):min(len(all), int(n))]
	}
	var b strings.Builder
	at := 0
	for _, m := range all {
		for k := range m {
			if m[k] >= 0 {
				m[k] += from
			}
		}
		b.WriteString(s[at:m[0]])
		expandReplacement(&b, r, s, m)
		at = m[1]
	}
	b.WriteString(s[at:])
	return b.String(), nil
}

func replaceFirst(s, p, r, flags string) (string, error) {
	re, err := compileRegex(p, flags)
	if err != nil {
		return "", err
	}
	m, err := re.submatches(s)
	if m == nil {
		return s, err
	}
	var b strings.Builder
	b.WriteString(s[:m[0]])
	expandReplacement(&b, r, s, m)
	b.WriteString(s[m[1]:])
	return b.String(), nil
}

func expandReplacement(b *strings.Builder, r, s string, m []int) {
	for i := 0; i < len(r); i++ {
		if r[i] != '\\' || i+1 == len(r) {
			b.WriteByte(r[i])
			continue
		}
		i++
		g := -1
		switch c := r[i]; {
		case c == '&':
			g = 0
		case c >= '1' && c <= '9':
			g = int(c - '0')
		case c == '\\':
			b.WriteByte('\\')
			continue
		default:
			b.WriteString(r[i-1 : i+1])
			continue
		}
		if 2*g < len(m) && m[2*g] >= 0 {
			b.WriteString(s[m[2*g]:m[2*g+1]])
		}
	}
}

func regexpLike(s, p, flags string) (bool, error) {
	re, err := compileOne("regexp_like", p, flags)
	if err != nil {
		return false, err
	}
	return re.matches(s)
}
