package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// join pushes the domain into the left side, and into the right one where that needs it or where its rows may stand alone. Of two domains the
// columns must be the same; the row keeps those of a side that is always there.
func (d *domain) join(n *plan.Join) (plan.Node, error) {
	lw, rw, k := plan.Width(n.L), plan.Width(n.R), len(d.marks)
	m := *n
	var err error
	if m.L, err = d.push(n.L); err != nil {
		return nil, err
	}
	m.AsOfTime = d.inside(n.AsOfTime, lw)
	var conds []expr.Expr
	if n.Cond != nil {
		conds = append(conds, d.inside(expr.Remap(n.Cond, func(i int) int {
			if i >= lw {
				return i + k
			}
			return i
		}), lw))
	}
	both := n.Kind == "right" || n.Kind == "full" || d.has(n.R)
	if both {
		if m.NotIn { // its comparison is no longer the only condition
			m.NotIn = false
			conds = []expr.Expr{&expr.IsTest{X: andAll(conds), Test: "false", Not: true}}
		}
		if m.R, err = d.push(n.R); err != nil {
			return nil, err
		}
		conds = append(conds, d.same(lw, lw+k+rw)...)
	}
	m.Cond = andAll(conds)
	if n.Kind == "semi" || n.Kind == "anti" {
		m.Cols = m.L.Schema()
		return &m, nil
	}
	m.Cols = slices.Concat(m.L.Schema(), m.R.Schema())
	out := &plan.Project{In: &m, Pos: n.Pos, Cols: slices.Concat(n.Cols, d.node.Schema())}
	out.Items = slices.Concat(columnsOf(m.Cols[:lw], 0), columnsOf(m.Cols[lw+k:lw+k+rw], lw+k))
	for i, c := range d.node.Schema() {
		left := expr.Expr(&expr.Column{Idx: lw + i, Name: c.Name, Typ: c.Type})
		right := &expr.Column{Idx: lw + k + rw + i, Name: c.Name, Typ: c.Type}
		switch n.Kind {
		case "right":
			left = right
		case "full":
			left = &expr.Coalesce{Args: []expr.Expr{left, right}, Typ: c.Type}
		}
		out.Items = append(out.Items, left)
	}
	return out, nil
}

// same says that the domain's columns at places l and r are the same.
func (d *domain) same(l, r int) []expr.Expr {
	var out []expr.Expr
	for i, c := range d.node.Schema() {
		out = append(out, &expr.IsDistinct{L: &expr.Column{Idx: l + i, Name: "outer", Typ: c.Type}, R: &expr.Column{Idx: r + i, Name: "outer", Typ: c.Type}, Not: true})
	}
	return out
}
