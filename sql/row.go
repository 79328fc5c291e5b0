package sql

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// Row completes the rows of a relation: defaults for the columns that were not given, generated columns, and the checks.
type Row struct {
	Rel *catalog.Relation
	// Fill has an expression for each column of Rel, over the given columns: the given column itself, the column's default, or NULL. A
	// generated column is NULL here.
	Fill      []expr.Expr
	Generated []Generated
	Checks    []CheckExpr
	Domains   []ColumnDomain
}

// ColumnDomain is a column that was declared with a domain.
type ColumnDomain struct {
	Col    int
	Domain *Domain
}

// Generated is a generated column: X is over all columns of the relation, of the column's type, and computed in UTC.
type Generated struct {
	Col int
	X   expr.Expr
}

// CheckExpr is a CHECK over all columns of the relation; NULL passes.
type CheckExpr struct {
	Name string
	X    expr.Expr
	// View: the condition of a view WITH CHECK OPTION, named Name. cascade is "local", "cascaded", or "" where the view has no such option.
	View    bool
	cascade string
}

// BindRow makes the Row for inserting the given columns (indexes into rel.Columns, in the order of the given data, already of the columns'
// types). COPY and connectors use it as INSERT does.
func BindRow(rel *catalog.Relation, given []int, env *Env) (*Row, error) {
	r := &Row{Rel: rel, Fill: make([]expr.Expr, len(rel.Columns))}
	for i, c := range given {
		r.Fill[c] = &expr.Column{Idx: i, Name: rel.Columns[c].Name, Typ: rel.Columns[c].Type}
	}
	for i := range rel.Columns {
		if r.Fill[i] != nil {
			continue
		}
		x, err := defaultOf(&rel.Columns[i], env)
		if err != nil {
			return nil, err
		}
		r.Fill[i] = x
	}
	return r, r.constraints(env)
}

// defaultOf is the default of a column, NULL without one.
func defaultOf(c *catalog.Column, env *Env) (expr.Expr, error) {
	if c.Default == "" && c.Domain != 0 && c.Generated == "" && !c.Dropped {
		c = domainDefault(c, env)
	}
	if c.Default == "" || c.Dropped {
		return expr.ConstNull(c.Type), nil
	}
	return DefaultExpr(c, env)
}

// DefaultExpr binds the default of a column from its text; its errors have no position in the statement.
func DefaultExpr(c *catalog.Column, env *Env) (expr.Expr, error) {
	a, err := parser.ParseExpr(c.Default)
	if err == nil {
		var x expr.Expr
		if x, err = bindDefault(a, c, env); err == nil {
			return x, nil
		}
	}
	return nil, unplaced(err)
}

// unplaced takes the position off an error about a text that is not the statement's.
func unplaced(err error) error {
	e := *sqlerr.From(err)
	e.Pos = 0
	return &e
}

// constraints binds the generated columns and the checks.
func (r *Row) constraints(env *Env) error {
	cols := columnSchema(r.Rel.Columns)
	for i := range r.Rel.Columns {
		if c := &r.Rel.Columns[i]; c.Domain != 0 && !c.Dropped {
			d, err := BindDomain(c.Domain, env)
			if err != nil {
				return err
			}
			r.Domains = append(r.Domains, ColumnDomain{i, d})
		}
	}
	for i := range r.Rel.Columns {
		c := &r.Rel.Columns[i]
		if c.Generated == "" || c.Dropped {
			continue
		}
		a, err := parser.ParseExpr(c.Generated)
		if err != nil {
			return unplaced(err)
		}
		x, err := bindGenerated(a, c, cols, env)
		if err != nil {
			return unplaced(err)
		}
		r.Generated = append(r.Generated, Generated{i, x})
	}
	for _, c := range r.Rel.Checks {
		a, err := parser.ParseExpr(c.SQL)
		if err != nil {
			return unplaced(err)
		}
		x, err := bindCheck(a, cols, env)
		if err != nil {
			return unplaced(err)
		}
		r.Checks = append(r.Checks, CheckExpr{Name: c.Name, X: x})
	}
	return nil
}

// Complete computes the rows of the relation from the given columns: Fill, then the generated columns. The caller
// checks NOT NULL and the CHECKs (see Check).
func (r *Row) Complete(ctx *expr.Ctx, given *types.Batch) (*types.Batch, error) {
	out := &types.Batch{N: given.N, W: given.W, Cols: make([]arrow.Array, len(r.Fill))}
	for i, x := range r.Fill {
		col, err := expr.EvalArray(ctx, x, given)
		if err != nil {
			return nil, err
		}
		out.Cols[i] = col
	}
	return out, r.Generate(ctx, out)
}

// Generate computes the generated columns of b, which has all columns of the relation, in place, in UTC.
func (r *Row) Generate(ctx *expr.Ctx, b *types.Batch) error {
	if len(r.Generated) == 0 {
		return nil
	}
	utc := *ctx
	utc.Format = types.UTCFormat(ctx.Now)
	for _, g := range r.Generated {
		col, err := expr.EvalArray(&utc, g.X, b)
		if err != nil {
			return err
		}
		b.Cols[g.Col] = col
	}
	return nil
}

// Check tests NOT NULL (23502) and the CHECKs (23514) over rows with all columns of the relation.
func (r *Row) Check(ctx *expr.Ctx, b *types.Batch) error {
	for _, d := range r.Domains {
		if err := d.Domain.Check(ctx, expr.Vec{Arr: b.Cols[d.Col]}, b.N); err != nil {
			return err
		}
	}
	for i := range r.Rel.Columns {
		c := &r.Rel.Columns[i]
		if c.NotNull && !c.Dropped && b.Cols[i].NullN() > 0 {
			e := sqlerr.New(sqlerr.NotNullViolation, "null value in column %q of relation %q violates not-null constraint", c.Name, r.Rel.Name)
			e.Schema, e.Table, e.Column = r.Rel.Schema, r.Rel.Name, c.Name
			return e.WithDetail("Failing row contains %s.", r.rowText(ctx, b, firstNull(b.Cols[i])))
		}
	}
	for _, c := range r.Checks {
		v, err := c.X.Eval(ctx, b)
		if err != nil {
			return err
		}
		row := firstFalse(v, b.N)
		if row < 0 {
			continue
		}
		if c.View {
			return sqlerr.New("44000", "new row violates check option for view %q", c.Name).WithDetail("Failing row contains %s.", r.rowText(ctx, b, row))
		}
		e := sqlerr.New(sqlerr.CheckViolation, "new row for relation %q violates check constraint %q", r.Rel.Name, c.Name)
		e.Schema, e.Table, e.Constraint = r.Rel.Schema, r.Rel.Name, c.Name
		return e.WithDetail("Failing row contains %s.", r.rowText(ctx, b, row))
	}
	return nil
}
