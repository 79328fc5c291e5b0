package expr

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// prefilter is a text that every match of an expression has in it, at most before bytes behind where the match begins. Where the text is
// not found nothing matches, and otherwise a match cannot begin earlier than that before the text's first place.
type prefilter struct {
	text   string // "": there is none
	before int
}

// newPrefilter looks for the first such text of an expression in Go's syntax.
func newPrefilter(src string) prefilter {
	re, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return prefilter{}
	}
	return findPrefilter(re, 0)
}

// findPrefilter looks in re, before which at most before bytes are matched.
func findPrefilter(re *syntax.Regexp, before int) prefilter {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return prefilter{string(re.Rune), before}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return findPrefilter(re.Sub[0], before)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if p := findPrefilter(sub, before); len(p.text) > 1 {
				return p
			}
			n, ok := widest(sub)
			if !ok {
				break
			}
			before += n
		}
	}
	return prefilter{}
}

// widest is how many bytes re matches at most.
func widest(re *syntax.Regexp) (n int, ok bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune) * utf8.UTFMax, true
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return utf8.UTFMax, true
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return 0, true
	case syntax.OpCapture, syntax.OpQuest:
		return widest(re.Sub[0])
	case syntax.OpRepeat:
		n, ok = widest(re.Sub[0])
		return n * re.Max, ok && re.Max >= 0
	case syntax.OpConcat, syntax.OpAlternate:
		for _, sub := range re.Sub {
			k, ok := widest(sub)
			if !ok {
				return 0, false
			}
			if re.Op == syntax.OpConcat {
				n += k
			} else {
				n = max(n, k)
			}
		}
		return n, true
	}
	return 0, false
}

// begin is where in s the search for a match may begin, a character before the first place where one can; -1: there is none.
func (p prefilter) begin(s string) int {
	if p.text == "" {
		return 0
	}
	at := strings.Index(s, p.text)
	if at < 0 {
		return -1
	}
	at = max(at-p.before-1, 0)
	for at > 0 && !utf8.RuneStart(s[at]) {
		at--
	}
	return at
}

// matches says whether the expression matches in s.
func (r *regex) matches(s string) (bool, error) {
	if r.back != nil {
		m, err := r.back.find(s, 0)
		return m != nil, err
	}
	from := r.pre.begin(s)
	return from >= 0 && r.MatchString(s[from:]), nil
}

// submatches is FindStringSubmatchIndex.
func (r *regex) submatches(s string) ([]int, error) {
	if r.back != nil {
		return r.back.find(s, 0)
	}
	from := r.pre.begin(s)
	if from < 0 {
		return nil, nil
	}
	m := r.FindStringSubmatchIndex(s[from:])
	for k, at := range m {
		if at >= 0 {
			m[k] = at + from
		}
	}
	return m, nil
}
