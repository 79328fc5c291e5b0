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

// Insert is a bound INSERT. The rows come from Rows (VALUES of literals) or from Source, each with the columns Cols of Rel, in that order, of the
// columns' types. Row completes them.
type Insert struct {
	Head
	Rel      *catalog.Relation
	Cols     []int
	Rows     *types.Batch
	Source   plan.Node
	Row      *Row
	Conflict *Conflict // nil: none
}

// Conflict is ON CONFLICT.
type Conflict struct {
	Keys    []string // names of the unique keys; nil: any key (DO NOTHING)
	Nothing bool
	// Sets and Where are over the columns of the row that is there, then those of the row that was to be inserted. Where they read sub-selects,
	// Plan computes them instead, Where last: it reads the rows through Given.
	Sets  []Set
	Where expr.Expr
	Plan  plan.Node
	Given *catalog.Relation
}

// Speaks says whether the clause is about the unique key of that name.
func (c *Conflict) Speaks(key string) bool { return c.Keys == nil || slices.Contains(c.Keys, key) }

func (b *binder) insert(a *ast.Insert) (*Insert, error) {
	d, err := b.dest(a.Names, a.NamePos.Offset(), "insert into")
	if err != nil {
		return nil, err
	}
	rel := d.rel
	out := &Insert{Rel: rel}
	if out.Cols, err = insertColumns(a, d); err != nil {
		return nil, err
	}
	switch {
	case a.Parts != nil:
		err = b.insertParts(a, d, out)
	case a.Values != nil:
		err = b.insertValues(a, out)
	case a.Query != nil:
		err = b.insertQuery(a, out)
	default:
		out.Cols, out.Rows = nil, &types.Batch{N: 1}
	}
	if err != nil {
		return nil, err
	}
	if err := overriding(a, out); err != nil {
		return nil, err
	}
	userValues(a, out)
	if out.Row, err = BindRow(rel, out.Cols, b.env); err != nil {
		return nil, err
	}
	if a.Conflict != nil {
		if out.Conflict, err = b.conflict(a, d); err != nil {
			return nil, err
		}
	}
	out.Row.Checks = append(out.Row.Checks, d.required()...)
	scope := d.item(a.Alias, a.NamePos.Offset()).scope(nil)
	if a.Conflict != nil {
		scope.hides = []*source{{name: "excluded"}}
	}
	out.Returning, err = b.returning(a.Returning, &changed{rel: rel, scope: scope, cols: relSchema(rel)})
	return out, err
}

// insertColumns are the columns that the statement names, or all.
func insertColumns(a *ast.Insert, d *dest) ([]int, error) {
	var cols []int
	if a.Parts != nil {
		return nil, nil
	}
	if len(a.Cols) == 0 && d.view != nil {
		return d.all(), nil
	}
	if len(a.Cols) == 0 {
		for i, c := range d.rel.Columns {
			if !c.Dropped && !c.Hidden {
				cols = append(cols, i)
			}
		}
		return cols, nil
	}
	for k, name := range a.Cols {
		pos := -1
		if k < len(a.ColPos) {
			pos = a.ColPos[k].Offset()
		}
		i, err := d.column(name, pos)
		if err != nil {
			return nil, err
		}
		if slices.Contains(cols, i) {
			return nil, sqlerr.New(sqlerr.DuplicateColumn, "column %q specified more than once", name).At(pos)
		}
		cols = append(cols, i)
	}
	return cols, nil
}

// checkWidth compares the number of values with the number of columns. at gives the place of a value.
func checkWidth(a *ast.Insert, out *Insert, n int, at func(int) int) error {
	if n > len(out.Cols) {
		return sqlerr.New(sqlerr.SyntaxError, "INSERT has more expressions than target columns").At(at(len(out.Cols)))
	}
	if n < len(out.Cols) {
		if len(a.Cols) > 0 {
			pos := -1
			if n < len(a.ColPos) {
				pos = a.ColPos[n].Offset()
			}
			return sqlerr.New(sqlerr.SyntaxError, "INSERT has more target columns than expressions").At(pos)
		}
		out.Cols = out.Cols[:n]
	}
	return nil
}

