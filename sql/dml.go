package sql

import (
	"slices"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// Set is an assignment to a column: X has the column's type.
type Set struct {
	Col  int
	X    expr.Expr
	part bool // of parts of the column only
}

// target finds the relation that a statement changes; verb is "insert into", "update", "delete from".
func (b *binder) target(names []string, pos int, verb string) (*catalog.Relation, error) {
	rel, err := b.relation(names, pos)
	if err != nil {
		return nil, err
	}
	b.deps[rel.OID] = true
	switch rel.Kind {
	case catalog.MatView:
		return nil, sqlerr.New(sqlerr.WrongObjectType, "cannot change materialized view %q", rel.Name).At(pos)
	case catalog.View:
		return nil, sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "cannot %s view %q", verb, rel.Name).At(pos)
	case catalog.Sink:
		return nil, sqlerr.New(sqlerr.WrongObjectType, "cannot change sink %q", rel.Name).At(pos)
	case catalog.Sequence:
		return nil, sqlerr.New(sqlerr.WrongObjectType, "cannot change sequence %q", rel.Name).At(pos)
	case catalog.System:
		return nil, sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied for table %s", rel.Name).At(pos)
	case catalog.Stream:
		if verb != "insert into" {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cannot %s stream %q", verb, rel.Name).At(pos).
				WithHint("A stream only grows. Rows that change belong in a table.")
		}
	}
	return rel, nil
}

// targetItem is all columns of the changed relation under a name; dropped columns cannot be named.
func targetItem(n plan.Node, rel *catalog.Relation, alias string) *fromItem {
	src := &source{name: or(alias, rel.Name), rel: rel, schema: rel.Schema, alias: alias != ""}
	for i := range rel.Columns {
		c := &rel.Columns[i]
		if c.Dropped {
			continue
		}
		src.cols = append(src.cols, scol{name: c.Name, table: src.name, hidden: c.Hidden, rel: rel.OID, att: int16(i + 1),
			x: &expr.Column{Idx: i, Name: c.Name, Typ: c.Type}})
	}
	return &fromItem{node: n, srcs: []*source{src}, cols: src.cols}
}

// targetScan reads all columns, dropped ones too, so that a column's place is its number.
func targetScan(rel *catalog.Relation, alias string, pos int) *plan.Scan {
	n := &plan.Scan{Rel: rel, Alias: or(alias, rel.Name), Pos: pos}
	for i := range rel.Columns {
		n.Cols = append(n.Cols, i)
	}
	return n
}

// assign casts a value to its column by the rules of assignment.
func (b *binder) assign(x expr.Expr, c *catalog.Column, pos int) (expr.Expr, error) {
	if !isUnknown(x) && !expr.CanCast(x.Type(), c.Type, 'a') {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "column %q is of type %s but expression is of type %s", c.Name, c.Type.Base(), x.Type().Base()).At(pos).
			WithHint("You will need to rewrite or cast the expression.")
	}
	return b.cast(x, c.Type, 'a', pos)
}

// columnAt finds a column that a statement assigns to.
func columnAt(rel *catalog.Relation, name string, pos int) (int, error) {
	i := rel.Column(name)
	if i < 0 || rel.Columns[i].Hidden {
		return 0, sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", name, rel.Name).At(pos)
	}
	return i, nil
}

