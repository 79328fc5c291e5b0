package parser

import (
	"github.com/streamsqld/streamsqld/sql/ast"
)

// statement takes one statement; its expressions and queries are still holes then.
func (p *parser) statement() ast.Stmt {
	if p.at("(") || p.atQuery() {
		st := &ast.QueryStmt{}
		p.queryTo(&st.Query)
		return st
	}
	p.fail()
	return nil
}
