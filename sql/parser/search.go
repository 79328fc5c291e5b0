package parser

import "github.com/streamsqld/streamsqld/sql/ast"

// search takes SEARCH {BREADTH | DEPTH} FIRST BY col, ... SET name after a WITH item, if it is there.
func (p *parser) search(c *ast.CTE) {
	if !p.at("search") {
		return
	}
	s := &ast.Search{Pos: p.pos()}
	p.i++
	s.Breadth = p.oneOf("breadth", "depth") == "breadth"
	p.need("first", "by")
	s.Cols = p.nameList()
	p.need("set")
	s.Seq = p.name()
	c.Search = s
}

// cycle takes CYCLE col, ... SET name [TO value DEFAULT value] USING name, if it is there.
func (p *parser) cycle(c *ast.CTE) {
	if !p.at("cycle") {
		return
	}
	y := &ast.Cycle{Pos: p.pos()}
	p.i++
	y.Cols = p.nameList()
	p.need("set")
	y.Mark = p.name()
	if p.opt("to") {
		p.aside(func() { p.constantTo(&y.Value) })
		p.need("default")
		p.aside(func() { p.constantTo(&y.Default) })
	}
	p.need("using")
	y.Path = p.name()
	c.Cycle = y
}

// constantTo takes a constant, perhaps with a type before it, and stores it at x.
func (p *parser) constantTo(x *ast.Expr) {
	p.hole(func(e ast.Expr) { *x = e })
	p.primary()
}
