package deparse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// analyzer makes the printed tree of a bound one.
type analyzer struct {
	env   *sql.Env
	trace *sql.Trace
	names *namer
}

// unknown is what stops the analyzer: a form that it cannot print.
type unknown struct{ what string }

func (a *analyzer) fail(what string) { panic(unknown{what}) }

// catch turns a panic into an error: a tree that is not as expected must not keep a client from reading the rest of the catalog.
func catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case unknown:
		*err = fmt.Errorf("deparse: %s cannot be printed", r.what)
	default:
		*err = fmt.Errorf("deparse: %v", r)
	}
}

// query analyzes a query. open: literals without a type in the select list stay so.
func (a *analyzer) query(t *ast.Query, parent *scope, ctes *cteScope, open []bool) *query {
	if in, ok := t.Body.(*ast.Query); ok {
		return a.query(t.Around(in), parent, ctes, open)
	}
	q := &query{limitAll: t.LimitAll, emit: t.EmitClose, ties: t.WithTies}
	ctes = a.with(t, q, parent, ctes)
	s := &scope{parent: parent, ctes: ctes}
	switch body := t.Body.(type) {
	case *ast.Select:
		a.selectBlock(body, t, q, s, open)
	case *ast.Values:
		a.values(body, q, s, open != nil)
		q.order = a.outputOrder(t.OrderBy, q)
		for i := range q.order {
			q.order[i].x = &words{text: `"*VALUES*".` + q.targets[q.order[i].col-1].name}
		}
	case *ast.SetOp:
		q.set, q.targets = a.setOp(body, s)
		q.order = a.outputOrder(t.OrderBy, q)
	default:
		a.fail("this query")
	}
	if t.Limit != nil {
		q.limit = a.coerce(a.expr(t.Limit, s), types.Int8)
	}
	if t.Offset != nil {
		q.offset = a.coerce(a.expr(t.Offset, s), types.Int8)
	}
	q.locks = locks(t, q)
	return q
}

func (a *analyzer) with(t *ast.Query, q *query, parent *scope, ctes *cteScope) *cteScope {
	q.recursive = t.Recursive
	q.with = make([]with, len(t.With))
	done := make([]bool, len(t.With))
	var item func(i int)
	item = func(i int) {
		if done[i] {
			return
		}
		done[i] = true
		c := &t.With[i]
		if c.Query == nil {
			a.fail("a statement in WITH that changes rows")
		}
		if c.Search != nil || c.Cycle != nil {
			a.fail("SEARCH or CYCLE")
		}
		for k := i + 1; k < len(t.With) && t.Recursive; k++ { // those behind may be read, too
			if a.reads(c.Query, t.With[k].Name) {
				item(k)
			}
		}
		inner := ctes
		if t.Recursive {
			inner = a.recursiveItem(c, parent, ctes)
		}
		w := with{name: c.Name, cols: c.Cols, materialized: c.Materialized, q: a.query(c.Query, parent, inner, nil)}
		names, ts := w.q.output()
		copy(names, c.Cols)
		ctes = &cteScope{name: c.Name, cols: names, types: ts, outer: ctes}
		q.with[i] = w
	}
	for i := range t.With {
		item(i)
	}
	return ctes
}

// recursiveItem is the scope inside a recursive item: it sees itself, with the types of its first part.
func (a *analyzer) recursiveItem(c *ast.CTE, parent *scope, ctes *cteScope) *cteScope {
	body := c.Query.Body
	for {
		in, ok := body.(*ast.Query)
		if !ok {
			break
		}
		body = in.Body
	}
	set, ok := body.(*ast.SetOp)
	if !ok || !a.reads(set, c.Name) {
		return ctes
	}
	first := a.query(&ast.Query{With: c.Query.With, Body: set.L}, parent, ctes, nil)
	names, ts := first.output()
	copy(names, c.Cols)
	return &cteScope{name: c.Name, cols: names, types: ts, outer: ctes}
}

// reads says whether a table of the name stands in a tree.
func (a *analyzer) reads(tree any, name string) bool {
	found := false
	sql.WalkTree(tree, func(n any) {
		t, ok := n.(*ast.Table)
		found = found || ok && len(t.Names) == 1 && t.Names[0] == name
	})
	return found
}

