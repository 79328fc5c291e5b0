package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// objectKinds are the things that DROP, ALTER and COMMENT ON name; the longer ones come first.
var objectKinds = []string{
	"user mapping", "text search template", "text search parser", "large object", "owned", "operator class", "operator family",
	"materialized view", "foreign table", "event trigger", "access method", "foreign data wrapper", "text search configuration",
	"text search dictionary", "stream", "table", "view", "sink", "schema", "index", "sequence", "function", "aggregate", "procedure",
	"routine", "secret", "role", "user", "group", "database", "extension", "type", "domain", "trigger", "rule", "policy",
	"publication", "subscription", "collation", "cast", "operator", "server", "tablespace", "statistics", "conversion", "language",
	"column", "constraint", "connection", "system", "default privileges",
}

// objectKind takes the words for a kind of object.
func (p *parser) objectKind() string {
	for _, k := range objectKinds {
		if p.opt(strings.Fields(k)...) {
			return k
		}
	}
	p.fail()
	return ""
}

// drop is DROP kind [IF EXISTS] name, ... [CASCADE].
func (p *parser) drop() ast.Stmt {
	pos := p.pos()
	p.need("drop")
	kind := p.objectKind()
	switch kind {
	case "stream", "table", "view", "materialized view", "sink", "schema", "index", "sequence", "function", "aggregate", "procedure", "routine", "secret", "role", "user", "type", "domain":
	default:
		return p.utilityWords(pos, "drop", kind)
	}
	switch kind {
	case "user":
		kind = "role"
	case "index":
		p.opt("concurrently")
	}
	st := &ast.Drop{Pos: pos, Kind: kind, IfExists: p.opt("if", "exists")}
	for {
		st.NamePos = append(st.NamePos, p.pos())
		st.Names = append(st.Names, p.names())
		if isRoutine(kind) {
			st.Args = append(st.Args, p.funcSig())
		}
		if !p.opt(",") {
			break
		}
	}
	st.Cascade = p.cascade()
	return st
}

func isRoutine(kind string) bool {
	return kind == "function" || kind == "aggregate" || kind == "procedure" || kind == "routine"
}

// funcSig takes the arguments that tell a function from its namesakes, if they are written.
func (p *parser) funcSig() *ast.FuncSig {
	if !p.at("(") {
		return nil
	}
	if p.opt("(", "*", ")") {
		return &ast.FuncSig{Star: true}
	}
	return &ast.FuncSig{Args: p.funcArgs(false)}
}

// comment is COMMENT ON kind name IS 'text' | NULL.
func (p *parser) comment() ast.Stmt {
	st := &ast.Comment{Pos: p.pos()}
	p.need("comment", "on")
	st.Kind = p.objectKind()
	switch st.Kind {
	case "user":
		p.fail()
	case "cast", "operator", "operator class", "operator family", "large object", "transform":
		p.unsupported(st.Pos, "COMMENT ON "+strings.ToUpper(st.Kind))
	}
	st.Names = p.names()
	if isRoutine(st.Kind) {
		st.Args = p.funcSig()
	}
	if p.opt("on") {
		if st.Kind == "constraint" && p.at("domain") && !p.peek(1).is("is") {
			p.i++
			st.Kind = "domain constraint"
		}
		st.Names = append(p.names(), st.Names...)
	}
	p.need("is")
	if st.Null = p.opt("null"); !st.Null {
		st.Text = p.str()
	}
	return st
}
