package plan

import (
	"unsafe"

	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the input's columns and those of the function.
func (n *TableFunc) Schema() Schema { return n.Cols }

// Inputs is the one input.
func (n *TableFunc) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *TableFunc) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs are the arguments of all calls.
func (n *TableFunc) Exprs() []expr.Expr {
	xs := n.Args
	for _, c := range n.More {
		xs = slices.Concat(xs, c.Args)
	}
	return xs
}

// WithExprs replaces the arguments.
func (n *TableFunc) WithExprs(xs []expr.Expr) Node {
	c := *n
	c.Args, xs = xs[:len(n.Args)], xs[len(n.Args):]
	c.More = slices.Clone(n.More)
	for i := range c.More {
		k := len(c.More[i].Args)
		c.More[i].Args, xs = xs[:k], xs[k:]
	}
	return &c
}

// Calls are the first call and More.
func (n *TableFunc) Calls() []SetCall {
	return append([]SetCall{{n.Fn, n.Args}}, n.More...)
}

// Explain prints the calls.
func (n *TableFunc) Explain() string {
	var calls []string
	for _, c := range n.Calls() {
		calls = append(calls, fmt.Sprintf("%s(%s)", c.Fn.Name, exprStrings(c.Args)))
	}
	s := "TableFunc " + strings.Join(calls, ", ")
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
