package sql

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// OwnColumns takes the name of the table off the columns in an expression that is kept with it, and in its text: t.a is a. So a new name of the table is
// none of the expression's concern.
func OwnColumns(schema, table string, x ast.Expr, text string) string {
	own := func(r *ast.ColumnRef) bool {
		n := len(r.Names)
		return !r.Star && (n == 2 || n == 3 && r.Names[0] == schema) && r.Names[n-2] == table
	}
	found := false
	WalkTree(&x, func(node any) {
		if r, ok := node.(*ast.ColumnRef); ok && own(r) {
			r.Names, found = r.Names[len(r.Names)-1:], true
		}
	})
	if !found || text == "" {
		return text
	}
	tree, err := parser.ParseExpr(text)
	if err != nil {
		return text
	}
	spans, err := parser.NewSpans(text)
	if err != nil {
		return text
	}
	var edits []edit
	seen := map[int]bool{}
	WalkTree(&tree, func(node any) {
		r, ok := node.(*ast.ColumnRef)
		if !ok || !own(r) || seen[r.Offset()] {
			return
		}
		seen[r.Offset()] = true
		if at := spans.Name(r.Offset()); len(at) == len(r.Names) {
			edits = append(edits, edit{at[0][0], at[len(at)-1][0], ""})
		}
	})
	return apply(text, edits)
}

// OwnDefs is OwnColumns for the CHECKs and generated columns of a table.
func OwnDefs(schema, table string, defs []ast.ColumnDef, checks []ast.Check) {
	all := func(list []ast.Check) {
		for i := range list {
			list[i].SQL = OwnColumns(schema, table, list[i].X, list[i].SQL)
		}
	}
	all(checks)
	for i := range defs {
		all(defs[i].Checks)
		if d := &defs[i]; d.Generated != nil {
			d.GeneratedSQL = OwnColumns(schema, table, d.Generated, d.GeneratedSQL)
		}
	}
}