// sets binds the assignments of UPDATE or ON CONFLICT. Values with correlated sub-selects keep their marks.
func (b *binder) sets(list []ast.Assign, d *dest, s *scope) ([]Set, error) {
	var out []Set
	for _, a := range list {
		values := []ast.Expr{a.X}
		if a.List {
			switch x := a.X.(type) {
			case *ast.Row:
				var err error
				if values, err = b.starColumns(x.Items, s); err != nil {
					return nil, err
				}
			case *ast.Subquery:
				n, err := b.queryWidth(x.Query, s)
				if err != nil {
					return nil, err
				}
				values = columnQueries(x, n)
			default:
				return nil, sqlerr.New(sqlerr.FeatureNotSupported, "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression").At(loc(a.X))
			}
			if len(values) != len(a.Cols) {
				return nil, sqlerr.New(sqlerr.SyntaxError, "number of columns does not match number of values").At(loc(a.X))
			}
		}
		for i, name := range a.Cols {
			if part := partOf(a.Parts, i); part != nil {
				k, err := d.column(name, a.Pos.Offset())
				if err == nil {
					err = settable(&d.rel.Columns[k])
				}
				if err == nil {
					out, err = b.setPart(out, k, &d.rel.Columns[k], part, values[i], a.Pos.Offset(), s)
				}
				if err != nil {
					return nil, err
				}
				continue
			}
			set, err := b.set(name, values[i], a.Pos.Offset(), d, s)
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(out, func(o Set) bool { return o.Col == set.Col }) {
				return nil, sqlerr.New(sqlerr.SyntaxError, "multiple assignments to same column %q", name)
			}
			out = append(out, set)
		}
	}
	return out, nil
}

// queryWidth is the number of columns of a sub-select.
func (b *binder) queryWidth(q *ast.Query, s *scope) (int, error) {
	out, err := b.subQuery(q, s)
	if err != nil {
		return 0, err
	}
	return len(out.cols()), nil
}

// columnQueries are sub-selects that each give one of the n columns of x.
func columnQueries(x *ast.Subquery, n int) []ast.Expr {
	alias := ast.Alias{Name: "source"}
	for i := range n {
		alias.Cols = append(alias.Cols, "column"+strconv.Itoa(i+1))
	}
	out := make([]ast.Expr, n)
	for i, name := range alias.Cols {
		sel := &ast.Select{Pos: x.Query.Pos, From: []ast.TableRef{&ast.Derived{Pos: x.Pos, Query: x.Query, Alias: alias}},
			Items: []ast.SelectItem{{X: &ast.ColumnRef{Pos: x.Pos, Names: []string{name}}, Pos: x.Query.Pos}}}
		out[i] = &ast.Subquery{Pos: x.Pos, Query: &ast.Query{Pos: x.Query.Pos, Body: sel}}
	}
	return out
}

func (b *binder) set(name string, value ast.Expr, pos int, d *dest, s *scope) (Set, error) {
	i, err := d.column(name, pos)
	if err != nil {
		return Set{}, err
	}
	c := &d.rel.Columns[i]
	if _, ok := value.(*ast.Default); ok {
		x, err := defaultOf(c, b.env)
		return Set{Col: i, X: x}, err
	}
	if err := settable(c); err != nil {
		return Set{}, err
	}
	x, err := b.expr(value, s)
	if err != nil {
		return Set{}, err
	}
	x, err = b.assign(x, c, loc(value))
	return Set{Col: i, X: x}, err
}

// settable refuses columns that only the server computes.
func settable(c *catalog.Column) error {
	e := sqlerr.New(sqlerr.GeneratedAlways, "column %q can only be updated to DEFAULT", c.Name)
	switch {
	case c.Generated != "":
		return e.WithDetail("Column %q is a generated column.", c.Name)
	case c.Identity == "always":
		return e.WithDetail("Column %q is an identity column defined as GENERATED ALWAYS.", c.Name)
	}
	return nil
}

// Update is a bound UPDATE.
type Update struct {
	Head
	Rel *catalog.Relation
	// Source gives for each row to be changed the old row and then the new one, each with all columns of Rel (dropped ones included), and where
	// there is RETURNING the columns of FROM. A generated column of the new row is NULL: Row.Generate computes it. A row may come more than once
	// where FROM joins it more than once; the first counts.
	Source plan.Node
	Sets   []int // the assigned columns
	Row    *Row  // generated columns and checks; Fill is nil
}

