package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// neededFuncs marks the window functions that are read.
func neededFuncs(n *plan.Over, need colSet) (funcs colSet, some bool) {
	funcs = make(colSet, len(n.Funcs))
	if n.HideRank {
		return funcs, false
	}
	for i := range funcs {
		funcs[i] = need[plan.Width(n.In)+i]
		some = some || funcs[i]
	}
	return funcs, some
}

// overNeeds is what window functions need of their input.
func (p *pruner) overNeeds(n *plan.Over, need colSet) {
	s := append(colSet(nil), need[:plan.Width(n.In)]...)
	funcs, some := neededFuncs(n, need)
	if some || n.TopN > 0 {
		s.addAll(n.Partition)
		for _, k := range n.Order {
			s.add(k.X)
		}
	}
	for i, f := range n.Funcs {
		if funcs[i] {
			s.addAll(f.Args)
			s.add(f.Filter)
		}
	}
	p.want(n.In, s)
}

// over leaves out functions that nobody reads. Of a top-n the rank is hidden then; without any function nothing is left but the input.
func (p *pruner) over(n *plan.Over, need colSet) pruned {
	in := p.done[n.In]
	funcs, some := neededFuncs(n, need)
	to := append([]int(nil), in.to...)
	width := plan.Width(in.node)
	if !some && n.TopN == 0 {
		p.changed = true
		for range n.Funcs {
			to = append(to, -1)
		}
		return pruned{in.node, to}
	}
	c := *n
	c.In, c.Partition, c.Funcs = in.node, remapAll(n.Partition, in.to), nil
	c.Order = append([]plan.SortKey(nil), n.Order...)
	for i := range c.Order {
		c.Order[i].X = remap(n.Order[i].X, in.to)
	}
	for i, f := range n.Funcs {
		switch {
		case funcs[i] || n.HideRank:
			f.Args, f.Filter = remapAll(f.Args, in.to), remap(f.Filter, in.to)
			c.Funcs = append(c.Funcs, f)
			if !n.HideRank {
				to = append(to, width+len(c.Funcs)-1)
			}
		case n.TopN > 0:
			c.HideRank, p.changed = true, true
			c.Funcs = append(c.Funcs, f)
			to = append(to, -1)
		default:
			p.changed = true
			to = append(to, -1)
		}
	}
	c.Cols = pick(n.Cols, to)
	return pruned{&c, to}
}

// overKey finds columns that identify a row of a top-n by row_number: the partition, and the rank where there are several.
func overKey(n *plan.Over) []int {
	if n.TopN == 0 || n.Funcs[0].Name != "row_number" || n.TopN > 1 && n.HideRank {
		return nil
	}
	out := plainColumns(n.Partition)
	if out == nil && len(n.Partition) > 0 {
		return nil
	}
	if n.TopN > 1 {
		out = append(out, plan.Width(n.In))
	}
	return out
}

// keepsPartitions says that a condition reads only partition keys of a window, so that it takes whole partitions away.
func keepsPartitions(n *plan.Over, c expr.Expr) bool {
	cols := expr.Columns(c)
	keys := map[int]bool{}
	for _, k := range n.Partition {
		if col, ok := k.(*expr.Column); ok {
			keys[col.Idx] = true
		}
	}
	for _, k := range cols {
		if !keys[k] {
			return false
		}
	}
	return len(cols) > 0
}
