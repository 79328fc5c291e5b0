package optimizer

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// rebuild makes n over its rebuilt inputs, with the columns that are needed of it and those that it cannot do without.
func (p *pruner) rebuild(n plan.Node) pruned {
	need := p.need[n]
	switch n := n.(type) {
	case *plan.Scan:
		return p.scan(n, need)
	case *plan.Project:
		in := p.done[n.In]
		to := p.keep(need)
		c := &plan.Project{In: in.node, Cols: pick(n.Cols, to), Pos: n.Pos}
		for i, x := range n.Items {
			if need[i] {
				c.Items = append(c.Items, remap(x, in.to))
			}
		}
		return pruned{c, to}
	case *plan.Aggregate:
		return p.aggregate(n, need)
	case *plan.TimeWindow:
		in := p.done[n.In]
		c := *n
		c.In, c.Col = in.node, in.to[n.Col]
		c.By = make([]int, len(n.By))
		for i, b := range n.By {
			c.By[i] = in.to[b]
		}
		to := extend(in.to, plan.Width(in.node), len(n.Cols)-len(in.to))
		c.Cols = pick(n.Cols, to)
		return pruned{&c, to}
	case *plan.Over:
		return p.over(n, need)
	case *plan.TableFunc:
		return p.adder(n)
	case *plan.Join:
		return p.join(n)
	}
	return p.passing(n)
}

// scanned are the columns that a scan reads.
func (p *pruner) scanned(n *plan.Scan, need colSet) colSet {
	s := append(colSet(nil), need...)
	s.add(n.Filter)
	if p.keepTime && n.Rel.Kind == catalog.Stream && n.Rel.Watermark != nil {
		for i, c := range n.Cols {
			s[i] = s[i] || c == n.Rel.Watermark.Column
		}
	}
	return s
}

func (p *pruner) scan(n *plan.Scan, need colSet) pruned {
	s := p.scanned(n, need)
	to := p.keep(s)
	c := *n
	c.Cols = make([]int, 0, len(n.Cols)) // not nil, which would be all
	for i, k := range s {
		if k {
			c.Cols = append(c.Cols, n.Cols[i])
		}
	}
	c.Filter = remap(n.Filter, to)
	return pruned{&c, to}
}

func (p *pruner) aggregate(n *plan.Aggregate, need colSet) pruned {
	in := p.done[n.In]
	s := allCols(len(n.Cols))
	c := *n
	c.In, c.Group, c.Aggs = in.node, remapAll(n.Group, in.to), nil
	for i, a := range n.Aggs {
		if s[len(n.Group)+i] = need[len(n.Group)+i]; !s[len(n.Group)+i] {
			continue
		}
		a.Args, a.Filter = remapAll(a.Args, in.to), remap(a.Filter, in.to)
		a.OrderBy = append([]plan.SortKey(nil), a.OrderBy...)
		for k := range a.OrderBy {
			a.OrderBy[k].X = remap(a.OrderBy[k].X, in.to)
		}
		c.Aggs = append(c.Aggs, a)
	}
	to := p.keep(s)
	c.Cols = pick(n.Cols, to)
	return pruned{&c, to}
}

// adder rebuilds an operator that adds columns behind its input's.
func (p *pruner) adder(n plan.Node) pruned {
	in := p.done[n.Inputs()[0]]
	added := plan.Width(n) - len(in.to)
	to := extend(in.to, plan.Width(in.node), added)
	out := n.WithInputs([]plan.Node{in.node}).WithExprs(remapAll(n.Exprs(), in.to))
	cols := pick(n.Schema(), to)
	out.(*plan.TableFunc).Cols = cols
	return pruned{out, to}
}

func (p *pruner) join(n *plan.Join) pruned {
	l, r := p.done[n.L], p.done[n.R]
	both := append([]int(nil), l.to...)
	for _, t := range r.to {
		if t >= 0 {
			t += plan.Width(l.node)
		}
		both = append(both, t)
	}
	c := *n
	c.L, c.R = l.node, r.node
	c.Cond, c.Rest = remap(n.Cond, both), remap(n.Rest, both)
	c.LKeys, c.RKeys, c.AsOfTime = remapAll(n.LKeys, l.to), remapAll(n.RKeys, r.to), remap(n.AsOfTime, l.to)
	if n.LTime >= 0 {
		c.LTime = l.to[n.LTime]
	}
	if n.RTime >= 0 {
		c.RTime = r.to[n.RTime]
	}
	to := both[:len(n.Cols)]
	c.Cols = pick(n.Cols, to)
	return pruned{&c, to}
}

// passing rebuilds an operator that gives its input's columns, or one whose inputs are needed whole.
func (p *pruner) passing(n plan.Node) pruned {
	ins := n.Inputs()
	if len(ins) == 0 {
		return pruned{n, identityMap(plan.Width(n))}
	}
	switch n.(type) {
	case *plan.Filter, *plan.Sort, *plan.Limit, *plan.Distinct:
		in := p.done[ins[0]]
		if d, ok := n.(*plan.Distinct); ok && d.On == nil {
			return pruned{d.WithInputs([]plan.Node{p.exactly(ins[0], allCols(plan.Width(d)))}), identityMap(plan.Width(d))}
		}
		return pruned{n.WithInputs([]plan.Node{in.node}).WithExprs(remapAll(n.Exprs(), in.to)), in.to}
	}
	next := make([]plan.Node, len(ins))
	for i, in := range ins {
		next[i] = p.exactly(in, allCols(plan.Width(in)))
	}
	return pruned{n.WithInputs(next), identityMap(plan.Width(n))}
}

func identityMap(n int) []int {
	to := make([]int, n)
	for i := range to {
		to[i] = i
	}
	return to
}
