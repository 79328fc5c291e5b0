package sql

import (
	"fmt"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// BindDefault checks a new default of a column.
func BindDefault(d *ast.ColumnDef, c *catalog.Column, env *Env) error {
	_, err := bindDefault(d.Default, c, env)
	return err
}

// BindCheck checks a new CHECK over the columns of a table, and gives those that it reads, and how the catalog shows it.
func BindCheck(x ast.Expr, cols []catalog.Column, env *Env) (reads []int, shown string, err error) {
	c, err := bindCheck(x, columnSchema(cols), env)
	if err != nil {
		return nil, "", err
	}
	return expr.Columns(c), c.String(), nil
}

// WholeScan reads all columns of a relation, dropped ones included.
func WholeScan(rel *catalog.Relation) plan.Node { return targetScan(rel, "", -1) }

// ColumnReaders names the CHECKs and generated columns of a relation that read a column.
func ColumnReaders(rel *catalog.Relation, col int, env *Env) ([]string, error) {
	r := &Row{Rel: rel}
	if err := r.constraints(env); err != nil {
		return nil, err
	}
	var out []string
	for _, c := range r.Checks {
		if slices.Contains(expr.Columns(c.X), col) {
			out = append(out, fmt.Sprintf("constraint %s", parser.QuoteIdent(c.Name)))
		}
	}
	for _, g := range r.Generated {
		if slices.Contains(expr.Columns(g.X), col) {
			out = append(out, fmt.Sprintf("column %s", parser.QuoteIdent(rel.Columns[g.Col].Name)))
		}
	}
	return out, nil
}

// BindTypeChange is the value of column col in a new type, over the columns of the table: USING, or the column itself converted as by assignment.
func BindTypeChange(rel *catalog.Relation, col int, to types.Type, using ast.Expr, env *Env) (expr.Expr, error) {
	c := &rel.Columns[col]
	b := newBinder(env)
	pos := -1
	var x expr.Expr = &expr.Column{Idx: col, Name: c.Name, Typ: c.Type}
	if using != nil {
		var err error
		pos = loc(using)
		if x, err = b.scalar(using, schemaScope(columnSchema(rel.Columns)), "transform expressions"); err != nil {
			return nil, err
		}
		if hasSubquery(x) {
			return nil, notYet(pos, "cannot use subquery in transform expression")
		}
	}
	if !isUnknown(x) && !expr.CanCast(x.Type(), to, 'a') {
		e := sqlerr.New(sqlerr.DatatypeMismatch, "column %q cannot be cast automatically to type %s", c.Name, to)
		if using != nil {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "result of USING clause for column %q cannot be cast automatically to type %s", c.Name, to).
				WithHint("You might need to add an explicit cast.")
		}
		if expr.CanCast(x.Type(), to, 'e') {
			e = e.WithHint("You might need to specify \"USING %s::%s\".", parser.QuoteIdent(c.Name), to)
		}
		return nil, e
	}
	return b.cast(x, to, 'a', pos)
}

// GeneratedReads are the columns that a generated column reads.
func GeneratedReads(rel *catalog.Relation, col int, env *Env) ([]int, error) {
	c := &rel.Columns[col]
	a, err := parser.ParseExpr(c.Generated)
	if err != nil {
		return nil, err
	}
	x, err := bindGenerated(a, c, columnSchema(rel.Columns), env)
	if err != nil {
		return nil, err
	}
	return expr.Columns(x), nil
}
