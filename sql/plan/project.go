package plan

import (
	"unsafe"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the computed columns.
func (n *Project) Schema() Schema { return n.Cols }

// Inputs is the one input.
func (n *Project) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *Project) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs are the items.
func (n *Project) Exprs() []expr.Expr { return n.Items }

// WithExprs replaces the items.
func (n *Project) WithExprs(xs []expr.Expr) Node {
	c := *n
	c.Items = xs
	return &c
}

// Explain lists the items.
func (n *Project) Explain() string { return "Project " + exprStrings(n.Items) }

// Offset is the position of the select list.
func (n *Project) Offset() int { return n.Pos }
