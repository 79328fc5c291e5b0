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

// decorrelator takes the columns of scope s out of a sub-select: the conditions that read them are pulled up to become the condition of a join.
type decorrelator struct {
	b *binder
	s *scope
	// dups: what becomes of n may give a row more than once (below a semi or anti join that does not matter), so that a semi join inside
	// may become an inner join.
	dups bool
}

// refs are the columns of s behind the marks.
func (d *decorrelator) refs() map[int]expr.Expr {
	out := map[int]expr.Expr{}
	for i, m := range d.b.marks {
		if m.kind == markOuter && m.scope == d.s {
			out[-(i + 1)] = m.x
		}
	}
	return out
}

// reads says whether x reads columns of s.
func (d *decorrelator) reads(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(e expr.Expr) bool {
		if m := d.b.markOf(e); m != nil && m.kind == markOuter && m.scope == d.s {
			found = true
		}
		if q, ok := e.(*expr.Subquery); ok {
			found = found || d.has(q.Plan.(plan.Node))
		}
		return !found
	})
	return found
}

func (d *decorrelator) has(n plan.Node) bool { return len(d.b.outerMarks(n, d.s)) > 0 }

func (d *decorrelator) unsupported(n plan.Node, what string) error {
	pos := n.Offset()
	if marks := d.b.outerMarks(n, d.s); len(marks) > 0 {
		pos = d.b.marks[-marks[0]-1].pos
	}
	return notYet(pos, "a correlated subquery is not supported %s", what)
}

// pull gives n without columns of s, and the conditions, over its columns, that were taken out. The columns of n stay at their places;
// the conditions may need more, which are behind them.
func (d *decorrelator) pull(n plan.Node) (plan.Node, []expr.Expr, error) {
	if !d.has(n) {
		return n, nil, nil
	}
	switch n := n.(type) {
	case *plan.Filter:
		return d.filter(n)
	case *plan.Project:
		return d.project(n)
	case *plan.Aggregate:
		if len(n.Group) == 0 {
			return nil, nil, d.unsupported(n, "below an aggregate without GROUP BY here")
		}
		return d.aggregate(n)
	case *plan.Join:
		return d.join(n)
	case *plan.Sort:
		in, conds, err := d.pull(n.In)
		if err != nil {
			return nil, nil, err
		}
		return n.WithInputs([]plan.Node{in}), conds, nil
	case *plan.Distinct:
		if len(n.On) > 0 {
			break
		}
		in, conds, err := d.pull(n.In)
		if err != nil {
			return nil, nil, err
		}
		return n.WithInputs([]plan.Node{in}), conds, nil
	case *plan.TimeWindow:
		return d.timeWindow(n)
	case *plan.Limit:
		return nil, nil, d.unsupported(n, "with LIMIT here")
	case *plan.Over:
		return nil, nil, d.unsupported(n, "with window functions")
	case *plan.SetOp:
		return nil, nil, d.unsupported(n, "with "+strings.ToUpper(n.Op))
	}
	return nil, nil, d.unsupported(n, "in this form")
}

func conjuncts(x expr.Expr) []expr.Expr {
	if and, ok := x.(*expr.And); ok {
		return and.Args
	}
	return []expr.Expr{x}
}

// split parts conditions by whether they read columns of s; one that hides a sub-select with such columns cannot be pulled.
func (d *decorrelator) split(n plan.Node, x expr.Expr) (stay, pulled []expr.Expr, err error) {
	for _, c := range conjuncts(x) {
		if !d.reads(c) {
			stay = append(stay, c)
			continue
		}
		expr.Walk(c, func(e expr.Expr) bool {
			if q, ok := e.(*expr.Subquery); ok && d.has(q.Plan.(plan.Node)) {
				err = d.unsupported(n, "inside another subquery")
			}
			return err == nil
		})
		pulled = append(pulled, c)
	}
	return stay, pulled, err
}

func (d *decorrelator) filter(n *plan.Filter) (plan.Node, []expr.Expr, error) {
	in, conds, err := d.pull(n.In)
	if err != nil {
		return nil, nil, err
	}
	stay, pulled, err := d.split(n, n.Cond)
	if err != nil {
		return nil, nil, err
	}
	conds = append(conds, pulled...)
	if len(stay) == 0 {
		return in, conds, nil
	}
	return &plan.Filter{In: in, Cond: andAll(stay), Pos: n.Pos}, conds, nil
}

