package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// item is one output expression of a SELECT block.
type item struct {
	x      expr.Expr
	col    plan.Col // type not yet set
	pos    int
	hidden bool // only for ORDER BY or DISTINCT ON
}

// block is a SELECT being bound: node grows stage by stage, and the expressions are rewritten to be over it.
type block struct {
	b      *binder
	sel    *ast.Select
	q      *ast.Query // its ORDER BY and LIMIT
	s      *scope
	node   plan.Node
	items  []item
	keys   []groupKey
	sets   [][]int
	having expr.Expr
	on     []int          // DISTINCT ON: items
	order  []plan.SortKey // X is a column of the items
	agg    bool

	distinct, limited bool // DISTINCT ON, LIMIT stand in node already
	locks             []plan.RowLock
}

// selectBlock binds one SELECT with the ORDER BY, LIMIT of q.
func (b *binder) selectBlock(sel *ast.Select, q *ast.Query, parent *scope, keepUnknown bool) (*bound, error) {
	if len(sel.Into) > 0 {
		return nil, notYet(sel.Pos.Offset(), "SELECT INTO is not supported, use CREATE TABLE AS")
	}
	sel = b.setsToFrom(sel, q)
	k := &block{b: b, sel: sel, q: q}
	var err error
	if k.node, k.s, err = b.from(sel, parent); err != nil {
		return nil, err
	}
	k.s.windows = sel.Windows
	stages := []func() error{k.selectList, k.where, k.bindHaving, k.orderBy, k.rowLocks, k.groupBy, k.distinctOn, k.aggregate, k.joinSubselects,
		k.filterHaving, k.overs, k.joinSubselects, k.setsAfterDistinct, k.setReturning, k.joinSubselects, func() error { return k.volatileLate(parent) }}
	for _, stage := range stages {
		if err := stage(); err != nil {
			return nil, err
		}
	}
	return k.finish(parent, keepUnknown)
}

// where filters by the plain conditions and joins the sub-selects of EXISTS and IN.
func (k *block) where() error {
	if k.sel.Where == nil {
		return nil
	}
	var err error
	k.node, err = k.b.where(k.node, k.s, k.sel.Where)
	return err
}

