package parser

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// primary writes an operand (c_expr). Literals are written as 0: convert.go reads them from the tokens.
func (p *parser) primary() {
	t := p.cur()
	switch t.kind {
	case tNumber, tString:
		p.literal()
	case tParam:
		p.param()
		p.indirection(len(p.out) - 1)
	case tBits:
		p.leaf(&ast.Literal{Pos: p.pos(), Kind: ast.LitBits, Text: strings.ToLower(p.q[t.pos:t.pos+1]) + t.text})
		p.i++
	case tQuoted:
		p.columnOrCall()
	case tIdent:
		p.wordPrimary(t)
	default:
		if t.kind == tOp && t.text == "(" {
			p.brackets()
			return
		}
		p.fail()
	}
}

// literal writes one token that is a constant.
func (p *parser) literal() {
	p.put("0")
	p.i++
}

func (p *parser) param() {
	t := p.cur()
	n, err := strconv.Atoi(t.text)
	if err != nil || n > 65535 || n == 0 {
		p.refuse(p.pos(), sqlerr.UndefinedParameter, "there is no parameter $%s", t.text)
	}
	p.params = max(p.params, n)
	p.literal()
}

// brackets writes (x), (x, y) or (SELECT ...), with what may follow.
func (p *parser) brackets() {
	from, pos, at := len(p.out), p.pos(), p.cur().pos
	p.i++
	if p.atQuery() {
		p.subquery()
		p.out[from].pos = at
		p.need(")")
		p.indirection(from)
		return
	}
	p.expr()
	n := 1
	for p.opt(",") {
		p.put(",")
		p.expr()
		n++
	}
	p.need(")")
	if n > 1 {
		p.wrap(from, func(a *operands) ast.Expr { return &ast.Row{Pos: pos, Items: a.take(n)} })
		return
	}
	p.indirection(from)
}

// atQuery says whether what begins here, up to the bracket that closes it, is a query.
func (p *parser) atQuery() bool { return p.queryAt(p.i, 0) }

func (p *parser) queryAt(k, depth int) bool {
	t := &p.toks[k]
	if t.is("(") {
		if depth > maxDepth || !p.queryAt(k+1, depth+1) {
			return false
		}
		c := p.closing[k]
		return c == 0 || endsQuery(&p.toks[c+1])
	}
	if t.kind != tIdent {
		return false
	}
	switch t.text {
	case "select", "with", "table":
		return true
	case "values":
		return p.toks[k+1].is("(")
	}
	return false
}

// endsQuery says whether t may come after a query in brackets that is itself all or part of a query.
func endsQuery(t *token) bool {
	if t.kind == tEOF {
		return true
	}
	switch t.text {
	case ")", ";", "union", "intersect", "except", "order", "limit", "offset", "fetch", "for", "emit", "returning", "on":
		return t.kind == tIdent || t.kind == tOp
	}
	return false
}

// indirection writes the subscripts and field selections that follow an operand written since from.
func (p *parser) indirection(from int) {
	for next := false; ; {
		switch {
		case p.at("["):
			p.subscript(from, next)
			next = true
		case p.at("."):
			next = false
			p.i++
			pos, name := p.pos(), "*"
			if !p.opt("*") {
				name = p.label()
			}
			p.wrap(from, func(a *operands) ast.Expr { return &ast.Field{Pos: pos, X: a.next(), Name: name} })
		default:
			return
		}
	}
}

func (p *parser) subscript(from int, next bool) {
	pos := p.pos()
	p.need("[")
	var lo, hi, slice bool
	if !p.at(":") {
		p.put(",")
		p.expr()
		lo = true
	}
	if p.opt(":") {
		slice = true
		if !p.at("]") {
			p.put(",")
			p.expr()
			hi = true
		}
	}
	p.need("]")
	p.wrap(from, func(a *operands) ast.Expr {
		x := &ast.Subscript{Pos: pos, X: a.next(), Slice: slice, Next: next}
		if lo {
			x.Lo = a.next()
		}
		if hi {
			x.Hi = a.next()
		}
		return x
	})
}

// wordPrimary writes an operand that begins with a word.
func (p *parser) wordPrimary(t *token) {
	pos := p.pos()
	bracket := p.peek(1).is("(")
	switch t.text {
	case "null", "true", "false":
		p.literal()
	case "case":
		p.caseExpr()
	case "cast":
		p.castCall()
	case "array":
		p.array()
	case "row":
		if !bracket {
			p.columnOrCall()
			return
		}
		p.row()
	case "exists":
		if !bracket {
			p.columnOrCall()
			return
		}
		p.i += 2
		w := p.open()
		w.query()
		p.need(")")
		w.close(build(func(a *operands) ast.Expr { return &ast.Exists{Pos: pos, Query: a.query()} }))
	case "current_date", "current_catalog", "current_role", "current_user", "session_user", "user":
		p.i++
		p.leaf(&ast.Call{Pos: pos, Name: []string{t.text}, Special: true})
	case "current_time", "current_timestamp", "localtime", "localtimestamp":
		p.clock(t.text)
	case "current_schema":
		if bracket {
			p.columnOrCall()
			return
		}
		p.i++
		p.leaf(&ast.Call{Pos: pos, Name: []string{t.text}, Special: true})
	case "collation":
		if !p.opt("collation", "for") {
			p.columnOrCall()
			return
		}
		p.need("(")
		w := p.open()
		w.expr()
		p.need(")")
		w.close(callOf(pos, "pg_collation_for", 1))
	default:
		if p.typedLiteral() || bracket && p.specialCall() {
			return
		}
		p.columnOrCall()
	}
}

