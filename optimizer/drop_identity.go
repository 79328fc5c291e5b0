package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// dropIdentity removes a projection that gives its input's columns as they are, below another operator. The one that gives the result its names stays.
func dropIdentity(root plan.Node) plan.Node {
	names := naming(root)
	return plan.Transform(root, func(n plan.Node) plan.Node {
		ins := n.Inputs()
		var next []plan.Node
		for i, in := range ins {
			p, ok := in.(*plan.Project)
			if !ok || !identity(p) || p == names {
				continue
			}
			if next == nil {
				next = append([]plan.Node(nil), ins...)
			}
			next[i] = p.In
		}
		if next == nil {
			return n
		}
		return n.WithInputs(next)
	})
}

// naming is the projection whose column names are those of the result: the first below the operators that pass their columns on.
func naming(n plan.Node) *plan.Project {
	for {
		switch m := n.(type) {
		case *plan.Project:
			return m
		case *plan.Sort, *plan.Limit, *plan.Distinct, *plan.Filter:
			n = n.Inputs()[0]
		default:
			return nil
		}
	}
}

func identity(p *plan.Project) bool {
	if len(p.Items) != len(p.In.Schema()) {
		return false
	}
	for i, x := range p.Items {
		if c, ok := x.(*expr.Column); !ok || c.Idx != i {
			return false
		}
	}
	return true
}