// where puts a WHERE clause over a node.
func (b *binder) where(n plan.Node, s *scope, cond ast.Expr) (plan.Node, error) {
	s.clause = "WHERE"
	defer func() { s.clause = "" }()
	var plain []expr.Expr
	var joins []func(plan.Node) (plan.Node, error)
	for _, c := range flatten(cond, "and", nil) {
		var join func(plan.Node) (plan.Node, error)
		var err error
		if b.env.Trace == nil {
			join, err = b.semiJoin(c, s)
		}
		if err != nil {
			return nil, err
		}
		if join != nil {
			joins = append(joins, join)
			continue
		}
		x, err := b.boolean(c, s, "WHERE")
		if err != nil {
			return nil, err
		}
		plain = append(plain, x)
	}
	var err error
	if n, err = b.attach(n, plain); err != nil {
		return nil, err
	}
	if len(plain) > 0 {
		n = &plan.Filter{In: n, Cond: andAll(plain), Pos: loc(cond)}
	}
	for _, join := range joins {
		if n, err = join(n); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// andAll is the conjunction; nil of nothing.
func andAll(xs []expr.Expr) expr.Expr {
	switch len(xs) {
	case 0:
		return nil
	case 1:
		return xs[0]
	}
	and := &expr.And{}
	for _, x := range xs {
		if a, ok := x.(*expr.And); ok {
			and.Args = append(and.Args, a.Args...)
		} else {
			and.Args = append(and.Args, x)
		}
	}
	return and
}

// selectList binds the select list, with * expanded.
func (k *block) selectList() error {
	items, err := k.b.itemList(k.sel.Items, k.s, len(k.sel.From) > 0)
	k.items = items
	return err
}

func (b *binder) itemList(list []ast.SelectItem, s *scope, from bool) ([]item, error) {
	var out []item
	for _, it := range list {
		if r, ok := it.X.(*ast.ColumnRef); ok && r.Star {
			cols, err := b.star(r, s, from)
			if err != nil {
				return nil, err
			}
			out = append(out, cols...)
			continue
		}
		if f, ok := it.X.(*ast.Field); ok && f.Name == "*" {
			cols, err := b.expand(f, s)
			if err != nil {
				return nil, err
			}
			out = append(out, cols...)
			continue
		}
		x, err := b.expr(it.X, s)
		if err != nil {
			return nil, err
		}
		m := item{x: x, pos: loc(it.X), col: plan.Col{Name: it.Alias}}
		if it.Alias == "" {
			m.col.Name = ColumnName(it.X)
		}
		if r, ok := it.X.(*ast.ColumnRef); ok {
			if c, _ := s.find(r); c != nil {
				m.col.Table, m.col.Rel, m.col.Att = c.table, c.rel, c.att
			}
		}
		out = append(out, m)
	}
	return out, nil
}

// star expands * or t.*.
func (b *binder) star(r *ast.ColumnRef, s *scope, from bool) ([]item, error) {
	cols := s.cols
	if len(r.Names) > 0 {
		src := s.source(r.Names)
		for at := s.parent; src == nil && at != nil && !at.args; at = at.parent {
			if src = at.source(r.Names); src != nil {
				return b.outerStar(src, at, r.Offset()), nil
			}
		}
		if src == nil {
			return nil, s.missing(&ast.ColumnRef{Pos: r.Pos, Names: append(slices.Clone(r.Names), "*")})
		}
		if err := s.oneSource(r.Names, r.Offset()); err != nil {
			return nil, err
		}
		cols = src.cols
	} else if !from {
		return nil, sqlerr.New(sqlerr.SyntaxError, "SELECT * with no tables specified is not valid").At(r.Offset())
	}
	var out []item
	for i := range cols {
		c := &cols[i]
		if !c.hidden {
			out = append(out, item{x: b.ref(s, c, r.Offset()), pos: r.Offset(), col: plan.Col{Name: c.name, Table: c.table, Rel: c.rel, Att: c.att}})
		}
	}
	return out, nil
}

// outerStar is t.* where t is an item of FROM of an outer query.
func (b *binder) outerStar(src *source, at *scope, pos int) []item {
	var out []item
	for i := range src.cols {
		if c := &src.cols[i]; !c.hidden {
			out = append(out, item{x: b.outerRef(at, b.ref(at, c, pos), pos), pos: pos, col: plan.Col{Name: c.name}})
		}
	}
	return out
}

func (k *block) bindHaving() error {
	if k.sel.Having == nil {
		return nil
	}
	k.s.clause = "HAVING"
	defer func() { k.s.clause = "" }()
	var err error
	k.having, err = k.b.boolean(k.sel.Having, k.s, "HAVING")
	return err
}

func (k *block) filterHaving() error {
	if k.having != nil {
		k.node = &plan.Filter{In: k.node, Cond: k.having, Pos: loc(k.sel.Having)}
	}
	return nil
}

// joinSubselects joins the correlated sub-selects that the select list, HAVING, ORDER BY and the windows read, but for those that read what a later
// stage computes.
func (k *block) joinSubselects() error {
	var err error
	k.eachExpr(func(x *expr.Expr) {
		if err == nil {
			xs := []expr.Expr{*x}
			k.node, err = k.b.attach(k.node, xs)
			*x = xs[0]
		}
	})
	return err
}

// eachExpr visits every expression that is over the rows after grouping.
func (k *block) eachExpr(f func(*expr.Expr)) {
	for i := range k.items {
		f(&k.items[i].x)
	}
	if k.having != nil {
		f(&k.having)
	}
	for i := range k.s.overs {
		u := &k.s.overs[i]
		for j := range u.call.Args {
			f(&u.call.Args[j])
		}
		if u.call.Filter != nil {
			f(&u.call.Filter)
		}
		for j := range u.partition {
			f(&u.partition[j])
		}
		for j := range u.order {
			f(&u.order[j].X)
		}
	}
	for i := range k.s.sets {
		if k.s.sets[i].placed {
			continue
		}
		c := *k.s.sets[i].call
		c.Args = slices.Clone(c.Args)
		for j := range c.Args {
			f(&c.Args[j])
		}
		k.s.sets[i].call = &c
	}
}

// replaceMarks puts columns in place of the marks of one kind.
func (k *block) replaceMarks(kind markKind, col func(idx int, t types.Type) expr.Expr) error {
	var err error
	var replace func(e expr.Expr) (expr.Expr, bool, error)
	replace = func(e expr.Expr) (expr.Expr, bool, error) {
		m := k.b.markOf(e)
		switch {
		case m == nil:
		case m.kind == kind && m.scope == k.s:
			return col(m.idx, e.Type()), true, nil
		case m.kind == markSub:
			x, err := k.b.withRefs(e, m, func(x expr.Expr, _ int) (expr.Expr, error) { return subst(x, replace) })
			return x, true, err
		}
		return e, false, nil
	}
	k.eachExpr(func(x *expr.Expr) {
		if err != nil {
			return
		}
		*x, err = subst(*x, replace)
	})
	return err
}

// overs puts the window functions over the node, those with the same partition and order in one operator.
func (k *block) overs() error {
	at := make([]int, len(k.s.overs))
	done := make([]bool, len(k.s.overs))
	for i := range k.s.overs {
		if done[i] {
			continue
		}
		u := &k.s.overs[i]
		in := k.node.Schema()
		n := &plan.Over{In: k.node, Partition: u.partition, Order: u.order, Pos: u.pos, Cols: slices.Clone(in)}
		for j := i; j < len(k.s.overs); j++ {
			v := &k.s.overs[j]
			if done[j] || !slices.EqualFunc(u.partition, v.partition, expr.Equal) || !sameOrder(u.order, v.order) {
				continue
			}
			done[j], at[j] = true, len(n.Cols)
			n.Cols = append(n.Cols, plan.Col{Name: v.call.Name, Type: v.call.Typ})
			n.Funcs = append(n.Funcs, v.call)
		}
		k.node = n
	}
	if len(k.s.overs) == 0 {
		return nil
	}
	return k.replaceMarks(markOver, func(i int, t types.Type) expr.Expr {
		return &expr.Column{Idx: at[i], Name: k.s.overs[i].call.Name, Typ: t}
	})
}

func sameOrder(a, b []plan.SortKey) bool {
	return slices.EqualFunc(a, b, func(x, y plan.SortKey) bool {
		return x.Desc == y.Desc && x.NullsFirst == y.NullsFirst && expr.Equal(x.X, y.X)
	})
}

// finish projects, removes duplicates, sorts and cuts.
func (k *block) finish(parent *scope, keepUnknown bool) (*bound, error) {
	p := &plan.Project{In: k.node, Pos: k.sel.Pos.Offset()}
	out := &bound{}
	for i := range k.items {
		it := &k.items[i]
		if isUnknown(it.x) && (!keepUnknown || k.sel.Distinct || it.hidden) {
			x, err := k.b.cast(it.x, types.Text, 'i', it.pos)
			if err != nil {
				return nil, err
			}
			it.x = x
		}
		it.col.Type, it.col.Hidden = it.x.Type(), false
		p.Items, p.Cols = append(p.Items, it.x), append(p.Cols, it.col)
		if it.hidden {
			out.hidden++
		} else {
			out.pos = append(out.pos, it.pos)
		}
	}
	out.node = p
	switch {
	case k.distinct:
	case len(k.on) > 0:
		out.node = k.distinctOnNode(p)
	case k.sel.Distinct:
		for _, it := range k.items {
			if err := needsEquality(it.x.Type(), it.pos); err != nil {
				return nil, err
			}
		}
		out.node = &plan.Distinct{In: out.node, Pos: k.sel.Pos.Offset()}
	}
	if len(k.order) > 0 {
		out.node = &plan.Sort{In: out.node, Keys: k.sortKeys(p.Cols), Pos: loc(k.q.OrderBy[0].X)}
	}
	if k.limited {
		return out, nil
	}
	var err error
	if out.node, err = k.lockNode(out.node, parent); err != nil {
		return nil, err
	}
	out.node, err = k.b.limit(out.node, k.q, parent)
	return out, err
}
