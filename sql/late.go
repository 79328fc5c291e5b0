package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// PostgreSQL computes some items of a select list after ORDER BY, DISTINCT ON and LIMIT: set-returning functions above DISTINCT ON, and volatile functions above the
// order and only for the rows that LIMIT reads. What stands here splits the block in two projections for them.

// inOrder says whether item i is what ORDER BY or DISTINCT ON reads.
func (k *block) inOrder(i int) bool {
	for _, o := range k.order {
		if o.X.(*expr.Column).Idx == i {
			return true
		}
	}
	for _, j := range k.on {
		if i == j {
			return true
		}
	}
	return false
}

// lateItems lists the items for which late holds; nil where one of them is a key of the order.
func (k *block) lateItems(late func(expr.Expr) bool) map[int]bool {
	out := map[int]bool{}
	for i := range k.items {
		if !late(k.items[i].x) {
			continue
		}
		if k.inOrder(i) {
			return nil
		}
		out[i] = true
	}
	return out
}

// setsAfterDistinct puts DISTINCT ON below the set-returning functions, where there is an ORDER BY and none of its keys has one.
func (k *block) setsAfterDistinct() error {
	if len(k.on) == 0 || len(k.order) == 0 {
		return nil
	}
	late := k.lateItems(func(x expr.Expr) bool { return k.b.hasMark(x, markSet) })
	if len(late) == 0 {
		return nil
	}
	p, err := k.split(late)
	if err != nil {
		return err
	}
	k.node = k.distinctOnNode(p)
	k.distinct = true
	return nil
}

// volatileLate puts ORDER BY and LIMIT below the items that call volatile functions.
func (k *block) volatileLate(parent *scope) error {
	bounded := k.q.Limit != nil || k.q.Offset != nil
	if k.sel.Distinct || len(k.on) > 0 || len(k.s.sets) > 0 || len(k.locks) > 0 || k.q.WithTies || len(k.order) == 0 && !bounded {
		return nil
	}
	late := k.lateItems(func(x expr.Expr) bool { return expr.MaxVolatility(x) == expr.Volatile && !expr.HasSubquery(x) })
	if len(late) == 0 {
		return nil
	}
	if len(k.order) > 0 {
		p, err := k.split(late)
		if err != nil {
			return err
		}
		k.node = &plan.Sort{In: p, Keys: k.sortKeys(p.Cols), Pos: loc(k.q.OrderBy[0].X)}
		k.order = nil
	}
	if !bounded {
		return nil
	}
	n, err := k.b.limit(k.node, k.q, parent)
	if err != nil {
		return err
	}
	l, ok := n.(*plan.Limit)
	switch {
	case !ok:
		k.limited = true
		return nil
	case l.Skip == nil:
		k.node, k.limited = l, true
		return nil
	case l.Count == nil:
		return nil
	}
	whole := *l
	whole.Skip = nil
	if whole.Count, err = k.b.rowsRead(l); err == nil {
		k.node = &whole
	}
	return err
}

// split projects the items that are not late, each at its own place, and what the late ones read behind them; then the items are over that projection.
func (k *block) split(late map[int]bool) (*plan.Project, error) {
	p := &plan.Project{In: k.node, Pos: k.sel.Pos.Offset()}
	var err error
	for i := range k.items {
		it := &k.items[i]
		x := it.x
		if late[i] {
			x = expr.ConstBool(true) // holds its place
		} else if isUnknown(x) {
			if !k.inOrder(i) {
				late[i], x = true, expr.ConstBool(true)
			} else if x, err = k.b.cast(x, types.Text, 'i', it.pos); err != nil {
				return nil, err
			}
		}
		col := it.col
		col.Type, col.Hidden = x.Type(), false
		p.Items, p.Cols = append(p.Items, x), append(p.Cols, col)
	}
	in := k.node.Schema()
	at := map[int]int{}
	var over func(e expr.Expr) (expr.Expr, bool, error)
	over = func(e expr.Expr) (expr.Expr, bool, error) {
		if m := k.b.markOf(e); m != nil && m.kind == markSub {
			x, err := k.b.withRefs(e, m, func(x expr.Expr, _ int) (expr.Expr, error) { return subst(x, over) })
			return x, true, err
		}
		c, ok := e.(*expr.Column)
		if !ok {
			return e, false, nil
		}
		to, ok := at[c.Idx]
		if !ok {
			to = len(p.Items)
			at[c.Idx] = to
			p.Items, p.Cols = append(p.Items, c), append(p.Cols, in[c.Idx])
		}
		return &expr.Column{Idx: to, Name: c.Name, Typ: c.Typ}, true, nil
	}
	k.having, k.s.overs = nil, nil // they stand below
	for i := range k.items {
		it := &k.items[i]
		if late[i] {
			it.x, err = subst(it.x, over)
		} else {
			it.x = &expr.Column{Idx: i, Name: it.col.Name, Typ: p.Cols[i].Type}
		}
		if err != nil {
			return nil, err
		}
	}
	for i := range k.s.sets {
		c := *k.s.sets[i].call
		c.Args = slices.Clone(c.Args)
		for j := range c.Args {
			if c.Args[j], err = subst(c.Args[j], over); err != nil {
				return nil, err
			}
		}
		k.s.sets[i].call = &c
	}
	return p, nil
}

// sortKeys are the keys of ORDER BY over the projection of the items.
func (k *block) sortKeys(cols plan.Schema) []plan.SortKey {
	keys := slices.Clone(k.order)
	for i := range keys {
		c := keys[i].X.(*expr.Column)
		keys[i].X = &expr.Column{Idx: c.Idx, Name: cols[c.Idx].Name, Typ: cols[c.Idx].Type}
	}
	return keys
}

// distinctOnNode keeps the first row of each value of DISTINCT ON.
func (k *block) distinctOnNode(p *plan.Project) plan.Node {
	d := &plan.Distinct{In: p, Keys: k.sortKeys(p.Cols), Pos: loc(k.sel.DistinctOn[0])}
	for _, i := range k.on {
		d.On = append(d.On, &expr.Column{Idx: i, Name: p.Cols[i].Name, Typ: p.Cols[i].Type})
	}
	return d
}
