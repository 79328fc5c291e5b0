package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// is goes on with IS [NOT] NULL | TRUE | FALSE | UNKNOWN | DISTINCT FROM x.
func (c *climber) is(pos ast.Pos) bool {
	p := c.p
	if !c.level(pIs, true) {
		return false
	}
	p.i++
	not := p.opt("not")
	if p.opt("distinct", "from") {
		c.right(pIs)
		p.wrap(c.from, func(a *operands) ast.Expr {
			return &ast.IsDistinct{Pos: pos, Not: not, L: a.next(), R: a.next()}
		})
		return true
	}
	if p.atAny("normalized", "nfc", "nfd", "nfkc", "nfkd") {
		c.normalized(pos, not)
		return true
	}
	if p.atAny("document", "json") {
		p.unsupported(pos, "IS "+strings.ToUpper(p.cur().text))
	}
	c.test(pos, p.oneOf("null", "true", "false", "unknown"), not)
	return true
}

// normalized is IS [NOT] [form] NORMALIZED.
func (c *climber) normalized(pos ast.Pos, not bool) {
	p, form := c.p, ""
	if !p.at("normalized") {
		form = strings.ToUpper(p.oneOf("nfc", "nfd", "nfkc", "nfkd"))
	}
	p.need("normalized")
	c.done = 0
	p.wrap(c.from, func(a *operands) ast.Expr {
		call := &ast.Call{Pos: pos, Name: []string{"is_normalized"}, Args: []ast.Expr{a.next()}, Special: true}
		if form != "" {
			call.Args = append(call.Args, &ast.Literal{Pos: pos, Kind: ast.LitString, Text: form})
		}
		x := ast.Expr(call)
		if not {
			x = &ast.Unary{Pos: pos, Op: "not", X: x}
		}
		return x
	})
}

func (c *climber) test(pos ast.Pos, test string, not bool) {
	c.done = 0
	c.p.wrap(c.from, func(a *operands) ast.Expr { return &ast.IsTest{Pos: pos, X: a.next(), Test: test, Not: not} })
}

// predicate goes on with [NOT] IN | LIKE | ILIKE | SIMILAR TO | BETWEEN.
func (c *climber) predicate(pos ast.Pos) bool {
	p := c.p
	w, not := p.cur(), false
	if w.text == "not" {
		w, not = p.peek(1), true
	}
	switch w.text {
	case "in", "like", "ilike", "similar", "between":
		if w.text == "similar" && !p.toks[p.i+1].is("to") && !p.peek(2).is("to") {
			return false // SUBSTRING(x SIMILAR p ESCAPE e)
		}
		if w.kind != tIdent || !c.level(pLike, true) {
			return false
		}
	default:
		return false
	}
	if not {
		p.i++
	}
	p.i++
	switch w.text {
	case "in":
		c.in(pos, not)
	case "between":
		c.between(pos, not)
	case "similar":
		p.need("to")
		c.like(w.text, pos, not)
	default:
		if p.atAny("any", "some", "all") {
			op := map[string]string{"like": "~~", "ilike": "~~*"}[w.text]
			if not {
				op = "!" + op
			}
			c.quantified(op, pos)
			return true
		}
		c.like(w.text, pos, not)
	}
	return true
}

func (c *climber) in(pos ast.Pos, not bool) {
	p := c.p
	p.need("(")
	p.put(",")
	c.done = 0
	if p.atQuery() {
		p.subquery()
		p.need(")")
		p.wrap(c.from, func(a *operands) ast.Expr { return &ast.In{Pos: pos, Not: not, X: a.next(), Query: a.query()} })
		return
	}
	n := 1
	p.expr()
	for p.opt(",") {
		p.put(",")
		p.expr()
		n++
	}
	p.need(")")
	p.wrap(c.from, func(a *operands) ast.Expr { return &ast.In{Pos: pos, Not: not, X: a.next(), List: a.take(n)} })
}

func (c *climber) between(pos ast.Pos, not bool) {
	p := c.p
	sym := p.opt("symmetric")
	if !sym {
		p.opt("asymmetric")
	}
	p.put(",")
	p.bexpr()
	p.need("and")
	c.right(pLike)
	p.wrap(c.from, func(a *operands) ast.Expr {
		return &ast.Between{Pos: pos, Not: not, Symmetric: sym, X: a.next(), Lo: a.next(), Hi: a.next()}
	})
}

func (c *climber) like(op string, pos ast.Pos, not bool) {
	c.right(pLike)
	escape := c.p.opt("escape")
	if escape {
		c.right(pLike)
	}
	c.p.wrap(c.from, func(a *operands) ast.Expr {
		x := &ast.Like{Pos: pos, Op: op, Not: not, X: a.next(), Pattern: a.next()}
		if escape {
			x.Escape = a.next()
		}
		return x
	})
}

// overlaps is (a, b) OVERLAPS (c, d), a call of four arguments.
func (c *climber) overlaps(pos ast.Pos) bool {
	if !c.level(pOp, false) {
		return false
	}
	c.p.i++
	c.right(pOp)
	c.p.wrap(c.from, func(a *operands) ast.Expr {
		l, ok := a.next().(*ast.Row)
		r, ok2 := a.next().(*ast.Row)
		switch {
		case !ok || !ok2:
			c.p.refuse(pos, "42601", `syntax error at or near "%s"`, "OVERLAPS")
		case len(l.Items) != 2:
			c.p.refuse(pos, "42601", "wrong number of parameters on left side of OVERLAPS expression")
		case len(r.Items) != 2:
			c.p.refuse(pos, "42601", "wrong number of parameters on right side of OVERLAPS expression")
		}
		return &ast.Call{Pos: pos, Name: []string{"overlaps"}, Args: []ast.Expr{l.Items[0], l.Items[1], r.Items[0], r.Items[1]}, Special: true}
	})
	return true
}
