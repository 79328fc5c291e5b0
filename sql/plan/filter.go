package plan

import (
	"unsafe"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the input's.
func (n *Filter) Schema() Schema { return n.In.Schema() }

// Inputs is the one input.
func (n *Filter) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *Filter) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs is the condition.
func (n *Filter) Exprs() []expr.Expr { return []expr.Expr{n.Cond} }

// WithExprs replaces the condition.
func (n *Filter) WithExprs(xs []expr.Expr) Node {
	c := *n
	c.Cond = xs[0]
	return &c
}

// Explain prints the condition.
func (n *Filter) Explain() string { return "Filter " + n.Cond.String() }

// Offset is the position of the condition.
func (n *Filter) Offset() int { return n.Pos }
