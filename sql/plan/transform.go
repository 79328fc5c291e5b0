package plan

// Transform rebuilds the plan from its leaves up: f gets each node over its transformed inputs and gives what stands there instead. A
// node that is read twice is transformed once, and what comes of it is read twice.
func Transform(root Node, f func(Node) Node) Node {
	return transform(root, f, map[Node]Node{})
}

func transform(n Node, f func(Node) Node, done map[Node]Node) Node {
	if out, ok := done[n]; ok {
		return out
	}
	ins := n.Inputs()
	changed := false
	next := make([]Node, len(ins))
	for i, in := range ins {
		next[i] = transform(in, f, done)
		changed = changed || next[i] != in
	}
	out := n
	if changed {
		out = n.WithInputs(next)
	}
	out = f(out)
	done[n] = out
	return out
}

// Walk calls f for every node once, inputs before the nodes that read them.
func Walk(root Node, f func(Node)) {
	seen := map[Node]bool{}
	var walk func(Node)
	walk = func(n Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, in := range n.Inputs() {
			walk(in)
		}
		f(n)
	}
	walk(root)
}

// Every operator is a Node.
var _ = []Node{(*Scan)(nil), (*Values)(nil), (*Project)(nil), (*Filter)(nil), (*Aggregate)(nil), (*TimeWindow)(nil), (*Sort)(nil),
	(*Limit)(nil), (*Distinct)(nil), (*SetOp)(nil), (*Join)(nil), (*Over)(nil), (*TableFunc)(nil)}
