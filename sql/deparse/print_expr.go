package deparse

import (
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// expr writes an expression. casts: an implicit conversion at its top is shown.
func (p *printer) expr(x node, casts bool) {
	switch x := x.(type) {
	case *variable:
		p.variable(x, false)
	case *constant:
		p.constant(x, 0)
	case *words:
		p.put(x.text)
	case *cast:
		p.cast(x, casts)
	case *call:
		p.call(x)
	case *aggregate:
		p.aggregate(x)
	case *operator:
		p.operator(x)
	case *distinct:
		p.bracket(func() {
			p.operand(x.l, x, true)
			p.put(" IS DISTINCT FROM ")
			p.operand(x.r, x, true)
		})
	case *nullif:
		p.put("NULLIF(")
		p.expr(x.l, true)
		p.put(", ")
		p.expr(x.r, true)
		p.put(")")
	case *anyAll:
		p.anyAll(x)
	case *boolean:
		p.boolean(x)
	case *sublink:
		p.sublink(x)
	case *caseOf:
		p.caseOf(x)
	case *arrayOf:
		p.put("ARRAY[")
		p.exprs(x.items)
		p.put("]")
		if len(x.items) == 0 {
			p.put("::" + p.names.typ(x.t))
		}
	case *rowOf:
		p.put("ROW(")
		p.list(len(x.items), func(i int) { p.top(x.items[i], true) })
		p.put(")")
	case *rowCompare:
		p.put("(ROW(")
		p.exprs(x.l)
		p.put(") " + x.op + " ROW(")
		p.exprs(x.r)
		p.put("))")
	case *listOf:
		p.put(x.word + "(")
		p.exprs(x.args)
		p.put(")")
	case *test:
		p.bracket(func() {
			p.operand(x.x, x, x.what == "NULL" || x.what == "NOT NULL")
			p.put(" IS " + x.what)
		})
	case *subscript:
		p.subscript(x)
	case *field:
		p.field(x)
	case *collate:
		p.bracket(func() {
			p.operand(x.x, x, casts)
			p.put(" COLLATE " + expr.QuoteIdent(x.name))
		})
	}
}

// top writes an expression where a whole row needs its type.
func (p *printer) top(x node, casts bool) {
	if v, ok := x.(*variable); ok {
		p.variable(v, true)
		return
	}
	p.expr(x, casts)
}

func (p *printer) exprs(xs []node) {
	p.list(len(xs), func(i int) { p.expr(xs[i], true) })
}

// bracket writes brackets unless few are wanted.
func (p *printer) bracket(f func()) {
	if !p.pretty {
		p.put("(")
	}
	f()
	if !p.pretty {
		p.put(")")
	}
}

// operand writes a part of parent, in brackets where the pretty form needs them.
func (p *printer) operand(x, parent node, casts bool) {
	need := p.pretty && !simple(x, parent)
	if need {
		p.put("(")
	}
	p.expr(x, casts)
	if need {
		p.put(")")
	}
}

// variable writes a column and gives its bare name.
func (p *printer) variable(v *variable, top bool) string {
	if v.item == nil {
		p.put(expr.QuoteIdent(v.name))
		return v.name
	}
	if v.whole {
		p.put(expr.QuoteIdent(v.item.refname) + ".*")
		if top {
			p.put("::" + p.names.typ(v.t))
		}
		return ""
	}
	name := v.name
	if v.col >= 0 && v.col < len(v.item.shown) {
		name = v.item.shown[v.col]
	}
	if p.prefix && v.item.refname != "" {
		p.put(expr.QuoteIdent(v.item.refname) + ".")
	}
	p.put(expr.QuoteIdent(name))
	return name
}

// constant writes a value; label: -1 without its type, 0 with it where it is not plain, 1 always.
func (p *printer) constant(c *constant, label int) {
	typ := p.names.typ(c.t)
	if c.null {
		p.put("NULL")
		if label >= 0 {
			p.put("::" + typ)
		}
		return
	}
	need := true
	switch c.t.Base() {
	case types.Int4:
		if need = strings.HasPrefix(c.text, "-"); need {
			p.put("'" + c.text + "'")
		} else {
			p.put(c.text)
		}
	case types.Numeric:
		if c.text[0] >= '0' && c.text[0] <= '9' && strings.ContainsAny(c.text, "eE.") {
			p.put(c.text)
			need = c.t.Mod >= 0
		} else {
			p.put("'" + c.text + "'")
		}
	case types.Bool:
		need = false
		p.put(map[bool]string{true: "true", false: "false"}[c.text == "t" || c.text == "true"])
	default:
		need = !c.t.Is(types.Unknown)
		p.put(quote(c.text))
	}
	if label > 0 || need && label == 0 {
		p.put("::" + typ)
	}
}

// quote writes a string literal; backslashes stand for themselves.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func (p *printer) cast(c *cast, casts bool) {
	if c.implicit && !casts {
		p.operand(c.x, c, false)
		return
	}
	if k, ok := c.x.(*constant); ok && k.t.OID == c.t.OID && k.t.Mod < 0 {
		p.constant(k, -1)
	} else {
		p.bracket(func() { p.operand(c.x, c, false) })
	}
	p.put("::" + p.names.typ(c.t))
}

