package plan

import (
	"unsafe"

	"fmt"
	"math"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the left columns and the right ones; of semi and anti the left ones.
func (n *Join) Schema() Schema { return n.Cols }

// Inputs are left and right.
func (n *Join) Inputs() []Node { return unsafe.Slice(&n.L, 2) }

// WithInputs replaces them.
func (n *Join) WithInputs(in []Node) Node {
	c := *n
	c.L, c.R = in[0], in[1]
	return &c
}

// Exprs are Cond (over both sides), LKeys (over the left), RKeys (over the right), Rest (over both), AsOfTime (over the left).
func (n *Join) Exprs() []expr.Expr {
	var l exprList
	l.add(n.Cond)
	l.add(n.LKeys...)
	l.add(n.RKeys...)
	l.add(n.Rest, n.AsOfTime)
	return l
}

// WithExprs replaces them.
func (n *Join) WithExprs(xs []expr.Expr) Node {
	t := exprTaker{xs}
	c := *n
	c.Cond = t.one(n.Cond)
	c.LKeys, c.RKeys = t.many(n.LKeys), t.many(n.RKeys)
	c.Rest, c.AsOfTime = t.one(n.Rest), t.one(n.AsOfTime)
	return &c
}

// Explain prints the kind and the conditions.
func (n *Join) Explain() string {
	s := "Join " + n.Kind
	if n.ASOF {
		s += " asof"
	}
	if n.NotIn {
		s += " not in"
	}
	if n.Lookup != "" {
		s += " lookup " + n.Lookup
		if n.AsOfTime != nil {
			s += " " + n.AsOfTime.String()
		}
	}
	if len(n.LKeys) > 0 {
		s += fmt.Sprintf(" on (%s) = (%s)", exprStrings(n.LKeys), exprStrings(n.RKeys))
		if n.Rest != nil {
			s += " and " + n.Rest.String()
		}
	} else if n.Cond != nil {
		s += " on " + n.Cond.String()
	}
	switch {
	case n.LTime < 0 || n.RTime < 0 || n.Lo == 0 && n.Hi == 0:
	case n.Hi == math.MaxInt64:
		s += fmt.Sprintf(" (left time >= right time + %s)", micros(n.Lo))
	case n.Lo == math.MinInt64:
		s += fmt.Sprintf(" (left time <= right time + %s)", micros(n.Hi))
	default:
		s += fmt.Sprintf(" (left time in right time + [%s, %s])", micros(n.Lo), micros(n.Hi))
	}
	return s + finality(n.OnClose, n.Keep, nil)
}

// Offset is the position of JOIN.
func (n *Join) Offset() int { return n.Pos }