func (b *binder) update(a *ast.Update) (*Update, error) {
	d, err := b.dest(a.Table.Names, a.Table.Offset(), "update")
	if err != nil {
		return nil, err
	}
	rel := d.rel
	ch, err := b.changed(d, a.Table, a.From, a.Where)
	if err != nil {
		return nil, err
	}
	ch.scope.clause = "UPDATE"
	sets, err := b.sets(a.Sets, d, ch.scope)
	if err != nil {
		return nil, err
	}
	out := &Update{Rel: rel, Row: &Row{Rel: rel}}
	if out.Returning, err = b.returning(a.Returning, ch); err != nil {
		return nil, err
	}
	xs := make([]expr.Expr, len(sets))
	for i := range sets {
		xs[i] = sets[i].X
		out.Sets = append(out.Sets, sets[i].Col)
	}
	if ch.node, err = b.attach(ch.node, xs); err != nil {
		return nil, err
	}
	cols := relSchema(rel)
	p := &plan.Project{In: ch.node, Items: columnsOf(cols, 0), Pos: a.Pos.Offset(), Cols: slices.Concat(cols, cols)}
	p.Items = append(p.Items, updated(rel, sets, xs)...)
	ch.addFrom(p, out.Returning)
	out.Source = p
	if err := out.Row.constraints(b.env); err != nil {
		return nil, err
	}
	out.Row.Checks = append(out.Row.Checks, d.required()...)
	return out, nil
}

// updated is the new row of an UPDATE over the old one; a generated column is NULL.
func updated(rel *catalog.Relation, sets []Set, xs []expr.Expr) []expr.Expr {
	next := columnsOf(relSchema(rel), 0)
	for i := range rel.Columns {
		if rel.Columns[i].Generated != "" {
			next[i] = expr.ConstNull(rel.Columns[i].Type)
		}
	}
	for i, set := range sets {
		next[set.Col] = xs[i]
	}
	return next
}

func relSchema(rel *catalog.Relation) plan.Schema {
	cols := columnSchema(rel.Columns)
	for i := range cols {
		cols[i].Rel, cols[i].Att = rel.OID, int16(i+1)
	}
	return cols
}

// changed is what UPDATE and DELETE have in common: the rows of the target, joined with the other tables, filtered. The columns of node begin with those
// of the target, then come those of the other tables.
type changed struct {
	rel   *catalog.Relation
	node  plan.Node
	scope *scope
	cols  plan.Schema // of the target and the other tables
}

// changed binds the target of UPDATE or DELETE with FROM or USING and WHERE.
func (b *binder) changed(d *dest, t *ast.Table, from []ast.TableRef, where ast.Expr) (*changed, error) {
	it := d.item(t.Alias.Name, t.Offset())
	for _, ref := range from {
		var err error
		if it, err = b.combine(it, ref, &ast.Join{Kind: "cross"}, nil); err != nil {
			return nil, err
		}
	}
	ch := &changed{rel: d.rel, node: it.node, scope: it.scope(nil), cols: it.node.Schema()}
	if where == nil {
		return ch, nil
	}
	var err error
	ch.node, err = b.where(it.node, ch.scope, where)
	return ch, err
}

// addFrom adds the columns of the other tables to p where RETURNING may read them.
func (ch *changed) addFrom(p *plan.Project, r *Returning) {
	n := len(ch.rel.Columns)
	if r == nil || len(ch.cols) == n {
		return
	}
	p.Items = append(p.Items, columnsOf(ch.cols[n:], n)...)
	p.Cols = slices.Concat(p.Cols, ch.cols[n:])
}

// Delete is a bound DELETE.
type Delete struct {
	Head
	Rel *catalog.Relation
	// Source gives the rows to be deleted, with all columns of Rel (dropped ones included), and where there is RETURNING the columns of USING; a
	// row may come more than once with USING.
	Source plan.Node
}

func (b *binder) delete(a *ast.Delete) (*Delete, error) {
	d, err := b.dest(a.Table.Names, a.Table.Offset(), "delete from")
	if err != nil {
		return nil, err
	}
	rel := d.rel
	ch, err := b.changed(d, a.Table, a.Using, a.Where)
	if err != nil {
		return nil, err
	}
	out := &Delete{Rel: rel}
	if out.Returning, err = b.returning(a.Returning, ch); err != nil {
		return nil, err
	}
	cols := relSchema(rel)
	p := &plan.Project{In: ch.node, Items: columnsOf(cols, 0), Cols: cols, Pos: a.Pos.Offset()}
	ch.addFrom(p, out.Returning)
	out.Source = p
	return out, nil
}
