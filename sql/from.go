package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// fromItem is a bound item of FROM: what it reads and what may be named. The expressions of cols are over node.
type fromItem struct {
	node plan.Node
	srcs []*source
	cols []scol
}

// from binds the FROM clause; without one there is a single row without columns.
func (b *binder) from(sel *ast.Select, parent *scope) (plan.Node, *scope, error) {
	var it *fromItem
	var err error
	for _, ref := range sel.From {
		if it == nil {
			it, err = b.tableRef(ref, parent)
		} else {
			it, err = b.combine(it, ref, &ast.Join{Kind: "cross"}, parent)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if it == nil {
		it = &fromItem{node: oneRow(sel.Pos.Offset())}
	}
	return it.node, it.scope(parent), nil
}

// oneRow is a row without columns.
func oneRow(pos int) plan.Node { return &plan.Values{Rows: [][]expr.Expr{{}}, Pos: pos} }

func (it *fromItem) scope(parent *scope) *scope {
	return &scope{srcs: it.srcs, cols: it.cols, parent: parent}
}

// tableRef binds one item of FROM that reads nothing of those before it.
func (b *binder) tableRef(ref ast.TableRef, parent *scope) (*fromItem, error) {
	it, err := b.tableRefOf(ref, parent)
	b.env.Trace.item(ref, it)
	return it, err
}

func (b *binder) tableRefOf(ref ast.TableRef, parent *scope) (*fromItem, error) {
	switch t := ref.(type) {
	case *ast.Table:
		if t.AsOf != nil && isProctime(t.AsOf) {
			return nil, notYet(t.Offset(), "FOR SYSTEM_TIME AS OF PROCTIME() is only supported on the right side of a join")
		}
		if t.AsOf != nil { // the version that held at a constant time
			return b.combineLookup(&fromItem{node: oneRow(t.Offset())}, t, &ast.Join{Kind: "cross"}, parent)
		}
		return b.table(t)
	case *ast.Derived:
		return b.derived(t, parent)
	case *ast.TableFunc:
		if d, err := jsonTable(t); err != nil {
			return nil, err
		} else if d != nil {
			return b.derived(d, parent)
		}
		if it, _, err := b.userTable(t, &scope{parent: parent}); it != nil || err != nil {
			return it, err
		}
		it, _, err := b.tableFunc(t, nil, parent, false)
		return it, err
	case *ast.Window:
		return b.timeWindow(t, parent)
	case *ast.Join:
		l, err := b.outerSide(t, "right", func() (*fromItem, error) { return b.tableRef(t.L, parent) })
		if err != nil {
			return nil, err
		}
		it, err := b.outerSide(t, "left", func() (*fromItem, error) { return b.combine(l, t.R, t, parent) })
		if err != nil || t.Alias.Name == "" {
			return it, err
		}
		return it.alias(t.Alias, t.Alias.Name, nil)
	}
	return b.matchRecognize(ref.(*ast.Match), parent)
}

// alias gives the item one name, which hides the names inside.
func (it *fromItem) alias(a ast.Alias, name string, rel *catalog.Relation) (*fromItem, error) {
	src := &source{name: name, rel: rel, alias: rel == nil || a.Name != "" && a.Name != rel.Name}
	src.cols = make([]scol, 0, len(it.cols))
	visible := 0
	for _, c := range it.cols {
		c.table = name
		if !c.hidden {
			if visible < len(a.Cols) {
				c.name = a.Cols[visible]
			}
			visible++
		}
		src.cols = append(src.cols, c)
	}
	if len(a.Cols) > visible {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "table %q has %d columns available but %d columns specified", name, visible, len(a.Cols))
	}
	if rel != nil && a.Name == "" {
		src.schema = rel.Schema
	}
	return &fromItem{node: it.node, srcs: []*source{src}, cols: src.cols}, nil
}

// nodeItem names the columns of a node.
func nodeItem(n plan.Node, cols plan.Schema) *fromItem {
	it := &fromItem{node: n, cols: make([]scol, len(cols))}
	xs := make([]expr.Column, len(cols))
	for i, c := range cols {
		xs[i] = expr.Column{Idx: i, Name: c.Name, Typ: c.Type}
		it.cols[i] = scol{name: c.Name, hidden: c.Hidden, rel: c.Rel, att: c.Att, x: &xs[i]}
	}
	return it
}

// table binds a name: a WITH item, a view, or a relation that is read.
func (b *binder) table(t *ast.Table) (*fromItem, error) {
	if t.Sample != nil {
		return b.sampled(t)
	}
	if len(t.Names) == 1 {
		if c, err := b.cte(t.Names[0], t.Offset()); err != nil {
			return nil, err
		} else if c != nil {
			return nodeItem(c.node, c.cols()).alias(t.Alias, or(t.Alias.Name, t.Names[0]), nil)
		}
	}
	rel, err := b.relation(t.Names, t.Offset())
	if err != nil {
		return nil, err
	}
	b.deps[rel.OID] = true
	name := or(t.Alias.Name, rel.Name)
	if rel.Kind == catalog.View {
		it, err := b.view(rel, t.Offset())
		if err != nil {
			return nil, err
		}
		return it.alias(t.Alias, name, rel)
	}
	if rel.Kind == catalog.Sink && rel.Connector() != "memory" {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "sink %q cannot be read", rel.Name).At(t.Offset()).
			WithHint("Only a sink with connector = 'memory' can be read.")
	}
	if rel.Kind == catalog.Sequence && b.env.Continuous {
		return nil, notYet(t.Offset(), "a sequence cannot be read by a continuous query")
	}
	scan := scanOf(rel, name, t.Offset())
	it := nodeItem(scan, scan.Schema())
	if n, ok := b.saw[rel.OID]; ok {
		for i, c := range scan.Cols {
			if c >= n { // came later: the text can't mean it
				it.cols[i].name, it.cols[i].hidden = "", true
			}
		}
	}
	return it.alias(t.Alias, name, rel)
}

