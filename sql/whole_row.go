package sql

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// wholeRow binds the name of an item of FROM as a value: the row of it, in this scope or an outer one; nil where there is none of that name.
func (b *binder) wholeRow(names []string, s *scope, pos int) expr.Expr {
	for at := s; at != nil; at = at.parent {
		src := at.source(names)
		if src == nil {
			continue
		}
		if src.scalar {
			x, _ := b.column(&ast.ColumnRef{Pos: ast.Pos(pos), Names: []string{src.name, src.cols[0].name}}, at)
			return x
		}
		whole := b.uses
		whole.row(src, names, pos)
		b.uses = nil
		defer func() { b.uses = whole }()
		var xs []expr.Expr
		var fields []types.Field
		for i := range src.cols {
			c := &src.cols[i]
			if c.hidden {
				continue
			}
			var x expr.Expr
			switch {
			case at.args:
				x = b.argRef(at, c.x, s, pos)
			case at == s:
				x = b.ref(at, c, pos)
			default:
				x = b.outerRef(at, b.ref(at, c, pos), pos)
			}
			xs = append(xs, x)
			fields = append(fields, types.Field{Name: c.name, Type: x.Type()})
		}
		row := expr.NewRow(xs, cmp.Or(src.row, rowType(src.rel, fields)), src.nullable && src.present == nil, pos)
		if !src.nullable {
			return row
		}
		if src.present == nil {
			b.needsPresence = true
			return row
		}
		var present expr.Expr = src.present
		if at != s {
			present = b.outerRef(at, present, pos)
		}
		missing := &expr.IsTest{X: present, Test: "null"}
		return &expr.Case{Whens: []expr.When{{Cond: missing, Then: expr.ConstNull(row.Type())}}, Else: row, Typ: row.Type()}
	}
	return nil
}

// rowType is the type of the rows of a relation, which has these fields; record where it is none.
func rowType(rel *catalog.Relation, fields []types.Field) types.Type {
	if rel == nil {
		return types.RecordOf(fields)
	}
	t := rel.RowType()
	if len(t.Fields()) != len(fields) { // a view that was bound with fewer columns
		return types.RecordOf(fields)
	}
	return t
}

// row binds ROW(...), where t.* stands for the columns of t.
func (b *binder) row(a *ast.Row, s *scope) (expr.Expr, error) {
	var xs []expr.Expr
	for _, it := range a.Items {
		more, err := b.fieldsOf(it, s)
		if err != nil {
			return nil, err
		}
		xs = append(xs, more...)
	}
	fields := make([]types.Field, len(xs))
	for i, x := range xs {
		fields[i] = types.Field{Name: "f" + strconv.Itoa(i+1), Type: x.Type()}
	}
	return expr.NewRow(xs, types.RecordOf(fields), false, a.Offset()), nil
}

// starColumns is a list with the columns that stand for t.* in its place.
func (b *binder) starColumns(list []ast.Expr, s *scope) ([]ast.Expr, error) {
	var out []ast.Expr
	for _, x := range list {
		ref, ok := x.(*ast.ColumnRef)
		if !ok || !ref.Star {
			out = append(out, x)
			continue
		}
		items, err := b.star(ref, s, true)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			out = append(out, &ast.ColumnRef{Pos: ref.Pos, Names: append(slices.Clone(ref.Names), it.col.Name)})
		}
	}
	return out, nil
}

// fieldsOf binds an item of a list in which t.* and (x).* stand for several.
func (b *binder) fieldsOf(a ast.Expr, s *scope) ([]expr.Expr, error) {
	switch a := a.(type) {
	case *ast.ColumnRef:
		if !a.Star {
			break
		}
		items, err := b.star(a, s, true)
		out := make([]expr.Expr, len(items))
		for i, it := range items {
			out[i] = it.x
		}
		return out, err
	case *ast.Field:
		if a.Name != "*" {
			break
		}
		items, err := b.expand(a, s)
		out := make([]expr.Expr, len(items))
		for i, it := range items {
			out[i] = it.x
		}
		return out, err
	}
	x, err := b.expr(a, s)
	return []expr.Expr{x}, err
}

