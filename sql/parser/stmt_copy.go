package parser

import (
	"github.com/streamsqld/streamsqld/sql/ast"
)

// copy is COPY table | (query) | (SUBSCRIBE ...) FROM | TO, with new and old options.
func (p *parser) copy() ast.Stmt {
	st := &ast.Copy{Pos: p.pos()}
	p.need("copy")
	binary := p.at("binary") && isColID(p.peek(1))
	if binary {
		st.Options = append(st.Options, ast.Option{Pos: p.pos(), Key: "format", Value: "binary", HasValue: true})
		p.i++
	}
	if p.opt("(") {
		if p.at("subscribe") {
			st.Subscribe = p.subscribe()
		} else if p.atAny("insert", "update", "delete") || p.at("with") && p.withDML() {
			st.Change = p.statement()
		} else {
			if !p.atQuery() {
				p.fail()
			}
			p.queryTo(&st.Query)
		}
		p.need(")", "to")
	} else {
		st.Names = p.names()
		st.Cols = p.bracketNames()
		st.From = p.oneOf("from", "to") == "from"
	}
	p.copyPlace(st)
	_ = p.opt("using")
	if p.opt("delimiters") {
		st.Options = append(st.Options, ast.Option{Pos: p.pos(), Key: "delimiter", Value: p.str(), HasValue: true})
	}
	p.opt("with")
	if p.at("(") {
		st.Options = append(st.Options, p.optionList(false)...)
	} else {
		for p.oldCopyOption(st) {
		}
	}
	if st.From {
		p.whereTo(&st.Where)
	}
	return st
}

// copyPlace takes STDIN, STDOUT or a file's name.
func (p *parser) copyPlace(st *ast.Copy) {
	pos := p.pos()
	switch {
	case p.opt("program"):
		p.unsupported(pos, "COPY with a program")
	case p.opt("stdin"), p.opt("stdout"):
	default:
		st.File = p.str()
	}
}

// oldCopyOption takes one option in the syntax of PostgreSQL before 9.0: CSV, HEADER, DELIMITER AS ','.
func (p *parser) oldCopyOption(st *ast.Copy) bool {
	o := ast.Option{Pos: p.pos(), HasValue: true}
	switch {
	case p.atAny("csv", "binary"):
		o.Key, o.Value = "format", p.label()
	case p.opt("header"), p.opt("freeze"):
		o.Key, o.Value = p.toks[p.i-1].text, "true"
	case p.atAny("delimiter", "null", "quote", "escape"):
		o.Key = p.label()
		p.opt("as")
		o.ValuePos = p.pos()
		o.Value = p.str()
	case p.opt("encoding"):
		o.Key, o.ValuePos = "encoding", p.pos()
		o.Value = p.str()
	case p.opt("force"):
		o.Key = "force_" + p.forceKind()
		if p.opt("*") {
			o.Value = "*"
		} else {
			o.List = p.nameList()
		}
	default:
		return false
	}
	st.Options = append(st.Options, o)
	return true
}

func (p *parser) forceKind() string {
	if p.opt("not", "null") {
		return "not_null"
	}
	return p.oneOf("quote", "null")
}
