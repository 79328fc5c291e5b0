package expr

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// backRegex is an expression with back references or look-around, which Go's package does not have. It runs the program that Go compiles,
// in which a rune of its own stands for each of them, by trying one way after another. A state that failed is not tried again where the
// rest of the match does not depend on captures; with back references the number of steps is bounded instead.
type backRegex struct {
	prog    *syntax.Prog
	extras  []regexExtra
	longest bool
	refs    bool // there are back references
	fold    bool
}

// regexExtra is a back reference, or what must (not) match before or behind a place.
type regexExtra struct {
	group  int // of a back reference; 0: none
	look   *backRegex
	behind bool
	not    bool
}

const (
	firstExtra   = 0x10f000  // a private rune for each extra
	extraEnd     = 0x10ffff  // follows each of them
	maxBackSteps = 5_000_000 // with back references
	maxBackDepth = 300_000
)

// newBackRegex compiles an expression in Go's syntax with runes for extras. Errors: 2201B.
func newBackRegex(src string, extras []regexExtra, longest, fold bool) (*backRegex, error) {
	tree, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return nil, badRegex(err.Error())
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, badRegex(err.Error())
	}
	b := &backRegex{prog: prog, extras: extras, longest: longest, fold: fold}
	for _, x := range extras {
		b.refs = b.refs || x.group > 0
	}
	return b, nil
}

// backRun is one search.
type backRun struct {
	re     *backRegex
	s      string
	spent  *backSpent
	failed map[[2]int]bool
	onPath map[[2]int]bool // states of this way
	caps   []int
	best   []int
	end    int // where the match must end; -1: anywhere
}

// backSpent is what a search and the look-around in it took.
type backSpent struct {
	steps, depth int
	over         bool
}

// find gives the first match from a byte on, its captures as regexp gives them; nil: there is none. Errors: 54001.
func (b *backRegex) find(s string, from int) ([]int, error) {
	spent := &backSpent{}
	r := b.start(s, -1, spent)
	for at := from; at <= len(s); {
		if r.try(at); spent.over {
			return nil, sqlerr.New(sqlerr.StatementTooComplex, "regular expression is too complex for the text")
		}
		if r.best != nil {
			return r.best, nil
		}
		_, n := utf8.DecodeRuneInString(s[at:])
		at += max(n, 1)
	}
	return nil, nil
}

func (b *backRegex) start(s string, end int, spent *backSpent) *backRun {
	r := &backRun{re: b, s: s, spent: spent, onPath: map[[2]int]bool{}, caps: make([]int, max(b.prog.NumCap, 2)), end: end}
	if !b.refs {
		r.failed = map[[2]int]bool{}
	}
	return r
}

// try looks for a match that begins at a byte.
func (r *backRun) try(at int) {
	for i := range r.caps {
		r.caps[i] = -1
	}
	r.caps[0] = at
	r.run(r.re.prog.Start, at)
}

// run says whether the search is over.
func (r *backRun) run(pc, at int) bool {
	r.spent.depth++
	defer func() { r.spent.depth-- }()
	for {
		if r.spent.steps++; r.re.refs && r.spent.steps > maxBackSteps || r.spent.depth > maxBackDepth {
			r.spent.over = true
		}
		if r.spent.over {
			return true
		}
		in := &r.re.prog.Inst[pc]
		switch in.Op {
		case syntax.InstFail:
			return false
		case syntax.InstMatch:
			return r.matched(at)
		case syntax.InstAlt, syntax.InstAltMatch:
			return r.alternatives(in, pc, at)
		case syntax.InstCapture:
			old := r.caps[in.Arg]
			r.caps[in.Arg] = at
			if r.run(int(in.Out), at) {
				return true
			}
			r.caps[in.Arg] = old
			return false
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^emptyOps(r.s, at) != 0 {
				return false
			}
		case syntax.InstNop:
		default:
			n := r.take(in, at)
			if n < 0 {
				return false
			}
			at += n
		}
		pc = int(in.Out)
	}
}

// alternatives tries both ways; a loop that took no character is not gone through again.
func (r *backRun) alternatives(in *syntax.Inst, pc, at int) bool {
	key := [2]int{pc, at}
	if r.onPath[key] || r.failed[key] {
		return false
	}
	r.onPath[key] = true
	done := r.run(int(in.Out), at) || r.run(int(in.Arg), at)
	delete(r.onPath, key)
	if !done && r.failed != nil {
		r.failed[key] = true
	}
	return done
}

// matched keeps a match, the first one or the longest.
func (r *backRun) matched(at int) bool {
	if r.end >= 0 && at != r.end {
		return false
	}
	if r.best == nil || at > r.best[1] {
		r.caps[1] = at
		r.best = append([]int(nil), r.caps...)
	}
	return !r.re.longest || r.end >= 0 || at == len(r.s)
}

// take says how many bytes an instruction takes; -1: it does not match.
func (r *backRun) take(in *syntax.Inst, at int) int {
	if len(in.Rune) > 0 && in.Rune[0] >= firstExtra {
		k := int(in.Rune[0] - firstExtra)
		if in.Rune[0] == extraEnd {
			return 0
		}
		if k < len(r.re.extras) {
			return r.extra(&r.re.extras[k], at)
		}
	}
	if at == len(r.s) {
		return -1
	}
	c, n := utf8.DecodeRuneInString(r.s[at:])
	if !in.MatchRune(c) {
		return -1
	}
	return n
}

func (r *backRun) extra(x *regexExtra, at int) int {
	if x.look != nil {
		if x.look.looks(r.s, at, x.behind, r.spent) == x.not {
			return -1
		}
		return 0
	}
	from, to := r.caps[2*x.group], r.caps[2*x.group+1]
	if from < 0 || to < from || at+to-from > len(r.s) {
		return -1
	}
	was, is := r.s[from:to], r.s[at:at+to-from]
	if was == is || r.re.fold && strings.EqualFold(was, is) {
		return to - from
	}
	return -1
}

// looks says whether b matches from a byte on, or (behind) up to it.
func (b *backRegex) looks(s string, at int, behind bool, spent *backSpent) bool {
	if !behind {
		r := b.start(s, -1, spent)
		r.try(at)
		return r.best != nil
	}
	for from := at; from >= 0; from-- {
		if from < len(s) && !utf8.RuneStart(s[from]) {
			continue
		}
		r := b.start(s, at, spent)
		if r.try(from); r.best != nil {
			return true
		}
	}
	return false
}

// emptyOps are the conditions without width that hold at a byte.
func emptyOps(s string, at int) syntax.EmptyOp {
	before, after := rune(-1), rune(-1)
	if at > 0 {
		before, _ = utf8.DecodeLastRuneInString(s[:at])
	}
	if at < len(s) {
		after, _ = utf8.DecodeRuneInString(s[at:])
	}
	return syntax.EmptyOpContext(before, after)
}

// findAll gives all matches as PostgreSQL counts them: an empty one may follow another match at once.
func (b *backRegex) findAll(s string) ([][]int, error) {
	var out [][]int
	for at := 0; at <= len(s); {
		m, err := b.find(s, at)
		if m == nil {
			return out, err
		}
		out = append(out, m)
		if at = m[1]; m[0] == m[1] {
			_, n := utf8.DecodeRuneInString(s[at:])
			at += max(n, 1)
		}
	}
	return out, nil
}
