package optimizer

import (
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

const (
	manyRows   = 10_000 // so many rows a side needs to be worth grouping before a join
	fewerParts = 10     // and so many times fewer groups than rows
	fewGroups  = 30_000 // and no more groups than the workers make beforehand
)

// aggregateBelowJoin groups a side of an inner join by its join keys before the join, where all aggregates are over columns of that side and far fewer groups than rows come of it: count, sum, min
// and max of the groups are then put together by the aggregate above. It is applied when the joins have their order. Only plain columns are computed with, so that no row that the join drops can fail.
func aggregateBelowJoin(stats Stats) func(root plan.Node) plan.Node {
	return func(root plan.Node) plan.Node {
		if stats == nil {
			return root
		}
		est := NewEstimator(stats)
		uses := useCounts(root)
		return plan.Transform(root, func(n plan.Node) plan.Node {
			a, ok := n.(*plan.Aggregate)
			if !ok || a.Sets != nil || a.Grouping != nil || uses[a.In] > 1 {
				return n
			}
			if p, is := a.In.(*plan.Project); is && uses[p.In] < 2 {
				a = overInput(a, p)
			}
			j, ok := a.In.(*plan.Join)
			if !ok || j.Kind != "inner" || j.ASOF || j.Lookup != "" || len(j.LKeys) == 0 || j.Rest != nil {
				return n
			}
			for _, right := range []bool{false, true} {
				e := &earlyGroups{a: a, j: j, right: right}
				if e.fits() && e.pays(est) {
					return e.build()
				}
			}
			return n
		})
	}
}

// overInput is the aggregate over the input of the projection below it.
func overInput(a *plan.Aggregate, p *plan.Project) *plan.Aggregate {
	xs := a.Exprs()
	there := slices.DeleteFunc(slices.Clone(xs), func(x expr.Expr) bool { return x == nil })
	there = substitute(there, p.Items)
	for i := range xs {
		if xs[i] != nil {
			xs[i], there = there[0], there[1:]
		}
	}
	c := a.WithExprs(xs).(*plan.Aggregate)
	c.In = p.In
	return c
}

// earlyGroups is an aggregate over a join of which one side is to be grouped before.
type earlyGroups struct {
	a     *plan.Aggregate
	j     *plan.Join
	right bool // the right side is grouped
	keys  []expr.Expr
}

// mine says whether an expression is made of columns of the side, and theirs of the other one.
func (e *earlyGroups) mine(x expr.Expr) (mine, theirs bool) {
	split := len(e.j.L.Schema())
	for _, k := range expr.Columns(x) {
		if (k >= split) == e.right {
			mine = true
		} else {
			theirs = true
		}
	}
	return mine, theirs
}

func (e *earlyGroups) side() (side plan.Node, keys []expr.Expr, first int) {
	if e.right {
		return e.j.R, e.j.RKeys, len(e.j.L.Schema())
	}
	return e.j.L, e.j.LKeys, 0
}

// fits says whether the aggregates can be computed in two parts, and notes by what the side is grouped: its keys, and what the groups above read of it.
func (e *earlyGroups) fits() bool {
	side, keys, first := e.side()
	if _, done := side.(*plan.Aggregate); done {
		return false
	}
	e.keys = slices.Clone(keys)
	if slices.ContainsFunc(e.keys, computes) {
		return false
	}
	for _, g := range e.a.Group {
		mine, theirs := e.mine(g)
		if mine && (theirs || computes(g)) || expr.MaxVolatility(g) == expr.Volatile || expr.HasSubquery(g) {
			return false
		}
		if mine {
			e.keys = append(e.keys, expr.Remap(g, func(k int) int { return k - first }))
		}
	}
	counted := true
	for i := range e.a.Aggs {
		c := &e.a.Aggs[i]
		if c.Distinct || c.Filter != nil || c.OrderBy != nil || len(c.Args) > 1 || !inParts(c) {
			return false
		}
		if len(c.Args) == 1 {
			mine, theirs := e.mine(c.Args[0])
			if _, plain := c.Args[0].(*expr.Column); !mine || theirs || !plain {
				return false
			}
			counted = false
		}
	}
	return len(e.a.Aggs) > 0 && !(counted && e.right) // count(*) alone: the left side, which is the larger one
}

// computes says that x is more than a column, or one of which equal values can differ.
func computes(x expr.Expr) bool {
	_, plain := x.(*expr.Column)
	return !plain || !equalBytes[x.Type().OID]
}

// inParts says whether a call can be put together from those of parts of the rows, to the last digit.
func inParts(c *plan.AggCall) bool {
	switch c.Fn.Name {
	case "count", "min", "max":
		return true
	case "sum":
		return slices.Contains([]types.Type{types.Int2, types.Int4, types.Int8, types.Numeric}, c.Args[0].Type().Base())
	}
	return false
}

// pays says whether the side has many rows, of which far fewer groups are made, and which the join does not drop anyway.
func (e *earlyGroups) pays(est *Estimator) bool {
	side, _, _ := e.side()
	for _, x := range e.keys {
		if i, ok := est.column(side, x.(*expr.Column).Idx); !ok || i.stats == nil { // how many groups there are has to be known
			return false
		}
	}
	rows, known := est.Rows(side)
	joined, sized := est.Rows(e.j)
	if !known || !sized || rows < manyRows || joined < rows/2 {
		return false
	}
	groups := math.Max(1, est.values(side, e.keys, rows))
	return groups*fewerParts <= rows && groups <= fewGroups
}

// build makes the plan: the side grouped, the join, the aggregate over it, and a projection that gives the results their types.
func (e *earlyGroups) build() plan.Node {
	side, _, first := e.side()
	below := &plan.Aggregate{In: side, Group: e.keys, Pos: e.a.Pos}
	for _, x := range e.keys {
		below.Cols = append(below.Cols, plan.Col{Name: x.(*expr.Column).Name, Type: x.Type()})
	}
	for _, c := range e.a.Aggs {
		c.Args = slices.Clone(c.Args)
		for i, x := range c.Args {
			c.Args[i] = expr.Remap(x, func(k int) int { return k - first })
		}
		below.Aggs = append(below.Aggs, c)
		below.Cols = append(below.Cols, plan.Col{Name: c.Fn.Name, Type: c.Typ})
	}
	j := *e.j
	at := func(k int) *expr.Column { // of the column of below
		c := below.Cols[k]
		return &expr.Column{Idx: k + first, Name: c.Name, Typ: c.Type}
	}
	keys := make([]expr.Expr, len(j.LKeys))
	for i := range keys {
		keys[i] = &expr.Column{Idx: i, Name: below.Cols[i].Name, Typ: below.Cols[i].Type}
	}
	move := func(k int) int { return k }
	if e.right {
		j.R, j.RKeys = below, keys
	} else {
		grown := len(below.Cols) - len(side.Schema())
		j.L, j.LKeys, move = below, keys, func(k int) int { return k + grown }
	}
	j.Cond, j.Cols = nil, slices.Concat(j.L.Schema(), j.R.Schema())
	return e.above(&j, below, at, move)
}

// above is the aggregate over the join; at gives the join's column for one of below, move that for one of the other side.
func (e *earlyGroups) above(j *plan.Join, below *plan.Aggregate, at func(int) *expr.Column, move func(int) int) plan.Node {
	top := &plan.Aggregate{In: j, Pos: e.a.Pos}
	own := len(j.LKeys)
	for i, g := range e.a.Group {
		if mine, _ := e.mine(g); mine {
			g = at(own)
			own++
		} else {
			g = expr.Remap(g, move)
		}
		top.Group, top.Cols = append(top.Group, g), append(top.Cols, e.a.Cols[i])
	}
	var items []expr.Expr
	for i, c := range top.Cols {
		items = append(items, &expr.Column{Idx: i, Name: c.Name, Typ: c.Type})
	}
	for i, c := range e.a.Aggs {
		x := at(len(e.keys) + i)
		name := c.Fn.Name
		if name == "count" {
			name = "sum"
		}
		fn, err := expr.ResolveAgg(name, []types.Type{x.Typ})
		if err != nil { // cannot be: these are aggregates of all types that come here
			return e.a
		}
		call := plan.AggCall{Fn: fn.Agg, Args: []expr.Expr{x}, Typ: fn.Ret}
		item := expr.Expr(&expr.Column{Idx: len(top.Cols), Name: c.Fn.Name, Typ: call.Typ})
		if c.Fn.Name == "min" || c.Fn.Name == "max" {
			call.Fn, call.Typ = c.Fn, c.Typ
			item = &expr.Column{Idx: len(top.Cols), Name: c.Fn.Name, Typ: c.Typ}
		} else if call.Typ.Base() != c.Typ.Base() {
			item = &expr.Cast{X: item, Typ: c.Typ, Pos: -1}
		}
		if c.Fn.Name == "count" && len(e.a.Group) == 0 {
			item = &expr.Coalesce{Args: []expr.Expr{item, expr.ConstInt8(0)}, Typ: c.Typ}
		}
		top.Aggs, items = append(top.Aggs, call), append(items, item)
		top.Cols = append(top.Cols, plan.Col{Name: c.Fn.Name, Type: call.Typ})
	}
	return &plan.Project{In: top, Items: items, Cols: e.a.Cols, Pos: e.a.Pos}
}
