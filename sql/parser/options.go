package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// withOptions takes WITH (key = value, ...) if it comes next.
func (p *parser) withOptions() []ast.Option {
	if !p.at("with", "(") {
		return nil
	}
	p.i++
	return p.optionList(true)
}

// optionList takes (key [=] value, ...). With eq, an '=' or nothing stands after the key; without it (COPY, EXPLAIN) only the
// value follows.
func (p *parser) optionList(eq bool) []ast.Option {
	p.need("(")
	var list []ast.Option
	for !p.opt(")") {
		if len(list) > 0 {
			p.need(",")
		}
		o := ast.Option{Pos: p.pos(), Key: p.optionKey()}
		if !eq || p.opt("=") {
			p.optionValue(&o, eq)
		}
		list = append(list, o)
	}
	return list
}

// optionKey takes a dotted word or a string.
func (p *parser) optionKey() string {
	if p.cur().kind == tString {
		return strings.ToLower(p.str())
	}
	key := p.label()
	for p.opt(".") {
		key += "." + p.label()
	}
	return strings.ToLower(key)
}

// optionValue takes a string, a number, a word, or a list of words; nothing is allowed where must is false.
func (p *parser) optionValue(o *ast.Option, must bool) {
	o.ValuePos = p.pos()
	sign := ""
	if t := p.cur(); t.is("-") || t.is("+") {
		if sign = t.text; sign == "+" {
			sign = ""
		}
		p.i++
		if p.cur().kind != tNumber {
			p.fail()
		}
	}
	switch t := p.cur(); {
	case t.kind == tNumber:
		_, o.Value = numberOf(t.text)
		o.Value = sign + o.Value
	case t.kind == tString || t.kind == tIdent || t.kind == tQuoted:
		o.Value = t.text
		for p.peek(1).is(".") {
			p.i += 2
			if k := p.cur().kind; k != tIdent && k != tQuoted {
				p.fail()
			}
			o.Value += "." + p.cur().text
		}
	case t.is("*"):
		o.Value = "*"
	case t.is("("):
		o.List = p.wordList()
		o.HasValue = true
		return
	default:
		if must {
			p.fail()
		}
		return
	}
	o.HasValue = true
	p.i++
}

// wordList takes (word or string, ...).
func (p *parser) wordList() []string {
	p.need("(")
	var list []string
	for {
		if p.cur().kind == tString {
			list = append(list, p.str())
		} else {
			list = append(list, p.label())
		}
		if !p.opt(",") {
			break
		}
	}
	p.need(")")
	return list
}
