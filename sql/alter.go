package sql

import (
	"fmt"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// BindDefault checks a new default of a column.
func BindDefault(d *ast.ColumnDef, c *catalog.Column, env *Env) error {
	_, err := bindDefault(d.Default, c, env)
	return err
}

// BindCheck checks a new CHECK over the columns of a table, and gives those that it reads.
func BindCheck(x ast.Expr, cols []catalog.Column, env *Env) (reads []int, err error) {
	c, err := bindCheck(x, columnSchema(cols), env)
	if err != nil {
		return nil, err
	}
	return expr.Columns(c), nil
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
