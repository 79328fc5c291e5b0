package exec

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// changes tells of which nodes the output may carry weights other than +1. In batch mode, of none.
type changes struct {
	mode  plan.Mode
	known map[plan.Node]bool
}

func (c *changes) of(n plan.Node) bool {
	if c.mode == plan.Batch {
		return false
	}
	v, ok := c.known[n]
	if !ok {
		v = c.find(n)
		c.known[n] = v
	}
	return v
}

func (c *changes) find(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan:
		return n.Rel.Kind == catalog.Table || n.Rel.Kind == catalog.MatView && n.Rel.Mode != string(plan.Append)
	case *plan.Values:
		return false
	case *plan.Filter:
		return c.mode != plan.Append && plan.ClockEnds(n.Cond) || c.of(n.In)
	case *plan.Aggregate:
		return !n.OnClose
	case *plan.TimeWindow:
		return n.Func == "session" && !n.OnClose || c.of(n.In)
	case *plan.Limit:
		_, sorted := n.In.(*plan.Sort)
		return sorted || c.of(n.In)
	case *plan.Distinct:
		return len(n.On) > 0 && len(n.First()) > 0 && !n.OnClose || c.of(n.In)
	case *plan.SetOp:
		return n.Op == "except" || c.of(n.L) || c.of(n.R)
	case *plan.Join:
		if n.Lookup == "time" {
			return !n.OnClose
		}
		fixed := n.OnClose || n.Kind == "inner" || n.Kind == "semi" || n.Lookup == "proctime" && n.Kind == "left"
		return !fixed || n.ASOF || c.of(n.L) || n.Lookup == "" && c.of(n.R)
	case *plan.Match:
		return !n.OnClose
	case *plan.Over:
		return !n.OnClose || c.of(n.In)
	}
	for _, in := range n.Inputs() {
		if c.of(in) {
			return true
		}
	}
	return false
}
