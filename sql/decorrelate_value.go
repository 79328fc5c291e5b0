package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// exists makes EXISTS a value: the distinct keys of the sub-select, left joined; there is a row where the key came along.
func (d *decorrelator) exists(n plan.Node, pos int) (*subselect, error) {
	n = stripExists(n)
	refs := d.refs(n)
	found := plan.Col{Name: "found", Type: types.Bool}
	in, conds, err := d.pull(n)
	equal := err == nil
	for _, c := range conds {
		_, _, _, ok := d.equality(c)
		equal = equal && ok
	}
	if !equal {
		one := &plan.Project{In: n, Items: []expr.Expr{expr.ConstBool(true)}, Cols: plan.Schema{found}, Pos: pos}
		value := &expr.IsTest{X: &expr.Column{Name: "found", Typ: types.Bool}, Test: "null", Not: true}
		return &subselect{inner: &plan.Distinct{In: one, Pos: pos}, value: value, refs: refs}, nil
	}
	p := &plan.Project{In: in, Pos: pos}
	sub := &subselect{refs: refs}
	for i, c := range conds {
		inner, outer, flip, _ := d.equality(c)
		p.Items = append(p.Items, inner)
		p.Cols = append(p.Cols, plan.Col{Name: "key", Type: inner.Type()})
		args := []expr.Expr{&expr.Column{Idx: i, Name: "key", Typ: inner.Type()}, outer}
		if flip {
			slices.Reverse(args)
		}
		sub.conds = append(sub.conds, c.WithChildren(args))
	}
	mark := len(p.Items)
	p.Items = append(p.Items, expr.ConstBool(true))
	p.Cols = append(p.Cols, found)
	sub.node = &plan.Distinct{In: p, Pos: pos}
	sub.value = &expr.IsTest{X: &expr.Column{Idx: mark, Name: "found", Typ: types.Bool}, Test: "null", Not: true}
	return sub, nil
}

// scalar makes a sub-select of at most one row for each row outside a left join.
func (d *decorrelator) scalar(n plan.Node, pos int) (*subselect, error) {
	cols, refs := n.Schema(), d.refs(n)
	value := expr.Expr(&expr.Column{Idx: 0, Name: cols[0].Name, Typ: cols[0].Type})
	for {
		p, ok := n.(*plan.Project)
		if !ok {
			break
		}
		var err error
		if value, err = through(value, p.Items); err != nil {
			return nil, err
		}
		n = p.In
	}
	if agg, ok := n.(*plan.Aggregate); ok && len(agg.Group) == 0 && agg.Sets == nil {
		return d.scalarAgg(agg, value, refs)
	}
	if s, ok := n.(*plan.Sort); ok { // without LIMIT the order says nothing
		n = s.In
	}
	sub := &subselect{}
	var err error
	l, limited := n.(*plan.Limit)
	if limited {
		sub.node, sub.conds, err = d.first(l)
	} else {
		sub.node, sub.conds, err = d.pull(n)
	}
	if err != nil || !limited && !d.oneRow(sub.node, sub.conds) {
		return d.onlyRow(n, value, refs, pos)
	}
	sub.refs = refs
	in := sub.node.Schema()
	p := &plan.Project{In: sub.node, Items: columnsOf(in, 0), Cols: slices.Clone(in), Pos: pos}
	p.Items = append(p.Items, expr.ConstBool(true))
	p.Cols = append(p.Cols, plan.Col{Name: "found", Type: types.Bool})
	sub.node = p
	if _, plain := value.(*expr.Column); !plain {
		value = &expr.Case{Whens: []expr.When{{Cond: &expr.Column{Idx: len(in), Name: "found", Typ: types.Bool}, Then: value}}, Typ: value.Type()}
	}
	sub.value = value
	return sub, nil
}

// onlyRow is a sub-select that may give more than one row: an aggregate that counts them. The error comes where the value is used.
func (d *decorrelator) onlyRow(n plan.Node, value expr.Expr, refs map[int]expr.Expr, pos int) (*subselect, error) {
	t := value.Type()
	count, err := expr.ResolveAgg("count", nil)
	if err != nil {
		return nil, sqlerr.AtDefault(err, pos)
	}
	agg := &plan.Aggregate{In: n, Pos: pos, Cols: plan.Schema{{Name: "value", Type: t}, {Name: "count", Type: types.Int8}}, Aggs: []plan.AggCall{
		{Fn: expr.OnlyValue(t), Args: []expr.Expr{value}, Typ: t}, {Fn: count.Agg, Typ: types.Int8}}}
	only := &expr.Call{Fn: expr.OnlyRow(t), Args: columnsOf(agg.Cols, 0), Typ: t, Pos: -1}
	return d.scalarAgg(agg, only, refs)
}

// through reads an expression over a projection's output over its input.
func through(x expr.Expr, items []expr.Expr) (expr.Expr, error) {
	return subst(x, func(e expr.Expr) (expr.Expr, bool, error) {
		if c, ok := e.(*expr.Column); ok {
			return items[c.Idx], true, nil
		}
		return e, false, nil
	})
}

