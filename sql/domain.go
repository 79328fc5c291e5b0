package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// domain is the general way to take correlation out, for what decorrelator cannot pull up: the distinct values of the outer columns that a
// sub-select reads become a table, which is joined inside the sub-select below all that reads them, and goes up with each row.
type domain struct {
	b     *binder
	s     *scope
	marks []int     // the outer columns, as mark numbers
	node  plan.Node // their distinct values, in this order
}

// domainOf gives inner for each row of the domain that host has, and the conditions that join host with it; inner's columns, which come
// first, then stand behind host's. refs are the outer columns over host.
func (b *binder) domainOf(host, inner plan.Node, refs map[int]expr.Expr, s *scope, pos int) (plan.Node, []expr.Expr, error) {
	d := &domain{b: b, s: s, marks: b.outerMarks(inner, s)}
	p := &plan.Project{In: host, Pos: pos}
	for _, m := range d.marks {
		p.Items = append(p.Items, refs[m])
		p.Cols = append(p.Cols, plan.Col{Name: "outer", Type: refs[m].Type()})
	}
	d.node = &plan.Distinct{In: p, Pos: pos}
	in, err := d.push(inner)
	if err != nil {
		return nil, nil, err
	}
	at := len(host.Schema()) + len(inner.Schema())
	var conds []expr.Expr
	for i, x := range p.Items {
		conds = append(conds, &expr.IsDistinct{L: x, R: &expr.Column{Idx: at + i, Name: "outer", Typ: x.Type()}, Not: true})
	}
	return in, conds, nil
}

// domainJoin evaluates sub for each row of n: n left joined with the sub-select over its domain, and the value over that join.
func (b *binder) domainJoin(n plan.Node, sub *subselect, s *scope, pos int) (plan.Node, expr.Expr, error) {
	in, conds, err := b.domainOf(n, sub.inner, sub.refs, s, pos)
	if err != nil {
		return nil, nil, err
	}
	join := &plan.Join{Kind: "left", L: n, R: in, Cond: andAll(conds), Cols: slices.Concat(n.Schema(), in.Schema()), LTime: -1, RTime: -1, Pos: pos}
	value, err := b.overJoin(sub.value, sub.refs, len(n.Schema()))
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
	case *plan.SetOp:
		return d.setOp(n)
	case *plan.Limit:
		return d.limit(n)
	case *plan.Filter, *plan.Sort, *plan.Project, *plan.Aggregate, *plan.TableFunc, *plan.Distinct, *plan.TimeWindow, *plan.Over:
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
	case *plan.TimeWindow:
		m := *n
		m.In, m.Cols = in, slices.Concat(in.Schema(), n.Cols[at:])
		return reorder(&m, at, len(dom)), nil
	case *plan.Over:
		m := n.WithExprs(d.all(n.Exprs(), at)).(*plan.Over)
		m.In, m.Cols = in, slices.Concat(in.Schema(), n.Cols[at:])
		m.Partition = slices.Concat(m.Partition, columnsOf(dom, at))
		return reorder(m, at, len(dom)), nil
	case *plan.Aggregate:
		return d.aggregate(n, in, at, dom)
	}
	return nil, notYet(n.Offset(), "a correlated subquery is not supported here")
}

// setOp pushes the domain into both sides.
func (d *domain) setOp(n *plan.SetOp) (plan.Node, error) {
	m := *n
	var err error
	if m.L, err = d.push(n.L); err != nil {
		return nil, err
	}
	if m.R, err = d.push(n.R); err != nil {
		return nil, err
	}
	m.Cols = slices.Concat(n.Cols, d.node.Schema())
	return &m, nil
}

// limit is LIMIT for each row of the domain: by the rows' numbers in it.
func (d *domain) limit(n *plan.Limit) (plan.Node, error) {
	in, fn := n.In, "row_number"
	if n.WithTies {
		fn = "rank"
	}
	over := &plan.Over{Pos: n.Pos}
	at := len(in.Schema())
	if s, ok := in.(*plan.Sort); ok {
		in = s.In
		for _, k := range s.Keys {
			k.X = d.inside(k.X, at)
			over.Order = append(over.Order, k)
		}
	}
	in, err := d.push(in)
	if err != nil {
		return nil, err
	}
	cols := in.Schema()
	over.In, over.Partition = in, columnsOf(cols[at:], at)
	over.Funcs = []plan.OverCall{{Name: fn, Typ: types.Int8, Frame: plan.Frame{Mode: "range", Start: "unbounded preceding", End: "current row"}}}
	over.Cols = append(slices.Clone(cols), plan.Col{Name: fn, Type: types.Int8})
	row := expr.Expr(&expr.Column{Idx: len(cols), Name: fn, Typ: types.Int8})
	var conds []expr.Expr
	if n.Skip != nil {
		c, err := d.b.op(">", row, n.Skip, n.Pos, n.Pos, n.Pos)
		if err != nil {
			return nil, err
		}
		conds = append(conds, c)
		if row, err = d.b.op("-", row, n.Skip, n.Pos, n.Pos, n.Pos); err != nil {
			return nil, err
		}
	}
	if n.Count != nil {
		c, err := d.b.op("<=", row, n.Count, n.Pos, n.Pos, n.Pos)
		if err != nil {
			return nil, err
		}
		conds = append(conds, c)
	}
	f := &plan.Filter{In: over, Cond: andAll(conds), Pos: n.Pos}
	return &plan.Project{In: f, Items: columnsOf(cols, 0), Cols: cols, Pos: n.Pos}, nil
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
	if groups == 0 {
		return d.withEmpty(n, m)
	}
	return reorder(m, groups, len(dom)), nil
}

// withEmpty gives an aggregate without GROUP BY its row also for values of the domain without rows. m is n grouped by the domain.
func (d *domain) withEmpty(n, m *plan.Aggregate) (plan.Node, error) {
	dom := d.node.Schema()
	k := len(dom)
	var conds []expr.Expr
	for i, c := range dom {
		conds = append(conds, &expr.IsDistinct{L: &expr.Column{Idx: i, Name: "outer", Typ: c.Type}, R: &expr.Column{Idx: k + i, Name: "outer", Typ: c.Type}, Not: true})
	}
	join := &plan.Join{Kind: "left", L: d.node, R: m, Cond: andAll(conds), Cols: slices.Concat(dom, m.Cols), LTime: -1, RTime: -1, Pos: n.Pos}
	p := &plan.Project{In: join, Cols: slices.Concat(n.Cols, dom), Pos: n.Pos}
	for _, x := range columnsOf(n.Cols, 0) {
		x, err := overNoRows(n, x)
		if err != nil {
			return nil, err
		}
		if x, err = d.b.overJoin(x, nil, 2*k); err != nil {
			return nil, err
		}
		p.Items = append(p.Items, x)
	}
	p.Items = append(p.Items, columnsOf(dom, 0)...)
	return p, nil
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
