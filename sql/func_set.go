package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// setName is the alias under which a set in a select list stands in FROM.
const setName = "?set"

// setsToFrom moves the call of a user's function with SETOF from the select list to FROM, where it is LATERAL: it gives each row as often as the set
// has rows, which is the same where nothing else counts rows. A select list where that is not so is left as it is.
func (b *binder) setsToFrom(sel *ast.Select, q *ast.Query) *ast.Select {
	at := slices.IndexFunc(sel.Items, func(it ast.SelectItem) bool { return b.isUserSet(it.X) })
	if at < 0 || len(sel.GroupBy) > 0 || sel.Having != nil || sel.DistinctOn != nil {
		return sel
	}
	plain := true
	check := func(node any) {
		if c, ok := node.(*ast.Call); ok && c != sel.Items[at].X {
			who, err := b.callee(c)
			plain = plain && err == nil && c.Over == nil && !who.isAgg() && !expr.IsSetReturning(who.name) && !b.isUserSet(c)
		}
	}
	for _, it := range sel.Items {
		WalkTree(it.X, check)
	}
	WalkTree(q.OrderBy, check)
	if !plain {
		return sel
	}
	call := sel.Items[at].X.(*ast.Call)
	name := call.Name[len(call.Name)-1]
	out := *sel
	out.From = append(slices.Clip(out.From), &ast.TableFunc{Pos: call.Pos, Calls: []*ast.Call{call}, Alias: ast.Alias{Name: setName, Cols: []string{name}}, Hidden: true})
	out.Items = slices.Clone(out.Items)
	out.Items[at].X = &ast.ColumnRef{Pos: call.Pos, Names: []string{setName, name}}
	out.Items[at].Alias = or(out.Items[at].Alias, name)
	return &out
}

// isUserSet says whether x calls a name that only stands for users' functions that return sets of one column.
func (b *binder) isUserSet(x ast.Expr) bool {
	c, ok := x.(*ast.Call)
	if !ok || c.Over != nil || len(c.OrderBy) > 0 || c.Filter != nil {
		return false
	}
	who, err := b.callee(c)
	return err == nil && len(who.users) > 0 && !slices.ContainsFunc(who.users, func(f *catalog.Function) bool { return !f.SetOf || len(f.Cols) > 1 || f.RowOf != 0 })
}
