package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// values is rows over outer columns: for each a projection of the domain.
func (d *domain) values(n *plan.Values) (plan.Node, error) {
	dom := d.node.Schema()
	cols := slices.Concat(n.Cols, dom)
	var out plan.Node
	for _, row := range n.Rows {
		p := &plan.Project{In: d.node, Items: slices.Concat(d.all(row, 0), columnsOf(dom, 0)), Cols: cols, Pos: n.Pos}
		out = unionAll(out, p)
	}
	return out, nil
}

// unionAll puts the rows of n behind those of out (nil: none yet).
func unionAll(out, n plan.Node) plan.Node {
	if out == nil {
		return n
	}
	return &plan.SetOp{Op: "union", All: true, L: out, R: n, Cols: out.Schema(), Pos: n.Offset()}
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
		m.In, m.Cols, m.By = in, slices.Concat(in.Schema(), n.Cols[at:]), slices.Clone(n.By)
		for i := range dom {
			m.By = append(m.By, at+i)
		}
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
	at := plan.Width(in)
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
	cond, err := d.within(n, row, at)
	if err != nil {
		return nil, err
	}
	f := &plan.Filter{In: over, Cond: cond, Pos: n.Pos}
	return &plan.Project{In: f, Items: columnsOf(cols, 0), Cols: cols, Pos: n.Pos}, nil
}

// within is the condition that LIMIT and OFFSET keep the row of this number; the domain's columns begin at place at.
func (d *domain) within(n *plan.Limit, row expr.Expr, at int) (expr.Expr, error) {
	var conds []expr.Expr
	skip, count := d.inside(n.Skip, at), d.inside(n.Count, at)
	if skip != nil {
		skip = &expr.Coalesce{Args: []expr.Expr{skip, expr.ConstInt8(0)}, Typ: types.Int8}
		c, err := d.b.op(">", row, skip, n.Pos, n.Pos, n.Pos)
		if err != nil {
			return nil, err
		}
		conds = append(conds, c)
		if row, err = d.b.op("-", row, skip, n.Pos, n.Pos, n.Pos); err != nil {
			return nil, err
		}
	}
	if count != nil {
		c, err := d.b.op("<=", row, count, n.Pos, n.Pos, n.Pos)
		if err != nil {
			return nil, err
		}
		if v, ok := count.(*expr.Const); !ok || v.IsNull() {
			c = &expr.IsTest{X: c, Test: "false", Not: true} // LIMIT NULL is none
		}
		conds = append(conds, c)
	}
	return andAll(conds), nil
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
	if slices.ContainsFunc(n.Sets, func(set []int) bool { return len(set) == 0 }) {
		return d.push(splitSets(n))
	}
	m := n.WithExprs(d.all(n.Exprs(), at)).(*plan.Aggregate)
	groups := len(m.Group)
	m.In = in
	m.Group = slices.Concat(m.Group, columnsOf(dom, at))
	m.Cols = slices.Concat(n.Cols[:groups], dom, n.Cols[groups:])
	if n.Sets != nil {
		m.Sets = make([][]int, len(n.Sets))
		for i, set := range n.Sets {
			m.Sets[i] = slices.Clone(set)
			for k := range dom {
				m.Sets[i] = append(m.Sets[i], groups+k)
			}
		}
	}
	if groups == 0 && n.Sets == nil {
		return d.withEmpty(n, m)
	}
	return reorder(m, groups, len(dom)), nil
}

// splitSets takes the empty grouping sets out: each is an aggregate without GROUP BY, which has a row also over none.
func splitSets(n *plan.Aggregate) plan.Node {
	groups := len(n.Group)
	var out plan.Node
	m := *n
	m.Sets = nil
	for _, set := range n.Sets {
		if len(set) > 0 {
			m.Sets = append(m.Sets, set)
			continue
		}
		one := &plan.Aggregate{In: n.In, Aggs: n.Aggs, Cols: n.Cols[groups : groups+len(n.Aggs)], Pos: n.Pos}
		p := &plan.Project{In: one, Cols: n.Cols, Pos: n.Pos}
		for _, c := range n.Cols[:groups] {
			p.Items = append(p.Items, expr.ConstNull(c.Type))
		}
		p.Items = append(p.Items, columnsOf(one.Cols, 0)...)
		for _, args := range n.Grouping {
			p.Items = append(p.Items, expr.ConstInt4(1<<len(args)-1))
		}
		out = unionAll(out, p)
	}
	if len(m.Sets) > 0 {
		out = unionAll(out, &m)
	}
	return out
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

// match finds patterns within each row of the domain.
func (d *domain) match(n *plan.Match) (plan.Node, error) {
	at := plan.Width(n.In)
	in, err := d.push(n.In)
	if err != nil {
		return nil, err
	}
	m := *n
	m.In, m.Partition, m.Out = in, slices.Clone(n.Partition), slices.Clone(n.Out)
	m.Cols = slices.Concat(n.Cols, d.node.Schema())
	for i := range d.marks {
		m.Partition = append(m.Partition, at+i)
		m.Out = append(m.Out, at+i)
	}
	return &m, nil
}

// recursive runs a recursive query for all rows of the domain at once: its rows carry them from round to round.
func (d *domain) recursive(n *plan.Recursive) (plan.Node, error) {
	d.b.works++
	m := *n
	m.ID, m.Cols = d.b.works, slices.Concat(n.Cols, d.node.Schema())
	if d.works == nil {
		d.works = map[int]int{}
	}
	d.works[n.ID] = m.ID
	defer delete(d.works, n.ID)
	var err error
	if m.Base, err = d.push(n.Base); err != nil {
		return nil, err
	}
	m.Step, err = d.push(n.Step)
	return &m, err
}
