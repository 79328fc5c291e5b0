package parser

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// alter is ALTER kind name action.
func (p *parser) alter() ast.Stmt {
	pos := p.pos()
	p.need("alter")
	kind := p.objectKind()
	switch kind {
	case "stream", "table", "view", "materialized view", "sink", "schema", "index", "sequence", "function", "aggregate", "procedure", "routine":
	case "type", "domain":
		return p.alterType(pos, kind)
	default:
		return p.utilityWords(pos, "alter", kind)
	}
	st := &ast.Alter{Pos: pos, Kind: kind, IfExists: p.opt("if", "exists")}
	p.opt("only")
	st.Names = p.names()
	if isRoutine(kind) {
		st.Args = p.funcSig()
	}
	p.opt("*")
	if isRoutine(kind) && p.alterFunction(st) {
		return st
	}
	p.alterAction(st)
	for last := st; (kind == "table" || kind == "index") && p.opt(","); last = last.Next {
		last.Next = &ast.Alter{Pos: pos, Kind: kind, IfExists: st.IfExists, Names: st.Names}
		p.alterAction(last.Next)
		switch last.Next.Action {
		case "rename", "rename column", "set schema", "owner", "as":
			p.fail()
		}
	}
	return st
}

// alterFunction is ALTER FUNCTION f clause ... with the clauses of CREATE FUNCTION behind the language; false where there is none.
func (p *parser) alterFunction(st *ast.Alter) bool {
	if p.at("set", "schema") || p.atAny("language", "as", "return", "begin", "with") {
		return false
	}
	f := &ast.CreateFunction{}
	for p.funcClause(f) {
	}
	p.opt("restrict")
	st.Action, st.Options = "clauses", f.Options
	return f.Options != nil
}

func (p *parser) alterAction(st *ast.Alter) {
	switch {
	case p.opt("pause"):
		st.Action = "pause"
	case p.opt("resume"):
		st.Action = "resume"
	case p.opt("set", "schema"):
		st.Action, st.NewName = "set schema", p.name()
	case p.at("set", "("):
		p.i++
		st.Action, st.Options = "set", p.optionList(true)
	case p.opt("owner", "to"):
		st.Action, st.NewName = "owner", p.label()
	case (st.Kind == "table" || st.Kind == "index") && p.alterStorage(st):
	case p.opt("rename"):
		p.rename(st)
	case st.Kind != "sequence" && p.opt("as"):
		st.Action = "as"
		p.sqlQueryTo(&st.Query, &st.SQL, &st.SQLPos)
	case p.opt("add"):
		p.alterAdd(st)
	case p.opt("drop"):
		p.alterDrop(st)
	case st.Kind == "table" && p.opt("validate", "constraint"):
		st.Action, st.Column = "validate constraint", p.name()
	case p.opt("alter"):
		p.alterColumn(st)
	default:
		if st.Kind == "sequence" {
			st.Action, st.Options = "sequence", p.sequenceOptions()
		}
		if p.done() || p.at(";") {
			if st.Action == "" || st.Options == nil {
				p.fail()
			}
			return
		}
		p.unsupportedOr("this action of ALTER", "attach", "cluster", "depends", "detach", "disable", "enable", "force", "inherit", "no", "not", "of", "options",
			"refresh", "replica", "reset", "set", "validate")
	}
}

// unsupportedOr refuses what PostgreSQL has and this server has not, by the words that begin it; all else is a syntax error.
func (p *parser) unsupportedOr(what string, words ...string) {
	for _, w := range words {
		if p.at(w) {
			p.unsupported(p.pos(), what)
		}
	}
	p.fail()
}

func (p *parser) rename(st *ast.Alter) {
	switch {
	case p.opt("to"):
		st.Action = "rename"
	case p.at("constraint") && !p.peek(1).is("to"):
		p.need("constraint")
		st.Action, st.Column = "rename constraint", p.name()
		p.need("to")
	default:
		p.opt("column")
		st.Action, st.Column = "rename column", p.name()
		p.need("to")
	}
	st.NewName = p.name()
}

func (p *parser) alterAdd(st *ast.Alter) {
	if p.atConstraint() || p.at("exclude") {
		var keys []ast.Key
		var foreign []ast.ForeignKey
		checks := new([]ast.Check)
		p.tableConstraint(&keys, checks, &foreign)
		at := p.pos()
		if st.NotValid = p.opt("not", "valid"); st.NotValid && keys != nil {
			what := "UNIQUE"
			if keys[0].Primary {
				what = "PRIMARY KEY"
			}
			p.refuse(at, sqlerr.FeatureNotSupported, "%s constraints cannot be marked NOT VALID", what)
		}
		st.Action = "add constraint"
		switch {
		case keys != nil:
			st.Key = &keys[0]
		case foreign != nil:
			st.Foreign = &foreign[0]
		default:
			st.Check = &(*checks)[0]
		}
		return
	}
	p.opt("column")
	st.IfExists = p.ifNotExists() || st.IfExists
	st.Action, st.Def = "add column", &ast.ColumnDef{}
	p.column(func() *ast.ColumnDef { return st.Def })
	st.Column = st.Def.Name
}

func (p *parser) alterDrop(st *ast.Alter) {
	if st.Action = "drop column"; p.opt("constraint") {
		st.Action = "drop constraint"
	} else {
		p.opt("column")
	}
	if p.opt("if", "exists") {
		st.IfExists = true
	}
	st.Column = p.name()
	st.Cascade = p.cascade()
}

func (p *parser) alterColumn(st *ast.Alter) {
	if p.at("constraint") {
		p.unsupported(p.pos(), "this action of ALTER")
	}
	p.opt("column")
	if st.Kind == "index" && p.cur().kind == tNumber {
		_, st.Column = numberOf(p.cur().text)
		p.i++
	} else {
		st.Column = p.name()
	}
	switch {
	case p.columnStorage(st), p.columnIdentity(st):
	case p.opt("set", "default"):
		st.Action = "set default"
		st.DefaultSQL = p.sqlExprTo(&st.Default)
	case p.opt("drop", "default"):
		st.Action = "drop default"
	case p.opt("set", "not", "null"):
		st.Action = "set not null"
	case p.opt("drop", "not", "null"):
		st.Action = "drop not null"
	case p.opt("drop", "expression"):
		st.Action = "drop expression"
		st.IfExists = p.opt("if", "exists") || st.IfExists
	case p.at("type"), p.at("set", "data", "type"):
		p.opt("set", "data")
		p.need("type")
		st.Action, st.Def = "set type", &ast.ColumnDef{Pos: p.pos(), Name: st.Column, Type: p.typeName()}
		if p.opt("collate") {
			st.Def.Collate = p.names()
		}
		if p.opt("using") {
			p.exprTo(&st.Default)
		}
	default:
		p.opt("drop")
		p.unsupportedOr("this action of ALTER COLUMN", "options")
	}
}
