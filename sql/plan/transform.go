package plan

import "slices"

// Transform rebuilds the plan from its leaves up: f gets each node over its transformed inputs and gives what stands there instead. A
// node that is read twice is transformed once, and what comes of it is read twice.
func Transform(root Node, f func(Node) Node) Node {
	return transform(root, f, &memo{})
}

func transform(n Node, f func(Node) Node, done *memo) Node {
	if out := done.get(n); out != nil {
		return out
	}
	ins := n.Inputs()
	var next []Node // nil: all inputs stay
	for i, in := range ins {
		x := transform(in, f, done)
		if x != in && next == nil {
			next = slices.Clone(ins)
		}
		if next != nil {
			next[i] = x
		}
	}
	out := n
	if next != nil {
		out = n.WithInputs(next)
	}
	out = f(out)
	done.put(n, out)
	return out
}

// Walk calls f for every node once, inputs before the nodes that read them.
func Walk(root Node, f func(Node)) {
	walk(root, f, &memo{})
}

func walk(n Node, f func(Node), seen *memo) {
	if seen.get(n) != nil {
		return
	}
	seen.put(n, n)
	for _, in := range n.Inputs() {
		walk(in, f, seen)
	}
	f(n)
}

// memo maps nodes to nodes. Most plans are so small that looking through a list is cheaper than a map.
type memo struct {
	n          int
	keys, vals [24]Node
	rest       map[Node]Node
}

// get is what n maps to, nil: nothing.
func (m *memo) get(n Node) Node {
	for i := range m.n {
		if m.keys[i] == n {
			return m.vals[i]
		}
	}
	return m.rest[n]
}

func (m *memo) put(n, to Node) {
	switch {
	case m.n < len(m.keys):
		m.keys[m.n], m.vals[m.n] = n, to
		m.n++
	case m.rest == nil:
		m.rest = map[Node]Node{n: to}
	default:
		m.rest[n] = to
	}
}

// Every operator is a Node.
var _ = []Node{(*Scan)(nil), (*Values)(nil), (*Project)(nil), (*Filter)(nil), (*Aggregate)(nil), (*TimeWindow)(nil), (*Sort)(nil),
	(*Limit)(nil), (*Distinct)(nil), (*SetOp)(nil), (*Join)(nil), (*Over)(nil), (*TableFunc)(nil)}

// Width is the number of a node's columns, without making its schema.
func Width(n Node) int {
	for {
		switch x := n.(type) {
		case *Scan:
			return len(x.Cols)
		case *Filter:
			n = x.In
		case *Sort:
			n = x.In
		case *Limit:
			n = x.In
		case *Distinct:
			n = x.In
		case *LockRows:
			n = x.In
		default:
			return len(n.Schema())
		}
	}
}
