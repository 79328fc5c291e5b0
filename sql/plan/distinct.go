package plan

import "github.com/streamsqld/streamsqld/expr"

// Schema is the input's.
func (n *Distinct) Schema() Schema { return n.In.Schema() }

// Inputs is the one input.
func (n *Distinct) Inputs() []Node { return []Node{n.In} }

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
	return s + finality(n.OnClose, n.Keep, nil)
}

// Offset is the position of DISTINCT.
func (n *Distinct) Offset() int { return n.Pos }
