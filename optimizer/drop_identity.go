package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// dropIdentity removes a projection that gives its input's columns as they are, below another operator. The one that gives the result its names stays:
// the first below the operators that pass their columns on.
func dropIdentity(root plan.Node) plan.Node {
	switch root.(type) {
	case *plan.Sort, *plan.Limit, *plan.Distinct, *plan.Filter:
		in := root.Inputs()[0]
		next := dropIdentity(in)
		if next == in {
			return root
		}
		return root.WithInputs([]plan.Node{next})
	}
	return plan.Transform(root, dropInputs)
}

// dropInputs takes such projections out from between n and its inputs.
func dropInputs(n plan.Node) plan.Node {
	ins := n.Inputs()
	var next []plan.Node
	for i, in := range ins {
		p, ok := in.(*plan.Project)
		if !ok || !identity(p) {
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
}

func identity(p *plan.Project) bool {
	if len(p.Items) != plan.Width(p.In) {
		return false
	}
	for i, x := range p.Items {
		if c, ok := x.(*expr.Column); !ok || c.Idx != i {
			return false
		}
	}
	return true
}
