package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// dropIdentity removes a projection that gives its input's columns as they are, below another operator. At the top it may carry the names.
func dropIdentity(root plan.Node) plan.Node {
	return plan.Transform(root, func(n plan.Node) plan.Node {
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
	})
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
