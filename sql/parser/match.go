package parser

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// match writes MATCH_RECOGNIZE (...) over the table written since from. The clauses' expressions are its operands, read in
// the order of the reads list.
func (p *parser) match(from int) {
	m := &ast.Match{Pos: p.pos(), Skip: "past last row"}
	p.need("match_recognize", "(")
	mark := len(p.out)
	p.put("(select")
	w := p.open()
	var reads []func(a *operands)
	if p.opt("partition", "by") {
		n := w.exprs()
		reads = append(reads, func(a *operands) { m.PartitionBy = a.take(n) })
	}
	if p.opt("order", "by") {
		list := p.sortList(w)
		reads = append(reads, func(a *operands) { m.OrderBy = readSort(list, a) })
	}
	if p.opt("measures") {
		reads = append(reads, p.measures(w, m))
	}
	p.matchRows(m)
	p.need("pattern")
	m.Pattern = p.pattern()
	if p.opt("within") {
		w.expr()
		reads = append(reads, func(a *operands) { m.Within = a.next() })
	}
	if p.opt("subset") {
		p.subsets(m)
	}
	if p.opt("define") {
		reads = append(reads, p.defines(w, m))
	}
	p.need(")")
	m.Alias = p.alias(false)
	w.close(tableIsland(func(a *operands, src ast.TableRef, _ *ast.Query) ast.TableRef {
		m.Src = src
		for _, r := range reads {
			r(a)
		}
		return m
	}))
	p.put("from")
	p.moveBack(from, mark)
	p.put(")")
	p.asIsland(w.k)
}

// measures takes [RUNNING|FINAL] x AS name, ...
func (p *parser) measures(w *writer, m *ast.Match) func(*operands) {
	for {
		var it ast.Measure
		if n := p.peek(1); p.atAny("running", "final") && (n.kind == tIdent && !n.is("as") || n.kind == tQuoted) {
			it.Semantics = p.label()
		}
		p.measure = true
		w.expr()
		p.measure = false
		p.need("as")
		it.Name = p.label()
		m.Measures = append(m.Measures, it)
		if !p.opt(",") {
			break
		}
	}
	return func(a *operands) {
		for k := range m.Measures {
			m.Measures[k].X = a.next()
		}
	}
}

// matchRows takes ONE ROW | ALL ROWS PER MATCH and AFTER MATCH SKIP.
func (p *parser) matchRows(m *ast.Match) {
	switch {
	case p.opt("one", "row", "per", "match"):
	case p.opt("all", "rows", "per", "match"):
		m.AllRows = true
		switch {
		case p.opt("show", "empty", "matches"):
			m.Empty = "show empty"
		case p.opt("omit", "empty", "matches"):
			m.Empty = "omit empty"
		case p.opt("with", "unmatched", "rows"):
			m.Empty = "with unmatched"
		}
	}
	if !p.opt("after", "match", "skip") {
		return
	}
	switch {
	case p.opt("past", "last", "row"):
	case p.opt("to", "next", "row"):
		m.Skip = "to next row"
	case p.opt("to", "first"):
		m.Skip, m.SkipVar = "to first", p.name()
	case p.opt("to"):
		p.opt("last")
		m.Skip, m.SkipVar = "to last", p.name()
	default:
		p.fail()
	}
}

func (p *parser) subsets(m *ast.Match) {
	for {
		s := ast.Subset{Name: p.name()}
		p.need("=", "(")
		s.Vars = p.nameList()
		p.need(")")
		m.Subsets = append(m.Subsets, s)
		if !p.opt(",") {
			return
		}
	}
}

// defines takes name AS condition, ...
func (p *parser) defines(w *writer, m *ast.Match) func(*operands) {
	seen := map[string]bool{}
	for {
		d := ast.Define{Pos: p.pos(), Name: p.name()}
		if seen[d.Name] {
			p.refuse(d.Pos, sqlerr.SyntaxError, `pattern variable "%s" is defined more than once`, d.Name)
		}
		seen[d.Name] = true
		p.need("as")
		w.expr()
		m.Defines = append(m.Defines, d)
		if !p.opt(",") {
			break
		}
	}
	return func(a *operands) {
		for k := range m.Defines {
			m.Defines[k].Cond = a.next()
		}
	}
}
