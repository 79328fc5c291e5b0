package sql

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// jsonTable writes a function in FROM that makes rows of JSON as the query that it stands for; nil: t is none of these.
//
//	json_to_record(x) AS r(a int)          SELECT value(NULL::int, q.x -> 'a') AS a FROM (SELECT x AS x) q
//	json_to_recordset(x) AS r(a int)       ... FROM json_array_elements(x) AS q(x)
//	json_populate_record(base, x)          SELECT (json_populate_record(base, q.x)).* FROM (SELECT x AS x) q
//	json_populate_recordset(base, x)       ... FROM json_array_elements(x) AS q(x)
func jsonTable(t *ast.TableFunc) (*ast.Derived, error) {
	a := t.Calls[0]
	name := a.Name[len(a.Name)-1]
	pre, rest, ok := strings.Cut(name, "_")
	if len(t.Calls) > 1 || !ok || pre != "json" && pre != "jsonb" || t.Ordinality || len(a.Name) > 1 && a.Name[0] != "pg_catalog" {
		return nil, nil
	}
	pos := a.Pos
	call := func(name string, args ...ast.Expr) *ast.Call {
		return &ast.Call{Pos: pos, Name: []string{name}, Args: args}
	}
	x := &ast.ColumnRef{Pos: pos, Names: []string{"json row", "x"}}
	sel := &ast.Select{Pos: pos}
	alias := t.Alias
	switch rest {
	case "to_record", "to_recordset":
		if len(a.Args) != 1 {
			return nil, nil
		}
		if alias.Types == nil {
			return nil, sqlerr.New(sqlerr.SyntaxError, `a column definition list is required for functions returning "record"`).At(pos.Offset())
		}
		for i, c := range alias.Cols {
			null := &ast.Cast{Pos: pos, X: &ast.Literal{Pos: pos, Kind: ast.LitNull}, Type: alias.Types[i]}
			member := &ast.Binary{Pos: pos, Op: "->", L: x, R: &ast.Literal{Pos: pos, Kind: ast.LitString, Text: c}}
			value := &ast.Cast{Pos: pos, X: call("streamsql_"+pre+"_value", null, member), Type: alias.Types[i]}
			sel.Items = append(sel.Items, ast.SelectItem{Pos: pos, X: value, Alias: c})
		}
		alias.Types, alias.Cols = nil, nil
	case "populate_record", "populate_recordset":
		if len(a.Args) == 2 && alias.Types != nil && isNullRecord(a.Args[0]) {
			to := *t
			to.Calls = []*ast.Call{{Pos: pos, Name: []string{pre + strings.Replace(rest, "populate", "_to", 1)}, Args: a.Args[1:]}}
			if to.Alias.Name == "" {
				to.Alias.Name = name
			}
			return jsonTable(&to)
		}
		if len(a.Args) != 2 || alias.Types != nil {
			return nil, nil
		}
		sel.Items = []ast.SelectItem{{Pos: pos, X: &ast.Field{Pos: pos, X: call(pre+"_populate_record", a.Args[0], x), Name: "*"}}}
	default:
		return nil, nil
	}
	if alias.Name == "" {
		alias.Name = name
	}
	source := ast.Alias{Name: "json row", Cols: []string{"x"}}
	if last := a.Args[len(a.Args)-1]; strings.HasSuffix(rest, "set") {
		sel.From = []ast.TableRef{&ast.TableFunc{Pos: pos, Calls: []*ast.Call{call(pre+"_array_elements", last)}, Alias: source, Lateral: true}}
	} else {
		one := &ast.Select{Pos: pos, Items: []ast.SelectItem{{Pos: pos, X: &ast.Cast{Pos: pos, X: last, Type: ast.TypeName{Pos: pos, Name: []string{pre}}}}}}
		sel.From = []ast.TableRef{&ast.Derived{Pos: pos, Query: &ast.Query{Pos: pos, Body: one}, Alias: source, Lateral: true}}
	}
	return &ast.Derived{Pos: t.Pos, Query: &ast.Query{Pos: pos, Body: sel}, Alias: alias, Lateral: true, Hidden: t.Hidden}, nil
}

// isNullRecord says whether an argument is NULL::record.
func isNullRecord(a ast.Expr) bool {
	c, ok := a.(*ast.Cast)
	if !ok || c.Type.Name[len(c.Type.Name)-1] != "record" {
		return false
	}
	l, ok := c.X.(*ast.Literal)
	return ok && l.Kind == ast.LitNull
}
