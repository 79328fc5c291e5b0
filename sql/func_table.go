package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// userTable binds a user's function that stands in FROM. It gives nothing where another function is meant. The marks of scope fs in the item's node are
// what it reads of the items before it, whose columns s has.
func (b *binder) userTable(t *ast.TableFunc, s *scope) (it *fromItem, fs *scope, err error) {
	a := t.Calls[0]
	who, err := b.callee(a)
	if err != nil || len(who.users) == 0 {
		return nil, nil, err
	}
	if len(t.Calls) > 1 {
		return nil, nil, notYet(t.Offset(), "ROWS FROM with a function in SQL is not supported")
	}
	s.clause = "functions in FROM"
	args, err := b.exprs(a.Args, s)
	if err != nil {
		return nil, nil, err
	}
	r, err := expr.Resolve(b.overloads(who), shape(a, who, args))
	if err != nil {
		return nil, nil, b.unresolved(err, a, who.name, args)
	}
	f := who.userOf(r.Fn)
	b.env.Trace.call(a, r.Fn.Args, r.Order, r.ArgType, r.Ret, f)
	if f == nil || f.Language != "sql" || !f.SetOf && f.Cols == nil && !anyRow(f) {
		return nil, nil, nil
	}
	if err := b.checkDefinition(t, f); err != nil {
		return nil, nil, err
	}
	if err := plainCall(a, who.name); err != nil {
		return nil, nil, err
	}
	c, err := b.userArgs(f, r, args, locs(a.Args), a.Offset())
	if err != nil {
		return nil, nil, err
	}
	q, err := b.bodyTree(c)
	if err != nil {
		return nil, nil, err
	}
	out, fs, err := b.bodyNode(c, q)
	if err != nil {
		return nil, nil, err
	}
	if anyRow(f) {
		if c.fn, err = b.defined(t, f, out.cols()); err != nil {
			return nil, nil, err
		}
		f = c.fn
	}
	if t.Ordinality {
		numbered(out, c.pos)
	}
	n, err := b.rows(c, out, fs)
	if err != nil {
		return nil, nil, err
	}
	table := or(t.Alias.Name, f.Name)
	cols := slices.Clone(n.Schema())
	switch {
	case f.Cols == nil:
		cols[0].Name = table
	default:
		for i := range f.Cols {
			cols[i].Name = f.Cols[i].Name
		}
	}
	for i := range cols {
		cols[i].Rel, cols[i].Att = 0, 0
	}
	alias := t.Alias
	alias.Types = nil
	it, err = nodeItem(n, cols).alias(alias, table, nil)
	if err != nil {
		return nil, fs, err
	}
	it.srcs[0].scalar = !givesRow(f) && !t.Ordinality
	if givesRow(f) {
		it.srcs[0].row = b.rowResult(f)
	}
	if t.Hidden {
		it.hide()
	}
	return it, fs, nil
}

// checkDefinition refuses AS (col type, ...) where it is not wanted, and its absence where it is.
func (b *binder) checkDefinition(t *ast.TableFunc, f *catalog.Function) error {
	switch {
	case anyRow(f) && t.Alias.Types == nil:
		return sqlerr.New(sqlerr.SyntaxError, `a column definition list is required for functions returning "record"`).At(t.Offset())
	case anyRow(f) || t.Alias.Types == nil:
		return nil
	case f.RowOf != 0:
		return sqlerr.New(sqlerr.SyntaxError, "a column definition list is redundant for a function returning a named composite type").At(t.Alias.Types[0].Pos.Offset())
	case len(f.Cols) > 1:
		return sqlerr.New(sqlerr.SyntaxError, "a column definition list is redundant for a function with OUT parameters").At(t.Alias.Types[0].Pos.Offset())
	}
	return sqlerr.New(sqlerr.SyntaxError, `a column definition list is only allowed for functions returning "record"`).At(t.Alias.Types[0].Pos.Offset())
}

// defined is the function that returns record with the columns that AS (col type, ...) gives to its call.
func (b *binder) defined(t *ast.TableFunc, f *catalog.Function, cols plan.Schema) (*catalog.Function, error) {
	c := *f
	bad := func(format string, args ...any) error {
		return sqlerr.New(sqlerr.InvalidFunctionDefinition, "return type mismatch in function declared to return record").WithDetail(format, args...)
	}
	for i, name := range t.Alias.Cols {
		typ, err := b.typeName(t.Alias.Types[i])
		switch {
		case err != nil:
			return nil, err
		case i >= len(cols):
			return nil, bad("Final statement returns too few columns.")
		case !typ.Is(cols[i].Type) && !cols[i].Type.Is(types.Unknown):
			return nil, bad("Final statement returns %s instead of %s at column %d.", cols[i].Type.Base(), typ.Base(), i+1)
		}
		c.Cols = append(c.Cols, catalog.FuncCol{Name: name, Type: typ})
	}
	if len(cols) > len(c.Cols) {
		return nil, bad("Final statement returns too many columns.")
	}
	return &c, nil
}

// rows are the rows that a function returns: of its result's types; none, or a NULL one, where it is strict and an argument is NULL.
func (b *binder) rows(c *userCall, out *bound, fs *scope) (plan.Node, error) {
	n := out.visible()
	if !c.fn.SetOf {
		n = b.firstRow(out)
	}
	cols := n.Schema()
	p := &plan.Project{In: n, Pos: c.pos}
	same := true
	for i, col := range cols {
		want := c.ret
		if i >= max(len(c.fn.Cols), 1) {
			want = types.Int8 // of WITH ORDINALITY
		} else if c.fn.Cols != nil {
			want = c.fn.Cols[i].Type
		}
		x, err := b.cast(&expr.Column{Idx: i, Name: col.Name, Typ: col.Type}, want, 'a', c.pos)
		if err != nil {
			return nil, err
		}
		same = same && x.Type() == col.Type
		col.Type = x.Type()
		p.Items, p.Cols = append(p.Items, x), append(p.Cols, col)
	}
	if !same {
		n = p
	}
	if c.fn.Strict {
		var conds []expr.Expr
		for _, a := range c.args {
			conds = append(conds, &expr.IsTest{X: b.argRef(fs, a, nil, c.pos), Test: "null", Not: true})
		}
		if len(conds) > 0 {
			n = &plan.Filter{In: n, Cond: andAll(conds), Pos: c.pos}
		}
	}
	if !c.fn.SetOf {
		n = &plan.Join{Kind: "left", L: oneRow(c.pos), R: n, Cols: n.Schema(), LTime: -1, RTime: -1, Pos: c.pos}
	}
	return n, nil
}

// numbered adds the column of WITH ORDINALITY: the number of each row in the order of the body.
func numbered(out *bound, pos int) {
	over := &plan.Over{In: out.node, Pos: pos}
	if s, ok := out.node.(*plan.Sort); ok {
		over.In, over.Order = s.In, s.Keys
	}
	cols := over.In.Schema()
	over.Funcs = []plan.OverCall{{Name: "row_number", Typ: types.Int8, Frame: plan.Frame{Mode: "range", Start: "unbounded preceding", End: "current row"}}}
	over.Cols = append(slices.Clone(cols), plan.Col{Name: "ordinality", Type: types.Int8})
	n := len(out.cols())
	out.node = &plan.Project{In: over, Items: columnsOf(cols[:n], 0), Cols: append(slices.Clone(cols[:n]), over.Cols[len(cols)]), Pos: pos}
	p := out.node.(*plan.Project)
	p.Items = append(p.Items, &expr.Column{Idx: len(cols), Name: "ordinality", Typ: types.Int8})
	out.hidden = 0
}
