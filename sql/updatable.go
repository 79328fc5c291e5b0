package sql

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// dest is what a statement changes: a relation, perhaps through a view.
type dest struct {
	rel    *catalog.Relation // the relation whose rows change
	view   *catalog.Relation // that the statement names; nil: rel itself
	verb   string            // "insert into", "update", "delete from"
	cols   []destColumn      // of the view
	node   plan.Node         // the rows of rel that the view shows, with all columns of rel first
	checks []CheckExpr       // WITH CHECK OPTION
}

// destColumn is a column of a view over the columns of the relation; col is that column itself, -1: x is something else.
type destColumn struct {
	name string
	col  int
	x    expr.Expr
}

// dest finds what a statement changes.
func (b *binder) dest(names []string, pos int, verb string) (*dest, error) {
	rel, err := b.relation(names, pos)
	if err != nil {
		return nil, err
	}
	if rel.Kind != catalog.View {
		rel, err := b.target(names, pos, verb)
		return &dest{rel: rel, verb: verb}, err
	}
	b.deps[rel.OID] = true
	d, err := b.through(rel, pos, verb)
	if err != nil {
		return nil, err
	}
	d.view = rel
	return d, nil
}

// item is the destination under a name: its rows, and the columns that can be named.
func (d *dest) item(alias string, pos int) *fromItem {
	if d.view == nil {
		return targetItem(targetScan(d.rel, alias, pos), d.rel, alias)
	}
	src := &source{name: or(alias, d.view.Name), rel: d.view, schema: d.view.Schema, alias: alias != ""}
	for i, c := range d.cols {
		src.cols = append(src.cols, scol{name: c.name, table: src.name, rel: d.view.OID, att: int16(i + 1), x: c.x})
	}
	return &fromItem{node: d.node, srcs: []*source{src}, cols: src.cols}
}

// column finds a column that the statement assigns to.
func (d *dest) column(name string, pos int) (int, error) {
	if d.view == nil {
		return columnAt(d.rel, name, pos)
	}
	for _, c := range d.cols {
		if c.name != name {
			continue
		}
		if c.col < 0 {
			verb := "update"
			if d.verb == "insert into" {
				verb = "insert into"
			}
			return 0, sqlerr.New(sqlerr.FeatureNotSupported, "cannot %s column %q of view %q", verb, name, d.view.Name).
				WithDetail("View columns that are not columns of their base relation are not updatable.")
		}
		return c.col, nil
	}
	return 0, sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", name, d.view.Name).At(pos)
}

// all are the columns that an INSERT without a column list means, up to the first one that cannot be assigned to.
func (d *dest) all() []int {
	var out []int
	for _, c := range d.cols {
		if c.col < 0 {
			break
		}
		out = append(out, c.col)
	}
	return out
}

// through binds a view as what PostgreSQL calls automatically updatable: one table or such a view, filtered.
func (b *binder) through(view *catalog.Relation, pos int, verb string) (*dest, error) {
	refuse := func(why string) error {
		return sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "cannot %s view %q", verb, view.Name).
			WithDetail("Views %s are not automatically updatable.", why).WithHint("Change the table or stream that it reads.")
	}
	q, err := parser.ParseQuery(view.SQL)
	if err != nil {
		return nil, err
	}
	sel, why := simpleView(q)
	if why != "" {
		return nil, refuse(why)
	}
	path, ctes, stored, fr, saw := b.path, b.ctes, b.stored, b.inside, b.saw
	defer func() { b.path, b.ctes, b.stored, b.inside, b.saw = path, ctes, stored, fr, saw }()
	b.path, b.ctes, b.stored, b.inside, b.saw = view.SearchPath, nil, &view.Functions, nil, view.Saw
	t := sel.From[0].(*ast.Table)
	d, err := b.dest(t.Names, pos, verb)
	if err != nil {
		return nil, sqlerr.From(err).At(pos)
	}
	it := d.item(t.Alias.Name, pos)
	s := it.scope(nil)
	items, err := b.itemList(sel.Items, s, true)
	if err != nil {
		return nil, err
	}
	switch {
	case len(s.aggs) > 0:
		return nil, refuse("that return aggregate functions")
	case len(s.overs) > 0:
		return nil, refuse("that return window functions")
	case len(s.sets) > 0:
		return nil, refuse("that return set-returning functions")
	}
	d.node = it.node
	d.cols = nil
	for i, m := range items {
		c := destColumn{name: m.col.Name, col: -1, x: m.x}
		if i < len(view.Columns) {
			c.name = view.Columns[i].Name
		}
		if col, ok := m.x.(*expr.Column); ok && col.Idx < len(d.rel.Columns) {
			c.col = col.Idx
		}
		d.cols = append(d.cols, c)
	}
	return d, b.viewRows(d, view, sel, s)
}

