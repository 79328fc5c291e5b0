package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// joinOn adds a condition to a join whose Cond it is to be besides. Its correlated sub-selects are joined before: over an inner join with a filter, else to
// the side whose columns they read. The node has the columns of n.
func (b *binder) joinOn(n *plan.Join, cond expr.Expr, pos int) (plan.Node, error) {
	if !b.hasMark(cond, markSub) {
		if n.Cond != nil {
			cond = andAll([]expr.Expr{n.Cond, cond})
		}
		n.Cond = cond
		return n, nil
	}
	var plain, subs []expr.Expr
	for _, c := range expr.Conjuncts(cond) {
		if b.hasMark(c, markSub) {
			subs = append(subs, c)
		} else {
			plain = append(plain, c)
		}
	}
	if n.Cond != nil {
		plain = append([]expr.Expr{n.Cond}, plain...)
	}
	n.Cond = andAll(plain)
	cols := n.Cols
	if n.Kind == "inner" {
		node, err := b.attach(n, subs)
		if err != nil {
			return nil, err
		}
		node = &plan.Filter{In: node, Cond: andAll(subs), Pos: pos}
		return &plan.Project{In: node, Items: columnsOf(cols, 0), Cols: cols, Pos: pos}, nil
	}
	if n.Lookup != "" {
		return nil, notYet(pos, "a correlated subquery is not supported in the condition of a lookup")
	}
	if n.Kind == "full" && b.readBoth(subs, plan.Width(n.L)) {
		return b.fullOn(n, subs, pos)
	}
	return b.outerOn(n, subs, pos)
}

// readBoth says whether a sub-select reads columns of both sides of a join.
func (b *binder) readBoth(xs []expr.Expr, lw int) bool {
	found := false
	for _, x := range xs {
		expr.Walk(x, func(e expr.Expr) bool {
			if m := b.markOf(e); m != nil && m.kind == markSub {
				l, r := m.sub.sides(lw)
				found = found || l && r
			}
			return !found
		})
	}
	return found
}

// sides says which sides of a join a sub-select of its condition reads.
func (s *subselect) sides(lw int) (left, right bool) {
	for _, x := range s.refs {
		for _, i := range expr.Columns(x) {
			left, right = left || i < lw, right || i >= lw
		}
	}
	return left, right
}

// outerOn is joinOn for an outer join and conditions with sub-selects.
func (b *binder) outerOn(n *plan.Join, subs []expr.Expr, pos int) (plan.Node, error) {
	j := &onSubs{b: b, l: n.L, r: n.R, lw: plan.Width(n.L), kind: n.Kind, pos: pos, left: map[int]expr.Expr{}, right: map[int]expr.Expr{}}
	for _, both := range []bool{false, true} {
		for _, c := range subs {
			if err := j.place(c, both); err != nil {
				return nil, err
			}
		}
	}
	lw, wide := j.lw, plan.Width(j.l)
	rw := plan.Width(n.R)
	shift := func(x expr.Expr) expr.Expr {
		return expr.Remap(x, func(i int) int {
			if i >= lw {
				return i - lw + wide
			}
			return i
		})
	}
	var conds []expr.Expr
	if n.Cond != nil {
		conds = append(conds, shift(n.Cond))
	}
	for _, c := range subs {
		c, err := subst(shift(c), func(e expr.Expr) (expr.Expr, bool, error) {
			if p, ok := e.(*expr.Param); ok {
				if x := j.left[p.N]; x != nil {
					return x, true, nil
				}
				if x := j.right[p.N]; x != nil {
					return expr.Remap(x, func(i int) int { return i + wide }), true, nil
				}
			}
			return e, false, nil
		})
		if err != nil {
			return nil, err
		}
		conds = append(conds, c)
	}
	for _, p := range j.pairs {
		conds = append(conds, &expr.IsDistinct{L: p[0], R: expr.Remap(p[1], func(i int) int { return i + wide }), Not: true})
	}
	m := *n
	m.L, m.R, m.Cond = j.l, j.r, andAll(conds)
	m.Cols = slices.Concat(j.l.Schema(), j.r.Schema())
	items := slices.Concat(columnsOf(m.Cols[:lw], 0), columnsOf(m.Cols[wide:wide+rw], wide))
	return &plan.Project{In: &m, Items: items, Cols: n.Cols, Pos: pos}, nil
}

// onSubs joins the sub-selects of an outer join's condition to its sides.
type onSubs struct {
	b     *binder
	l, r  plan.Node // with the sub-selects' columns behind their own
	lw    int       // columns of the left side at first
	kind  string
	pos   int
	left  map[int]expr.Expr // by mark: the value over l
	right map[int]expr.Expr // or over r
	pairs [][2]expr.Expr    // what must be the same, over l and over r
}

