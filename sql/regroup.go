package sql

import (
	"maps"
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// regroup rewrites expressions over FROM into expressions over the groups.
type regroup struct {
	k     *block
	inSub bool
}

func (r *regroup) rewrite(x expr.Expr) (expr.Expr, error) { return subst(x, r.node) }

func (r *regroup) node(e expr.Expr) (expr.Expr, bool, error) {
	k := r.k
	_, isConst := e.(*expr.Const)
	for i, g := range k.keys {
		// A constant is a key only where it is the very item that GROUP BY names: grouping sets make that one NULL.
		if isConst && (g.x != e || k.sets == nil) {
			continue
		}
		if expr.Equal(g.x, e) {
			return r.keyColumn(i), true, nil
		}
	}
	if m := k.b.markOf(e); m != nil {
		if m.kind == markSub {
			x, err := r.sub(e, m)
			return x, true, err
		}
		return e, true, nil
	}
	c, ok := e.(*expr.Column)
	if !ok {
		return e, false, nil
	}
	if k.dependent(c.Idx) {
		at := k.key(e, c.Name)
		for i := range k.sets {
			k.sets[i] = union(k.sets[i], []int{at})
		}
		return r.keyColumn(at), true, nil
	}
	return nil, false, r.ungrouped(c)
}

func (r *regroup) keyColumn(i int) expr.Expr {
	g := r.k.keys[i]
	name := g.name
	if c, ok := g.x.(*expr.Column); ok {
		name = c.Name
	}
	return &expr.Column{Idx: i, Name: name, Typ: g.x.Type()}
}

func (r *regroup) ungrouped(c *expr.Column) error {
	name := c.Name
	if sc := r.k.s.byIndex(c.Idx); sc != nil {
		name = sc.name
		if sc.table != "" {
			name = sc.table + "." + sc.name
		}
	}
	pos, ok := r.k.b.colPos[c]
	if !ok {
		pos = -1
	}
	if r.inSub {
		return sqlerr.New(sqlerr.GroupingError, "subquery uses ungrouped column %q from outer query", name).At(pos)
	}
	return sqlerr.New(sqlerr.GroupingError, "column %q must appear in the GROUP BY clause or be used in an aggregate function", name).At(pos)
}

// sub rewrites what a correlated sub-select reads of this query.
func (r *regroup) sub(e expr.Expr, m *mark) (expr.Expr, error) {
	inner := &regroup{k: r.k, inSub: !m.sub.args}
	return r.k.b.withRefs(e, m, func(x expr.Expr, n int) (expr.Expr, error) {
		y, err := inner.rewrite(x)
		if err, ok := err.(*sqlerr.Error); ok && err.Pos == 0 {
			return nil, err.At(r.k.b.marks[-n-1].pos)
		}
		return y, err
	})
}

// withRefs is a sub-select that reads what f makes of the columns that it reads of the query around it.
func (b *binder) withRefs(e expr.Expr, m *mark, f func(x expr.Expr, n int) (expr.Expr, error)) (expr.Expr, error) {
	c := *m.sub
	c.refs = map[int]expr.Expr{}
	for _, n := range slices.Sorted(maps.Keys(m.sub.refs)) {
		y, err := f(m.sub.refs[n], n)
		if err != nil {
			return nil, err
		}
		c.refs[n] = y
	}
	return b.newMark(mark{kind: markSub, scope: m.scope, sub: &c, pos: m.pos}, e.Type()), nil
}

// byIndex finds the column that is read from place i of the node.
func (s *scope) byIndex(i int) *scol {
	for _, src := range s.srcs {
		for j := range src.cols {
			if c, ok := src.cols[j].x.(*expr.Column); ok && c.Idx == i {
				return &src.cols[j]
			}
		}
	}
	return nil
}

// dependent says whether column i belongs to a table whose whole primary key is among the grouping keys, of every grouping set.
func (k *block) dependent(i int) bool {
	for _, src := range k.s.srcs {
		if src.rel == nil || len(src.rel.Primary) == 0 {
			continue
		}
		if !slices.ContainsFunc(src.cols, func(c scol) bool { return isColumn(c.x, i) }) {
			continue
		}
		all := true
		for _, p := range src.rel.Primary {
			at := slices.IndexFunc(src.cols, func(c scol) bool { return c.name == src.rel.Columns[p].Name })
			all = all && at >= 0 && k.inAllSets(src.cols[at].x)
		}
		return all
	}
	return false
}

// inAllSets says whether every group has the key x.
func (k *block) inAllSets(x expr.Expr) bool {
	at := slices.IndexFunc(k.keys, func(g groupKey) bool { return expr.Equal(g.x, x) })
	return at >= 0 && !slices.ContainsFunc(k.sets, func(set []int) bool { return !slices.Contains(set, at) })
}

func isColumn(x expr.Expr, i int) bool {
	c, ok := x.(*expr.Column)
	return ok && c.Idx == i
}