// expand is (x).*: the fields of x.
func (b *binder) expand(a *ast.Field, s *scope) ([]item, error) {
	x, fields, err := b.rowOf(a, s)
	if err != nil {
		return nil, err
	}
	var out []item
	for i, f := range fields {
		out = append(out, item{x: expr.NewField(x, i, f.Type, a.Offset()), pos: loc(a.X), col: plan.Col{Name: f.Name}})
	}
	return out, nil
}

// rowOf binds what a field is taken from.
func (b *binder) rowOf(a *ast.Field, s *scope) (expr.Expr, []types.Field, error) {
	x, err := b.expr(a.X, s)
	if err != nil {
		return nil, nil, err
	}
	t := x.Type()
	switch {
	case !t.IsRow() && a.Name == "*":
		return nil, nil, sqlerr.New(sqlerr.WrongObjectType, "type %s is not composite", t.Base()).At(loc(a.X))
	case !t.IsRow():
		return nil, nil, sqlerr.New(sqlerr.WrongObjectType, "column notation .%s applied to type %s, which is not a composite type", a.Name, t.Base()).At(loc(a.X))
	case t.Fields() == nil && a.Name == "*":
		return nil, nil, sqlerr.New(sqlerr.WrongObjectType, "record type has not been registered").At(loc(a.X))
	}
	return x, t.Fields(), nil
}

// rowNames are the columns of the item of FROM whose row a is; nil: of none.
func (b *binder) rowNames(a ast.Expr, s *scope) []scol {
	r, ok := a.(*ast.ColumnRef)
	if !ok || r.Star || s.match != nil {
		return nil
	}
	for at := s; at != nil; at = at.parent {
		if c, _ := at.find(&ast.ColumnRef{Pos: r.Pos, Names: r.Names}); c != nil {
			return nil
		}
		if src := at.source(r.Names); src != nil && !src.scalar {
			return slices.DeleteFunc(slices.Clone(src.cols), func(c scol) bool { return c.hidden })
		}
	}
	return nil
}

// attributeCall is t.f where f is no column of t but a user's function of t's rows; nil: it is not.
func (b *binder) attributeCall(r *ast.ColumnRef, s *scope) expr.Expr {
	n := len(r.Names) - 1
	if n < 1 || r.Star {
		return nil
	}
	return b.userAttribute(&ast.ColumnRef{Pos: r.Pos, Names: r.Names[:n]}, r.Names[n], r.Offset(), s)
}

// userAttribute calls the user's function of this name with a row; nil where there is none that fits.
func (b *binder) userAttribute(row ast.Expr, name string, pos int, s *scope) expr.Expr {
	call := &ast.Call{Pos: ast.Pos(pos), Name: []string{name}, Args: []ast.Expr{row}}
	who, err := b.callee(call)
	if err != nil || len(who.users) == 0 {
		return nil
	}
	x, err := b.call(call, s)
	if err != nil {
		return nil
	}
	return x
}

// field binds (x).name.
func (b *binder) field(a *ast.Field, s *scope) (expr.Expr, error) {
	if a.Name == "*" {
		return nil, sqlerr.New(sqlerr.SyntaxError, "row expansion via \"*\" is not supported here").At(loc(a.X))
	}
	x, fields, err := b.rowOf(a, s)
	if err != nil {
		return nil, err
	}
	if names := b.rowNames(a.X, s); names != nil { // by the names that they have in this query
		fields = slices.Clone(fields)
		for i := range min(len(fields), len(names)) {
			fields[i].Name = names[i].name
			if names[i].name == a.Name {
				b.uses.column(&names[i])
			}
		}
	}
	for i, f := range fields {
		if f.Name == a.Name {
			return expr.NewField(x, i, f.Type, a.Offset()), nil
		}
	}
	if x := b.userAttribute(a.X, a.Name, a.Offset(), s); x != nil {
		return x, nil
	}
	if r, ok := a.X.(*ast.ColumnRef); ok && s.source(r.Names) != nil {
		return nil, sqlerr.New(sqlerr.UndefinedColumn, "column %s.%s does not exist", r.Names[len(r.Names)-1], a.Name).At(loc(a.X))
	}
	if x.Type().Is(types.Record) {
		return nil, sqlerr.New(sqlerr.UndefinedColumn, "could not identify column %q in record data type", a.Name).At(loc(a.X))
	}
	return nil, sqlerr.New(sqlerr.UndefinedColumn, "column %q not found in data type %s", a.Name, x.Type().Base()).At(loc(a.X))
}