func (a *analyzer) selectBlock(t *ast.Select, o *ast.Query, q *query, outer *scope, open []bool) {
	s := a.from(t.From, q, outer.parent, outer.ctes)
	s.windows = t.Windows
	q.targets = a.targets(t.Items, s, open != nil)
	s.targets = q.targets
	if t.Where != nil {
		q.where = a.coerce(a.expr(t.Where, s), types.Bool)
	}
	for i := range t.GroupBy {
		q.group = append(q.group, a.group(&t.GroupBy[i], s))
		q.sets = q.sets || t.GroupBy[i].Kind != "" || len(t.GroupBy[i].Sets) > 0
	}
	if t.Having != nil {
		q.having = a.coerce(a.expr(t.Having, s), types.Bool)
	}
	for _, w := range t.Windows {
		q.windows = append(q.windows, namedWindow{w.Name, a.window(w.Def, s)})
	}
	q.distinct, q.groupDistinct = t.Distinct, t.GroupDistinct
	for _, x := range t.DistinctOn {
		q.distinctOn = append(q.distinctOn, a.outputOr(x, s, false))
	}
	for _, item := range o.OrderBy {
		q.order = append(q.order, sorted(item, a.outputOr(item.X, s, false)))
	}
}

func sorted(o ast.SortItem, x node) sortItem {
	out := sortItem{x: x, desc: o.Desc, nullsFirst: o.Desc, using: o.Using}
	switch o.Using {
	case ">":
		out.desc, out.nullsFirst, out.using = true, true, ""
	case "<":
		out.using = ""
	}
	if o.Nulls != "" {
		out.nullsFirst = o.Nulls == "first"
	}
	return out
}

func (a *analyzer) targets(items []ast.SelectItem, s *scope, open bool) []target {
	var out []target
	for _, it := range items {
		if r, ok := it.X.(*ast.ColumnRef); ok && r.Star {
			out = append(out, a.star(r, s)...)
			continue
		}
		if f, ok := it.X.(*ast.Field); ok && f.Name == "*" {
			out = append(out, a.rowStar(f, s)...)
			continue
		}
		x := a.expr(it.X, s)
		if !open {
			x = a.known(x)
		}
		name := it.Alias
		if name == "" {
			name = sql.ColumnName(it.X)
		}
		out = append(out, target{x, name})
	}
	return out
}

func (a *analyzer) star(r *ast.ColumnRef, s *scope) []target {
	cols := s.cols
	if len(r.Names) > 0 {
		src := findSource(s, r.Names)
		if src == nil {
			a.fail(strings.Join(r.Names, ".") + ".*")
		}
		cols = src.cols
	}
	var out []target
	for _, c := range cols {
		if !c.hidden {
			out = append(out, target{c.x, c.name})
		}
	}
	return out
}

// rowStar is (x).*.
func (a *analyzer) rowStar(f *ast.Field, s *scope) []target {
	x := a.expr(f.X, s)
	var out []target
	for _, c := range x.typ().Fields() {
		out = append(out, target{a.fieldOf(x, c.Name, c.Type), c.Name})
	}
	if out == nil {
		a.fail("(x).*")
	}
	return out
}

func (a *analyzer) group(g *ast.GroupItem, s *scope) group {
	out := group{kind: g.Kind}
	if g.Kind == "" {
		if row, ok := g.X.(*ast.Row); ok {
			out.kind = "list"
			for _, x := range row.Items {
				out.items = append(out.items, group{x: a.outputOr(x, s, true)})
			}
			return out
		}
		out.x = a.outputOr(g.X, s, true)
		return out
	}
	for _, m := range g.Sets {
		if m.Nested != nil {
			out.items = append(out.items, a.group(m.Nested, s))
			continue
		}
		list := group{kind: "list"}
		for _, x := range m.Exprs {
			list.items = append(list.items, group{x: a.outputOr(x, s, true)})
		}
		out.items = append(out.items, list)
	}
	return out
}

// outputOr is an expression of ORDER BY, GROUP BY or DISTINCT ON: the number or name of an output column, or an expression. columnsFirst: a column
// of FROM hides an output column of its name.
func (a *analyzer) outputOr(x ast.Expr, s *scope, columnsFirst bool) node {
	switch x := x.(type) {
	case *ast.Literal:
		if n, ok := ordinal(x); ok && n <= len(s.targets) {
			return s.targets[n-1].x
		}
	case *ast.ColumnRef:
		if len(x.Names) != 1 || x.Star || columnsFirst && slices.ContainsFunc(s.cols, func(c column) bool { return c.name == x.Names[0] }) {
			break
		}
		for _, t := range s.targets {
			if t.name == x.Names[0] {
				return t.x
			}
		}
	}
	return a.known(a.expr(x, s))
}

func ordinal(x *ast.Literal) (int, bool) {
	n := 0
	if x.Kind != ast.LitInt || len(x.Text) > 6 {
		return 0, false
	}
	_, err := fmt.Sscan(x.Text, &n)
	return n, err == nil && n > 0
}

