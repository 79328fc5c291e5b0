package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// outerOf is the query around s to which an aggregate belongs whose arguments read columns of it, and none of s; nil: s itself.
func (b *binder) outerOf(c *plan.AggCall, s *scope) *scope {
	read := map[*scope]bool{}
	xs := append(slices.Clone(c.Args), c.Filter)
	for _, k := range c.OrderBy {
		xs = append(xs, k.X)
	}
	for _, x := range xs {
		if x == nil {
			continue
		}
		if b.readsScope(x, read) {
			return nil
		}
	}
	for at := s.parent; at != nil; at = at.parent {
		if read[at] && !at.args {
			return at
		}
	}
	return nil
}

// readsScope says whether x reads columns of its own scope, also in sub-selects, and notes the scopes of the outer columns.
func (b *binder) readsScope(x expr.Expr, outer map[*scope]bool) bool {
	own := len(expr.Columns(x)) > 0
	expr.Walk(x, func(e expr.Expr) bool {
		m := b.markOf(e)
		switch {
		case m == nil:
		case m.kind == markOuter:
			outer[m.scope] = true
		case m.kind == markSub:
			for _, r := range m.sub.refs {
				own = b.readsScope(r, outer) || own
			}
			for _, n := range []plan.Node{m.sub.node, m.sub.inner} {
				if n == nil {
					continue
				}
				for _, k := range b.outerMarks(n, nil) {
					if at := b.marks[-k-1].scope; at != m.scope {
						outer[at] = true
					}
				}
			}
			for _, at := range m.sub.scopes {
				own = own || at == m.scope
				outer[at] = true
			}
			for _, c := range append(slices.Clone(m.sub.conds), m.sub.value) {
				expr.Walk(c, func(e expr.Expr) bool {
					if k := b.markOf(e); k != nil && k.kind == markOuter && k.scope != m.scope {
						outer[k.scope] = true
					}
					return true
				})
			}
		}
		return true
	})
	return own
}

// subOver is a sub-select that reads no column of the query that it stands in, as one of the query of scope s.
func (b *binder) subOver(m *mark, e expr.Expr, s *scope) expr.Expr {
	inner := m.sub.inner
	if inner == nil {
		inner = m.sub.node
	}
	d := &decorrelator{b: b, s: s}
	sub := &subselect{inner: inner, value: m.sub.value, refs: d.refs(inner), args: m.sub.args}
	for k, x := range d.refs(&plan.Filter{In: oneRow(-1), Cond: m.sub.value}) {
		sub.refs[k] = x
	}
	return b.newMark(mark{kind: markSub, scope: s, sub: sub, pos: m.pos}, e.Type())
}

// overScope is an aggregate call with the columns of scope s in place of their marks.
func (b *binder) overScope(c *plan.AggCall, s *scope) *plan.AggCall {
	own := func(x expr.Expr) expr.Expr {
		if x == nil {
			return nil
		}
		return expr.Transform(x, func(e expr.Expr) expr.Expr {
			m := b.markOf(e)
			switch {
			case m == nil:
			case m.kind == markOuter && m.scope == s:
				return m.x
			case m.kind == markSub && len(m.sub.refs) == 0:
				return b.subOver(m, e, s)
			}
			return e
		})
	}
	out := *c
	out.Args, out.OrderBy, out.Filter = slices.Clone(c.Args), slices.Clone(c.OrderBy), own(c.Filter)
	for i := range out.Args {
		out.Args[i] = own(out.Args[i])
	}
	for i := range out.OrderBy {
		out.OrderBy[i].X = own(out.OrderBy[i].X)
	}
	return &out
}
