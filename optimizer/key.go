package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// key finds columns that identify a row of n; nil: none known. single: n never has more than one row.
func key(n plan.Node) (cols []int, single bool) {
	switch n := n.(type) {
	case *plan.Scan:
		return scanKey(n), n.Rel.Single
	case *plan.Project:
		in, single := key(n.In)
		return through(in, n.Items), single
	case *plan.Filter:
		return filterKey(n)
	case *plan.Sort:
		return key(n.In)
	case *plan.Limit:
		in, single := key(n.In)
		return in, single || !n.WithTies && isOne(n.Count)
	case *plan.Aggregate:
		if n.Sets != nil {
			return nil, false
		}
		return identityMap(len(n.Group)), len(n.Group) == 0
	case *plan.Distinct:
		if n.On == nil {
			return identityMap(plan.Width(n)), false
		}
		return plainColumns(n.On), false
	case *plan.TimeWindow:
		in, _ := key(n.In)
		if in == nil {
			return nil, false
		}
		return append(in, plan.Width(n.In)), false
	case *plan.Over:
		if k := overKey(n); k != nil {
			return k, false
		}
		in, single := key(n.In)
		return in, single || len(n.Partition) == 0 && n.TopN == 1 && n.Funcs[0].Name == "row_number"
	case *plan.Join:
		return joinKey(n), false
	}
	return nil, false
}

func isOne(x expr.Expr) bool {
	v, is := constInt(x)
	return is && v == 1
}

// filterKey is the key of n's input without the columns that are equal to a constant.
func filterKey(n *plan.Filter) (cols []int, single bool) {
	cols, single = key(n.In)
	if len(cols) == 0 {
		return cols, single
	}
	fixed := map[int]bool{}
	for _, c := range expr.Conjuncts(n.Cond) {
		if call, ok := c.(*expr.Call); ok && call.Fn.Name == "=" && len(call.Args) == 2 {
			for i, x := range call.Args {
				if col, is := x.(*expr.Column); is && expr.IsConst(call.Args[1-i]) {
					fixed[col.Idx] = true
				}
			}
		}
	}
	cols = slices.DeleteFunc(cols, func(c int) bool { return fixed[c] })
	return cols, single || len(cols) == 0
}

func scanKey(n *plan.Scan) []int {
	k := n.Rel.Key
	if n.Rel.Kind == catalog.Table {
		k = n.Rel.Primary
	}
	var out []int
	for _, c := range k {
		at := -1
		for i, x := range n.Cols {
			if x == c {
				at = i
			}
		}
		if at < 0 {
			return nil
		}
		out = append(out, at)
	}
	return out
}

// through follows key columns into a projection; nil where one is left out.
func through(in []int, items []expr.Expr) []int {
	var out []int
	for _, k := range in {
		at := -1
		for i, x := range items {
			if c, ok := x.(*expr.Column); ok && c.Idx == k {
				at = i
				break
			}
		}
		if at < 0 {
			return nil
		}
		out = append(out, at)
	}
	return out
}

func plainColumns(xs []expr.Expr) []int {
	var out []int
	for _, x := range xs {
		c, ok := x.(*expr.Column)
		if !ok {
			return nil
		}
		out = append(out, c.Idx)
	}
	return out
}

func joinKey(n *plan.Join) []int {
	l, _ := key(n.L)
	if n.Kind == "semi" || n.Kind == "anti" {
		return l
	}
	r, _ := key(n.R)
	if l == nil || r == nil || n.Kind != "inner" && n.Kind != "cross" && n.Kind != "left" {
		return nil
	}
	out := append([]int(nil), l...)
	for _, c := range r {
		out = append(out, c+plan.Width(n.L))
	}
	return out
}

func orderCols(keys []plan.SortKey) []catalog.OrderCol {
	var out []catalog.OrderCol
	for _, k := range keys {
		c, ok := k.X.(*expr.Column)
		if !ok {
			return out
		}
		out = append(out, catalog.OrderCol{Col: c.Idx, Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	return out
}

// project gives n's first columns only.
func project(n plan.Node, cols plan.Schema) plan.Node {
	items := make([]expr.Expr, len(cols))
	for i, c := range cols {
		items[i] = &expr.Column{Idx: i, Name: c.Name, Typ: c.Type}
	}
	return &plan.Project{In: n, Items: items, Cols: cols, Pos: n.Offset()}
}
