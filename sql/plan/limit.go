package plan

import (
	"unsafe"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the input's.
func (n *Limit) Schema() Schema { return n.In.Schema() }

// Inputs is the one input.
func (n *Limit) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *Limit) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs are the count and the number of rows to skip, as far as they are there.
func (n *Limit) Exprs() []expr.Expr {
	var l exprList
	l.add(n.Count, n.Skip)
	return l
}

// WithExprs replaces them.
func (n *Limit) WithExprs(xs []expr.Expr) Node {
	t := exprTaker{xs}
	c := *n
	c.Count, c.Skip = t.one(n.Count), t.one(n.Skip)
	return &c
}

// Explain prints the numbers.
func (n *Limit) Explain() string {
	s := "Limit"
	if n.Count != nil {
		s += " " + n.Count.String()
	}
	if n.WithTies {
		s += " with ties"
	}
	if n.Skip != nil {
		s += " offset " + n.Skip.String()
	}
	return s
}

// Offset is the position of LIMIT or OFFSET.
func (n *Limit) Offset() int { return n.Pos }
