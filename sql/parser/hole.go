package parser

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// hole is a place in the statement's tree for an expression or a query that TiDB still has to parse. Holes are filled in
// the order in which they were made, when the whole statement has been walked.
type hole struct {
	set func(ast.Expr)
	lit *ast.Literal // the value, where it is a plain literal; nothing was written for TiDB then
}

// hole begins one more field of the text for TiDB.
func (p *parser) hole(set func(ast.Expr)) {
	if len(p.out) == 0 {
		p.put("select")
	} else {
		p.put(",")
	}
	p.holes = append(p.holes, hole{set: set})
}

// aside is a statement inside a query: what it writes for TiDB comes after the query, in fields of its own.
type aside struct {
	out   []chunk
	holes []hole
}

// aside takes a statement inside a query by f.
func (p *parser) aside(f func()) {
	out, holes := p.out, p.holes
	p.out, p.holes = nil, nil
	f()
	p.asides = append(p.asides, aside{p.out, p.holes})
	p.out, p.holes = out, holes
}

// exprThen takes an expression; set gets it.
func (p *parser) exprThen(set func(ast.Expr)) {
	if lit := p.plainLiteral(); lit != nil {
		p.holes = append(p.holes, hole{set, lit})
		return
	}
	p.hole(set)
	p.expr()
}

// exprTo takes an expression that is stored at x.
func (p *parser) exprTo(x *ast.Expr) { p.exprThen(func(e ast.Expr) { *x = e }) }

// orDefaultThen takes an expression or the word DEFAULT.
func (p *parser) orDefaultThen(set func(ast.Expr)) {
	if p.at("default") {
		p.hole(set)
		p.exprOrDefault()
		return
	}
	p.exprThen(set)
}

// queryTo takes a query, which is not in brackets or whose brackets are its own, and stores it at q.
func (p *parser) queryTo(q **ast.Query) {
	p.hole(func(e ast.Expr) { *q = e.(*ast.Subquery).Query })
	p.put("(")
	p.query(true)
	p.put(")")
}

// viaQuery writes what f writes as a sub-select, which set gets.
func (p *parser) viaQuery(f func(), set func(*ast.Query)) {
	p.hole(func(e ast.Expr) { set(e.(*ast.Subquery).Query) })
	p.put("(")
	f()
	p.put(")")
}

// fromTo takes a FROM list and stores it at refs.
func (p *parser) fromTo(refs *[]ast.TableRef) {
	p.viaQuery(func() {
		p.openSelect(&selectIsland{})
		p.put(")")
		p.put("from")
		p.from()
	}, func(q *ast.Query) { *refs = q.Body.(*ast.Select).From })
}

// returningTo takes RETURNING's select list, if there is one.
func (p *parser) returningTo(items *[]ast.SelectItem) {
	if !p.opt("returning") {
		return
	}
	p.viaQuery(func() {
		is := &selectIsland{}
		p.openSelect(is)
		p.put(")")
		p.selectList(is)
		if len(is.itemPos) == 0 {
			p.fail()
		}
	}, func(q *ast.Query) { *items = q.Body.(*ast.Select).Items })
}

// plainLiteral takes a constant that is a whole expression; nil where something else comes next.
func (p *parser) plainLiteral() *ast.Literal {
	t, sign := p.cur(), false
	if sign = t.is("-"); sign {
		t = p.peek(1)
	}
	end := p.peek(1)
	if sign {
		end = p.peek(2)
	}
	if sign || end.kind != tEOF && !(end.kind == tOp && (end.text == "," || end.text == ")" || end.text == ";")) {
		return nil
	}
	lit, ok := literalOf(t, ast.Pos(t.pos-p.base))
	if ok {
		p.i++
	}
	return lit
}

// fill sends the text to TiDB, if there is any, and fills the holes.
func (p *parser) fill() {
	for _, a := range p.asides {
		if len(a.out) > 0 {
			a.out[0].s = "," // instead of SELECT
			p.out = append(p.out, a.out...)
		}
		p.holes = append(p.holes, a.holes...)
	}
	var xs []ast.Expr
	if len(p.out) > 0 {
		xs = p.convert()
	}
	for _, h := range p.holes {
		if h.lit != nil {
			h.set(h.lit)
			continue
		}
		if len(xs) == 0 {
			panic(bail{sqlerr.New(sqlerr.InternalError, "an expression was lost on the way through the parser")})
		}
		h.set(xs[0])
		xs = xs[1:]
	}
}
