package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// PostgreSQL's precedence, lowest first (gram.y).
const (
	pOr = iota + 1
	pAnd
	pNot
	pIs
	pCmp
	pLike
	pOp
	pAdd
	pMul
	pPow
	pAt
	pCollate
	pNeg
)

// expr writes one expression (a_expr).
func (p *parser) expr() { p.climb(pOr, false) }

// bexpr writes a restricted expression (b_expr), which has no AND, OR, NOT, IN, LIKE, BETWEEN and IS tests.
func (p *parser) bexpr() { p.climb(pOr, true) }

// climb writes an expression whose operators bind at least as tightly as low. done is the non-associative level that
// the expression so far ends with.
func (p *parser) climb(low int, restricted bool) {
	p.enter()
	c := &climber{p: p, from: len(p.out), low: low, restricted: restricted}
	c.prefix()
	for c.infix() {
	}
	p.leave()
}

type climber struct {
	p          *parser
	from, low  int
	restricted bool
	done       int
}

func isPrefixOp(t *token) bool {
	return t.kind == tOp && t.text != "*" && strings.IndexByte(opChars, t.text[0]) >= 0 && infixLevel(t.text) == pOp && t.text != "=>"
}

func (c *climber) prefix() {
	p, t := c.p, c.p.cur()
	level := 0
	switch {
	case t.is("not") && !c.restricted:
		level = pNot
	case t.is("-") || t.is("+"):
		level = pNeg
	case isPrefixOp(t):
		level = pOp + 1
	case t.is("operator") && p.peek(1).is("("):
		pos := p.pos()
		op := p.namedOperator()
		c.unary(op, pos, pOp+1)
		return
	default:
		p.primary()
		return
	}
	pos := p.pos()
	p.i++
	c.unary(t.text, pos, level)
}

func (c *climber) unary(op string, pos ast.Pos, level int) {
	c.p.climb(level, c.restricted)
	c.p.wrap(c.from, func(a *operands) ast.Expr { return &ast.Unary{Pos: pos, Op: op, X: a.next()} })
}

// level says whether an operator of level l may come here.
func (c *climber) level(l int, nonassoc bool) bool {
	if l < c.low {
		return false
	}
	if nonassoc && c.done == l {
		c.p.fail()
	}
	c.done = 0
	if nonassoc {
		c.done = l
	}
	return true
}

// right writes the right operand of an operator of level l, after a comma.
func (c *climber) right(l int) {
	c.p.put(",")
	c.p.climb(l+1, c.restricted)
}

func (c *climber) binary(op string, pos ast.Pos, l int) {
	c.right(l)
	c.p.wrap(c.from, func(a *operands) ast.Expr {
		return &ast.Binary{Pos: pos, Op: op, L: a.next(), R: a.next()}
	})
}

func infixLevel(op string) int {
	switch op {
	case "=", "<", ">", "<=", ">=", "<>":
		return pCmp
	case "+", "-":
		return pAdd
	case "*", "/", "%":
		return pMul
	case "^":
		return pPow
	}
	return pOp
}

// infix writes one more operator after what is there, and says whether it did.
func (c *climber) infix() bool {
	switch t := c.p.cur(); t.kind {
	case tOp:
		return c.symbol(t)
	case tIdent:
		return c.word(t)
	}
	return false
}

func (c *climber) symbol(t *token) bool {
	p, pos := c.p, c.p.pos()
	if t.text == "::" {
		p.i++
		ty := p.typeName()
		c.done = 0
		p.wrap(c.from, func(a *operands) ast.Expr { return &ast.Cast{Pos: pos, X: a.next(), Type: ty} })
		return true
	}
	if strings.IndexByte(opChars, t.text[0]) < 0 || t.text == "=>" {
		return false
	}
	l := infixLevel(t.text)
	if !c.level(l, l == pCmp) {
		return false
	}
	p.i++
	c.operator(t.text, pos, l)
	return true
}

// operator goes on after an infix operator: op ANY (...) or a right operand.
func (c *climber) operator(op string, pos ast.Pos, l int) {
	if c.p.atAny("any", "some", "all") && !c.restricted {
		c.quantified(op, pos)
		return
	}
	c.binary(op, pos, l)
}

func (c *climber) quantified(op string, pos ast.Pos) {
	p := c.p
	all := p.oneOf("any", "some", "all") == "all"
	p.need("(")
	p.put(",")
	c.done = 0
	if p.atQuery() {
		p.subquery()
		p.need(")")
		p.wrap(c.from, func(a *operands) ast.Expr {
			return &ast.Quantified{Pos: pos, Op: op, All: all, X: a.next(), Query: a.query()}
		})
		return
	}
	p.expr()
	p.need(")")
	p.wrap(c.from, func(a *operands) ast.Expr {
		return &ast.Quantified{Pos: pos, Op: op, All: all, X: a.next(), Array: a.next()}
	})
}

// namedOperator takes OPERATOR(schema.op).
func (p *parser) namedOperator() string {
	p.need("operator", "(")
	for p.atName() {
		p.i++
		p.need(".")
	}
	t := p.cur()
	if t.kind != tOp || strings.IndexByte(opChars, t.text[0]) < 0 {
		p.fail()
	}
	p.i++
	p.need(")")
	return t.text
}

// word goes on with an operator that is spelled as a word.
func (c *climber) word(t *token) bool {
	p, pos := c.p, c.p.pos()
	if t.text == "operator" && p.peek(1).is("(") {
		if !c.level(pOp, false) {
			return false
		}
		c.operator(p.namedOperator(), pos, pOp)
		return true
	}
	if t.text == "is" && c.restricted && !p.at("is", "distinct", "from") && !p.at("is", "not", "distinct", "from") {
		return false
	}
	if t.text == "is" {
		return c.is(pos)
	}
	if c.restricted {
		return false
	}
	switch t.text {
	case "and", "or":
		l := pAnd
		if t.text == "or" {
			l = pOr
		}
		if !c.level(l, false) {
			return false
		}
		p.i++
		c.binary(t.text, pos, l)
		return true
	case "isnull", "notnull":
		if !c.level(pIs, true) {
			return false
		}
		p.i++
		c.test(pos, "null", t.text == "notnull")
		return true
	case "at":
		return c.atTimeZone(pos)
	case "collate":
		if !c.level(pCollate, false) {
			return false
		}
		p.i++
		n := p.names()
		p.wrap(c.from, func(a *operands) ast.Expr { return &ast.Collate{Pos: pos, X: a.next(), Name: n} })
		return true
	case "overlaps":
		return c.overlaps(pos)
	}
	return c.predicate(pos)
}

func (c *climber) atTimeZone(pos ast.Pos) bool {
	p := c.p
	if !p.at("at", "time", "zone") || !c.level(pAt, false) {
		return false
	}
	p.i += 3
	c.right(pAt)
	p.wrap(c.from, func(a *operands) ast.Expr {
		x := a.next()
		return &ast.Call{Pos: pos, Name: []string{"timezone"}, Args: []ast.Expr{a.next(), x}, Special: true}
	})
	return true
}
