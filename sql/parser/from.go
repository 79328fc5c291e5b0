package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// tableIsland makes an item of FROM. Its number is the alias that the item has in the text for TiDB. src is the table that
// a window function or MATCH_RECOGNIZE stands on, q the sub-select of a derived table.
type tableIsland func(a *operands, src ast.TableRef, q *ast.Query) ast.TableRef

// joinIsland is what a join has besides its sides; its number is the ON condition's in the text for TiDB, the operand the true condition.
type joinIsland struct {
	join ast.Join
	on   bool
}

// from writes a FROM list.
func (p *parser) from() {
	p.tableRef()
	for p.opt(",") {
		p.put(",")
		p.tableRef()
	}
}

// tableRef writes a table and the joins that follow it, and says whether there is a join.
func (p *parser) tableRef() (joined bool) {
	p.enter()
	from := len(p.out)
	joined = p.factor()
	for p.join(from) {
		joined = true
	}
	p.leave()
	return joined
}

// join writes one join whose left side was written since from; false where none follows.
func (p *parser) join(from int) bool {
	j := &joinIsland{join: ast.Join{Pos: p.pos(), Kind: "inner"}}
	words, ok := p.joinWords(&j.join)
	if !ok {
		return false
	}
	p.before(from, "(")
	p.put(words)
	right := len(p.out)
	p.factor()
	qualified := j.join.Kind != "cross" && !j.join.Natural
	if qualified {
		for !p.atAny("on", "using") {
			p.enter()
			if !p.join(right) {
				p.fail()
			}
			p.leave()
		}
	}
	p.put("on")
	w := p.open()
	switch {
	case qualified && p.opt("on"):
		j.on = true
		w.expr()
	case qualified:
		p.need("using", "(")
		j.join.Using = p.nameList()
		p.need(")")
		if p.opt("as") {
			j.join.UsingAlias = p.name()
		}
	}
	w.close(j)
	p.put(")")
	return true
}

// joinWords takes the words of a join and gives TiDB's for it. FULL is STRAIGHT_JOIN, a word that PostgreSQL does not have.
func (p *parser) joinWords(j *ast.Join) (string, bool) {
	switch {
	case p.opt("cross"):
		p.need("join")
		j.Kind = "cross"
		return "join", true
	case p.at("natural"):
		p.i++
		j.Natural = true
	case p.at("asof", "join") || p.at("asof", "left") || p.at("asof", "inner"):
		p.i++
		j.ASOF = true
	case !p.atAny("join", "inner", "left", "right", "full"):
		return "", false
	}
	switch {
	case p.opt("inner"):
	case p.atAny("left", "right", "full"):
		j.Kind = p.label()
		p.opt("outer")
	}
	p.need("join")
	return map[string]string{"inner": "join", "left": "left join", "right": "right join", "full": "straight_join"}[j.Kind], true
}

// factor writes one table: a name, a sub-select, a function, a bracketed join, perhaps with MATCH_RECOGNIZE over it.
// It says whether that is a bracketed join.
func (p *parser) factor() (joined bool) {
	from := len(p.out)
	pos := p.pos()
	lateral := p.opt("lateral")
	switch {
	case p.at("("):
		if p.queryAt(p.i+1, 0) {
			p.i++
			p.derived(pos, lateral)
			break
		}
		if lateral {
			p.fail()
		}
		p.bracketJoin(from, pos)
		joined = true
	case p.at("rows", "from"):
		p.i += 2
		p.need("(")
		p.tableFunc(pos, lateral, true)
	case p.atWindow():
		p.window(pos)
	case p.atTableFunc():
		p.tableFunc(pos, lateral, false)
	default:
		if lateral {
			p.fail()
		}
		p.plainTable()
	}
	if p.at("match_recognize", "(") {
		p.match(from)
	}
	return joined
}

// atTableFunc says whether a function call, not a table's name, comes next.
func (p *parser) atTableFunc() bool {
	k := 0
	for p.peek(k + 1).is(".") {
		k += 2
	}
	return p.peek(k+1).is("(") && !p.peek(k+1).is("match_recognize") && !p.at("only")
}

// asIsland ends an item of FROM with its island's alias.
func (p *parser) asIsland(k int) { p.put("as " + islandName(k)) }

func (p *parser) derived(pos ast.Pos, lateral bool) {
	p.subquery()
	p.need(")")
	alias := p.alias(false)
	p.asIsland(p.island(tableIsland(func(_ *operands, _ ast.TableRef, q *ast.Query) ast.TableRef {
		return &ast.Derived{Pos: pos, Query: q, Alias: alias, Lateral: lateral}
	})))
}

// bracketJoin is (a JOIN b ...) [AS alias].
func (p *parser) bracketJoin(from int, pos ast.Pos) {
	p.need("(")
	if !p.tableRef() {
		p.fail()
	}
	p.need(")")
	alias := p.alias(false)
	if alias.Name == "" {
		return
	}
	k := p.island(tableIsland(func(_ *operands, src ast.TableRef, _ *ast.Query) ast.TableRef {
		if j, ok := src.(*ast.Join); ok {
			j.Alias = alias
		}
		return src
	}))
	p.before(from, "(select "+islandName(k)+"() from ")
	p.put(")")
	p.asIsland(k)
}

