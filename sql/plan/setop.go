package plan

import (
	"unsafe"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is that of the result; its types are those of both inputs.
func (n *SetOp) Schema() Schema { return n.Cols }

// Inputs are left and right.
func (n *SetOp) Inputs() []Node { return unsafe.Slice(&n.L, 2) }

// WithInputs replaces them.
func (n *SetOp) WithInputs(in []Node) Node {
	c := *n
	c.L, c.R = in[0], in[1]
	return &c
}

// Exprs is nil.
func (n *SetOp) Exprs() []expr.Expr { return nil }

// WithExprs gives n.
func (n *SetOp) WithExprs([]expr.Expr) Node { return n }

// Explain names the operation.
func (n *SetOp) Explain() string {
	name := map[string]string{"union": "Union", "intersect": "Intersect", "except": "Except"}[n.Op]
	if n.All {
		name += " all"
	}
	return name
}

// Offset is the position of UNION, INTERSECT or EXCEPT.
func (n *SetOp) Offset() int { return n.Pos }
