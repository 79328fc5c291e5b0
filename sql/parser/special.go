package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// specialCall writes a function with a syntax of its own (func_expr_common_subexpr); false where the word at hand is none.
func (p *parser) specialCall() bool {
	pos, name := p.pos(), p.cur().text
	switch name {
	case "coalesce", "greatest", "least", "nullif", "grouping":
		p.i += 2
		w := p.open()
		n := w.exprs()
		if name == "nullif" && n != 2 {
			p.fail()
		}
		p.need(")")
		w.close(callOf(pos, name, n))
	case "extract":
		p.extract(pos)
	case "position":
		p.position(pos)
	case "overlay":
		p.overlay(pos)
	case "substring":
		p.substring(pos)
	case "trim":
		p.trim(pos)
	case "normalize":
		p.normalize(pos)
	case "treat", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlparse", "xmlpi", "xmlroot", "xmlserialize":
		p.unsupported(pos, strings.ToUpper(name))
	default:
		return false
	}
	return true
}

// callOf is a plain call of n operands.
func callOf(pos ast.Pos, name string, n int) build {
	return func(a *operands) ast.Expr {
		return &ast.Call{Pos: pos, Name: []string{name}, Args: a.take(n), Special: true}
	}
}

// plainArgs writes x, ... and the closing bracket for a special function that is called like any other one.
func (p *parser) plainArgs(w *writer, pos ast.Pos, name string) {
	n := w.n
	if !p.at(")") {
		n += w.exprs()
	}
	p.need(")")
	w.close(build(func(a *operands) ast.Expr { return &ast.Call{Pos: pos, Name: []string{name}, Args: a.take(n)} }))
}

// extract is EXTRACT(field FROM x): a call whose first argument is the field's name.
func (p *parser) extract(pos ast.Pos) {
	p.i += 2
	t := p.cur()
	if t.kind != tIdent && t.kind != tQuoted && t.kind != tString {
		p.fail()
	}
	field := &ast.Literal{Pos: p.pos(), Kind: ast.LitString, Text: t.text}
	p.i++
	p.need("from")
	w := p.open()
	w.expr()
	p.need(")")
	w.close(build(func(a *operands) ast.Expr {
		return &ast.Call{Pos: pos, Name: []string{"extract"}, Args: []ast.Expr{field, a.next()}, Special: true}
	}))
}

// position is POSITION(b IN a), the call position(a, b).
func (p *parser) position(pos ast.Pos) {
	p.i += 2
	w := p.open()
	w.operand()
	p.bexpr()
	p.need("in")
	w.operand()
	p.bexpr()
	p.need(")")
	w.close(build(func(a *operands) ast.Expr {
		b := a.next()
		return &ast.Call{Pos: pos, Name: []string{"position"}, Args: []ast.Expr{a.next(), b}, Special: true}
	}))
}

func (p *parser) overlay(pos ast.Pos) {
	p.i += 2
	w := p.open()
	w.expr()
	if !p.opt("placing") {
		if p.opt(",") {
			p.plainArgs(w, pos, "overlay")
			return
		}
		p.fail()
	}
	w.expr()
	p.need("from")
	w.expr()
	if p.opt("for") {
		w.expr()
	}
	p.need(")")
	w.close(callOf(pos, "overlay", w.n))
}

// substring is SUBSTRING(x FROM a FOR b), (x FOR b FROM a), (x FOR b), (x SIMILAR p ESCAPE e) and (x, a, b).
func (p *parser) substring(pos ast.Pos) {
	p.i += 2
	w := p.open()
	if p.at(")") {
		p.plainArgs(w, pos, "substring")
		return
	}
	w.expr()
	from, length := 0, 0
	switch {
	case p.opt(","):
		p.plainArgs(w, pos, "substring")
		return
	case p.opt("similar"):
		w.expr()
		p.need("escape")
		w.expr()
		p.need(")")
		w.close(callOf(pos, "substring", 3))
		return
	}
	for p.atAny("from", "for") && w.n < 3 {
		at := &from
		if p.oneOf("from", "for") == "for" {
			at = &length
		}
		if *at != 0 {
			p.i--
			p.fail()
		}
		w.expr()
		*at = w.n - 1
	}
	p.need(")")
	w.close(build(func(a *operands) ast.Expr {
		x := a.x
		args := []ast.Expr{x[0]}
		switch {
		case from != 0 && length != 0:
			args = append(args, x[from], x[length])
		case from != 0:
			args = append(args, x[from])
		case length != 0:
			args = append(args, &ast.Literal{Pos: pos, Kind: ast.LitInt, Text: "1"}, x[length])
		}
		return &ast.Call{Pos: pos, Name: []string{"substring"}, Args: args, Special: true}
	}))
}

// trim is TRIM([BOTH|LEADING|TRAILING] [chars] FROM x) or TRIM(x, chars): a call of btrim, ltrim or rtrim.
func (p *parser) trim(pos ast.Pos) {
	p.i += 2
	name := "btrim"
	switch {
	case p.opt("both"):
	case p.opt("leading"):
		name = "ltrim"
	case p.opt("trailing"):
		name = "rtrim"
	}
	w := p.open()
	chars := false
	if !p.opt("from") {
		w.expr()
		if chars = p.opt("from"); !chars && p.opt(",") {
			w.exprs()
		}
	}
	if chars || w.n == 0 {
		w.exprs()
	}
	p.need(")")
	n := w.n
	w.close(build(func(a *operands) ast.Expr {
		args := a.take(n)
		if chars {
			args = append(args[1:n:n], args[0])
		}
		return &ast.Call{Pos: pos, Name: []string{name}, Args: args, Special: true}
	}))
}

// normalize is NORMALIZE(x [, form]); the form is a bare word.
func (p *parser) normalize(pos ast.Pos) {
	p.i += 2
	w := p.open()
	w.expr()
	args := []ast.Expr{nil}
	if p.opt(",") {
		at := p.pos()
		form := p.oneOf("nfc", "nfd", "nfkc", "nfkd")
		args = append(args, &ast.Literal{Pos: at, Kind: ast.LitString, Text: strings.ToUpper(form)})
	}
	p.need(")")
	w.close(build(func(a *operands) ast.Expr {
		args[0] = a.next()
		return &ast.Call{Pos: pos, Name: []string{"normalize"}, Args: args, Special: true}
	}))
}