// project keeps the columns that the conditions need.
func (d *decorrelator) project(n *plan.Project) (plan.Node, []expr.Expr, error) {
	if slices.ContainsFunc(n.Items, d.reads) {
		return nil, nil, d.unsupported(&plan.Project{In: oneRow(n.Pos), Items: n.Items, Pos: n.Pos}, "whose select list reads the outer query here")
	}
	in, conds, err := d.pull(n.In)
	if err != nil {
		return nil, nil, err
	}
	out := &plan.Project{In: in, Items: slices.Clone(n.Items), Cols: slices.Clone(n.Cols), Pos: n.Pos}
	cols := in.Schema()
	at := map[int]int{}
	for _, c := range conds {
		for _, i := range expr.Columns(c) {
			if _, ok := at[i]; ok {
				continue
			}
			k := slices.IndexFunc(out.Items, func(x expr.Expr) bool { return isColumn(x, i) })
			if k < 0 {
				k = len(out.Items)
				out.Items = append(out.Items, &expr.Column{Idx: i, Name: cols[i].Name, Typ: cols[i].Type})
				out.Cols = append(out.Cols, cols[i])
			}
			at[i] = k
		}
	}
	return out, remapAll(conds, func(i int) int { return at[i] }), nil
}

func remapAll(xs []expr.Expr, f func(int) int) []expr.Expr {
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		out[i] = expr.Remap(x, f)
	}
	return out
}

// equality takes a condition apart into inner = outer: one side reads only the sub-select, the other only columns of s.
func (d *decorrelator) equality(c expr.Expr) (inner, outer expr.Expr, flip, ok bool) {
	call, isCall := c.(*expr.Call)
	if !isCall || call.Fn.Name != "=" || len(call.Args) != 2 {
		return nil, nil, false, false
	}
	l, r := call.Args[0], call.Args[1]
	pure := func(in, out expr.Expr) bool {
		return !d.reads(in) && len(expr.Columns(out)) == 0 && d.reads(out)
	}
	switch {
	case pure(l, r):
		return l, r, false, true
	case pure(r, l):
		return r, l, true, true
	}
	return nil, nil, false, false
}

// aggregate groups by the inner sides of the pulled equalities as well.
func (d *decorrelator) aggregate(n *plan.Aggregate) (plan.Node, []expr.Expr, error) {
	if n.Sets != nil {
		return nil, nil, d.unsupported(n, "with grouping sets")
	}
	for _, x := range n.Exprs() {
		if d.reads(x) {
			return nil, nil, d.unsupported(n, "whose grouping or aggregates read the outer query")
		}
	}
	below := &decorrelator{b: d.b, s: d.s}
	in, conds, err := below.pull(n.In)
	if err != nil {
		return nil, nil, err
	}
	out := *n
	out.In, out.Group = in, slices.Clone(n.Group)
	groups := len(n.Group)
	out.Cols = slices.Clone(n.Cols[:groups])
	at := make([]int, len(conds))
	for i, c := range conds {
		inner, _, _, ok := d.equality(c)
		if !ok {
			return nil, nil, d.unsupported(n, "below an aggregate unless by equality")
		}
		k := slices.IndexFunc(out.Group, func(g expr.Expr) bool { return expr.Equal(g, inner) })
		if k < 0 {
			k = len(out.Group)
			out.Group = append(out.Group, inner)
			out.Cols = append(out.Cols, plan.Col{Name: "key", Type: inner.Type()})
		}
		at[i] = k
	}
	extra := len(out.Group) - groups
	out.Cols = append(out.Cols, n.Cols[groups:]...)
	// The old columns first, then the new keys.
	p := &plan.Project{In: &out, Pos: n.Pos}
	width := len(n.Cols)
	for i := range out.Cols {
		k := i
		if i >= groups && i < width {
			k = i + extra
		} else if i >= width {
			k = groups + i - width
		}
		p.Items = append(p.Items, &expr.Column{Idx: k, Name: out.Cols[k].Name, Typ: out.Cols[k].Type})
		p.Cols = append(p.Cols, out.Cols[k])
	}
	pulled := make([]expr.Expr, len(conds))
	for i, c := range conds {
		inner, outer, flip, _ := d.equality(c)
		k := at[i]
		if k >= groups {
			k = width + k - groups
		}
		args := []expr.Expr{&expr.Column{Idx: k, Name: "key", Typ: inner.Type()}, outer}
		if flip {
			slices.Reverse(args)
		}
		pulled[i] = c.WithChildren(args)
	}
	return p, pulled, nil
}

func (d *decorrelator) timeWindow(n *plan.TimeWindow) (plan.Node, []expr.Expr, error) {
	in, conds, err := d.pull(n.In)
	if err != nil {
		return nil, nil, err
	}
	if len(in.Schema()) != len(n.In.Schema()) {
		return nil, nil, d.unsupported(n, "below "+n.Func)
	}
	return n.WithInputs([]plan.Node{in}), conds, nil
}