// insertValues binds VALUES: literals straight into columns, else row by row.
func (b *binder) insertValues(a *ast.Insert, out *Insert) error {
	rows := a.Values.Rows
	n := len(rows[0])
	for _, r := range rows {
		if len(r) != n {
			return sqlerr.New(sqlerr.SyntaxError, "VALUES lists must all be the same length").At(loc(r[0]))
		}
	}
	if err := checkWidth(a, out, n, func(i int) int { return loc(rows[0][i]) }); err != nil {
		return err
	}
	given := b.givenColumns(rows, out)
	if a.Parts != nil {
		given = out.Cols
	} else if batch, err := b.literalRows(rows, given, out); batch != nil || err != nil {
		out.Rows, out.Cols = batch, pick(out.Cols, given)
		return err
	}
	v := &plan.Values{Pos: a.Values.Pos.Offset()}
	s := &scope{clause: "VALUES"}
	for _, r := range rows {
		var row []expr.Expr
		for _, k := range given {
			c, value := &out.Rel.Columns[out.Cols[k]], r[k]
			if _, ok := value.(*ast.Default); ok && a.Overriding == "user" && c.Identity != "" {
				value = &ast.Literal{Pos: a.Pos, Kind: ast.LitNull} // userValues puts the next number there, once
			}
			x, err := b.insertValue(value, c, s)
			if err != nil {
				return err
			}
			row = append(row, x)
		}
		v.Rows = append(v.Rows, row)
	}
	out.Cols = pick(out.Cols, given)
	for _, c := range out.Cols {
		v.Cols = append(v.Cols, plan.Col{Name: out.Rel.Columns[c].Name, Type: out.Rel.Columns[c].Type})
	}
	out.Source = v
	return nil
}

func pick(cols, which []int) []int {
	out := make([]int, len(which))
	for i, k := range which {
		out[i] = cols[k]
	}
	return out
}

// givenColumns leaves out the columns that are DEFAULT in every row.
func (b *binder) givenColumns(rows [][]ast.Expr, out *Insert) []int {
	var given []int
	for k := range out.Cols {
		for _, r := range rows {
			if _, ok := r[k].(*ast.Default); !ok {
				given = append(given, k)
				break
			}
		}
	}
	return given
}

func (b *binder) insertValue(a ast.Expr, c *catalog.Column, s *scope) (expr.Expr, error) {
	if _, ok := a.(*ast.Default); ok {
		return defaultOf(c, b.env)
	}
	x, err := b.expr(a, s)
	if err != nil {
		return nil, err
	}
	if err := b.noSubMarks(x); err != nil {
		return nil, err
	}
	return b.assign(x, c, loc(a))
}

// insertQuery binds INSERT ... SELECT.
func (b *binder) insertQuery(a *ast.Insert, out *Insert) error {
	q, err := b.query(a.Query, nil, true)
	if err != nil {
		return err
	}
	q.node, q.hidden = q.visible(), 0
	cols := q.cols()
	if err := checkWidth(a, out, len(cols), func(i int) int { return q.pos[i] }); err != nil {
		return err
	}
	p := &plan.Project{In: q.node, Items: columnsOf(cols, 0), Pos: a.Query.Pos.Offset()}
	if top, ok := q.node.(*plan.Project); ok {
		p.In, p.Items = top.In, slices.Clone(top.Items)
	}
	for i, c := range out.Cols {
		col := &out.Rel.Columns[c]
		if p.Items[i], err = b.assign(p.Items[i], col, q.pos[i]); err != nil {
			return err
		}
		p.Cols = append(p.Cols, plan.Col{Name: col.Name, Type: col.Type})
	}
	out.Source = p
	return nil
}