// plainTable is [ONLY] name [*] [AS alias] [TABLESAMPLE ...] [FOR SYSTEM_TIME AS OF x].
func (p *parser) plainTable() {
	t := &ast.Table{Pos: p.pos()}
	if p.opt("only") {
		t.Only = true
		bracket := p.opt("(")
		t.Pos = p.pos()
		t.Names = p.names()
		if bracket {
			p.need(")")
		}
	} else {
		t.Names = p.names()
		p.opt("*")
	}
	w := (*writer)(nil)
	begin := func() {
		if w == nil {
			p.put("(select")
			w = p.open()
		}
	}
	asOf := false
	if asOf = p.at("for", "system_time"); asOf {
		begin()
		p.asOf(w)
	}
	t.Alias = p.alias(false)
	if p.opt("tablesample") {
		begin()
		t.Sample = p.sample(w)
	}
	late := !asOf && p.at("for", "system_time")
	if late {
		begin()
		p.asOf(w)
	}
	is := tableIsland(func(a *operands, _ ast.TableRef, _ *ast.Query) ast.TableRef {
		if asOf {
			t.AsOf = a.next()
		}
		if t.Sample != nil {
			t.Sample.Arg = a.next()
			if t.Sample.Seed != nil {
				t.Sample.Seed = a.next()
			}
		}
		if late {
			t.AsOf = a.next()
		}
		return t
	})
	if w != nil {
		w.close(is)
		p.put(")")
		p.asIsland(w.k)
		return
	}
	names := t.Names[max(0, len(t.Names)-2):]
	for k, n := range names {
		if k > 0 {
			p.put(".")
		}
		p.put(backQuote(n))
	}
	p.asIsland(p.island(is))
}

func (p *parser) asOf(w *writer) {
	p.need("for", "system_time", "as", "of")
	w.operand()
	p.bexpr()
}

// sample takes method (x) [REPEATABLE (seed)]; the seed of the result only says that there is one.
func (p *parser) sample(w *writer) *ast.Sample {
	s := &ast.Sample{Pos: p.pos(), Method: strings.Join(p.names(), ".")}
	p.need("(")
	w.expr()
	p.need(")")
	if p.opt("repeatable") {
		p.need("(")
		s.Seed = &ast.Literal{}
		w.expr()
		p.need(")")
	}
	return s
}

// tableFunc is a function call, or those of ROWS FROM (f(), g()), with ORDINALITY and an alias.
func (p *parser) tableFunc(pos ast.Pos, lateral, rowsFrom bool) {
	p.put("(select")
	w := p.open()
	for {
		w.operand()
		p.primary()
		if rowsFrom && p.at("as") {
			p.unsupported(p.pos(), "a column definition list within ROWS FROM")
		}
		if !rowsFrom || !p.opt(",") {
			break
		}
	}
	if rowsFrom {
		p.need(")")
	}
	ordinality := p.opt("with", "ordinality")
	alias := p.alias(true)
	n := w.n
	w.close(tableIsland(func(a *operands, _ ast.TableRef, _ *ast.Query) ast.TableRef {
		f := &ast.TableFunc{Pos: pos, Alias: alias, Lateral: lateral, Ordinality: ordinality}
		for range n {
			c, ok := a.next().(*ast.Call)
			if !ok || c.Over != nil || c.Filter != nil || c.Within != nil {
				p.refuse(pos, sqlerr.SyntaxError, "only a function call may stand in FROM")
			}
			f.Calls = append(f.Calls, c)
		}
		return f
	}))
	p.put(")")
	p.asIsland(w.k)
}

// alias takes [AS] name [(col, ...)]; of a function also AS name (col type, ...) and AS (col type, ...).
func (p *parser) alias(function bool) (a ast.Alias) {
	a.At = p.last()
	defer func() { a.End = p.last() }()
	switch {
	case p.opt("as"):
		if !function || !p.at("(") {
			a.Name = p.name()
		}
	case p.atName() && !p.at("match_recognize", "(") && !p.at("asof", "join") && !p.at("asof", "left") &&
		!p.at("asof", "inner") && !p.at("emit", "on", "window", "close"):
		a.Name = p.name()
	default:
		return a
	}
	a.List = p.pos()
	if !p.opt("(") {
		return a
	}
	for {
		a.Cols = append(a.Cols, p.name())
		if function && !p.atAny(",", ")") {
			a.Types = append(a.Types, p.typeName())
		}
		if !p.opt(",") {
			break
		}
	}
	p.need(")")
	if a.Types != nil && len(a.Types) != len(a.Cols) {
		p.fail()
	}
	return a
}

var windowFuncs = map[string]bool{"tumble": true, "hop": true, "cumulate": true, "session": true}

// atWindow says whether tumble(src, ...), hop, cumulate or session comes next.
func (p *parser) atWindow() bool {
	return p.cur().kind == tIdent && windowFuncs[p.cur().text] && p.peek(1).is("(")
}

// window is tumble | hop | cumulate | session(src, col, x, ...), where src is a name or a query in brackets.
func (p *parser) window(pos ast.Pos) {
	win := &ast.Window{Pos: pos, Func: p.label()}
	p.need("(")
	from, srcPos := len(p.out), p.pos()
	if p.at("(") {
		p.i++
		p.subquery()
		p.need(")")
		p.asIsland(p.island(tableIsland(func(_ *operands, _ ast.TableRef, q *ast.Query) ast.TableRef {
			return &ast.Derived{Pos: srcPos, Query: q}
		})))
	} else {
		p.opt("table")
		p.plainTable()
	}
	mark := len(p.out)
	p.put("(select")
	w := p.open()
	for p.opt(",") {
		w.expr()
	}
	p.need(")")
	n := w.n
	if n < 2 {
		p.refuse(pos, sqlerr.SyntaxError, "%s needs a source, a time column and a size", win.Func)
	}
	win.Alias = p.alias(false)
	w.close(tableIsland(func(a *operands, src ast.TableRef, _ *ast.Query) ast.TableRef {
		win.Src, win.Col, win.Args = src, a.next(), a.take(n-1)
		return win
	}))
	p.put("from")
	p.moveBack(from, mark)
	p.put(")")
	p.asIsland(w.k)
}