// place joins the sub-selects of c: those that read one side, or those that read both.
func (j *onSubs) place(c expr.Expr, both bool) error {
	var err error
	expr.Walk(c, func(e expr.Expr) bool {
		m := j.b.markOf(e)
		if err != nil || m == nil || m.kind != markSub {
			return err == nil
		}
		onL, onR := m.sub.sides(j.lw)
		n := e.(*expr.Param).N
		switch {
		case (onL && onR) != both:
		case both:
			err = j.pair(e, n)
		case onR:
			err = j.attachRight(e, n, m)
		default:
			xs := []expr.Expr{e}
			j.l, err = j.b.attach(j.l, xs)
			j.left[n] = xs[0]
		}
		return err == nil
	})
	return err
}

// attachRight joins a sub-select that reads columns of the right side only.
func (j *onSubs) attachRight(e expr.Expr, n int, m *mark) error {
	x, err := j.b.withRefs(e, m, func(x expr.Expr, _ int) (expr.Expr, error) {
		return expr.Remap(x, func(i int) int { return i - j.lw }), nil
	})
	if err != nil {
		return err
	}
	xs := []expr.Expr{x}
	j.r, err = j.b.attach(j.r, xs)
	j.right[n] = xs[0]
	return err
}

// pair evaluates a sub-select that reads both sides for every pair of the values that it reads, and joins the pairs to the side that may be missing.
func (j *onSubs) pair(e expr.Expr, n int) error {
	var read [2][]int // columns of either side
	m := j.b.markOf(e)
	for _, x := range m.sub.refs {
		for _, i := range expr.Columns(x) {
			side := 0
			if i >= j.lw {
				side, i = 1, i-j.lw
			}
			if !slices.Contains(read[side], i) {
				read[side] = append(read[side], i)
			}
		}
	}
	var sides [2]plan.Node
	for side, in := range []plan.Node{j.l, j.r} {
		slices.Sort(read[side])
		p := &plan.Project{In: in, Pos: j.pos}
		for _, i := range read[side] {
			c := in.Schema()[i]
			p.Items, p.Cols = append(p.Items, &expr.Column{Idx: i, Name: c.Name, Typ: c.Type}), append(p.Cols, c)
		}
		sides[side] = &plan.Distinct{In: p, Pos: j.pos}
	}
	k := len(read[0])
	cross := func(l, r plan.Node, cond expr.Expr) plan.Node {
		return &plan.Join{Kind: "inner", L: l, R: r, Cond: cond, Cols: slices.Concat(l.Schema(), r.Schema()), LTime: -1, RTime: -1, Pos: j.pos}
	}
	x, err := j.b.withRefs(e, m, func(x expr.Expr, _ int) (expr.Expr, error) {
		return expr.Remap(x, func(i int) int {
			if i >= j.lw {
				return k + slices.Index(read[1], i-j.lw)
			}
			return slices.Index(read[0], i)
		}), nil
	})
	if err != nil {
		return err
	}
	xs := []expr.Expr{x}
	node, err := j.b.attach(cross(sides[0], sides[1], nil), xs)
	if err != nil {
		return err
	}
	width := k + len(read[1])
	cols := append(slices.Clone(node.Schema()[:width]), plan.Col{Name: "value", Type: e.Type()})
	pairs := &plan.Project{In: node, Items: append(columnsOf(cols[:width], 0), xs[0]), Cols: cols, Pos: j.pos}
	to, own, far := &j.r, 1, 0
	if j.kind == "right" {
		to, own, far = &j.l, 0, 1
	}
	at := len((*to).Schema())
	first := []int{0, k} // of either side's columns in pairs
	var same []expr.Expr
	column := func(i int, c plan.Col) expr.Expr { return &expr.Column{Idx: i, Name: c.Name, Typ: c.Type} }
	for i, c := range read[own] {
		col := cols[first[own]+i]
		same = append(same, &expr.IsDistinct{L: column(c, col), R: column(at+first[own]+i, col), Not: true})
	}
	for i, c := range read[far] {
		col := cols[first[far]+i]
		p := [2]expr.Expr{column(c, col), column(at+first[far]+i, col)}
		if far == 1 {
			p[0], p[1] = p[1], p[0]
		}
		j.pairs = append(j.pairs, p)
	}
	*to = cross(*to, pairs, andAll(same))
	value := column(at+width, cols[width])
	if j.kind == "right" {
		j.left[n] = value
	} else {
		j.right[n] = value
	}
	return nil
}
