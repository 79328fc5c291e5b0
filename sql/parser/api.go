package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// Parsed is one statement of a text.
type Parsed struct {
	Stmt    ast.Stmt
	Text    string // the statement's own text, without the ';' and the space around it
	Start   int    // byte offset of Text in the whole text
	NParams int    // the highest N of $N
}

// Parse takes statements separated by ';'; empty ones are dropped. Positions in each tree count from the beginning of the statement's
// Text; the positions of errors, which are *sqlerr.Error, count from the beginning of text.
func Parse(text string) ([]Parsed, error) {
	toks, err := lex(text)
	if err != nil {
		return nil, err
	}
	closing := matchBrackets(toks)
	var list []Parsed
	for i := 0; ; {
		for toks[i].is(";") {
			i++
		}
		if toks[i].kind == tEOF {
			return list, nil
		}
		p := &parser{q: text, toks: toks, closing: closing, i: i, base: toks[i].pos}
		st := Parsed{Start: p.base}
		err := p.run(func() {
			st.Stmt = p.statement()
			if !p.done() && !p.at(";") {
				p.fail()
			}
			p.fill()
		})
		if err != nil {
			return nil, err
		}
		i = p.i
		st.Text = text[p.base:toks[i-1].end]
		st.NParams = p.params
		list = append(list, st)
	}
}

// matchBrackets gives for each opening round bracket the index of its closing one, 0 where there is none in the statement.
func matchBrackets(toks []token) []int {
	m := make([]int, len(toks))
	var open []int
	for k := range toks {
		if toks[k].kind != tOp {
			continue
		}
		switch toks[k].text {
		case "(":
			open = append(open, k)
		case ")":
			if n := len(open); n > 0 {
				m[open[n-1]] = k
				open = open[:n-1]
			}
		case ";":
			open = open[:0]
		}
	}
	return m
}

// single walks over text with f, which must take all of it, and fills the holes.
func single(text string, f func(p *parser)) error {
	toks, err := lex(text)
	if err != nil {
		return err
	}
	p := &parser{q: text, toks: toks, closing: matchBrackets(toks)}
	return p.run(func() {
		f(p)
		if !p.done() {
			p.fail()
		}
		p.fill()
	})
}

// ParseQuery takes one query, as stored with a view.
func ParseQuery(text string) (*ast.Query, error) {
	var q *ast.Query
	text = strings.TrimRight(text, "; \t\r\n")
	err := single(text, func(p *parser) { p.queryTo(&q) })
	return q, err
}

// ParseExpr takes one expression, as stored for a default or a generated column.
func ParseExpr(text string) (ast.Expr, error) {
	var x ast.Expr
	err := single(text, func(p *parser) { p.exprTo(&x) })
	return x, err
}

// ParseTypeName takes a type as it is written in SQL.
func ParseTypeName(text string) (ast.TypeName, error) {
	var ty ast.TypeName
	err := single(text, func(p *parser) { ty = p.typeName() })
	return ty, err
}
