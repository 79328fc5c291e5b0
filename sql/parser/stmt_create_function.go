package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// createFunction is CREATE FUNCTION | AGGREGATE name (args) RETURNS type LANGUAGE l AS body, its clauses in any order.
// PostgreSQL's CREATE AGGREGATE (SFUNC = ...) is refused.
func (p *parser) createFunction(pos ast.Pos, replace, aggregate bool) ast.Stmt {
	st := &ast.CreateFunction{Pos: pos, OrReplace: replace, Aggregate: aggregate, Names: p.names()}
	if end := p.closing[p.i]; aggregate && p.at("(") && end > 0 && !p.toks[end+1].is("returns") {
		p.unsupported(pos, "CREATE AGGREGATE without RETURNS and LANGUAGE")
	}
	p.need("(")
	for !p.at(")") {
		p.funcArg(st)
		if !p.opt(",") {
			break
		}
	}
	p.need(")")
	if p.opt("returns") {
		if p.at("table") {
			p.unsupported(p.pos(), "RETURNS TABLE")
		}
		st.SetOf = p.opt("setof")
		ty := p.typeName()
		st.Returns = &ty
	}
	for p.funcClause(st) {
	}
	return st
}

func (p *parser) funcArg(st *ast.CreateFunction) {
	if p.atAny("out", "inout", "variadic") {
		p.unsupported(p.pos(), strings.ToUpper(p.cur().text)+" arguments")
	}
	p.opt("in")
	a := ast.FuncArg{}
	if n := p.peek(1); !n.is(",") && !n.is(")") && !n.is("(") && !n.is("[") && !n.is(".") && !n.is("default") && !n.is("=") &&
		!p.at("double", "precision") && !p.at("character", "varying") && !(p.atAny("time", "timestamp") && (n.is("with") || n.is("without"))) {
		a.Name = p.label()
		p.opt("in")
	}
	if p.atAny("out", "inout", "variadic") {
		p.unsupported(p.pos(), strings.ToUpper(p.cur().text)+" arguments")
	}
	a.Type = p.typeName()
	k := len(st.Args)
	st.Args = append(st.Args, a)
	if p.opt("default") || p.opt("=") {
		p.exprThen(func(x ast.Expr) { st.Args[k].Default = x })
	}
}

// funcClause takes one clause after the arguments; false where there is no more.
func (p *parser) funcClause(st *ast.CreateFunction) bool {
	pos := p.pos()
	option := func(key string) { st.Options = append(st.Options, ast.Option{Pos: pos, Key: key}) }
	switch {
	case p.opt("language"):
		if p.cur().kind == tString {
			st.Language = strings.ToLower(p.str())
		} else {
			st.Language = p.label()
		}
	case p.opt("as"):
		st.BodyPos = p.pos()
		st.Body = p.str()
		if p.opt(",") {
			option(p.str())
		}
	case p.opt("return"):
		st.BodyPos = p.pos()
		x := ast.Expr(nil)
		st.Body = "SELECT " + p.sqlExprTo(&x)
		if st.Language == "" {
			st.Language = "sql"
		}
	case p.opt("returns", "null", "on", "null", "input"), p.opt("strict"):
		option("strict")
	case p.opt("called", "on", "null", "input"):
		option("called on null input")
	case p.opt("not", "leakproof"), p.opt("external", "security"), p.opt("security"):
		if p.at("definer") {
			p.unsupported(p.pos(), "SECURITY DEFINER")
		}
		p.opt("invoker")
	case p.atAny("immutable", "stable", "volatile", "leakproof", "window"):
		option(p.label())
	case p.atAny("cost", "rows", "parallel"):
		o := ast.Option{Pos: pos, Key: p.label()}
		p.optionValue(&o, true)
		st.Options = append(st.Options, o)
	case p.opt("set"):
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
	case p.at("with", "("):
		st.Options = append(st.Options, p.withOptions()...)
	default:
		return false
	}
	return true
}
