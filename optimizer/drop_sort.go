package optimizer

import "github.com/streamsqld/streamsqld/sql/plan"

// dropSort removes an order below an operator that does not keep it. A Sort counts at the top, below a Limit, and below another
// operator that only passes rows on.
func dropSort(root plan.Node) plan.Node {
	return plan.Transform(root, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Aggregate:
			if ordered(n) {
				return n
			}
		case *plan.Join, *plan.SetOp, *plan.Sort:
		default:
			return n
		}
		ins := n.Inputs()
		next := append([]plan.Node(nil), ins...)
		changed := false
		for i, in := range ins {
			if next[i] = unsorted(in); next[i] != in {
				changed = true
			}
		}
		if !changed {
			return n
		}
		return n.WithInputs(next)
	})
}

// ordered says whether an aggregate's result depends on the order of its input.
func ordered(a *plan.Aggregate) bool {
	for _, c := range a.Aggs {
		if c.Fn.Ordered {
			return true
		}
	}
	return false
}

// unsorted is n without the order that it has from a Sort below operators that only pass rows on.
func unsorted(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Sort:
		return n.In
	case *plan.Project, *plan.Filter:
		in := n.Inputs()[0]
		if u := unsorted(in); u != in {
			return n.WithInputs([]plan.Node{u})
		}
	}
	return n
}
