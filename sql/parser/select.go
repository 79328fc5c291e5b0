package parser

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// groupIsland is the GROUP BY clause without its expressions.
type groupIsland struct {
	items    []*groupSpec
	distinct bool // equal grouping sets count once
}

// groupSpec is one item: kind "" has one expression, the others have members.
type groupSpec struct {
	pos  ast.Pos
	kind string
	sets []groupSetSpec
	// implicit marks an item that begins with a bracket: (a, b) is then two items.
	implicit bool
}

// groupSetSpec is a member of a grouping set: n expressions, or a nested set.
type groupSetSpec struct {
	n      int
	nested *groupSpec
}

// noTable is what a SELECT without FROM reads from in the text for TiDB.
const noTable = "$none"

// selectBlock writes one SELECT. The expressions of its DISTINCT ON and WINDOW clauses are operands of the first field.
func (p *parser) selectBlock() {
	is := &selectIsland{}
	w := p.openSelect(is)
	p.need("select")
	if p.opt("distinct") {
		is.sel.Distinct = true
		if p.opt("on") {
			p.need("(")
			is.on = w.exprs()
			is.sel.Distinct = false
			p.need(")")
		}
	} else {
		p.opt("all")
	}
	hole := len(p.out)
	p.put(")")
	p.selectList(is)
	if p.opt("into") {
		_ = p.opt("temporary") || p.opt("temp") || p.opt("unlogged")
		p.opt("table")
		is.sel.Into = p.names()
	}
	p.put("from")
	if p.opt("from") {
		p.from()
	} else {
		p.put(backQuote(noTable))
	}
	if p.opt("where") {
		p.put("where")
		p.expr()
	}
	if p.opt("group") {
		p.need("by")
		p.put("group by")
		p.groupBy()
	}
	if p.opt("having") {
		p.put("having")
		p.expr()
	}
	if p.opt("window") {
		mark := len(p.out)
		p.windowClause(w, is)
		p.moveBack(hole, mark)
	}
}

func (p *parser) windowClause(w *writer, is *selectIsland) {
	for {
		name := p.name()
		p.need("as")
		is.windows = append(is.windows, namedSpec{name, p.windowSpec(w)})
		if !p.opt(",") {
			return
		}
	}
}

// selectList writes the output expressions, each after a comma: the island comes before them.
func (p *parser) selectList(is *selectIsland) {
	if p.done() || p.atAny("from", "where", "group", "having", "window", "into", "union", "intersect", "except",
		"order", "limit", "offset", "fetch", "for", ")", ";") {
		if is.sel.Distinct {
			p.fail()
		}
		return
	}
	for {
		p.put(",")
		is.itemPos = append(is.itemPos, p.pos())
		is.itemName = append(is.itemName, p.selectItem())
		if !p.opt(",") {
			return
		}
	}
}

// selectItem writes one output expression and gives its alias.
func (p *parser) selectItem() string {
	if p.at("*") {
		p.leaf(&ast.ColumnRef{Pos: p.pos(), Star: true})
		p.i++
		return ""
	}
	p.expr()
	if p.opt("as") {
		return p.label()
	}
	t := p.cur()
	if t.kind == tQuoted || t.kind == tIdent && !keywords[t.text].noLabel && !p.at("emit", "on", "window", "close") {
		p.i++
		return t.text
	}
	return ""
}

// groupBy writes GROUP BY's items as the operands of one island.
func (p *parser) groupBy() {
	g := &groupIsland{distinct: p.opt("distinct")}
	if !g.distinct {
		p.opt("all")
	}
	w := p.open()
	for {
		g.items = append(g.items, p.groupItem(w))
		if !p.opt(",") {
			break
		}
	}
	w.close(g)
}

func (p *parser) groupItem(w *writer) *groupSpec {
	g := &groupSpec{pos: p.pos()}
	switch {
	case p.at("grouping", "sets"):
		g.kind = "sets"
		p.i += 2
	case p.at("rollup", "("), p.at("cube", "("):
		g.kind = p.label()
	case p.opt("(", ")"):
		g.kind = "sets"
		g.sets = []groupSetSpec{{}}
		return g
	default:
		g.implicit = p.at("(")
		w.expr()
		return g
	}
	p.enter()
	p.need("(")
	for {
		g.sets = append(g.sets, p.groupSet(w, g.kind))
		if !p.opt(",") {
			break
		}
	}
	p.need(")")
	p.leave()
	return g
}

// groupSet takes a member: (), (a, b), a, or within GROUPING SETS another ROLLUP, CUBE or GROUPING SETS. The bracketed list of
// several expressions is one row expression until convert.go takes it apart.
func (p *parser) groupSet(w *writer, kind string) groupSetSpec {
	switch {
	case p.opt("(", ")"):
		return groupSetSpec{}
	case kind == "sets" && (p.at("grouping", "sets") || p.at("rollup", "(") || p.at("cube", "(")):
		return groupSetSpec{nested: p.groupItem(w)}
	}
	w.expr()
	return groupSetSpec{n: 1}
}

func (g *groupIsland) read(a *operands) []ast.GroupItem {
	var items []ast.GroupItem
	for _, s := range g.items {
		it := s.read(a)
		if row, ok := it.X.(*ast.Row); ok && s.implicit {
			for _, x := range row.Items {
				items = append(items, ast.GroupItem{Pos: s.pos, X: x})
			}
			continue
		}
		items = append(items, it)
	}
	return items
}

func (g *groupSpec) read(a *operands) ast.GroupItem {
	it := ast.GroupItem{Pos: g.pos, Kind: g.kind}
	if g.kind == "" {
		it.X = a.next()
		return it
	}
	for _, s := range g.sets {
		var set ast.GroupSet
		switch {
		case s.nested != nil:
			n := s.nested.read(a)
			set.Nested = &n
		case s.n == 1:
			x := a.next()
			if row, ok := x.(*ast.Row); ok {
				set.Exprs = row.Items
			} else {
				set.Exprs = []ast.Expr{x}
			}
		}
		it.Sets = append(it.Sets, set)
	}
	return it
}

// readSelect fills in what the first field of a block carries.
func (is *selectIsland) read(p *parser, a *operands) ast.Body {
	switch {
	case is.wrapped:
		q := a.query()
		if plainQuery(q) {
			return q.Body
		}
		return q
	case is.rows != nil:
		v := &ast.Values{Pos: is.sel.Pos}
		for _, n := range is.rows {
			v.Rows = append(v.Rows, a.take(n))
		}
		return v
	}
	s := &is.sel
	s.DistinctOn = a.take(is.on)
	for _, n := range is.windows {
		for _, w := range s.Windows {
			if w.Name == n.name {
				p.refuse(n.spec.def.Pos, sqlerr.WindowingError, `window "%s" is already defined`, n.name)
			}
		}
		s.Windows = append(s.Windows, ast.NamedWindow{Name: n.name, Def: n.spec.read(a)})
	}
	return s
}

// plainQuery says whether q is nothing but its body.
func plainQuery(q *ast.Query) bool {
	return q.With == nil && q.OrderBy == nil && q.Limit == nil && q.Offset == nil && !q.ForUpdate && !q.EmitClose
}
