package plan

import (
	"unsafe"

	"strings"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the group keys, the aggregates, the grouping() masks.
func (n *Aggregate) Schema() Schema { return n.Cols }

// Inputs is the one input.
func (n *Aggregate) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *Aggregate) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs are the group keys, then of each aggregate its arguments, filter and order.
func (n *Aggregate) Exprs() []expr.Expr {
	var l exprList
	l.add(n.Group...)
	for _, a := range n.Aggs {
		l.add(a.Args...)
		l.add(a.Filter)
		l.keys(a.OrderBy)
	}
	return l
}

// WithExprs replaces them.
func (n *Aggregate) WithExprs(xs []expr.Expr) Node {
	t := exprTaker{xs}
	c := *n
	c.Group = t.many(n.Group)
	c.Aggs = make([]AggCall, len(n.Aggs))
	for i, a := range n.Aggs {
		a.Args = t.many(a.Args)
		a.Filter = t.one(a.Filter)
		a.OrderBy = t.keys(a.OrderBy)
		c.Aggs[i] = a
	}
	return &c
}

// Explain lists the keys and the aggregates.
func (n *Aggregate) Explain() string {
	names := make([]string, len(n.Aggs))
	for i := range n.Aggs {
		names[i] = n.Aggs[i].String()
	}
	s := "Aggregate"
	if len(n.Group) > 0 {
		s += " by " + exprStrings(n.Group)
	}
	if n.Sets != nil {
		sets := make([]string, len(n.Sets))
		for i, set := range n.Sets {
			var xs []expr.Expr
			for _, k := range set {
				xs = append(xs, n.Group[k])
			}
			sets[i] = "(" + exprStrings(xs) + ")"
		}
		s += " sets " + strings.Join(sets, ", ")
	}
	if len(names) > 0 {
		s += ": " + strings.Join(names, ", ")
	}
	return s + finality(n.OnClose, n.Keep, n.Close)
}

// String prints the call: its Name where the binder gave one.
func (a *AggCall) String() string {
	if a.Name != "" {
		return a.Name
	}
	s := a.Fn.Name + "("
	if a.Distinct {
		s += "DISTINCT "
	}
	if len(a.Args) == 0 {
		s += "*"
	}
	s += exprStrings(a.Args)
	if len(a.OrderBy) > 0 {
		s += " ORDER BY " + keyStrings(a.OrderBy)
	}
	s += ")"
	if a.Filter != nil {
		s += " FILTER (WHERE " + a.Filter.String() + ")"
	}
	return s
}

// Offset is the position of GROUP BY or of the select list.
func (n *Aggregate) Offset() int { return n.Pos }
