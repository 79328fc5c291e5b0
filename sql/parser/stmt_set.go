package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// set is SET [SESSION | LOCAL] name = | TO value, ... and its special forms.
func (p *parser) set() ast.Stmt {
	st := &ast.Set{Pos: p.pos()}
	p.need("set")
	switch {
	case p.at("session", "characteristics", "as", "transaction"), p.at("transaction"):
		st.Name = "transaction"
		if p.opt("session", "characteristics", "as") {
			st.Name = "session characteristics"
		}
		p.need("transaction")
		st.Values = p.txModes()
		if st.Values == nil {
			if p.at("snapshot") {
				p.unsupported(p.pos(), "SET TRANSACTION SNAPSHOT")
			}
			p.fail()
		}
		return st
	case p.at("constraints") && !p.peek(1).is("=") && !p.peek(1).is("to"):
		return p.setConstraints(st.Pos)
	}
	if !p.opt("session") || p.at("authorization") && p.backUp() {
		st.Local = p.opt("local")
	}
	p.setTarget(st)
	return st
}

// setConstraints is SET CONSTRAINTS name, ... | ALL DEFERRED | IMMEDIATE.
func (p *parser) setConstraints(pos ast.Pos) ast.Stmt {
	st := &ast.SetConstraints{Pos: pos}
	p.need("constraints")
	if !p.opt("all") {
		for {
			st.Names = append(st.Names, p.names())
			if !p.opt(",") {
				break
			}
		}
	}
	st.Deferred = p.oneOf("deferred", "immediate") == "deferred"
	return st
}

// backUp goes back one token, so that SESSION AUTHORIZATION is a name of two words.
func (p *parser) backUp() bool {
	p.i--
	return true
}

func (p *parser) setTarget(st *ast.Set) {
	switch {
	case p.opt("time", "zone"):
		st.Name = "timezone"
		p.timeZone(st)
		return
	case p.opt("session", "authorization"):
		st.Name = "session_authorization"
	case p.opt("role"):
		st.Name = "role"
		_ = p.opt("to") || p.opt("=")
	case p.opt("names"):
		st.Name = "client_encoding"
		if p.done() || p.at(";") {
			st.Default = true
			return
		}
	case p.opt("schema"):
		st.Name = "search_path"
	case p.opt("xml", "option"):
		st.Name = "xmloption"
	default:
		st.Name = p.settingName()
		if !p.opt("to") {
			p.need("=")
		}
	}
	if st.Default = p.opt("default"); st.Default {
		return
	}
	for {
		st.Values = append(st.Values, p.settingValue())
		if !p.opt(",") {
			return
		}
	}
}

// timeZone takes the value of SET TIME ZONE.
func (p *parser) timeZone(st *ast.Set) {
	switch {
	case p.opt("local"), p.opt("default"):
		st.Default = true
	case p.opt("interval"):
		st.Values = []string{"interval " + p.str()}
		if p.opt("hour") && p.opt("to") {
			p.need("minute")
		}
	default:
		st.Values = []string{p.settingValue()}
	}
}

func (p *parser) settingName() string { return strings.ToLower(strings.Join(p.names(), ".")) }

// settingValue takes a word, a string or a number as text.
func (p *parser) settingValue() string {
	sign := ""
	if t := p.cur(); t.is("-") || t.is("+") {
		sign = strings.TrimPrefix(t.text, "+")
		p.i++
		if p.cur().kind != tNumber {
			p.fail()
		}
	}
	t := p.cur()
	switch t.kind {
	case tNumber:
		_, s := numberOf(t.text)
		p.i++
		return sign + s
	case tString, tQuoted:
		p.i++
		return t.text
	case tIdent:
		if keywords[t.text].class == reserved && t.text != "on" && t.text != "true" && t.text != "false" {
			p.fail()
		}
		p.i++
		return t.text
	}
	p.fail()
	return ""
}

// specialSetting takes TIME ZONE, TRANSACTION ISOLATION LEVEL and SESSION AUTHORIZATION of SHOW and RESET.
func (p *parser) specialSetting() string {
	switch {
	case p.opt("time", "zone"):
		return "timezone"
	case p.opt("transaction", "isolation", "level"):
		return "transaction_isolation"
	case p.opt("session", "authorization"):
		return "session_authorization"
	}
	return p.settingName()
}

func (p *parser) reset() ast.Stmt {
	st := &ast.Reset{Pos: p.pos()}
	p.need("reset")
	if st.All = p.opt("all"); !st.All {
		st.Name = p.specialSetting()
	}
	return st
}

func (p *parser) show() ast.Stmt {
	st := &ast.Show{Pos: p.pos()}
	p.need("show")
	switch {
	case p.opt("all"):
		st.All = true
	case p.opt("materialized", "views"):
		st.Name = "materialized views"
	default:
		st.Name = p.specialSetting()
	}
	return st
}

func (p *parser) discard() ast.Stmt {
	st := &ast.Discard{Pos: p.pos()}
	p.need("discard")
	st.What = p.oneOf("all", "plans", "sequences", "temp", "temporary")
	return st
}