// overriding refuses values for columns that the server fills.
func overriding(a *ast.Insert, out *Insert) error {
	for _, i := range out.Cols {
		c := &out.Rel.Columns[i]
		e := sqlerr.New(sqlerr.GeneratedAlways, "cannot insert a non-DEFAULT value into column %q", c.Name)
		if c.Generated != "" {
			return e.WithDetail("Column %q is a generated column.", c.Name)
		}
		if c.Identity == "always" && a.Overriding == "" {
			return e.WithDetail("Column %q is an identity column defined as GENERATED ALWAYS.", c.Name).WithHint("Use OVERRIDING SYSTEM VALUE to override.")
		}
	}
	return nil
}

// userValues leaves out what OVERRIDING USER VALUE gives for identity columns.
func userValues(a *ast.Insert, out *Insert) {
	if a.Overriding != "user" {
		return
	}
	var keep []int
	for k, i := range out.Cols {
		if out.Rel.Columns[i].Identity == "" {
			keep = append(keep, k)
		}
	}
	if out.Source != nil {
		p := &plan.Project{In: out.Source, Pos: a.Pos.Offset()}
		all := out.Source.Schema()
		for _, k := range keep {
			p.Items = append(p.Items, &expr.Column{Idx: k, Name: all[k].Name, Typ: all[k].Type})
			p.Cols = append(p.Cols, all[k])
		}
		out.Source = p
	} else if out.Rows != nil {
		out.Rows = out.Rows.Project(keep)
	}
	out.Cols = pick(out.Cols, keep)
}

// conflict binds ON CONFLICT.
func (b *binder) conflict(a *ast.Insert, d *dest) (*Conflict, error) {
	oc, rel := a.Conflict, d.rel
	pos := oc.Pos.Offset()
	if rel.Kind != catalog.Table {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "ON CONFLICT is not supported for stream %q", rel.Name).At(pos).WithHint("A stream has no unique key.")
	}
	out := &Conflict{Nothing: oc.Nothing}
	var err error
	if out.Keys, err = b.conflictKeys(oc, d, a.Alias, pos); err != nil {
		return nil, err
	}
	if oc.Nothing {
		return out, nil
	}
	if out.Keys == nil {
		return nil, sqlerr.New(sqlerr.SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name").At(pos).
			WithHint("For example, ON CONFLICT (column_name).")
	}
	n := len(rel.Columns)
	old, excluded := d.item(a.Alias, pos), d.item("excluded", pos)
	excluded.srcs[0].cols = shift(excluded.cols, n)
	s := &scope{srcs: []*source{old.srcs[0], excluded.srcs[0]}, cols: slices.Concat(old.cols, excluded.srcs[0].cols), clause: "ON CONFLICT DO UPDATE"}
	if out.Sets, err = b.sets(oc.Sets, d, s); err != nil {
		return nil, err
	}
	if oc.Where != nil {
		s.clause = "WHERE"
		if out.Where, err = b.boolean(oc.Where, s, "WHERE"); err != nil {
			return nil, err
		}
	}
	return out, b.conflictPlan(out, rel)
}

// conflictPlan makes the plan of a DO UPDATE that reads sub-selects.
func (b *binder) conflictPlan(c *Conflict, rel *catalog.Relation) error {
	var xs []expr.Expr
	for _, set := range c.Sets {
		xs = append(xs, set.X)
	}
	if c.Where != nil {
		xs = append(xs, c.Where)
	}
	if !slices.ContainsFunc(xs, func(x expr.Expr) bool { return b.hasMark(x, markSub) || hasSubquery(x) }) {
		return nil
	}
	cols := relSchema(rel)
	c.Given = b.given("excluded", slices.Concat(cols, cols))
	n, err := b.attach(targetScan(c.Given, "", -1), xs)
	if err != nil {
		return err
	}
	p := &plan.Project{In: n, Items: xs}
	for _, x := range xs {
		p.Cols = append(p.Cols, plan.Col{Type: x.Type()})
	}
	c.Plan = p
	return nil
}
