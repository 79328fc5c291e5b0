package plan

import (
	"unsafe"

	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the input's columns and one for each function.
func (n *Over) Schema() Schema { return n.Cols }

// Inputs is the one input.
func (n *Over) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *Over) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs are the partition keys, the order, then of each function its arguments, filter and frame offsets.
func (n *Over) Exprs() []expr.Expr {
	var l exprList
	l.add(n.Partition...)
	l.keys(n.Order)
	for _, f := range n.Funcs {
		l.add(f.Args...)
		l.add(f.Filter, f.Frame.StartX, f.Frame.EndX)
	}
	return l
}

// WithExprs replaces them.
func (n *Over) WithExprs(xs []expr.Expr) Node {
	t := exprTaker{xs}
	c := *n
	c.Partition = t.many(n.Partition)
	c.Order = t.keys(n.Order)
	c.Funcs = make([]OverCall, len(n.Funcs))
	for i, f := range n.Funcs {
		f.Args = t.many(f.Args)
		f.Filter = t.one(f.Filter)
		f.Frame.StartX, f.Frame.EndX = t.one(f.Frame.StartX), t.one(f.Frame.EndX)
		c.Funcs[i] = f
	}
	return &c
}

// Explain lists the functions, the partition and the order.
func (n *Over) Explain() string {
	names := make([]string, len(n.Funcs))
	for i, f := range n.Funcs {
		name := f.Name
		if f.Agg != nil {
			name = f.Agg.Name
		}
		names[i] = fmt.Sprintf("%s(%s)", name, exprStrings(f.Args))
	}
	s := "Over " + strings.Join(names, ", ")
	if len(n.Partition) > 0 {
		s += " partition by " + exprStrings(n.Partition)
	}
	if len(n.Order) > 0 {
		s += " order by " + keyStrings(n.Order)
	}
	if n.TopN > 0 {
		s += fmt.Sprintf(" top %d", n.TopN)
		if n.HideRank {
			s += " without rank"
		}
	}
	if n.ByTime {
		s += " row by row"
	}
	return s + finality(n.OnClose, n.Keep, n.Close)
}

// Offset is the position of the first function.
func (n *Over) Offset() int { return n.Pos }
