package parser

import "github.com/streamsqld/streamsqld/sql/ast"

// alterStorage takes an action of ALTER TABLE or ALTER INDEX that is about how PostgreSQL stores rows; false: there is none.
func (p *parser) alterStorage(st *ast.Alter) bool {
	is := func(key, value string) bool {
		st.Action, st.Options = "storage", []ast.Option{{Pos: st.Pos, Key: key, Value: value}}
		return true
	}
	switch {
	case p.at("reset", "("):
		p.i++
		st.Action, st.Options = "reset", p.optionList(true)
		return true
	case p.opt("set", "tablespace"):
		return is("tablespace", p.name())
	case st.Kind == "index":
		return false
	case p.opt("set", "logged"):
		return is("unlogged", "off")
	case p.opt("set", "unlogged"):
		return is("unlogged", "on")
	case p.opt("set", "access", "method"):
		return is("access method", p.name())
	case p.opt("set", "without", "cluster"):
		return is("cluster", "")
	case p.opt("set", "without", "oids"):
		return is("oids", "")
	case p.opt("cluster", "on"):
		return is("cluster", p.name())
	case p.opt("replica", "identity"):
		return is("replica identity", p.replicaIdentity())
	case p.opt("enable", "trigger", "all"), p.opt("enable", "trigger", "user"), p.opt("disable", "trigger", "user"):
		return is("trigger", "")
	case p.opt("no", "force", "row", "level", "security"), p.opt("disable", "row", "level", "security"):
		return is("row security", "off")
	}
	return false
}

func (p *parser) replicaIdentity() string {
	switch {
	case p.opt("default"):
		return ""
	case p.opt("full"):
		return "full"
	case p.opt("nothing"):
		return "nothing"
	}
	p.need("using", "index")
	return "index " + p.name()
}

// columnStorage takes an action of ALTER COLUMN that is about how PostgreSQL stores its values; false: there is none.
func (p *parser) columnStorage(st *ast.Alter) bool {
	key := ""
	switch {
	case p.opt("set", "statistics"):
		key = "statistics"
	case p.opt("set", "storage"):
		key = "storage"
	case p.opt("set", "compression"):
		key = "compression"
	case p.at("set", "("):
		p.i++
		st.Action, st.Options = "set", p.optionList(true)
		return true
	case p.at("reset", "("):
		p.i++
		st.Action, st.Options = "reset", p.optionList(true)
		return true
	default:
		return false
	}
	o := ast.Option{Pos: p.pos(), Key: key}
	if p.opt("default") {
		o.Value = "default"
	} else {
		p.optionValue(&o, true)
	}
	st.Action, st.Options = "storage", []ast.Option{o}
	return true
}
