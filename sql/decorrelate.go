package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// decorrelator takes the columns of scope s out of a sub-select: the conditions that read them are pulled up to become the condition of a join.
type decorrelator struct {
	b *binder
	s *scope
	// dups: what becomes of n may give a row more than once (below a semi or anti join that does not matter), so that a semi join inside
	// may become an inner join.
	dups bool
}

// refs are the columns of s behind the marks that n reads.
func (d *decorrelator) refs(n plan.Node) map[int]expr.Expr {
	out := map[int]expr.Expr{}
	for _, m := range d.b.outerMarks(n, d.s) {
		out[m] = d.b.marks[-m-1].x
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
		for _, c := range conds { // other conditions leave rows of a group that differ in what they need only
			inner, _, _, equal := d.equality(c)
			if _, column := inner.(*expr.Column); (!equal || !column) && !d.dups {
				return nil, nil, d.unsupported(n, "below DISTINCT unless by equality")
			}
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

// split parts conditions by whether they read columns of s; one that hides a sub-select with such columns cannot be pulled.
func (d *decorrelator) split(n plan.Node, x expr.Expr) (stay, pulled []expr.Expr, err error) {
	for _, c := range expr.Conjuncts(x) {
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
	if plan.Width(in) != plan.Width(n.In) {
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
	lw, rw := plan.Width(n.L), plan.Width(n.R)
	lx, rx := plan.Width(l)-lw, plan.Width(r)-rw
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
