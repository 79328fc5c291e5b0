package parser

import "github.com/streamsqld/streamsqld/sql/ast"

// columnIdentity takes an action of ALTER COLUMN about its identity; false: there is none.
func (p *parser) columnIdentity(st *ast.Alter) bool {
	switch {
	case p.opt("add", "generated"):
		st.Action, st.Def = "add identity", &ast.ColumnDef{Pos: st.Pos}
		if p.generated(func() *ast.ColumnDef { return st.Def }); st.Def.Identity == "" {
			p.fail()
		}
	case p.opt("drop", "identity"):
		st.Action = "drop identity"
		st.IfExists = p.opt("if", "exists") || st.IfExists
	case p.at("restart"), p.at("set") && p.peek(1).kind == tIdent && identityOptions[p.peek(1).text]:
		p.setIdentity(st)
	default:
		return false
	}
	return true
}

// identityOptions are the words that may stand behind SET of an identity column.
var identityOptions = map[string]bool{"generated": true, "increment": true, "minvalue": true, "maxvalue": true, "start": true, "cache": true, "cycle": true, "no": true}

// setIdentity takes SET GENERATED kind, SET option and RESTART, one or more of them.
func (p *parser) setIdentity(st *ast.Alter) {
	st.Action, st.Def = "set identity", &ast.ColumnDef{Pos: st.Pos}
	for p.atAny("set", "restart") {
		if p.opt("set", "generated") {
			st.Def.Identity = "by default"
			if !p.opt("by", "default") {
				p.need("always")
				st.Def.Identity = "always"
			}
			continue
		}
		p.opt("set")
		opts := p.sequenceOptions()
		if opts == nil {
			p.fail()
		}
		st.Options = append(st.Options, opts...)
	}
}
