package deparse

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// column is what can be named.
type column struct {
	name   string
	x      node
	hidden bool
}

// source is what a name before a dot means.
type source struct {
	name, schema string
	item         *item // of its whole row; nil: none
	scalar       bool
	cols         []column
}

// visible is what an item of FROM makes visible.
type visible struct {
	from fromNode
	srcs []source
	cols []column
}

// named is the column of a name: one that can be seen before one that is only found by its name; -1: there is none.
func named(cols []column, name string) int {
	found := -1
	for i, c := range cols {
		if c.name == name && (found < 0 || cols[found].hidden) {
			found = i
		}
	}
	return found
}

// scope is what the expressions of one SELECT may name.
type scope struct {
	srcs   []source
	cols   []column
	parent *scope
	ctes   *cteScope
	// free: columns are printed as they are written.
	free    bool
	windows []ast.NamedWindow
	targets []target
}

// cteScope is a chain of the WITH items that can be seen.
type cteScope struct {
	name  string
	cols  []string
	types []types.Type
	outer *cteScope
}

func (c *cteScope) find(name string) *cteScope {
	for ; c != nil; c = c.outer {
		if c.name == name {
			return c
		}
	}
	return nil
}

// from analyzes a FROM list.
func (a *analyzer) from(refs []ast.TableRef, q *query, parent *scope, ctes *cteScope) *scope {
	s := &scope{parent: parent, ctes: ctes}
	for _, ref := range refs {
		v := a.ref(ref, q, s)
		q.from = append(q.from, v.from)
		s.srcs, s.cols = append(s.srcs, v.srcs...), append(s.cols, v.cols...)
	}
	return s
}

// ref analyzes one item of FROM; s has the items before it.
func (a *analyzer) ref(ref ast.TableRef, q *query, s *scope) *visible {
	switch t := ref.(type) {
	case *ast.Table:
		return a.table(t, q, s)
	case *ast.Derived:
		return a.derived(t, q, s)
	case *ast.TableFunc:
		return a.tableFunc(t, q, s)
	case *ast.Join:
		return a.join(t, q, s)
	case *ast.Window:
		return a.timeWindow(t, q, s)
	case *ast.Match:
		return a.matchItem(t, q, s)
	}
	a.fail("an item of FROM")
	return nil
}

// itemOf completes an item with the columns that it has, of the types ts, and makes it visible.
func (a *analyzer) itemOf(it *item, q *query, al ast.Alias, names []string, ts []types.Type, hidden []bool) *visible {
	it.alias, it.aliased = al.Name, len(al.Cols) > 0
	name := it.bare
	if al.Name != "" {
		name = al.Name
	}
	src := source{name: name, item: it}
	k := 0
	for i, n := range names {
		h := hidden != nil && hidden[i]
		if !h {
			if k < len(al.Cols) {
				n = al.Cols[k]
			}
			k++
			it.cols = append(it.cols, n)
		}
		v := &variable{typed: typed{ts[i]}, item: it, name: n, col: len(it.cols) - 1}
		if h {
			v.col = -1
		}
		src.cols = append(src.cols, column{n, v, h})
	}
	q.items = append(q.items, it)
	return &visible{from: it, srcs: []source{src}, cols: src.cols}
}

func (a *analyzer) table(t *ast.Table, q *query, s *scope) *visible {
	it := &item{kind: "relation", only: false}
	if c := s.ctes.find(t.Names[0]); c != nil && len(t.Names) == 1 {
		it.kind, it.name, it.bare = "cte", c.name, c.name
		return a.itemOf(it, q, t.Alias, c.cols, c.types, nil)
	}
	rel := a.relation(t.Names)
	it.name, it.bare = a.names.relation(rel, s.ctes), rel.Name
	var names []string
	var ts []types.Type
	var hidden []bool
	limit, limited := a.env.Saw[rel.OID]
	for i := range rel.Columns {
		c := &rel.Columns[i]
		if c.Dropped {
			continue
		}
		names, ts, hidden = append(names, c.Name), append(ts, columnType(c)), append(hidden, c.Hidden || limited && i >= limit)
	}
	if t.Sample != nil {
		it.sample = strings.ToLower(t.Sample.Method)
		it.args = []node{a.coerce(a.expr(t.Sample.Arg, s), types.Float4)}
		if t.Sample.Seed != nil {
			it.seed = a.coerce(a.expr(t.Sample.Seed, s), types.Float8)
		}
	}
	if t.AsOf != nil {
		it.asOf = a.known(a.expr(t.AsOf, s))
	}
	v := a.itemOf(it, q, t.Alias, names, ts, hidden)
	for i, h := range hidden {
		if !h {
			it.own = append(it.own, names[i])
		}
	}
	if t.Alias.Name == "" {
		v.srcs[0].schema = rel.Schema
	}
	return v
}

func (a *analyzer) relation(names []string) *catalog.Relation {
	rel := a.env.Catalog.Lookup(names, a.env.SearchPath)
	if rel == nil {
		a.fail("relation " + strings.Join(names, "."))
	}
	return rel
}

func (a *analyzer) derived(t *ast.Derived, q *query, s *scope) *visible {
	parent := s.parent
	if t.Lateral {
		parent = s
	}
	sub := a.query(t.Query, parent, s.ctes, nil)
	it := &item{kind: "subquery", bare: t.Alias.Name, q: sub, lateral: t.Lateral}
	names, ts := sub.output()
	return a.itemOf(it, q, t.Alias, names, ts, nil)
}

