package engine

import (
	"github.com/streamsqld/streamsqld/sql/ast"
)

// selectInto is CREATE TABLE AS for a SELECT ... INTO, and other statements as they are.
func selectInto(st ast.Stmt) ast.Stmt {
	q, ok := st.(*ast.QueryStmt)
	if !ok {
		return st
	}
	sel, ok := q.Query.Body.(*ast.Select)
	if !ok || len(sel.Into) == 0 {
		return st
	}
	plain, query := *sel, *q.Query
	plain.Into = nil
	query.Body = &plain
	return &ast.CreateTable{Pos: sel.Pos, Names: sel.Into, As: &query}
}