// clock is CURRENT_TIMESTAMP [(precision)] and its like.
func (p *parser) clock(name string) {
	x := &ast.Call{Pos: p.pos(), Name: []string{name}, Special: true}
	p.i++
	if p.opt("(") {
		t := p.cur()
		n := p.integer()
		x.Args = []ast.Expr{&ast.Literal{Pos: ast.Pos(t.pos - p.base), Kind: ast.LitInt, Text: strconv.FormatInt(n, 10)}}
		p.need(")")
	}
	p.leaf(x)
}

func (p *parser) caseExpr() {
	pos := p.pos()
	p.need("case")
	w := p.open()
	subject := !p.at("when")
	if subject {
		w.expr()
	}
	whens := 0
	for p.opt("when") {
		w.expr()
		p.need("then")
		w.expr()
		whens++
	}
	if whens == 0 {
		p.fail()
	}
	otherwise := p.opt("else")
	if otherwise {
		w.expr()
	}
	p.need("end")
	w.close(build(func(a *operands) ast.Expr {
		x := &ast.Case{Pos: pos}
		if subject {
			x.X = a.next()
		}
		for range whens {
			x.Whens = append(x.Whens, ast.When{Cond: a.next(), Then: a.next()})
		}
		if otherwise {
			x.Else = a.next()
		}
		return x
	}))
}

func (p *parser) castCall() {
	pos := p.pos()
	p.need("cast", "(")
	w := p.open()
	w.expr()
	p.need("as")
	ty := p.typeName()
	p.need(")")
	w.close(build(func(a *operands) ast.Expr { return &ast.Cast{Pos: pos, X: a.next(), Type: ty} }))
}

func (p *parser) row() {
	pos := p.pos()
	p.need("row", "(")
	w := p.open()
	n := 0
	if !p.at(")") {
		n = w.exprs()
	}
	p.need(")")
	w.close(build(func(a *operands) ast.Expr { return &ast.Row{Pos: pos, Items: a.take(n)} }))
}

// array is ARRAY[...] or ARRAY(SELECT ...).
func (p *parser) array() {
	pos := p.pos()
	p.need("array")
	if p.at("(") {
		p.i++
		if !p.atQuery() {
			p.fail()
		}
		w := p.open()
		w.query()
		p.need(")")
		w.close(build(func(a *operands) ast.Expr { return &ast.Array{Pos: pos, Query: a.query()} }))
		return
	}
	from := len(p.out)
	p.arrayItems(pos)
	p.indirection(from)
}

// arrayItems is [x, ...], where an item may be such a list again.
func (p *parser) arrayItems(pos ast.Pos) {
	p.enter()
	p.need("[")
	w := p.open()
	for !p.at("]") {
		if w.n > 0 {
			p.need(",")
		}
		w.operand()
		if p.at("[") {
			p.arrayItems(p.pos())
		} else {
			p.expr()
		}
	}
	p.need("]")
	n := w.n
	w.close(build(func(a *operands) ast.Expr { return &ast.Array{Pos: pos, Items: a.take(n)} }))
	p.leave()
}

func backQuote(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }

// columnOrCall writes a column reference, a function call, or a constant of a named type (name 'text').
func (p *parser) columnOrCall() {
	if p.measure && p.atAny("running", "final") && p.peek(1).kind <= tQuoted && p.peek(2).is("(") {
		p.semantics = p.label()
	}
	first, pos, from := p.cur(), p.pos(), len(p.out)
	class := plainWord
	if first.kind == tIdent {
		class = keywords[first.text].class
	}
	if class == reserved {
		p.fail()
	}
	p.i++
	names := []string{first.text}
	star := false
	for class != typeFunc && p.at(".") && !star {
		p.i++
		if star = p.opt("*"); !star {
			names = append(names, p.label())
		}
	}
	canCall := len(names) > 1 || class != colName
	switch {
	case star:
		p.leaf(&ast.ColumnRef{Pos: pos, Names: names, Star: true})
	case p.at("(") && canCall:
		p.call(names, pos)
	case p.cur().kind == tString && canCall:
		p.namedLiteral(ast.TypeName{Pos: pos, Name: names}, pos)
	case class == typeFunc:
		p.fail()
	case len(names) > 3:
		p.leaf(&ast.ColumnRef{Pos: pos, Names: names})
	default:
		for k, n := range names {
			names[k] = backQuote(n)
		}
		p.out = append(p.out, chunk{s: strings.Join(names, "."), pos: first.pos})
		p.indirection(from)
	}
}

// namedLiteral writes the string constant that follows a type.
func (p *parser) namedLiteral(ty ast.TypeName, pos ast.Pos) {
	lit := &ast.Literal{Pos: p.pos(), Kind: ast.LitString, Text: p.str()}
	p.leaf(&ast.Cast{Pos: pos, X: lit, Type: ty})
}