// scanOf reads all columns of a relation.
func scanOf(rel *catalog.Relation, alias string, pos int) *plan.Scan {
	n := &plan.Scan{Rel: rel, Alias: alias, Pos: pos}
	for i := range rel.Columns {
		if !rel.Columns[i].Dropped {
			n.Cols = append(n.Cols, i)
		}
	}
	return n
}

// relation looks a name up along the search path.
func (b *binder) relation(names []string, pos int) (*catalog.Relation, error) {
	if len(names) > 1 && b.env.Catalog.Schema(names[len(names)-2]) == nil && b.env.Catalog.Lookup(names, b.path) == nil {
		return nil, sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", strings.Join(names, ".")).At(pos)
	}
	rel, err := b.env.Catalog.Resolve(names, b.path)
	if err != nil {
		return nil, sqlerr.AtDefault(err, pos)
	}
	b.uses.table(rel, pos)
	return rel, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// view binds the text of a view with the view's own search path. Its errors point to its name in the query.
func (b *binder) view(rel *catalog.Relation, pos int) (*fromItem, error) {
	q, err := parser.ParseQuery(rel.SQL)
	var out *bound
	if err == nil {
		path, ctes, stored, fr, saw, uses := b.path, b.ctes, b.stored, b.inside, b.saw, b.uses
		b.path, b.ctes, b.stored, b.inside, b.saw, b.uses = rel.SearchPath, nil, &rel.Functions, nil, rel.Saw, nil
		out, err = b.query(q, nil, false)
		b.path, b.ctes, b.stored, b.inside, b.saw, b.uses = path, ctes, stored, fr, saw, uses
	}
	if err != nil {
		e := *sqlerr.From(err)
		return nil, e.At(pos)
	}
	n := out.visible()
	cols := slices.Clone(out.cols())
	for i := range cols {
		if i < len(rel.Columns) {
			cols[i].Name, cols[i].Rel, cols[i].Att = rel.Columns[i].Name, rel.OID, int16(i+1)
		}
	}
	return nodeItem(n, cols), nil
}

// derived binds a sub-select in FROM.
func (b *binder) derived(t *ast.Derived, parent *scope) (*fromItem, error) {
	out, err := b.query(t.Query, parent, false)
	if err != nil {
		return nil, err
	}
	it, err := nodeItem(out.visible(), out.cols()).alias(t.Alias, t.Alias.Name, nil)
	if err == nil && t.Hidden {
		it.hide()
	}
	return it, err
}

// hide takes the item's columns out of *, but not out of name.*.
func (it *fromItem) hide() {
	it.cols = slices.Clone(it.cols)
	for i := range it.cols {
		it.cols[i].hidden = true
	}
}
