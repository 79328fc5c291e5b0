package deparse

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// match is MATCH_RECOGNIZE.
type match struct {
	t         *ast.Match
	partition []node
	order     []sortItem
	measures  []node
	within    node
	defines   []node
}

// timeWindow is tumble(source, column, ...) and the like.
func (a *analyzer) timeWindow(t *ast.Window, q *query, s *scope) *visible {
	inner := &query{}
	src := a.ref(t.Src, inner, s)
	in := inner.items[0]
	it := &item{kind: t.Func, bare: t.Func, src: src.from}
	if len(src.srcs) == 1 && src.srcs[0].name != "" {
		it.bare = src.srcs[0].name
	}
	at := &scope{srcs: src.srcs, cols: src.cols, parent: s.parent, ctes: s.ctes}
	it.args = []node{a.bareColumns(a.expr(t.Col, at), in)}
	for _, x := range t.Args {
		it.args = append(it.args, a.bareColumns(a.coerceUnknown(a.expr(x, at), types.Interval), in))
	}
	var names []string
	var ts []types.Type
	var hidden []bool
	for _, c := range a.trace.Items[t] {
		names, ts, hidden = append(names, c.Name), append(ts, c.Type), append(hidden, c.Hidden)
	}
	v := a.itemOf(it, q, ast.Alias{Name: t.Alias.Name}, names, ts, hidden)
	it.aliased = len(t.Alias.Cols) > 0
	if t.Alias.Name == "" && len(src.srcs) == 1 {
		v.srcs[0].schema = src.srcs[0].schema
	}
	return v
}

// bareColumns is a column of a window's source, printed by its name alone.
func (a *analyzer) bareColumns(x node, in *item) node {
	if v, ok := x.(*variable); ok && v.item == in {
		return &variable{typed: v.typed, name: v.name}
	}
	return x
}

// matchItem is source MATCH_RECOGNIZE (...), whose expressions name columns as they are written.
func (a *analyzer) matchItem(t *ast.Match, q *query, s *scope) *visible {
	inner := &query{}
	src := a.ref(t.Src, inner, s)
	free := &scope{free: true, ctes: s.ctes}
	m := &match{t: t}
	for _, x := range t.PartitionBy {
		m.partition = append(m.partition, a.expr(x, free))
	}
	for _, o := range t.OrderBy {
		m.order = append(m.order, sorted(o, a.expr(o.X, free)))
	}
	for _, x := range t.Measures {
		m.measures = append(m.measures, a.known(a.expr(x.X, free)))
	}
	if t.Within != nil {
		m.within = a.coerceUnknown(a.expr(t.Within, free), types.Interval)
	}
	for _, d := range t.Defines {
		m.defines = append(m.defines, a.coerce(a.expr(d.Cond, free), types.Bool))
	}
	it := &item{kind: "match", bare: t.Alias.Name, src: src.from, match: m}
	q.items = append(q.items, inner.items...)
	var names []string
	var ts []types.Type
	var hidden []bool
	for _, c := range a.trace.Items[t] {
		names, ts, hidden = append(names, c.Name), append(ts, c.Type), append(hidden, c.Hidden)
	}
	v := a.itemOf(it, q, ast.Alias{Name: t.Alias.Name}, names, ts, hidden)
	it.aliased = len(t.Alias.Cols) > 0
	return v
}

// matchCall is a call inside MATCH_RECOGNIZE that is no function: FIRST, PREV, CLASSIFIER and the like, and aggregates.
func (a *analyzer) matchCall(c *ast.Call, s *scope) node {
	out := &call{typed: typed{a.typeOf(c)}, name: a.names.builtin(c.Name[len(c.Name)-1])}
	if c.Star {
		out.args = []node{&words{typed{types.Int8}, "*"}}
	}
	if c.Semantics != "" {
		out.name = upper(c.Semantics) + " " + out.name
	}
	for _, x := range c.Args {
		if r, ok := x.(*ast.ColumnRef); ok && (r.Star || a.trace.Types[x] == types.Type{}) {
			text := dotted(r.Names)
			if r.Star {
				text += ".*"
			}
			out.args = append(out.args, &words{typed{types.Text}, text})
			continue
		}
		out.args = append(out.args, a.known(a.expr(x, s)))
	}
	return out
}
