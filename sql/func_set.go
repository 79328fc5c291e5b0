package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// setName is the alias under which a set in a select list stands in FROM.
const setName = "?set"

// setsToFrom moves the call of a user's function with SETOF from the select list to FROM, where it is LATERAL: it gives each row as often as the set
// has rows, which is the same where nothing else counts rows. A select list where that is not so is left as it is.
func (b *binder) setsToFrom(sel *ast.Select, q *ast.Query) *ast.Select {
	at := slices.IndexFunc(sel.Items, func(it ast.SelectItem) bool { return b.userSet(it.X) != nil })
	if at < 0 || len(sel.GroupBy) > 0 || sel.Having != nil || sel.DistinctOn != nil {
		return sel
	}
	call := b.userSet(sel.Items[at].X)
	plain := true
	check := func(node any) {
		if c, ok := node.(*ast.Call); ok && c != call {
			who, err := b.callee(c)
			plain = plain && err == nil && c.Over == nil && !who.isAgg() && !expr.IsSetReturning(who.name) && b.userSet(c) == nil
		}
	}
	for _, it := range sel.Items {
		WalkTree(it.X, check)
	}
	WalkTree(q.OrderBy, check)
	if !plain {
		return sel
	}
	name := call.Name[len(call.Name)-1]
	out := *sel
	from := &ast.TableFunc{Pos: call.Pos, Calls: []*ast.Call{call}, Alias: ast.Alias{Name: setName}, Hidden: true}
	out.From = append(slices.Clip(out.From), from)
	out.Items = slices.Clone(out.Items)
	it := &out.Items[at]
	switch x := it.X.(type) {
	case *ast.Call:
		it.X, it.Alias = &ast.ColumnRef{Pos: call.Pos, Names: []string{setName}}, or(it.Alias, name)
	case *ast.Field:
		if x.Name == "*" {
			it.X = &ast.ColumnRef{Pos: call.Pos, Names: []string{setName}, Star: true}
		} else {
			it.X, it.Alias = &ast.Field{Pos: x.Pos, X: &ast.ColumnRef{Pos: call.Pos, Names: []string{setName}}, Name: x.Name}, or(it.Alias, x.Name)
		}
	}
	return &out
}

// userSet is the call, perhaps with a field taken from it, of a name that only stands for users' functions that return sets; else nil.
func (b *binder) userSet(x ast.Expr) *ast.Call {
	if f, ok := x.(*ast.Field); ok {
		x = f.X
	}
	c, ok := x.(*ast.Call)
	if !ok || c.Over != nil || len(c.OrderBy) > 0 || c.Filter != nil {
		return nil
	}
	who, err := b.callee(c)
	if err == nil && len(who.users) == 0 && strings.HasSuffix(who.name, "_populate_recordset") {
		return c
	}
	if err != nil || len(who.users) == 0 || slices.ContainsFunc(who.users, func(f *catalog.Function) bool { return !f.SetOf }) {
		return nil
	}
	return c
}