// scalarAgg groups an aggregate without GROUP BY by the correlation; where there is no group its value is that over no rows.
func (d *decorrelator) scalarAgg(n *plan.Aggregate, value expr.Expr, refs map[int]expr.Expr) (*subselect, error) {
	value, err := overNoRows(n, value)
	if err != nil {
		return nil, err
	}
	node, conds, err := d.globalAgg(n)
	if err != nil {
		return &subselect{inner: n, value: value, refs: refs}, nil
	}
	return &subselect{node: node, conds: conds, value: value, refs: refs}, nil
}

func (d *decorrelator) globalAgg(n *plan.Aggregate) (plan.Node, []expr.Expr, error) {
	if !d.has(n) {
		return n, nil, nil
	}
	return d.aggregate(n)
}

// overNoRows reads the missing group of a left join as an aggregate over no rows: counts are 0, all others are NULL anyway.
func overNoRows(n *plan.Aggregate, value expr.Expr) (expr.Expr, error) {
	return subst(value, func(e expr.Expr) (expr.Expr, bool, error) {
		c, ok := e.(*expr.Column)
		if ok && c.Idx < len(n.Aggs) && strings.Contains(n.Aggs[c.Idx].Fn.Name, "count") && c.Typ.Is(types.Int8) {
			return &expr.Coalesce{Args: []expr.Expr{c, expr.ConstInt8(0)}, Typ: c.Typ}, true, nil
		}
		return e, false, nil
	})
}

// lateralAgg is a LATERAL sub-select that aggregates without GROUP BY: one row for each row of left. ok is false where n is something else.
func (d *decorrelator) lateralAgg(left, n plan.Node) (out plan.Node, ok bool, err error) {
	cols, refs := n.Schema(), d.refs(n)
	values := columnsOf(cols, 0)
	for {
		p, isProject := n.(*plan.Project)
		if !isProject {
			break
		}
		for i := range values {
			if values[i], err = through(values[i], p.Items); err != nil {
				return nil, false, err
			}
		}
		n = p.In
	}
	agg, isAgg := n.(*plan.Aggregate)
	if !isAgg || len(agg.Group) > 0 || agg.Sets != nil {
		return nil, false, nil
	}
	node, conds, err := d.globalAgg(agg)
	if err != nil {
		return nil, false, err
	}
	at := plan.Width(left)
	for i := range conds {
		if conds[i], err = d.b.overJoin(conds[i], refs, at); err != nil {
			return nil, false, err
		}
	}
	join := &plan.Join{Kind: "left", L: left, R: node, Cond: andAll(conds), Cols: slices.Concat(left.Schema(), node.Schema()), LTime: -1, RTime: -1, Pos: n.Offset()}
	p := &plan.Project{In: join, Items: columnsOf(left.Schema(), 0), Cols: slices.Concat(left.Schema(), cols), Pos: n.Offset()}
	for _, v := range values {
		if v, err = overNoRows(agg, v); err != nil {
			return nil, false, err
		}
		if v, err = d.b.overJoin(v, refs, at); err != nil {
			return nil, false, err
		}
		p.Items = append(p.Items, v)
	}
	return p, true, nil
}

// first is LIMIT 1 within each row outside: the first row for each key.
func (d *decorrelator) first(l *plan.Limit) (plan.Node, []expr.Expr, error) {
	c, ok := l.Count.(*expr.Const)
	if v, isInt := constIntOf(c); !ok || !isInt || v != 1 || l.Skip != nil || l.WithTies {
		return nil, nil, d.unsupported(l, "with this LIMIT")
	}
	in := l.In
	var keys []plan.SortKey
	if s, ok := in.(*plan.Sort); ok {
		in, keys = s.In, s.Keys
	}
	n, conds, err := d.pull(in)
	if err != nil {
		return nil, nil, err
	}
	dist := &plan.Distinct{In: n, Keys: keys, Pos: l.Pos}
	for _, c := range conds {
		inner, _, _, ok := d.equality(c)
		if !ok {
			return nil, nil, d.unsupported(l, "with LIMIT unless by equality")
		}
		dist.On = append(dist.On, inner)
	}
	if len(dist.On) == 0 {
		return l, conds, nil
	}
	return dist, conds, nil
}

func constIntOf(c *expr.Const) (int64, bool) {
	if c == nil {
		return 0, false
	}
	return constInt(c)
}

// oneRow says whether the conditions leave at most one row: they cover the primary key of the only table read. System tables are taken at their word.
func (d *decorrelator) oneRow(n plan.Node, conds []expr.Expr) bool {
	var scans []*plan.Scan
	system := true
	plan.Walk(n, func(m plan.Node) {
		switch m := m.(type) {
		case *plan.Scan:
			scans = append(scans, m)
			system = system && m.Rel.Kind == catalog.System
		case *plan.Values:
			system = system && len(m.Rows) == 1
		case *plan.TableFunc, *plan.SetOp, *plan.TimeWindow:
			system = false
		}
	})
	if system {
		return true
	}
	if len(scans) != 1 || len(scans[0].Rel.Primary) == 0 {
		return false
	}
	cols := n.Schema()
	for _, pk := range scans[0].Rel.Primary {
		if !slices.ContainsFunc(conds, func(c expr.Expr) bool {
			inner, _, _, ok := d.equality(c)
			col, isCol := inner.(*expr.Column)
			return ok && isCol && cols[col.Idx].Rel == scans[0].Rel.OID && int(cols[col.Idx].Att) == pk+1
		}) {
			return false
		}
	}
	return true
}
