package parser

import "sort"

// Spans tells where the names of a text stand.
type Spans struct{ toks []token }

// NewSpans reads the tokens of a text. Errors: those of the scanner.
func NewSpans(text string) (*Spans, error) {
	toks, err := lex(text)
	return &Spans{toks}, err
}

// Name gives the byte offsets, from and to, of the parts of the dotted name that begins at offset at; nil where there is none.
func (s *Spans) Name(at int) [][2]int {
	k := sort.Search(len(s.toks), func(i int) bool { return s.toks[i].pos >= at })
	name := func(t token) bool { return t.kind == tIdent || t.kind == tQuoted }
	if k == len(s.toks) || s.toks[k].pos != at || !name(s.toks[k]) {
		return nil
	}
	out := [][2]int{{s.toks[k].pos, s.toks[k].end}}
	for ; s.toks[k+1].is(".") && name(s.toks[k+2]); k += 2 {
		out = append(out, [2]int{s.toks[k+2].pos, s.toks[k+2].end})
	}
	return out
}
