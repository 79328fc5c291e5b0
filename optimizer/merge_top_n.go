package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// mergeTopN turns a filter rank <= n over a window function row_number, rank or dense_rank that stands alone into a top-n: rank <= n, rank < n, rank = 1
// and the same the other way round. Of other bounds from above (rank = 3) the filter stays.
func mergeTopN(root plan.Node) plan.Node {
	uses := useCounts(root)
	return plan.Transform(root, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		o, ok := f.In.(*plan.Over)
		if !ok || uses[o] > 1 || !ranks(o) {
			return n
		}
		at, top := plan.Width(o.In), int64(0)
		var rest []expr.Expr
		for _, c := range expr.Conjuncts(f.Cond) {
			least, exact, ok := rankBound(c, at)
			if ok && least > 0 && (top == 0 || least < top) {
				top = least
			}
			if !ok || least <= 0 || !exact {
				rest = append(rest, c)
			}
		}
		if top == 0 || o.TopN > 0 && o.TopN <= top {
			return n
		}
		c := *o
		c.TopN = top
		if cond := expr.Conjunction(rest); cond != nil {
			return &plan.Filter{In: &c, Cond: cond, Pos: f.Pos}
		}
		return &c
	})
}

// ranks says that the only function is a rank, and that it is shown.
func ranks(o *plan.Over) bool {
	if len(o.Funcs) != 1 || o.Funcs[0].Agg != nil || o.HideRank {
		return false
	}
	switch o.Funcs[0].Name {
	case "row_number", "rank", "dense_rank":
		return true
	}
	return false
}

// rankBound reads a condition that bounds column at from above: the greatest value; exact: it says no more than that.
func rankBound(x expr.Expr, at int) (most int64, exact, ok bool) {
	c, is := x.(*expr.Call)
	if !is || len(c.Args) != 2 {
		return 0, false, false
	}
	op, l, r := c.Fn.Name, c.Args[0], c.Args[1]
	if _, isConst := l.(*expr.Const); isConst {
		l, r = r, l
		op = map[string]string{">=": "<=", ">": "<", "=": "="}[op]
	}
	col, isCol := l.(*expr.Column)
	n, isInt := constInt(r)
	if !isCol || col.Idx != at || !isInt {
		return 0, false, false
	}
	switch op {
	case "<=":
		return n, true, true
	case "<":
		return n - 1, true, true
	case "=":
		return n, n == 1, true
	}
	return 0, false, false
}

// constInt is the value of an integer constant.
func constInt(x expr.Expr) (int64, bool) {
	c, ok := x.(*expr.Const)
	if !ok || c.Arr.IsNull(0) {
		return 0, false
	}
	switch c.Typ.Base() {
	case types.Int8:
		return types.Values[int64](c.Arr)[0], true
	case types.Int4:
		return int64(types.Values[int32](c.Arr)[0]), true
	case types.Int2:
		return int64(types.Values[int16](c.Arr)[0]), true
	}
	return 0, false
}
