package oracle

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// show writes one of our trees in the form that pgShow gives PostgreSQL's.
func show(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.ColumnRef:
		return strings.Join(x.Names, ".")
	case *ast.Literal:
		switch x.Kind {
		case ast.LitNull:
			return "null"
		case ast.LitString:
			return "'" + x.Text + "'"
		}
		return x.Text
	case *ast.Param:
		return fmt.Sprintf("$%d", x.N)
	case *ast.Unary:
		if n, ok := negated(x); ok {
			return n
		}
		return list(x.Op, x.X)
	case *ast.Binary:
		return list(x.Op, x.L, x.R)
	case *ast.IsTest:
		return list(not(x.Not)+"is "+x.Test, x.X)
	case *ast.IsDistinct:
		return list(not(x.Not)+"distinct", x.L, x.R)
	case *ast.Between:
		sym := ""
		if x.Symmetric {
			sym = " symmetric"
		}
		return list(not(x.Not)+"between"+sym, x.X, x.Lo, x.Hi)
	case *ast.In:
		return list(not(x.Not)+"in", append([]ast.Expr{x.X}, x.List...)...)
	case *ast.Like:
		if x.Escape != nil {
			return list(not(x.Not)+x.Op, x.X, x.Pattern, x.Escape)
		}
		return list(not(x.Not)+x.Op, x.X, x.Pattern)
	case *ast.Quantified:
		if x.All {
			return list(x.Op+" all", x.X, x.Array)
		}
		return list(x.Op+" any", x.X, x.Array)
	case *ast.Case:
		var parts []ast.Expr
		if x.X != nil {
			parts = append(parts, x.X)
		}
		for _, w := range x.Whens {
			parts = append(parts, w.Cond, w.Then)
		}
		if x.Else != nil {
			parts = append(parts, x.Else)
		}
		return list("case", parts...)
	case *ast.Cast:
		return list("cast:"+typeName(x.Type), x.X)
	case *ast.Call:
		return list("call:"+strings.Join(x.Name, "."), x.Args...)
	case *ast.Array:
		return list("array", x.Items...)
	case *ast.Row:
		return list("row", x.Items...)
	case *ast.Subscript:
		return list("subscript", x.X, x.Lo)
	case *ast.Field:
		return list("field:"+x.Name, x.X)
	case *ast.Collate:
		return list("collate:"+strings.Join(x.Name, "."), x.X)
	}
	return fmt.Sprintf("?%T", x)
}

// negated folds a minus before a number into it, as PostgreSQL's grammar does.
func negated(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.Literal:
		return x.Text, x.Kind == ast.LitInt || x.Kind == ast.LitNum
	case *ast.Unary:
		if n, ok := negated(x.X); ok && x.Op == "-" {
			if rest, neg := strings.CutPrefix(n, "-"); neg {
				return rest, true
			}
			return "-" + n, true
		}
	}
	return "", false
}

func not(n bool) string {
	if n {
		return "not "
	}
	return ""
}

func list(head string, xs ...ast.Expr) string {
	parts := []string{head}
	for _, x := range xs {
		parts = append(parts, show(x))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func typeName(t ast.TypeName) string { return strings.Join(t.Name, ".") + strings.Repeat("[]", t.Dims) }
