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

// partStep is a step from a column to the part of it that is assigned to: a field, or subscripts, which belong together.
type partStep struct {
	field string
	subs  []*ast.Subscript
	pos   int
}

// stepsAt reads a[1].b, which stands at pos, as the steps that lead from column a.
func stepsAt(x ast.Expr, pos int) []partStep {
	steps := partSteps(x)
	for i := range steps {
		steps[i].pos = pos
	}
	return steps
}

func partSteps(x ast.Expr) []partStep {
	switch x := x.(type) {
	case *ast.ColumnRef:
		var out []partStep
		for _, n := range x.Names[1:] {
			out = append(out, partStep{field: n})
		}
		return out
	case *ast.Field:
		return append(partSteps(x.X), partStep{field: x.Name})
	case *ast.Subscript:
		subs := []*ast.Subscript{x}
		for subs[0].Next {
			subs = append([]*ast.Subscript{subs[0].X.(*ast.Subscript)}, subs...)
		}
		return append(partSteps(subs[0].X), partStep{subs: subs})
	}
	return nil
}

// partOf is the expression that names the part of column i of a list, nil: the whole column.
func partOf(parts []ast.Expr, i int) ast.Expr {
	if i < len(parts) {
		return parts[i]
	}
	return nil
}

// partValue gives the value for a part, which is of type t; what begins the message about a value of another type.
type partValue func(t types.Type, what string) (expr.Expr, error)

// valueFor casts x, which stands at pos, to the type of the part, which stands at target.
func (b *binder) valueFor(x expr.Expr, target, pos int) partValue {
	return func(t types.Type, what string) (expr.Expr, error) {
		if !isUnknown(x) && !expr.CanCast(x.Type(), t, 'a') {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "%s %s but expression is of type %s", what, t.Base(), x.Type().Base()).At(target).
				WithHint("You will need to rewrite or cast the expression.")
		}
		return b.cast(x, t, 'a', pos)
	}
}

// assignPart is the value cur of column col with the part that steps lead to replaced.
func (b *binder) assignPart(cur expr.Expr, col string, steps []partStep, s *scope, value partValue, what string) (expr.Expr, error) {
	if len(steps) == 0 {
		return value(cur.Type(), what)
	}
	t, step := cur.Type(), steps[0]
	switch {
	case step.subs == nil:
		return b.assignField(cur, col, steps, s, value)
	case t.Is(types.JSONB):
		return b.assignJSON(cur, col, steps, s, value)
	case !t.IsArray():
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", t.Base()).At(step.pos)
	}
	bounds, at, slice, err := b.subscripts(step.subs, s)
	if err != nil {
		return nil, err
	}
	of, name := t.Elem(), "array_subscript"
	if slice {
		of, name = t, "array_slice"
	}
	var part expr.Expr = expr.ConstNull(of)
	if len(steps) > 1 {
		if part, err = b.fn(name, append([]expr.Expr{cur}, bounds...), append([]int{step.pos}, at...), step.pos); err != nil {
			return nil, err
		}
	}
	x, err := b.assignPart(part, col, steps[1:], s, value, `subscripted assignment to "`+col+`" requires type`)
	if err != nil {
		return nil, err
	}
	return expr.ArrayAssign(cur, x, bounds, slice), nil
}

func (b *binder) assignField(cur expr.Expr, col string, steps []partStep, s *scope, value partValue) (expr.Expr, error) {
	t, name := cur.Type(), steps[0].field
	fields := t.Fields()
	if fields == nil {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "cannot assign to field %q of column %q because its type %s is not a composite type", name, col, t.Base()).At(steps[0].pos)
	}
	k := slices.IndexFunc(fields, func(f types.Field) bool { return f.Name == name })
	if k < 0 {
		return nil, sqlerr.New(sqlerr.UndefinedColumn, "cannot assign to field %q of column %q because there is no such column in data type %s", name, col, t.Base()).At(steps[0].pos)
	}
	xs := make([]expr.Expr, len(fields))
	var err error
	for i, f := range fields {
		xs[i] = expr.NewField(cur, i, f.Type, steps[0].pos)
		if i != k {
			continue
		}
		if xs[i], err = b.assignPart(xs[i], name, steps[1:], s, value, `subfield "`+name+`" is of type`); err != nil {
			return nil, err
		}
	}
	return expr.NewRow(xs, t, false, steps[0].pos), nil
}

func (b *binder) assignJSON(cur expr.Expr, col string, steps []partStep, s *scope, value partValue) (expr.Expr, error) {
	path := &expr.ArrayOf{}
	path.Typ, _ = types.Text.Array()
	list := false
	for k, sub := range steps[0].subs {
		if sub.Slice {
			bound := sub.Hi
			if bound == nil {
				bound = sub
			}
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "jsonb subscript does not support slices").At(loc(bound))
		}
		i, err := b.expr(sub.Lo, s)
		if err != nil {
			return nil, err
		}
		number := i.Type().Is(types.Int2) || i.Type().Is(types.Int4)
		if !number && !isUnknown(i) && i.Type().Info().Category != types.CatString {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "subscript type %s is not supported", i.Type().Base()).At(loc(sub.Lo)).
				WithHint("jsonb subscript must be coercible to either integer or text.")
		}
		if i, err = b.cast(i, types.Text, 'a', loc(sub.Lo)); err != nil {
			return nil, err
		}
		list = list || k == 0 && number
		path.Items = append(path.Items, i)
	}
	if len(steps) > 1 {
		return b.assignPart(expr.ConstNull(types.JSONB), col, steps[1:], s, value, "")
	}
	x, err := value(types.JSONB, `subscripted assignment to "`+col+`" requires type`)
	if err != nil {
		return nil, err
	}
	return expr.JSONAssign(cur, x, path, list), nil
}

