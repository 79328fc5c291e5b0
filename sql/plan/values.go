package plan

import (
	"fmt"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the columns of the rows.
func (n *Values) Schema() Schema { return n.Cols }

// Inputs is nil.
func (n *Values) Inputs() []Node { return nil }

// WithInputs gives n.
func (n *Values) WithInputs([]Node) Node { return n }

// Exprs are all fields, row by row.
func (n *Values) Exprs() []expr.Expr {
	var l exprList
	for _, r := range n.Rows {
		l.add(r...)
	}
	return l
}

// WithExprs replaces the fields.
func (n *Values) WithExprs(xs []expr.Expr) Node {
	t := exprTaker{xs}
	c := *n
	c.Rows = make([][]expr.Expr, len(n.Rows))
	for i, r := range n.Rows {
		c.Rows[i] = t.many(r)
	}
	return &c
}

// Explain tells how many rows there are, or prints a single one.
func (n *Values) Explain() string {
	if len(n.Rows) == 1 {
		return "Values (" + exprStrings(n.Rows[0]) + ")"
	}
	return fmt.Sprintf("Values %d rows", len(n.Rows))
}

// Offset is the position of VALUES or SELECT.
func (n *Values) Offset() int { return n.Pos }
