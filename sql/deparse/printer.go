package deparse

import "strings"

// How far clauses, joins and select lists are moved to the right.
const (
	indentStd   = 8
	indentJoin  = 4
	indentVar   = 4
	indentLimit = 40
)

// printer writes nodes as text.
type printer struct {
	b      []byte
	pretty bool // few brackets
	wrap   int  // lines of lists end here; negative: lists are one line
	indent int
	lines  bool // clauses begin lines
	prefix bool // columns are written with their item
	used   map[string]bool
	// grouped: inside a clause that refers to the select list by expression.
	names *namer
}

func (p *printer) put(s string) { p.b = append(p.b, s...) }

func (p *printer) trim() {
	for len(p.b) > 0 && p.b[len(p.b)-1] == ' ' {
		p.b = p.b[:len(p.b)-1]
	}
}

// keyword begins a line with a word: before and after change the indentation, plus moves only this line.
func (p *printer) keyword(s string, before, after, plus int) {
	if !p.lines {
		p.put(s)
		return
	}
	p.indent += before
	p.trim()
	p.put("\n")
	n := 0
	if p.indent < indentLimit {
		n = max(p.indent, 0) + plus
	} else {
		n = (indentLimit+(p.indent-indentLimit)/(indentStd/2))%indentLimit + plus
	}
	p.put(strings.Repeat(" ", n))
	p.put(s)
	p.indent = max(p.indent+after, 0)
}

// aside gives what f writes, which is not written yet.
func (p *printer) aside(f func()) string {
	old := p.b
	p.b = nil
	f()
	out := string(p.b)
	p.b = old
	return out
}

// lineLength is how much stands in the last line.
func (p *printer) lineLength() int {
	return len(p.b) - strings.LastIndexByte(string(p.b), '\n') - 1
}

// list writes f(0), f(1) ... with commas.
func (p *printer) list(n int, f func(i int)) {
	for i := range n {
		if i > 0 {
			p.put(", ")
		}
		f(i)
	}
}

// item writes one item of a select list or FROM: on a line of its own where it would be too long.
func (p *printer) wrapped(text string, first, multi bool) {
	if p.lines && p.wrap >= 0 {
		if strings.HasPrefix(text, "\n") {
			p.trim()
		} else if !first && (p.lineLength()+len(text) > p.wrap || multi) {
			p.keyword("", -indentStd, indentStd, indentVar)
		}
	}
	p.put(text)
}