// output gives the names and types of a query's columns.
func (q *query) output() (names []string, ts []types.Type) {
	for _, t := range q.targets {
		names, ts = append(names, t.name), append(ts, t.x.typ())
	}
	return names, ts
}

func (a *analyzer) tableFunc(t *ast.TableFunc, q *query, s *scope) *visible {
	name := t.Calls[0].Name[len(t.Calls[0].Name)-1]
	it := &item{kind: "function", bare: name, ordinal: t.Ordinality, lateral: t.Lateral}
	for _, c := range t.Calls {
		if c.Name[len(c.Name)-1] == "unnest" && len(c.Args) > 1 { // as many calls
			for _, x := range a.exprs(c.Args, s) {
				it.calls = append(it.calls, &call{typed: typed{x.typ().Elem()}, name: "unnest", args: []node{x}})
			}
			continue
		}
		if x := a.jsonRows(c, s); x != nil {
			it.calls = append(it.calls, x)
			continue
		}
		it.calls = append(it.calls, a.known(a.call(c, s)))
	}
	al := t.Alias
	var names []string
	var ts []types.Type
	var hidden []bool
	for _, c := range a.trace.Items[t] {
		if !c.Hidden {
			names, ts, hidden = append(names, c.Name), append(ts, c.Type), append(hidden, false)
		}
	}
	if al.Types != nil {
		names, ts, hidden = nil, nil, nil
		for i, n := range al.Cols {
			typ := a.typeName(al.Types[i])
			it.types = append(it.types, a.names.typ(typ))
			names, ts, hidden = append(names, n), append(ts, typ), append(hidden, false)
		}
	}
	if names == nil {
		a.fail("the columns of " + name)
	}
	v := a.itemOf(it, q, al, names, ts, hidden)
	if al.Name == "" {
		it.alias = ""
	}
	v.srcs[0].scalar = len(names) == 1 && len(t.Calls) == 1 && ts[0].Fields() == nil && al.Types == nil
	return v
}

// jsonRows is a function that makes rows of JSON, which the binder takes for a query of its own; nil: c is none.
func (a *analyzer) jsonRows(c *ast.Call, s *scope) node {
	name := c.Name[len(c.Name)-1]
	kind, rest, _ := strings.Cut(name, "_")
	if a.trace.Calls[c] != nil || kind != "json" && kind != "jsonb" || !strings.HasPrefix(rest, "to_record") && !strings.HasPrefix(rest, "populate_record") {
		return nil
	}
	t, _ := types.Lookup(kind)
	out := &call{typed: typed{types.Record}, name: name}
	for i, x := range a.exprs(c.Args, s) {
		if i == len(c.Args)-1 {
			x = a.coerce(x, t)
		}
		out.args = append(out.args, x)
	}
	return out
}

func (a *analyzer) join(t *ast.Join, q *query, s *scope) *visible {
	if t.UsingAlias != "" {
		a.fail("an alias of JOIN ... USING")
	}
	l := a.ref(t.L, q, s)
	inner := &scope{srcs: slices.Concat(s.srcs, l.srcs), cols: slices.Concat(s.cols, l.cols), parent: s.parent, ctes: s.ctes}
	r := a.ref(t.R, q, inner)
	j := &join{kind: t.Kind, asof: t.ASOF, l: l.from, r: r.from, using: t.Using}
	if t.Natural {
		for _, c := range l.cols {
			if !c.hidden && !slices.Contains(j.using, c.name) && slices.ContainsFunc(r.cols, func(x column) bool { return x.name == c.name && !x.hidden }) {
				j.using = append(j.using, c.name)
			}
		}
	}
	out := &visible{from: j, srcs: slices.Concat(l.srcs, r.srcs)}
	for _, name := range j.using {
		out.cols = append(out.cols, a.merged(t.Kind, name, l.cols, r.cols))
	}
	for _, c := range slices.Concat(l.cols, r.cols) {
		if !slices.Contains(j.using, c.name) {
			out.cols = append(out.cols, c)
		}
	}
	if t.On != nil {
		both := &scope{srcs: slices.Concat(s.srcs, out.srcs), cols: slices.Concat(s.cols, out.cols), parent: s.parent, ctes: s.ctes}
		j.on = a.coerce(a.expr(t.On, both), types.Bool)
	}
	if t.Alias.Name == "" {
		return out
	}
	it := &item{kind: "join", bare: t.Alias.Name}
	j.as = it
	var names []string
	var ts []types.Type
	var hidden []bool
	for _, c := range out.cols {
		names, ts, hidden = append(names, c.name), append(ts, c.x.typ()), append(hidden, c.hidden)
	}
	v := a.itemOf(it, q, t.Alias, names, ts, hidden)
	v.from = j
	return v
}

// merged is the column of USING.
func (a *analyzer) merged(kind, name string, l, r []column) column {
	find := func(cols []column) node {
		i := named(cols, name)
		if i < 0 {
			a.fail("column " + name)
		}
		return cols[i].x
	}
	lx, rx := find(l), find(r)
	t, err := expr.CommonType([]types.Type{lx.typ(), rx.typ()}, "JOIN/USING")
	if err != nil {
		a.fail(err.Error())
	}
	alone := &variable{typed: typed{t}, name: name}
	same := func(x node) bool { return x.typ().Is(t) }
	switch {
	case kind == "full":
		return column{name: name, x: alone}
	case kind == "right" && same(rx):
		return column{name: name, x: rx}
	case kind != "right" && same(lx):
		return column{name: name, x: lx}
	case kind == "inner" && same(rx):
		return column{name: name, x: rx}
	}
	return column{name: name, x: alone}
}