func (d *decorrelator) join(n *plan.Join) (plan.Node, []expr.Expr, error) {
	if n.Kind == "semi" && d.dups && (d.has(n.R) || n.Cond != nil && d.reads(n.Cond)) {
		m := *n
		m.Kind, m.Cols = "inner", slices.Concat(n.L.Schema(), n.R.Schema())
		n = &m
	}
	switch {
	case n.Kind != "inner" && d.has(n.R), n.Kind == "full", n.Kind == "right", n.AsOfTime != nil && d.reads(n.AsOfTime):
		return nil, nil, d.unsupported(n, "below a join of this kind")
	case n.Kind != "inner" && n.Cond != nil && d.reads(n.Cond):
		return nil, nil, d.unsupported(n, "in the condition of this join")
	}
	l, lc, err := d.pull(n.L)
	if err != nil {
		return nil, nil, err
	}
	r, rc, err := d.pull(n.R)
	if err != nil {
		return nil, nil, err
	}
	lw, rw := len(n.L.Schema()), len(n.R.Schema())
	lx, rx := len(l.Schema())-lw, len(r.Schema())-rw
	right := func(i int) int { // where a column of the old join is in the new one
		if i >= lw {
			return i + lx
		}
		return i
	}
	out := *n
	out.L, out.R, out.Cond = l, r, nil
	var pulled []expr.Expr
	if n.Cond != nil {
		stay, gone, err := d.split(n, n.Cond)
		if err != nil {
			return nil, nil, err
		}
		out.Cond = andAll(remapAll(stay, right))
		pulled = gone
	}
	if n.Kind == "semi" || n.Kind == "anti" {
		out.Cols = l.Schema()
		return &out, lc, nil
	}
	out.Cols = slices.Concat(l.Schema(), r.Schema())
	// The old columns first, then what the conditions need.
	p := &plan.Project{In: &out, Pos: n.Pos}
	pick := func(i int) {
		p.Items = append(p.Items, &expr.Column{Idx: i, Name: out.Cols[i].Name, Typ: out.Cols[i].Type})
		p.Cols = append(p.Cols, out.Cols[i])
	}
	for i := range lw + rw {
		pick(right(i))
	}
	for i := range lx {
		pick(lw + i)
	}
	for i := range rx {
		pick(lw + lx + rw + i)
	}
	pulled = append(pulled, remapAll(lc, func(i int) int {
		if i >= lw {
			return i + rw
		}
		return i
	})...)
	pulled = append(pulled, remapAll(rc, func(i int) int {
		if i >= rw {
			return lw + lx + i
		}
		return lw + i
	})...)
	if lx == 0 {
		return &out, pulled, nil
	}
	return p, pulled, nil
}

// exists makes EXISTS a value: the distinct keys of the sub-select, left joined; there is a row where the key came along.
func (d *decorrelator) exists(n plan.Node, pos int) (*subselect, error) {
	n = stripExists(n)
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
		return &subselect{inner: &plan.Distinct{In: one, Time: -1, Pos: pos}, value: value, refs: d.refs()}, nil
	}
	p := &plan.Project{In: in, Pos: pos}
	sub := &subselect{refs: d.refs()}
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
	sub.node = &plan.Distinct{In: p, Time: -1, Pos: pos}
	sub.value = &expr.IsTest{X: &expr.Column{Idx: mark, Name: "found", Typ: types.Bool}, Test: "null", Not: true}
	return sub, nil
}

// scalar makes a sub-select of at most one row for each row outside a left join.
func (d *decorrelator) scalar(n plan.Node, pos int) (*subselect, error) {
	cols := n.Schema()
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
		return d.scalarAgg(agg, value)
	}
	if s, ok := n.(*plan.Sort); ok { // without LIMIT the order says nothing
		n = s.In
	}
	sub := &subselect{refs: d.refs()}
	var err error
	if l, ok := n.(*plan.Limit); ok {
		sub.node, sub.conds, err = d.first(l)
	} else if sub.node, sub.conds, err = d.pull(n); err == nil && !d.oneRow(sub.node, sub.conds) {
		what := "a correlated subquery"
		if !d.has(n) {
			what = "in a continuous query a subquery"
		}
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "%s that may give more than one row is not supported", what).At(pos).
			WithHint("Use an aggregate such as max(), or LIMIT 1.")
	}
	if err != nil {
		return nil, err
	}
	sub.refs = d.refs()
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
func (d *decorrelator) scalarAgg(n *plan.Aggregate, value expr.Expr) (*subselect, error) {
	value, err := overNoRows(n, value)
	if err != nil {
		return nil, err
	}
	node, conds, err := d.globalAgg(n)
	if err != nil {
		return &subselect{inner: n, value: value, refs: d.refs()}, nil
	}
	return &subselect{node: node, conds: conds, value: value, refs: d.refs()}, nil
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
	cols := n.Schema()
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
	at, refs := len(left.Schema()), d.refs()
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
	dist := &plan.Distinct{In: n, Keys: keys, Time: -1, Pos: l.Pos}
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
