package parser

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// patternParser reads a row pattern by characters: PostgreSQL's tokens would join quantifiers with what follows them.
type patternParser struct {
	lexer
	p     *parser
	depth int
}

// pattern takes ( row pattern ).
func (p *parser) pattern() *ast.Pattern {
	open := p.i
	p.need("(")
	end := p.closing[open]
	if end == 0 {
		p.i = len(p.toks) - 1
		p.fail()
	}
	r := &patternParser{lexer: lexer{q: p.q[:p.toks[end].pos], i: p.toks[open].end}, p: p}
	x := r.alternation()
	if !r.end() {
		r.fail()
	}
	p.i = end + 1
	return x
}

func (r *patternParser) pos() ast.Pos { return ast.Pos(r.i - r.p.base) }

// end passes white space and says whether the pattern is over.
func (r *patternParser) end() bool {
	if _, err := r.skip(); err != nil {
		panic(bail{err})
	}
	return r.i >= len(r.q)
}

func (r *patternParser) opt(s string) bool {
	if r.end() || !r.at(s) {
		return false
	}
	r.i += len(s)
	return true
}

func (r *patternParser) need(s string) {
	if !r.opt(s) {
		r.fail()
	}
}

func (r *patternParser) fail() {
	n := min(r.i+1, len(r.p.q))
	panic(bail{sqlerr.New(sqlerr.SyntaxError, `syntax error at or near "%s"`, r.p.q[r.i:n]).At(r.i)})
}

func one(kind string, pos ast.Pos, items ...*ast.Pattern) *ast.Pattern {
	return &ast.Pattern{Pos: pos, Kind: kind, Items: items, Min: 1, Max: 1}
}

func (r *patternParser) alternation() *ast.Pattern {
	if r.depth++; r.depth > maxDepth {
		panic(bail{sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded").At(r.i)})
	}
	defer func() { r.depth-- }()
	pos := r.pos()
	items := []*ast.Pattern{r.sequence()}
	for r.opt("|") {
		items = append(items, r.sequence())
	}
	if len(items) == 1 {
		return items[0]
	}
	return one("alt", pos, items...)
}

func (r *patternParser) sequence() *ast.Pattern {
	r.end()
	pos := r.pos()
	var items []*ast.Pattern
	for !r.end() && !r.at("|") && !r.at(")") && !r.at("-}") && !r.at(",") {
		items = append(items, r.quantified())
	}
	switch len(items) {
	case 0:
		return one("empty", pos)
	case 1:
		return items[0]
	}
	return one("seq", pos, items...)
}

// quantified takes an element and what says how often.
func (r *patternParser) quantified() *ast.Pattern {
	x := r.element()
	switch {
	case r.opt("*"):
		x.Min, x.Max = 0, -1
	case r.opt("+"):
		x.Max = -1
	case r.opt("?"):
		x.Min = 0
	case !r.end() && r.at("{") && !r.at("{-"):
		r.i++
		r.bounds(x)
	default:
		return x
	}
	x.Reluctant = r.opt("?")
	return x
}

// bounds takes n}, n,}, ,m} or n,m}.
func (r *patternParser) bounds(x *ast.Pattern) {
	at := r.i
	lo, hasLo := r.number()
	x.Min, x.Max = lo, lo
	if r.opt(",") {
		hi, hasHi := r.number()
		if x.Max = hi; !hasHi {
			x.Max = -1
		}
		if !hasLo && !hasHi {
			r.fail()
		}
	} else if !hasLo {
		r.fail()
	}
	r.need("}")
	if x.Max >= 0 && x.Max < x.Min || x.Max == 0 {
		r.i = at
		r.p.refuse(r.pos(), sqlerr.SyntaxError, "a quantifier's upper bound must be positive and not less than its lower bound")
	}
}

func (r *patternParser) number() (int, bool) {
	if r.end() || !isDigit(r.peek(0)) {
		return 0, false
	}
	start := r.i
	for isDigit(r.peek(0)) {
		r.i++
	}
	n, err := strconv.Atoi(r.q[start:r.i])
	if err != nil || n > 1<<20 {
		r.i = start
		r.p.refuse(r.pos(), sqlerr.ProgramLimitExceeded, "a quantifier may not exceed %d", 1<<20)
	}
	return n, true
}

func (r *patternParser) element() *ast.Pattern {
	r.end()
	pos := r.pos()
	switch {
	case r.opt("("):
		x := r.alternation()
		r.need(")")
		return one("group", pos, x)
	case r.opt("{-"):
		x := r.alternation()
		r.need("-}")
		return one("exclude", pos, x)
	case r.opt("^"):
		return one("start", pos)
	case r.opt("$"):
		return one("end", pos)
	}
	quoted := r.peek(0) == '"'
	if !quoted && !isIdentStart(r.peek(0)) {
		r.fail()
	}
	start := r.i
	if err := r.next(false); err != nil {
		panic(bail{err})
	}
	name := r.toks[len(r.toks)-1].text
	if name == "permute" && !quoted && r.opt("(") {
		return r.permute(pos)
	}
	if r.toks[len(r.toks)-1].kind > tQuoted {
		r.i = start
		r.fail()
	}
	x := one("var", pos)
	x.Name = name
	return x
}

func (r *patternParser) permute(pos ast.Pos) *ast.Pattern {
	items := []*ast.Pattern{r.alternation()}
	for r.opt(",") {
		items = append(items, r.alternation())
	}
	r.need(")")
	return one("permute", pos, items...)
}
