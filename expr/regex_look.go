package expr

import "strings"

// backReference writes the rune that stands for a back reference.
func backReference(b *strings.Builder, p string, m *regexMode) (int, error) {
	n := int(p[1] - '0')
	if n > m.groups || m.looking {
		return 0, badRegex("invalid backreference number")
	}
	m.addExtra(b, regexExtra{group: n})
	return 2, nil
}

// addExtra writes what stands for x: a rune and a second one, in brackets, so that it is no single rune, which would become part of a class in an alternation.
func (m *regexMode) addExtra(b *strings.Builder, x regexExtra) {
	b.WriteString("(?:")
	b.WriteRune(firstExtra + rune(len(m.extras)))
	b.WriteRune(extraEnd)
	b.WriteByte(')')
	m.extras = append(m.extras, x)
}

// lookAround compiles what stands in (?=re), (?!re), (?<=re) or (?<!re), and writes the rune that stands for it.
func lookAround(b *strings.Builder, p string, m *regexMode) (int, error) {
	n := 3
	x := regexExtra{behind: p[2] == '<'}
	if x.behind {
		n = 4
	}
	if len(p) < n || p[n-1] != '=' && p[n-1] != '!' {
		return 0, badRegex("quantifier operand invalid")
	}
	x.not = p[n-1] == '!'
	end := closingBracket(p)
	if end < 0 {
		return 0, badRegex("missing closing )")
	}
	inner := *m
	inner.looking, inner.extras = true, nil
	src, err := translateItems(p[n:end], &inner)
	if err != nil {
		return 0, err
	}
	if x.look, err = newBackRegex(inner.prefix()+src, inner.extras, false, m.fold); err != nil {
		return 0, err
	}
	m.addExtra(b, x)
	return end + 1, nil
}

// closingBracket is where the round bracket closes that p begins with; -1: nowhere.
func closingBracket(p string) int {
	depth := 0
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '[':
			i += classEnd(p[i:])
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// classEnd is where the bracket expression ends that p begins with.
func classEnd(p string) int {
	i := 1
	if i < len(p) && p[i] == '^' {
		i++
	}
	for first := true; i < len(p); i, first = i+1, false {
		switch {
		case p[i] == ']' && !first:
			return i
		case p[i] == '\\':
			i++
		case p[i] == '[' && i+1 < len(p) && strings.IndexByte(":.=", p[i+1]) >= 0:
			if end := strings.Index(p[i+2:], p[i+1:i+2]+"]"); end >= 0 {
				i += end + 3
			}
		}
	}
	return i
}
