package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// domain is the general way to take correlation out, for what decorrelator cannot pull up: the distinct values of the outer columns that a
// sub-select reads become a table, which is joined inside the sub-select below all that reads them, and goes up with each row.
type domain struct {
	b     *binder
	s     *scope
	marks []int     // the outer columns, as mark numbers
	node  plan.Node // their distinct values, in this order
}

// join evaluates sub for each row of n: n left joined with the sub-select over its domain, and the value over that join.
func (b *binder) domainJoin(n plan.Node, sub *subselect, s *scope, pos int) (plan.Node, expr.Expr, error) {
	d := &domain{b: b, s: s, marks: b.outerMarks(sub.inner, s)}
	p := &plan.Project{In: n, Pos: pos}
	for _, m := range d.marks {
		p.Items = append(p.Items, sub.refs[m])
		p.Cols = append(p.Cols, plan.Col{Name: "outer", Type: sub.refs[m].Type()})
	}
	d.node = &plan.Distinct{In: p, Time: -1, Pos: pos}
	in, err := d.push(sub.inner)
	if err != nil {
		return nil, nil, err
	}
	at, width := len(n.Schema()), len(sub.inner.Schema())
	var conds []expr.Expr
	for i, x := range p.Items {
		conds = append(conds, &expr.IsDistinct{L: x, R: &expr.Column{Idx: at + width + i, Name: "outer", Typ: x.Type()}, Not: true})
	}
	join := &plan.Join{Kind: "left", L: n, R: in, Cond: andAll(conds), Cols: slices.Concat(n.Schema(), in.Schema()), LTime: -1, RTime: -1, Pos: pos}
	value, err := b.overJoin(sub.value, sub.refs, at)
	return join, value, err
}

// inside reads the outer columns from the domain's columns, which begin at place at.
func (d *domain) inside(x expr.Expr, at int) expr.Expr {
	if x == nil {
		return nil
	}
	return expr.Transform(x, func(e expr.Expr) expr.Expr {
		p, ok := e.(*expr.Param)
		if !ok {
			return e
		}
		if i := slices.Index(d.marks, p.N); i >= 0 {
			return &expr.Column{Idx: at + i, Name: "outer", Typ: p.Typ}
		}
		return e
	})
}

func (d *domain) all(xs []expr.Expr, at int) []expr.Expr {
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		out[i] = d.inside(x, at)
	}
	return out
}

func (d *domain) has(n plan.Node) bool { return len(d.b.outerMarks(n, d.s)) > 0 }

// push gives n for each row of the domain, whose columns stand behind those of n.
func (d *domain) push(n plan.Node) (plan.Node, error) {
	if !d.has(n) {
		return d.cross(n), nil
	}
	ins := n.Inputs()
	for _, x := range n.Exprs() {
		if hasSubquery(x) && d.b.correlated(&plan.Filter{In: oneRow(-1), Cond: x}) && d.hidden(x) {
			return nil, notYet(n.Offset(), "a correlated subquery is not supported inside another subquery")
		}
	}
	switch n := n.(type) {
	case *plan.Values:
		return d.values(n)
	case *plan.Join:
		return d.join(n)
	case *plan.Filter, *plan.Sort, *plan.Project, *plan.Aggregate, *plan.TableFunc, *plan.Distinct:
		in, err := d.push(ins[0])
		if err != nil {
			return nil, err
		}
		return d.unary(n, in, len(ins[0].Schema()))
	}
	word, _, _ := strings.Cut(n.Explain(), " ")
	return nil, notYet(n.Offset(), "a correlated subquery is not supported with %s", strings.ToUpper(word))
}

// hidden says whether a sub-select inside x reads columns of the scope.
func (d *domain) hidden(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(e expr.Expr) bool {
		if q, ok := e.(*expr.Subquery); ok {
			found = found || d.has(q.Plan.(plan.Node))
		}
		return !found
	})
	return found
}

func (d *domain) cross(n plan.Node) plan.Node {
	return &plan.Join{Kind: "inner", L: n, R: d.node, Cols: slices.Concat(n.Schema(), d.node.Schema()), LTime: -1, RTime: -1, Pos: n.Offset()}
}

// values is one row over outer columns: a projection of the domain.
func (d *domain) values(n *plan.Values) (plan.Node, error) {
	if len(n.Rows) != 1 {
		return nil, notYet(n.Pos, "a correlated subquery is not supported with VALUES of several rows")
	}
	cols := d.node.Schema()
	return &plan.Project{In: d.node, Items: slices.Concat(d.all(n.Rows[0], 0), columnsOf(cols, 0)), Cols: slices.Concat(n.Cols, cols), Pos: n.Pos}, nil
}