// noDefault refuses DEFAULT as the value of a part.
func noDefault(steps []partStep, pos int) error {
	if steps[0].subs != nil {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot set an array element to DEFAULT").At(pos)
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "cannot set a subfield to DEFAULT").At(pos)
}

// setPart binds the assignment of value to a part of column i, over the value that the column gets so far.
func (b *binder) setPart(sets []Set, i int, c *catalog.Column, part, value ast.Expr, pos int, s *scope) ([]Set, error) {
	steps := stepsAt(part, pos)
	if _, ok := value.(*ast.Default); ok {
		return nil, noDefault(steps, pos)
	}
	at := slices.IndexFunc(sets, func(o Set) bool { return o.Col == i })
	if at >= 0 && !sets[at].part {
		return nil, sqlerr.New(sqlerr.SyntaxError, "multiple assignments to same column %q", c.Name)
	}
	var cur expr.Expr
	if at >= 0 {
		cur = sets[at].X
	} else {
		var err error
		if cur, err = b.expr(&ast.ColumnRef{Pos: ast.Pos(pos), Names: []string{s.srcs[0].name, c.Name}}, s); err != nil {
			return nil, err
		}
	}
	x, err := b.expr(value, s)
	if err != nil {
		return nil, err
	}
	x, err = b.assignPart(cur, c.Name, steps, s, b.valueFor(x, pos, loc(value)), "")
	if err != nil {
		return nil, err
	}
	if at >= 0 {
		sets[at].X = x
		return sets, nil
	}
	return append(sets, Set{Col: i, X: x, part: true}), nil
}

// insertParts binds an INSERT whose column list names parts of columns: its rows are bound with a column for each part, and put together after that.
func (b *binder) insertParts(a *ast.Insert, d *dest, out *Insert) error {
	s := &scope{}
	given := &Insert{Rel: &catalog.Relation{Name: d.rel.Name}}
	for k, name := range a.Cols {
		pos := a.ColPos[k].Offset()
		i, err := d.column(name, pos)
		if err != nil {
			return err
		}
		c := d.rel.Columns[i]
		part := partOf(a.Parts, k)
		known := slices.Index(out.Cols, i)
		switch {
		case known < 0:
			out.Cols = append(out.Cols, i)
		case part == nil || partOf(a.Parts, slices.Index(a.Cols, name)) == nil:
			return sqlerr.New(sqlerr.DuplicateColumn, "column %q specified more than once", name).At(pos)
		}
		if part != nil {
			c.Default, c.Identity = "", ""
			if _, err := b.assignPart(expr.ConstNull(c.Type), name, stepsAt(part, pos), s, func(t types.Type, _ string) (expr.Expr, error) {
				c.Type = t
				return expr.ConstNull(t), nil
			}, ""); err != nil {
				return err
			}
		}
		given.Rel.Columns = append(given.Rel.Columns, c)
		given.Cols = append(given.Cols, k)
	}
	if err := b.partRows(a, given); err != nil {
		return err
	}
	p := &plan.Project{In: given.Source, Pos: a.Pos.Offset()}
	cols := given.Source.Schema()
	for _, i := range out.Cols {
		c := &d.rel.Columns[i]
		var x expr.Expr = expr.ConstNull(c.Type)
		for k := range given.Cols {
			if given.Rel.Columns[k].Name != c.Name {
				continue
			}
			v := expr.Expr(&expr.Column{Idx: k, Name: c.Name, Typ: cols[k].Type})
			part := partOf(a.Parts, k)
			if part == nil {
				x = v
				continue
			}
			var err error
			if x, err = b.assignPart(x, c.Name, partSteps(part), s, b.valueFor(v, -1, -1), ""); err != nil {
				return err
			}
		}
		p.Items, p.Cols = append(p.Items, x), append(p.Cols, plan.Col{Name: c.Name, Type: c.Type})
	}
	out.Source = p
	return nil
}

// partRows binds the rows of an INSERT into parts, always as a plan with all columns.
func (b *binder) partRows(a *ast.Insert, given *Insert) error {
	if a.Values == nil && a.Query == nil {
		return sqlerr.New(sqlerr.SyntaxError, "DEFAULT VALUES cannot be given for parts of columns").At(a.Pos.Offset())
	}
	if a.Query != nil {
		return b.insertQuery(a, given)
	}
	for _, r := range a.Values.Rows {
		for k, x := range r {
			if _, ok := x.(*ast.Default); ok && partOf(a.Parts, k) != nil {
				return noDefault(partSteps(a.Parts[k]), a.ColPos[k].Offset())
			}
		}
	}
	return b.insertValues(a, given)
}
