package parser

import "github.com/streamsqld/streamsqld/sql/ast"

// createType is what follows CREATE TYPE.
func (p *parser) createType(pos ast.Pos) ast.Stmt {
	st := &ast.CreateType{Pos: pos, Names: p.names()}
	if !p.at("as") {
		p.unsupported(pos, "a base type or shell type")
	}
	p.i++
	if p.at("range") {
		p.unsupported(p.pos(), "CREATE TYPE ... AS RANGE")
	}
	st.Enum = p.opt("enum")
	p.need("(")
	for !p.at(")") {
		if st.Enum {
			st.Labels = append(st.Labels, p.str())
		} else {
			p.attribute(&st.Attrs)
		}
		if p.at(")") {
			break
		}
		p.need(",")
		if p.at(")") {
			p.fail()
		}
	}
	p.need(")")
	return st
}

// attribute takes name type [COLLATE x] of a composite type.
func (p *parser) attribute(list *[]ast.ColumnDef) {
	d := ast.ColumnDef{Pos: p.pos(), Name: p.name(), Type: p.typeName()}
	if p.opt("collate") {
		d.Collate = p.names()
	}
	*list = append(*list, d)
}

// createDomain is what follows CREATE DOMAIN.
func (p *parser) createDomain(pos ast.Pos) ast.Stmt {
	st := &ast.CreateDomain{Pos: pos, Names: p.names()}
	p.opt("as")
	st.Def.Pos, st.Def.Type = p.pos(), p.typeName()
	at := p.pos()
	for p.columnConstraint(func() *ast.ColumnDef { return &st.Def }) {
		if d := st.Def; d.Primary || d.Unique || d.Refs != nil || d.Identity != "" || d.GeneratedSQL != "" {
			p.refuse(at, "42601", "this constraint is not possible for domains")
		}
		at = p.pos()
	}
	return st
}

// alterType is what follows ALTER TYPE or ALTER DOMAIN.
func (p *parser) alterType(pos ast.Pos, kind string) ast.Stmt {
	st := &ast.AlterType{Pos: pos, Kind: kind, Names: p.names()}
	switch {
	case p.opt("rename", "to"):
		st.Action, st.NewName = "rename", p.name()
	case p.opt("set", "schema"):
		st.Action, st.NewName = "set schema", p.name()
	case p.opt("owner", "to"):
		st.Action, st.NewName = "owner", p.label()
	case kind == "domain":
		p.alterDomain(st)
	case p.opt("add", "value"):
		st.Action, st.IfExists, st.Name = "add value", p.ifNotExists(), p.str()
		if p.opt("before") {
			st.Before = p.str()
		} else if p.opt("after") {
			st.After = p.str()
		}
	case p.opt("rename", "value"):
		st.Action, st.Name = "rename value", p.str()
		p.need("to")
		st.NewName = p.str()
	default:
		p.alterAttribute(st)
	}
	return st
}

func (p *parser) alterAttribute(st *ast.AlterType) {
	switch {
	case p.opt("rename", "attribute"):
		st.Action, st.Name = "rename attribute", p.name()
		p.need("to")
		st.NewName = p.name()
	case p.opt("add", "attribute"):
		var list []ast.ColumnDef
		p.attribute(&list)
		st.Action, st.Def = "add attribute", list[0]
	case p.opt("drop", "attribute"):
		st.Action, st.IfExists, st.Name = "drop attribute", p.opt("if", "exists"), p.name()
	case p.opt("alter", "attribute"):
		st.Action, st.Name = "alter attribute", p.name()
		p.opt("set", "data")
		p.need("type")
		st.Def = ast.ColumnDef{Pos: p.pos(), Type: p.typeName()}
	case p.done():
		p.fail()
	default:
		p.unsupported(p.pos(), "this action of ALTER TYPE")
	}
	st.Cascade = p.cascade()
	if p.at(",") {
		p.unsupported(p.pos(), "several actions of ALTER TYPE")
	}
}

func (p *parser) alterDomain(st *ast.AlterType) {
	switch {
	case p.opt("set", "default"):
		st.Action = "set default"
		st.Def.DefaultSQL = p.sqlExprTo(&st.Def.Default)
	case p.opt("drop", "default"):
		st.Action = "drop default"
	case p.opt("set", "not", "null"):
		st.Action = "set not null"
	case p.opt("drop", "not", "null"):
		st.Action = "drop not null"
	case p.opt("rename", "constraint"):
		st.Action, st.Name = "rename constraint", p.name()
		p.need("to")
		st.NewName = p.name()
	case p.opt("validate", "constraint"):
		st.Action, st.Name = "validate constraint", p.name()
	case p.opt("drop", "constraint"):
		st.Action, st.IfExists, st.Name = "drop constraint", p.opt("if", "exists"), p.name()
		st.Cascade = p.cascade()
	case p.opt("add"):
		checks := new([]ast.Check)
		pos, name := p.pos(), ""
		if p.opt("constraint") {
			name = p.name()
		}
		p.need("check")
		p.check(pos, name, func() *[]ast.Check { return checks })
		if p.at("not", "valid") {
			p.unsupported(p.pos(), "a not yet valid constraint")
		}
		st.Action, st.Check = "add constraint", &(*checks)[0]
	default:
		p.fail()
	}
}