// viewRows adds the WHERE of a view, and what WITH CHECK OPTION asks.
func (b *binder) viewRows(d *dest, view *catalog.Relation, sel *ast.Select, s *scope) error {
	if sel.Where == nil {
		return nil
	}
	var err error
	if d.node, err = b.where(d.node, s, sel.Where); err != nil {
		return err
	}
	cond, err := b.boolean(sel.Where, s, "WHERE")
	if err != nil {
		return err
	}
	check := CheckExpr{Name: view.Name, View: true, X: &expr.IsTest{X: cond, Test: "true"}, cascade: CheckOption(view)}
	if check.cascade != "" && (hasSubquery(cond) || b.hasMark(cond, markSub)) {
		return notYet(-1, "WITH CHECK OPTION over a sub-select is not supported")
	}
	d.checks = append(d.checks, check)
	return nil
}

// CheckOption is "local", "cascaded" or "" of a view.
func CheckOption(view *catalog.Relation) string {
	v, _ := view.Options.Get("check_option")
	return strings.ToLower(v)
}

// required are the checks that hold for new rows: those of views WITH CHECK OPTION, and of the views below a CASCADED one.
func (d *dest) required() []CheckExpr {
	var out []CheckExpr
	cascaded := false
	for i := len(d.checks) - 1; i >= 0; i-- {
		c := d.checks[i]
		if cascaded || c.cascade != "" {
			out = append([]CheckExpr{c}, out...)
		}
		cascaded = cascaded || c.cascade == "cascaded"
	}
	return out
}

// simpleView gives the block of a view that can be changed, or why it cannot.
func simpleView(q *ast.Query) (*ast.Select, string) {
	sel, ok := q.Body.(*ast.Select)
	switch {
	case len(q.With) > 0:
		return nil, "containing WITH"
	case !ok:
		if _, values := q.Body.(*ast.Values); values {
			return nil, "that do not select from a single table or view"
		}
		return nil, "containing UNION, INTERSECT, or EXCEPT"
	case sel.Distinct || len(sel.DistinctOn) > 0:
		return nil, "containing DISTINCT"
	case len(sel.GroupBy) > 0:
		return nil, "containing GROUP BY"
	case sel.Having != nil:
		return nil, "containing HAVING"
	case q.Limit != nil || q.Offset != nil:
		return nil, "containing LIMIT or OFFSET"
	case len(sel.From) != 1:
		return nil, "that do not select from a single table or view"
	}
	if t, ok := sel.From[0].(*ast.Table); !ok || t.AsOf != nil || t.Sample != nil {
		return nil, "that do not select from a single table or view"
	}
	return sel, ""
}

// Updatable says whether rows can be changed through a view that is to be created WITH CHECK OPTION.
func Updatable(view *catalog.Relation, env *Env) error {
	_, err := newBinder(env).through(view, -1, "update")
	if err == nil {
		return nil
	}
	if e := sqlerr.From(err); e.Code == sqlerr.ObjectNotInPrerequisiteState {
		return sqlerr.New(sqlerr.FeatureNotSupported, "WITH CHECK OPTION is supported only on automatically updatable views").WithHint("%s", e.Detail)
	}
	return err
}