// outputOrder is ORDER BY of a set operation.
func (a *analyzer) outputOrder(items []ast.SortItem, q *query) []sortItem {
	var out []sortItem
	for _, o := range items {
		n, found := 0, false
		switch x := o.X.(type) {
		case *ast.Literal:
			n, found = ordinal(x)
		case *ast.ColumnRef:
			n = slices.IndexFunc(q.targets, func(t target) bool { return t.name == x.Names[len(x.Names)-1] }) + 1
			found = n > 0
		}
		if !found || n > len(q.targets) {
			a.fail("ORDER BY")
		}
		it := sorted(o, q.targets[n-1].x)
		it.col = n
		out = append(out, it)
	}
	return out
}

func (a *analyzer) values(t *ast.Values, q *query, s *scope, open bool) {
	for _, row := range t.Rows {
		var xs []node
		for _, x := range row {
			xs = append(xs, a.expr(x, s))
		}
		q.values = append(q.values, xs)
	}
	for i := range q.values[0] {
		var ts []types.Type
		for _, row := range q.values {
			ts = append(ts, under(row[i].typ()))
		}
		typ, err := expr.CommonType(ts, "VALUES")
		if err != nil {
			a.fail(err.Error())
		}
		if open && !slices.ContainsFunc(ts, func(t types.Type) bool { return !t.Is(types.Unknown) }) {
			typ = types.Unknown
		}
		q.settleValues(a, i, typ)
		q.targets = append(q.targets, target{&words{typed{typ}, ""}, fmt.Sprintf("column%d", i+1)})
	}
}

func (q *query) settleValues(a *analyzer, i int, t types.Type) {
	for _, row := range q.values {
		row[i] = a.coerce(row[i], t)
	}
}

// setOp analyzes a set operation. Literals without a type get those of the other side.
func (a *analyzer) setOp(t *ast.SetOp, s *scope) (*setOp, []target) {
	out := &setOp{op: t.Op, all: t.All}
	var lt, rt []target
	out.l, lt = a.side(t.L, s)
	out.r, rt = a.side(t.R, s)
	cols := make([]target, len(lt))
	for i := range lt {
		typ, err := expr.CommonType([]types.Type{under(lt[i].x.typ()), under(rt[i].x.typ())}, strings.ToUpper(t.Op))
		if err != nil {
			a.fail(err.Error())
		}
		out.l.settle(a, i, typ)
		out.r.settle(a, i, typ)
		cols[i] = target{&words{typed{typ}, ""}, lt[i].name}
	}
	return out, cols
}

func (a *analyzer) side(b ast.Body, s *scope) (*setOp, []target) {
	for {
		in, ok := b.(*ast.Query)
		if !ok || len(in.With)+len(in.OrderBy)+len(in.Locks) > 0 || in.Limit != nil || in.Offset != nil {
			break
		}
		b = in.Body
	}
	switch b := b.(type) {
	case *ast.SetOp:
		return a.setOp(b, s)
	case *ast.Query:
		q := a.query(b, s.parent, s.ctes, []bool{})
		return &setOp{q: q}, q.targets
	}
	q := a.query(&ast.Query{Body: b}, s.parent, s.ctes, []bool{})
	return &setOp{q: q}, q.targets
}

// settle gives a literal in column i its type.
func (o *setOp) settle(a *analyzer, i int, t types.Type) {
	switch {
	case o.q == nil, o.q.targets[i].x.typ().OID != types.Unknown.OID:
	case o.q.values != nil:
		o.q.settleValues(a, i, t)
		o.q.targets[i].x = &words{typed{t}, ""}
	case o.q.set == nil:
		o.q.targets[i].x = a.coerce(o.q.targets[i].x, t)
	}
}

// locks are the row locks, one for each table that is locked.
func locks(t *ast.Query, q *query) []string {
	var out []string
	for i := range t.Locks {
		l := &t.Locks[i]
		wait := ""
		if l.Wait != "" {
			wait = " " + strings.ToUpper(l.Wait)
		}
		n := len(out)
		for _, it := range q.items {
			name := it.bare
			if it.alias != "" {
				name = it.alias
			}
			if it.kind == "relation" && (len(l.Of) == 0 || slices.Contains(l.Of, name)) {
				out = append(out, l.Clause()+" OF "+expr.QuoteIdent(name)+wait)
			}
		}
		if len(out) == n {
			out = append(out, l.Clause()+wait)
		}
	}
	return out
}