func (p *printer) operator(o *operator) {
	p.bracket(func() {
		if len(o.args) == 1 {
			p.put(o.op + " ")
			p.operand(o.args[0], o, true)
			return
		}
		p.operand(o.args[0], o, true)
		p.put(" " + o.op + " ")
		p.operand(o.args[1], o, true)
	})
}

func (p *printer) anyAll(x *anyAll) {
	p.bracket(func() {
		p.operand(x.x, x, true)
		word := "ANY"
		if x.all {
			word = "ALL"
		}
		p.put(" " + x.op + " " + word + " (")
		p.operand(x.a, x, true)
		if s, ok := x.a.(*sublink); ok && s.kind == "scalar" {
			p.put("::" + p.names.typ(x.a.typ()))
		}
		p.put(")")
	})
}

func (p *printer) boolean(x *boolean) {
	p.bracket(func() {
		if x.op == "not" {
			p.put("NOT ")
			p.operand(x.args[0], x, false)
			return
		}
		for i, arg := range x.args {
			if i > 0 {
				p.put(" " + upper(x.op) + " ")
			}
			p.operand(arg, x, false)
		}
	})
}

func (p *printer) sublink(x *sublink) {
	if x.kind == "array" {
		p.put("ARRAY(")
	} else {
		p.put("(")
	}
	if len(x.test) == 1 && x.kind != "row" {
		p.expr(x.test[0], true)
	} else if len(x.test) > 0 {
		p.put("(")
		p.list(len(x.test), func(i int) { p.expr(x.test[i], x.kind == "row") })
		p.put(")")
	}
	bracket := true
	switch {
	case x.kind == "exists":
		p.put("EXISTS ")
	case x.kind == "any" && x.op == "=":
		p.put(" IN ")
	case x.kind == "any", x.kind == "all":
		p.put(" " + x.op + " " + upper(x.kind) + " ")
	case x.kind == "row":
		p.put(" " + x.op + " ")
	default:
		bracket = false
	}
	if bracket {
		p.put("(")
	}
	p.query(x.q, nil, false)
	p.put(")")
	if bracket {
		p.put(")")
	}
}

func (p *printer) caseOf(x *caseOf) {
	space := func() {
		if !p.lines {
			p.put(" ")
		}
	}
	p.keyword("CASE", 0, indentVar, 0)
	if x.x != nil {
		p.put(" ")
		p.expr(x.x, true)
	}
	for _, w := range x.whens {
		space()
		p.keyword("WHEN ", 0, 0, 0)
		p.expr(w[0], false)
		p.put(" THEN ")
		p.expr(w[1], true)
	}
	space()
	p.keyword("ELSE ", 0, 0, 0)
	p.expr(x.other, true)
	space()
	p.keyword("END", -indentVar, 0, 0)
}

func (p *printer) subscript(x *subscript) {
	bracket := true
	switch x.x.(type) {
	case *variable, *field:
		bracket = false
	}
	if bracket {
		p.put("(")
	}
	p.expr(x.x, true)
	if bracket {
		p.put(")")
	}
	for _, b := range x.bounds {
		p.put("[")
		if b.lo != nil {
			p.expr(b.lo, false)
		}
		if b.slice {
			p.put(":")
			if b.hi != nil {
				p.expr(b.hi, false)
			}
		}
		p.put("]")
	}
}

func (p *printer) field(x *field) {
	bracket := true
	switch x.x.(type) {
	case *subscript, *field:
		bracket = false
	}
	if bracket {
		p.put("(")
	}
	p.expr(x.x, true)
	if bracket {
		p.put(")")
	}
	p.put("." + expr.QuoteIdent(x.name))
}
