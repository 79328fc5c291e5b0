package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// minMaxByIndex computes min and max over all rows of a relation, or over those that a filter leaves, from the first row of an index in order. It leaves the aggregate where ReadInOrder would not
// take an index for one of them.
func minMaxByIndex(stats Stats) func(root plan.Node) plan.Node {
	inOrder := readInOrder(stats)
	return func(root plan.Node) plan.Node {
		return plan.Transform(root, func(n plan.Node) plan.Node {
			a, ok := n.(*plan.Aggregate)
			if !ok || len(a.Group) > 0 || a.Sets != nil || len(a.Aggs) == 0 {
				return n
			}
			s, ok := a.In.(*plan.Scan)
			if !ok || s.AsOf != "" {
				return n
			}
			var out plan.Node
			for i, call := range a.Aggs {
				first := firstRow(s, &call, a.Pos)
				if first == nil {
					return n
				}
				l := inOrder(first)
				if l == first {
					return n
				}
				one := plan.Node(&plan.Aggregate{In: l, Aggs: []plan.AggCall{call}, Cols: a.Cols[i : i+1], Pos: a.Pos})
				if out != nil {
					one = &plan.Join{Kind: "cross", L: out, R: one, Cols: slices.Concat(out.Schema(), one.Schema()), LTime: -1, RTime: -1, Pos: a.Pos}
				}
				out = one
			}
			return out
		})
	}
}

// firstRow is the row of the scan that has the least or the greatest value; nil: the call asks for something else. NULLs come last in ascending order, and are left out of the descending one.
func firstRow(s *plan.Scan, call *plan.AggCall, pos int) plan.Node {
	isMax := call.Fn.Name == "max"
	if !isMax && call.Fn.Name != "min" || len(call.Args) != 1 || call.Filter != nil {
		return nil
	}
	col, ok := call.Args[0].(*expr.Column)
	if !ok {
		return nil
	}
	c := *s
	if isMax && !s.Rel.Columns[s.Cols[col.Idx]].NotNull {
		there := &expr.IsTest{X: col, Test: "null", Not: true}
		c.Filter = expr.Conjunction(append(expr.Conjuncts(s.Filter), there))
	}
	sort := &plan.Sort{In: &c, Keys: []plan.SortKey{{X: col, Desc: isMax, NullsFirst: isMax}}, Pos: pos}
	return &plan.Limit{In: sort, Count: expr.ConstInt8(1), Pos: pos}
}
