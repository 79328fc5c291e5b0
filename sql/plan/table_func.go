package plan

import (
	"fmt"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the input's columns and those of the function.
func (n *TableFunc) Schema() Schema { return n.Cols }

// Inputs is the one input.
func (n *TableFunc) Inputs() []Node { return []Node{n.In} }

// WithInputs replaces the input.
func (n *TableFunc) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs are the arguments.
func (n *TableFunc) Exprs() []expr.Expr { return n.Args }

// WithExprs replaces the arguments.
func (n *TableFunc) WithExprs(xs []expr.Expr) Node {
	c := *n
	c.Args = xs
	return &c
}

// Explain prints the call.
func (n *TableFunc) Explain() string {
	s := fmt.Sprintf("TableFunc %s(%s)", n.Fn.Name, exprStrings(n.Args))
	if n.Ordinality {
		s += " with ordinality"
	}
	if n.Outer {
		s += " outer"
	}
	return s
}

// Offset is the position of the function's name.
func (n *TableFunc) Offset() int { return n.Pos }
