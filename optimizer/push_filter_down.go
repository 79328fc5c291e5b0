package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// pushFilterDown moves each conjunct of a filter below the operator under it where that keeps the rows:
//
//	Project                      always, with its expressions put in, unless one is volatile
//	TimeWindow                   what does not read the window columns; of a session, what reads its partition columns only
//	Aggregate                    what reads only plain group keys (of every grouping set)
//	SetOp union                  into both inputs
//	Join                         what reads one side only, where that side is not filled up with NULLs
//	Over                         what reads only plain partition keys
//	TableFunc                    what does not read the function's columns
//	Sort, Distinct without ON    always
//
// A shared input stays as it is: pushing into it would change what others read.
func pushFilterDown(root plan.Node) plan.Node {
	uses := useCounts(root)
	return plan.Transform(root, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok || uses[f.In] > 1 {
			return n
		}
		var down, stay []expr.Expr
		for _, c := range expr.Conjuncts(f.Cond) {
			if canPush(f.In, c) {
				down = append(down, c)
			} else {
				stay = append(stay, c)
			}
		}
		if len(down) == 0 {
			return n
		}
		out := pushInto(f, down)
		if rest := expr.Conjunction(stay); rest != nil {
			return &plan.Filter{In: out, Cond: rest, Pos: f.Pos}
		}
		return out
	})
}

// useCounts counts how many operators read each node; nil: each is read once.
func useCounts(root plan.Node) map[plan.Node]int {
	nodes, edges := 0, 0
	plan.Walk(root, func(n plan.Node) {
		nodes++
		edges += len(n.Inputs())
	})
	if edges < nodes { // a tree
		return nil
	}
	uses := map[plan.Node]int{}
	plan.Walk(root, func(n plan.Node) {
		for _, in := range n.Inputs() {
			uses[in]++
		}
	})
	return uses
}

func canPush(in plan.Node, c expr.Expr) bool {
	if expr.MaxVolatility(c) == expr.Volatile {
		return false
	}
	cols := expr.Columns(c)
	switch in := in.(type) {
	case *plan.Project:
		for _, k := range cols {
			if expr.MaxVolatility(in.Items[k]) == expr.Volatile || expr.HasSubquery(in.Items[k]) {
				return false
			}
		}
		return true
	case *plan.TimeWindow:
		if in.Func == "session" {
			return len(cols) > 0 && !slices.ContainsFunc(cols, func(k int) bool { return !slices.Contains(in.By, k) })
		}
		return !slices.ContainsFunc(cols, func(k int) bool { return k >= plan.Width(in.In) })
	case *plan.Aggregate:
		return len(in.Group) > 0 && in.Sets == nil && len(cols) > 0 && !slices.ContainsFunc(cols, func(k int) bool { return k >= len(in.Group) })
	case *plan.SetOp:
		return in.Op == "union"
	case *plan.TableFunc:
		return len(cols) > 0 && !slices.ContainsFunc(cols, func(k int) bool { return k >= len(in.In.Schema()) })
	case *plan.Sort:
		return true
	case *plan.Over:
		return keepsPartitions(in, c)
	case *plan.Distinct:
		return in.On == nil
	case *plan.Join:
		return joinSide(in, cols) != 0
	}
	return false
}

// joinSide is -1 where columns belong to the left side only and may be filtered there, 1 for the right side, 0 for neither.
func joinSide(j *plan.Join, cols []int) int {
	if len(cols) == 0 || j.ASOF || j.Lookup != "" {
		return 0
	}
	n := plan.Width(j.L)
	left := !slices.ContainsFunc(cols, func(k int) bool { return k >= n })
	right := !slices.ContainsFunc(cols, func(k int) bool { return k < n })
	switch {
	case left && slices.Contains([]string{"inner", "cross", "left", "semi", "anti"}, j.Kind):
		return -1
	case right && slices.Contains([]string{"inner", "cross", "right"}, j.Kind):
		return 1
	}
	return 0
}

func pushInto(f *plan.Filter, down []expr.Expr) plan.Node {
	filter := func(in plan.Node, xs []expr.Expr) plan.Node {
		if len(xs) == 0 {
			return in
		}
		return &plan.Filter{In: in, Cond: expr.Conjunction(xs), Pos: f.Pos}
	}
	switch in := f.In.(type) {
	case *plan.Project:
		return in.WithInputs([]plan.Node{filter(in.In, substitute(down, in.Items))})
	case *plan.Aggregate:
		return in.WithInputs([]plan.Node{filter(in.In, substitute(down, in.Group))})
	case *plan.SetOp:
		return in.WithInputs([]plan.Node{filter(in.L, down), filter(in.R, down)})
	case *plan.Join:
		var l, r []expr.Expr
		shift := plan.Width(in.L)
		for _, c := range down {
			if joinSide(in, expr.Columns(c)) < 0 {
				l = append(l, c)
			} else {
				r = append(r, expr.Remap(c, func(k int) int { return k - shift }))
			}
		}
		return in.WithInputs([]plan.Node{filter(in.L, l), filter(in.R, r)})
	}
	return f.In.WithInputs([]plan.Node{filter(f.In.Inputs()[0], down)})
}

// substitute puts expressions in the places of the columns they compute.
func substitute(xs, items []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		out[i] = expr.Transform(x, func(e expr.Expr) expr.Expr {
			if c, ok := e.(*expr.Column); ok {
				return items[c.Idx]
			}
			return e
		})
	}
	return out
}