// unary puts an operator over its pushed input, which has the domain's columns at place at.
func (d *domain) unary(n plan.Node, in plan.Node, at int) (plan.Node, error) {
	dom := in.Schema()[at:]
	switch n := n.(type) {
	case *plan.Filter:
		return &plan.Filter{In: in, Cond: d.inside(n.Cond, at), Pos: n.Pos}, nil
	case *plan.Sort:
		return n.WithExprs(d.all(n.Exprs(), at)).WithInputs([]plan.Node{in}), nil
	case *plan.Project:
		return &plan.Project{In: in, Items: slices.Concat(d.all(n.Items, at), columnsOf(dom, at)), Cols: slices.Concat(n.Cols, dom), Pos: n.Pos}, nil
	case *plan.Distinct:
		m := n.WithExprs(d.all(n.Exprs(), at)).WithInputs([]plan.Node{in}).(*plan.Distinct)
		if len(n.On) > 0 {
			m.On = slices.Concat(m.On, columnsOf(dom, at))
		}
		return m, nil
	case *plan.TableFunc:
		m := n.WithExprs(d.all(n.Exprs(), at)).(*plan.TableFunc)
		m.In = in
		m.Cols = slices.Concat(in.Schema(), n.Cols[at:])
		return reorder(m, at, len(dom)), nil
	case *plan.Aggregate:
		return d.aggregate(n, in, at, dom)
	}
	return nil, notYet(n.Offset(), "a correlated subquery is not supported here")
}

// reorder moves count columns from place at to the end.
func reorder(n plan.Node, at, count int) plan.Node {
	cols := n.Schema()
	p := &plan.Project{In: n, Pos: n.Offset()}
	for _, r := range [][2]int{{0, at}, {at + count, len(cols)}, {at, at + count}} {
		p.Items = append(p.Items, columnsOf(cols[r[0]:r[1]], r[0])...)
		p.Cols = append(p.Cols, cols[r[0]:r[1]]...)
	}
	return p
}

// aggregate groups by the domain as well.
func (d *domain) aggregate(n *plan.Aggregate, in plan.Node, at int, dom plan.Schema) (plan.Node, error) {
	if n.Sets != nil {
		return nil, notYet(n.Pos, "a correlated subquery is not supported with grouping sets")
	}
	m := n.WithExprs(d.all(n.Exprs(), at)).(*plan.Aggregate)
	groups := len(m.Group)
	m.In = in
	m.Group = slices.Concat(m.Group, columnsOf(dom, at))
	m.Cols = slices.Concat(n.Cols[:groups], dom, n.Cols[groups:])
	return reorder(m, groups, len(dom)), nil
}

// join pushes the domain into the side that needs it, or into both, joined by its columns.
func (d *domain) join(n *plan.Join) (plan.Node, error) {
	if n.Kind == "full" || n.Kind == "right" || n.AsOfTime != nil {
		return nil, notYet(n.Pos, "a correlated subquery is not supported below a join of this kind")
	}
	lw := len(n.L.Schema())
	l, err := d.push(n.L)
	if err != nil {
		return nil, err
	}
	k := len(d.marks)
	m := *n
	m.L = l
	shifted := func(x expr.Expr) expr.Expr {
		x = expr.Remap(x, func(i int) int {
			if i >= lw {
				return i + k
			}
			return i
		})
		return d.inside(x, lw)
	}
	var conds []expr.Expr
	if n.Cond != nil {
		conds = append(conds, shifted(n.Cond))
	}
	if d.has(n.R) {
		rw := len(n.R.Schema())
		if m.R, err = d.push(n.R); err != nil {
			return nil, err
		}
		for i, c := range d.node.Schema() {
			conds = append(conds, &expr.IsDistinct{L: &expr.Column{Idx: lw + i, Name: "outer", Typ: c.Type},
				R: &expr.Column{Idx: lw + k + rw + i, Name: "outer", Typ: c.Type}, Not: true})
		}
	}
	m.Cond = andAll(conds)
	if n.Kind == "semi" || n.Kind == "anti" {
		m.Cols = l.Schema()
		return &m, nil
	}
	m.Cols = slices.Concat(l.Schema(), m.R.Schema())
	out := reorder(&m, lw, k).(*plan.Project)
	if extra := len(m.R.Schema()) - len(n.R.Schema()); extra > 0 { // the domain once
		at := lw + len(n.R.Schema())
		out.Items = slices.Delete(out.Items, at, at+extra)
		out.Cols = slices.Delete(out.Cols, at, at+extra)
	}
	return out, nil
}
