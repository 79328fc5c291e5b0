package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// pruneColumns leaves out columns that nobody above reads: down to the scan, which then doesn't decode them. It goes twice over the plan: needs are
// gathered from the readers down, then the nodes are rebuilt from the leaves up. With keepTime the event time of a stream stays in its scan: the
// watermark is made of it.
func pruneColumns(keepTime bool) func(plan.Node) plan.Node {
	return func(root plan.Node) plan.Node {
		p := &pruner{keepTime: keepTime, need: map[plan.Node]colSet{}, done: map[plan.Node]pruned{}}
		var order []plan.Node
		plan.Walk(root, func(n plan.Node) { order = append(order, n) })
		p.want(root, allCols(plan.Width(root)))
		for i := len(order) - 1; i >= 0; i-- {
			p.needs(order[i])
		}
		if !slices.ContainsFunc(order, p.may) {
			return root
		}
		for _, n := range order {
			p.done[n] = p.rebuild(n)
		}
		if !p.changed {
			return root
		}
		return p.exactly(root, allCols(plan.Width(root)))
	}
}

// may says whether n itself could leave something out.
func (p *pruner) may(n plan.Node) bool {
	need := p.need[n]
	switch n := n.(type) {
	case *plan.Scan:
		return slices.Contains(p.scanned(n, need), false)
	case *plan.Project:
		return slices.Contains(need, false)
	case *plan.Over:
		return slices.Contains(need[plan.Width(n.In):], false)
	case *plan.Aggregate:
		return slices.Contains(need[len(n.Group):], false)
	}
	return false
}

// colSet marks columns of a schema.
type colSet []bool

func allCols(n int) colSet {
	s := make(colSet, n)
	for i := range s {
		s[i] = true
	}
	return s
}

func (s colSet) add(x expr.Expr) {
	if x == nil {
		return
	}
	for _, c := range expr.Columns(x) {
		s[c] = true
	}
}

func (s colSet) addAll(xs []expr.Expr) {
	for _, x := range xs {
		s.add(x)
	}
}

// pruned is a rebuilt node; to maps its old columns to the new ones, -1: left out.
type pruned struct {
	node plan.Node
	to   []int
}

type pruner struct {
	keepTime bool
	need     map[plan.Node]colSet
	done     map[plan.Node]pruned
	changed  bool
}

// want adds to what is needed of n.
func (p *pruner) want(n plan.Node, s colSet) {
	have := p.need[n]
	if have == nil {
		have = make(colSet, plan.Width(n))
		p.need[n] = have
	}
	for i, w := range s {
		have[i] = have[i] || w
	}
}

// needs tells the inputs of n what is needed of them. All readers of n came before.
func (p *pruner) needs(n plan.Node) {
	need := p.need[n]
	switch n := n.(type) {
	case *plan.Project:
		s := make(colSet, plan.Width(n.In))
		for i, x := range n.Items {
			if need[i] {
				s.add(x)
			}
		}
		p.want(n.In, s)
	case *plan.Aggregate:
		s := make(colSet, plan.Width(n.In))
		s.addAll(n.Group)
		for i, a := range n.Aggs {
			if need[len(n.Group)+i] {
				s.addAll(a.Args)
				s.add(a.Filter)
				for _, k := range a.OrderBy {
					s.add(k.X)
				}
			}
		}
		p.want(n.In, s)
	case *plan.Filter, *plan.Sort, *plan.Limit:
		s := append(colSet(nil), need...)
		s.addAll(n.Exprs())
		p.want(n.Inputs()[0], s)
	case *plan.Distinct:
		s := append(colSet(nil), need...)
		if n.On == nil {
			s = allCols(len(s))
		}
		s.addAll(n.Exprs())
		p.want(n.In, s)
	case *plan.TimeWindow:
		s := append(colSet(nil), need[:plan.Width(n.In)]...)
		s[n.Col] = true
		for _, c := range n.By {
			s[c] = true
		}
		p.want(n.In, s)
	case *plan.Over:
		p.overNeeds(n, need)
	case *plan.TableFunc:
		in := n.Inputs()[0]
		s := append(colSet(nil), need[:plan.Width(in)]...)
		s.addAll(n.Exprs())
		p.want(in, s)
	case *plan.Join:
		p.joinNeeds(n, need)
	default:
		for _, in := range n.Inputs() {
			p.want(in, allCols(plan.Width(in)))
		}
	}
}

func (p *pruner) joinNeeds(n *plan.Join, need colSet) {
	nl, nr := plan.Width(n.L), plan.Width(n.R)
	both := make(colSet, nl+nr)
	copy(both, need)
	both.add(n.Cond)
	both.add(n.Rest)
	l, r := both[:nl:nl], both[nl:]
	l.addAll(n.LKeys)
	r.addAll(n.RKeys)
	l.add(n.AsOfTime)
	if n.LTime >= 0 && n.LTime < nl {
		l[n.LTime] = true
	}
	if n.RTime >= 0 && n.RTime < nr {
		r[n.RTime] = true
	}
	p.want(n.L, l)
	p.want(n.R, r)
}

// keep makes the mapping that keeps the marked columns, in order.
func (p *pruner) keep(s colSet) []int {
	to := make([]int, len(s))
	n := 0
	for i, k := range s {
		to[i] = -1
		if k {
			to[i] = n
			n++
		} else {
			p.changed = true
		}
	}
	return to
}

func remap(x expr.Expr, to []int) expr.Expr {
	if x == nil {
		return nil
	}
	return expr.Remap(x, func(i int) int { return to[i] })
}

func remapAll(xs []expr.Expr, to []int) []expr.Expr {
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		out[i] = remap(x, to)
	}
	if xs == nil {
		return nil
	}
	return out
}

func pick(cols plan.Schema, to []int) plan.Schema {
	out := make(plan.Schema, 0, len(cols))
	for i, c := range cols {
		if to[i] >= 0 {
			out = append(out, c)
		}
	}
	return out
}

// extend is the mapping of columns that an operator adds behind its input's.
func extend(in []int, width, added int) []int {
	to := append([]int(nil), in...)
	for i := 0; i < added; i++ {
		to = append(to, width+i)
	}
	return to
}

// exactly gives the rebuilt n with just the marked columns, by a projection where it has others.
func (p *pruner) exactly(n plan.Node, s colSet) plan.Node {
	d := p.done[n]
	var items []expr.Expr
	var cols plan.Schema
	plain := true
	schema := n.Schema()
	for i, k := range s {
		if !k {
			continue
		}
		plain = plain && d.to[i] == len(items)
		items = append(items, &expr.Column{Idx: d.to[i], Name: schema[i].Name, Typ: schema[i].Type})
		cols = append(cols, schema[i])
	}
	if plain && len(items) == plan.Width(d.node) {
		return d.node
	}
	return &plan.Project{In: d.node, Items: items, Cols: cols, Pos: n.Offset()}
}
