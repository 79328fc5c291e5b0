package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// createFunction is CREATE FUNCTION | AGGREGATE name (args) RETURNS type LANGUAGE l AS body, its clauses in any order.
// PostgreSQL's CREATE AGGREGATE (SFUNC = ...) is refused.
func (p *parser) createFunction(pos ast.Pos, replace, aggregate bool) ast.Stmt {
	st := &ast.CreateFunction{Pos: pos, OrReplace: replace, Aggregate: aggregate, NamePos: p.pos(), Names: p.names()}
	if end := p.closing[p.i]; aggregate && p.at("(") && end > 0 && !p.toks[end+1].is("returns") {
		p.unsupported(pos, "CREATE AGGREGATE without RETURNS and LANGUAGE")
	}
	st.Args = p.funcArgs(true)
	if p.opt("returns") {
		if p.opt("table") {
			st.Table = true
			p.need("(")
			for {
				a := ast.FuncArg{Pos: p.pos(), Mode: "table", Name: p.label()}
				a.Type = p.typeName()
				st.Args = append(st.Args, a)
				if !p.opt(",") {
					break
				}
			}
			p.need(")")
		} else {
			st.SetOf = p.opt("setof")
			ty := p.typeName()
			st.Returns = &ty
		}
	}
	for p.funcClause(st) {
	}
	return st
}

// funcArgs takes the bracketed arguments of a function; defaults says whether they may have some.
func (p *parser) funcArgs(defaults bool) []ast.FuncArg {
	p.need("(")
	var args []ast.FuncArg
	for !p.at(")") {
		a := p.funcArg()
		if defaults && (p.opt("default") || p.opt("=")) {
			a.DefaultPos = p.pos()
			a.Default = p.sqlExprTo(new(ast.Expr))
		}
		args = append(args, a)
		if !p.opt(",") {
			break
		}
	}
	p.need(")")
	return args
}

// funcArg takes [mode] [name] type, the mode perhaps behind the name.
func (p *parser) funcArg() ast.FuncArg {
	a := ast.FuncArg{Pos: p.pos()}
	mode := func() {
		switch {
		case p.opt("variadic"):
			a.Mode = "variadic"
		case p.opt("inout"), p.opt("in", "out"):
			a.Mode = "inout"
		case p.opt("out"):
			a.Mode = "out"
		case p.opt("in"):
			a.Mode = "in"
		}
	}
	mode()
	if n := p.peek(1); !n.is(",") && !n.is(")") && !n.is("(") && !n.is("[") && !n.is(".") && !n.is("default") && !n.is("=") &&
		!p.at("double", "precision") && !p.at("character", "varying") && !(p.atAny("time", "timestamp") && (n.is("with") || n.is("without"))) {
		a.Name = p.label()
		if a.Mode == "" {
			mode()
		}
	}
	if a.Mode == "in" {
		a.Mode = ""
	}
	a.Type = p.typeName()
	return a
}

// funcClause takes one clause after the arguments; false where there is no more.
func (p *parser) funcClause(st *ast.CreateFunction) bool {
	pos := p.pos()
	option := func(key string) { st.Options = append(st.Options, ast.Option{Pos: pos, Key: key}) }
	switch {
	case p.opt("language"):
		option("language")
		st.LanguagePos = p.pos()
		if p.cur().kind == tString {
			st.Language = strings.ToLower(p.str())
		} else {
			st.Language = p.label()
		}
	case p.opt("as"):
		option("as")
		st.BodyPos = p.pos()
		st.Body = p.str()
		if p.opt(",") {
			p.unsupported(p.pos(), "a link symbol")
		}
	case p.opt("return"):
		p.returnBody(st, pos)
	case p.at("begin", "atomic"):
		p.unsupported(pos, "BEGIN ATOMIC")
	case p.opt("returns", "null", "on", "null", "input"), p.opt("strict"):
		option("strict")
	case p.opt("called", "on", "null", "input"):
		option("called on null input")
	case p.opt("not", "leakproof"):
		option("not leakproof")
	case p.opt("external", "security"), p.opt("security"):
		if p.at("definer") {
			p.unsupported(p.pos(), "SECURITY DEFINER")
		}
		p.need("invoker")
	case p.at("window"):
		p.unsupported(p.pos(), "a window function of one's own")
	case p.atAny("immutable", "stable", "volatile", "leakproof"):
		option(p.label())
	case p.atAny("cost", "rows", "parallel"):
		o := ast.Option{Pos: pos, Key: p.label()}
		p.optionValue(&o, true)
		st.Options = append(st.Options, o)
	case p.opt("set"):
		p.funcSetting(st, pos)
	case p.at("with", "("):
		st.Options = append(st.Options, p.withOptions()...)
	default:
		return false
	}
	return true
}

// returnBody is RETURN expression, the body of the SQL standard.
func (p *parser) returnBody(st *ast.CreateFunction, pos ast.Pos) {
	st.Options = append(st.Options, ast.Option{Pos: pos, Key: "as"})
	st.Return, st.BodyPos = true, p.pos()
	st.Body = p.sqlExprTo(new(ast.Expr))
	if st.Language == "" {
		st.Language = "sql"
	}
}

// funcSetting is SET name = value, ... of a function.
func (p *parser) funcSetting(st *ast.CreateFunction, pos ast.Pos) {
	o := ast.Option{Pos: pos, Key: "set " + p.settingName(), HasValue: true}
	if !p.opt("from", "current") {
		if !p.opt("to") {
			p.need("=")
		}
		o.ValuePos = p.pos()
		for o.Value = p.settingValue(); p.opt(","); {
			o.Value += ", " + p.settingValue()
		}
	}
	st.Options = append(st.Options, o)
}
