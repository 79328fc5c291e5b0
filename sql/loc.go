package sql

import "github.com/streamsqld/streamsqld/sql/ast"

// loc is where an expression begins: PostgreSQL points errors about a whole expression there.
func loc(a ast.Expr) int {
	at := a.Offset()
	first := func(xs ...ast.Expr) int {
		for _, x := range xs {
			if x != nil {
				if l := loc(x); l >= 0 && (l < at || at < 0) {
					at = l
				}
			}
		}
		return at
	}
	switch a := a.(type) {
	case *ast.Binary:
		return first(a.L)
	case *ast.IsTest:
		return first(a.X)
	case *ast.IsDistinct:
		return first(a.L)
	case *ast.Between:
		return first(a.X)
	case *ast.In:
		return first(a.X)
	case *ast.Like:
		return first(a.X)
	case *ast.Quantified:
		return first(a.X)
	case *ast.Cast:
		return first(a.X)
	case *ast.Subscript:
		return first(a.X)
	case *ast.Field:
		return first(a.X)
	case *ast.Collate:
		return first(a.X)
	case *ast.Call:
		return first(a.Args...)
	}
	return at
}
