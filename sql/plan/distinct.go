package plan

import (
	"unsafe"

	"slices"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the input's.
func (n *Distinct) Schema() Schema { return n.In.Schema() }

// Inputs is the one input.
func (n *Distinct) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *Distinct) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs are those of ON, then the keys of the order.
func (n *Distinct) Exprs() []expr.Expr {
	var l exprList
	l.add(n.On...)
	l.keys(n.Keys)
	return l
}

// WithExprs replaces them.
func (n *Distinct) WithExprs(xs []expr.Expr) Node {
	t := exprTaker{xs}
	c := *n
	c.On = t.many(n.On)
	c.Keys = t.keys(n.Keys)
	return &c
}

// Explain prints ON and the order.
func (n *Distinct) Explain() string {
	s := "Distinct"
	if len(n.On) > 0 {
		s += " on " + exprStrings(n.On)
	}
	if len(n.Keys) > 0 {
		s += " by " + keyStrings(n.Keys)
	}
	return s + finality(n.OnClose, n.Keep, n.Close)
}

// First are the keys that tell which row of a value of ON is first: those that are not in ON themselves. None: the first by arrival.
func (n *Distinct) First() []SortKey {
	var out []SortKey
	for _, k := range n.Keys {
		in := slices.ContainsFunc(n.On, func(x expr.Expr) bool {
			a, ok := x.(*expr.Column)
			b, is := k.X.(*expr.Column)
			return ok && is && a.Idx == b.Idx
		})
		if !in {
			out = append(out, k)
		}
	}
	return out
}

// Offset is the position of DISTINCT.
func (n *Distinct) Offset() int { return n.Pos }
