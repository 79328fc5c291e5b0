package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

func (p *parser) subscribeStmt() ast.Stmt { return p.subscribe() }

// subscribe is SUBSCRIBE [TO] name | (query) [WITH (...)].
func (p *parser) subscribe() *ast.Subscribe {
	st := &ast.Subscribe{Pos: p.pos()}
	p.need("subscribe")
	p.opt("to")
	if p.opt("(") {
		if !p.atQuery() {
			p.fail()
		}
		p.sqlQueryTo(&st.Query, &st.SQL, &st.SQLPos)
		p.need(")")
	} else {
		st.Names = p.names()
	}
	st.Options = p.withOptions()
	return st
}

// declare is DECLARE name [BINARY] [INSENSITIVE] [[NO] SCROLL] CURSOR [WITH | WITHOUT HOLD] FOR query | SUBSCRIBE ...
func (p *parser) declare() ast.Stmt {
	st := &ast.Declare{Pos: p.pos()}
	p.need("declare")
	st.Name = p.name()
	for !p.opt("cursor") {
		switch {
		case p.opt("binary"):
			st.Binary = true
		case p.opt("no", "scroll"):
			st.NoScroll = true
		case p.opt("scroll"):
			st.Scroll = true
		case p.opt("insensitive"), p.opt("asensitive"):
		default:
			p.fail()
		}
	}
	if p.opt("with", "hold") {
		st.Hold = true
	} else {
		p.opt("without", "hold")
	}
	p.need("for")
	switch {
	case p.at("subscribe"):
		st.Subscribe = p.subscribe()
	case p.atQuery():
		p.queryTo(&st.Query)
	default:
		p.fail()
	}
	return st
}

// fetch is FETCH | MOVE [direction] [FROM | IN] cursor [WITH (...)].
func (p *parser) fetch() ast.Stmt {
	st := &ast.Fetch{Pos: p.pos(), Direction: "forward", Count: 1}
	st.Move = p.oneOf("fetch", "move") == "move"
	p.fetchDirection(st)
	_ = p.opt("from") || p.opt("in")
	st.Cursor = p.name()
	st.Options = p.withOptions()
	return st
}

func (p *parser) fetchDirection(st *ast.Fetch) {
	n := p.peek(1)
	alone := n.kind == tEOF || n.is(";") || n.is("with") // then the word is the cursor's name
	switch {
	case alone:
		st.Direction = "next"
	case p.atAny("next", "prior", "first", "last"):
		st.Direction = p.label()
	case p.atAny("absolute", "relative"):
		st.Direction = p.label()
		st.Count = p.integer()
	case p.atAny("forward", "backward"):
		st.Direction = p.label()
		p.fetchCount(st)
	case p.atAny("from", "in"):
		st.Direction = "next"
	default:
		p.fetchCount(st)
	}
}

// fetchCount takes a number or ALL, if either comes next.
func (p *parser) fetchCount(st *ast.Fetch) {
	switch {
	case p.opt("all"):
		st.All, st.Count = true, -1
	case p.cur().kind == tNumber || p.atAny("-", "+"):
		st.Count = p.integer()
	}
}

func (p *parser) closeCursor() ast.Stmt {
	st := &ast.CloseCursor{Pos: p.pos()}
	p.need("close")
	if st.All = p.opt("all"); !st.All {
		st.Name = p.name()
	}
	return st
}

// prepare is PREPARE name [(types)] AS statement.
func (p *parser) prepare() ast.Stmt {
	st := &ast.Prepare{Pos: p.pos()}
	p.need("prepare")
	if p.at("transaction") {
		p.unsupported(p.pos(), "PREPARE TRANSACTION")
	}
	st.Name = p.name()
	if p.opt("(") {
		for {
			st.Types = append(st.Types, p.typeName())
			if !p.opt(",") {
				break
			}
		}
		p.need(")")
	}
	p.need("as")
	pos := p.pos()
	if !p.atQuery() && !p.atAny("insert", "update", "delete", "merge", "subscribe") {
		p.fail()
	}
	st.Stmt = p.statement()
	st.SQL = p.textSince(pos)
	p.params = 0 // they are the prepared statement's
	return st
}

func (p *parser) execute() ast.Stmt {
	st := &ast.Execute{Pos: p.pos()}
	p.need("execute")
	st.Name = p.name()
	if p.opt("(") && !p.opt(")") {
		for {
			p.exprThen(func(x ast.Expr) { st.Args = append(st.Args, x) })
			if !p.opt(",") {
				break
			}
		}
		p.need(")")
	}
	return st
}

func (p *parser) deallocate() ast.Stmt {
	st := &ast.Deallocate{Pos: p.pos()}
	p.need("deallocate")
	if p.at("prepare") && (isColID(p.peek(1)) || p.at("prepare", "all")) {
		p.i++
	}
	if st.All = p.opt("all"); !st.All {
		st.Name = p.name()
	}
	return st
}

// explain is EXPLAIN [(options)] [ANALYZE] [VERBOSE] statement, or EXPLAIN WATERMARK name.
func (p *parser) explain() ast.Stmt {
	st := &ast.Explain{Pos: p.pos()}
	p.need("explain")
	if p.opt("watermark") {
		st.Pos = p.pos()
		st.Watermark = p.names()
		return st
	}
	if p.at("(") && !p.queryAt(p.i, 0) {
		if p.at("(", ")") {
			p.i++
			p.fail()
		}
		st.Options = p.optionList(false)
	} else {
		if p.atAny("analyze", "analyse") {
			st.Options = append(st.Options, ast.Option{Pos: p.pos(), Key: strings.Replace(p.label(), "analyse", "analyze", 1)})
		}
		if p.at("verbose") {
			st.Options = append(st.Options, ast.Option{Pos: p.pos(), Key: p.label()})
		}
	}
	if !p.atQuery() && !p.atAny("insert", "update", "delete", "merge", "declare", "create", "execute", "refresh", "subscribe") {
		p.fail()
	}
	st.Stmt = p.statement()
	return st
}

// callStmt is CALL f(args).
func (p *parser) callStmt() ast.Stmt {
	st := &ast.CallStmt{Pos: p.pos()}
	p.need("call")
	pos := p.pos()
	p.hole(func(x ast.Expr) {
		c, ok := x.(*ast.Call)
		if !ok {
			p.refuse(pos, sqlerr.SyntaxError, "CALL needs a procedure with its arguments in brackets")
		}
		st.Call = c
	})
	if !p.atName() {
		p.fail()
	}
	p.columnOrCall()
	return st
}

// flush is FLUSH [name].
func (p *parser) flush() ast.Stmt {
	st := &ast.Flush{Pos: p.pos()}
	p.need("flush")
	if !p.done() && !p.at(";") {
		st.Names = p.names()
	}
	return st
}

// refresh is REFRESH MATERIALIZED VIEW name.
func (p *parser) refresh() ast.Stmt {
	st := &ast.Refresh{Pos: p.pos()}
	p.need("refresh", "materialized", "view")
	st.Concurrently = p.opt("concurrently")
	st.Names = p.names()
	if p.opt("with", "no", "data") {
		st.NoData = true
	} else {
		p.opt("with", "data")
	}
	return st
}
