package plan

import (
	"unsafe"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the input's.
func (n *Sort) Schema() Schema { return n.In.Schema() }

// Inputs is the one input.
func (n *Sort) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *Sort) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs are the keys.
func (n *Sort) Exprs() []expr.Expr {
	var l exprList
	l.keys(n.Keys)
	return l
}

// WithExprs replaces the keys' expressions.
func (n *Sort) WithExprs(xs []expr.Expr) Node {
	t := exprTaker{xs}
	c := *n
	c.Keys = t.keys(n.Keys)
	return &c
}

// Explain lists the keys.
func (n *Sort) Explain() string { return "Sort by " + keyStrings(n.Keys) }

// Offset is the position of ORDER BY.
func (n *Sort) Offset() int { return n.Pos }
