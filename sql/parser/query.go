package parser

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// queryIsland is what a query has after its body; its operands are the sort keys, LIMIT and OFFSET. It stands alone in the ORDER BY for TiDB.
type queryIsland struct {
	pos           ast.Pos
	recursive     bool
	order         []sortSpec
	limit, offset int  // which operand, counted from the sort keys' end; 0: none
	all           bool // LIMIT ALL
	withTies      bool
	locks         []ast.RowLock
	emit          bool
	emitPos       ast.Pos
}

// cteIsland is one item of WITH.
type cteIsland struct{ cte ast.CTE }

// selectIsland is the first field of every SELECT block: what its clauses say beyond TiDB's words. Its operands are DISTINCT ON's
// expressions, then those of the WINDOW clause. body is set where the block only carries another body.
type selectIsland struct {
	sel      ast.Select
	on       int
	windows  []namedSpec
	rows     []int // VALUES: the length of each row; the operands are all values
	wrapped  bool  // the one operand is a query that stands here in brackets
	itemPos  []ast.Pos
	itemName []string
}

type namedSpec struct {
	name string
	spec *windowSpec
}

// subquery writes a query in brackets, as an operand or a table.
func (p *parser) subquery() {
	p.enter()
	p.put("(")
	p.query(false)
	p.put(")")
	p.leave()
}

// query writes a query: WITH, body, ORDER BY, LIMIT. Only the outermost one may say EMIT ON WINDOW CLOSE.
func (p *parser) query(outermost bool) {
	is := &queryIsland{pos: p.pos()}
	if p.at("with") {
		p.with(is)
	}
	p.setOps()
	p.put("order by")
	w := p.open()
	p.queryTail(w, is, outermost)
	w.close(is)
}

func (p *parser) with(is *queryIsland) {
	p.need("with")
	p.put("with")
	is.recursive = p.opt("recursive")
	for {
		p.cte()
		if !p.opt(",") {
			return
		}
		p.put(",")
	}
}

func (p *parser) cte() {
	c := &cteIsland{ast.CTE{Pos: p.pos(), Name: p.name(), Cols: p.bracketNames()}}
	p.need("as")
	switch {
	case p.opt("not", "materialized"):
		c.cte.Materialized = "not materialized"
	case p.opt("materialized"):
		c.cte.Materialized = "materialized"
	}
	p.put(islandName(p.island(c)) + " as")
	p.need("(")
	if p.atAny("insert", "update", "delete", "merge") || p.at("with") && p.withDML() {
		p.put("(select 1)")
		p.aside(func() { c.cte.Stmt = p.statement() })
	} else {
		p.subquery()
	}
	p.need(")")
	p.search(&c.cte)
	p.cycle(&c.cte)
}

// setOps writes bodies joined by UNION, EXCEPT and INTERSECT, which binds more tightly. TiDB's tree is flat and read from
// the left; an INTERSECT on the right of another operation goes in as one wrapped body.
func (p *parser) setOps() {
	p.body()
	p.intersects()
	for p.atAny("union", "except") {
		p.setOp()
		from := len(p.out)
		p.body()
		if !p.at("intersect") {
			continue
		}
		p.intersects()
		p.put("))")
		mark := len(p.out)
		p.openSelect(&selectIsland{wrapped: true})
		p.put("(")
		p.moveBack(from, mark)
	}
}

func (p *parser) intersects() {
	for p.at("intersect") {
		p.setOp()
		p.body()
	}
}

func (p *parser) setOp() {
	p.put(p.label())
	if p.opt("all") {
		p.put("all")
	} else {
		p.opt("distinct")
	}
}

// openSelect begins a SELECT block whose first field is the island.
func (p *parser) openSelect(is *selectIsland) *writer {
	is.sel.Pos = p.pos()
	p.put("select")
	w := p.open()
	p.islands[w.k] = is
	return w
}

// body writes one operand of a set operation: a SELECT, VALUES, TABLE or a query in brackets.
func (p *parser) body() {
	switch {
	case p.at("("):
		w := p.openSelect(&selectIsland{wrapped: true})
		p.i++
		w.query()
		p.need(")")
		p.put(")")
	case p.at("values"):
		p.values()
	case p.at("table"):
		p.enter()
		p.tableBody()
		p.leave()
	case p.at("select"):
		p.enter()
		p.selectBlock()
		p.leave()
	default:
		p.fail()
	}
}

func (p *parser) values() {
	is := &selectIsland{}
	w := p.openSelect(is)
	p.need("values")
	for {
		p.need("(")
		n, pos := w.n, p.pos()
		for {
			w.operand()
			p.exprOrDefault()
			if !p.opt(",") {
				break
			}
		}
		p.need(")")
		if is.rows = append(is.rows, w.n-n); is.rows[0] != w.n-n {
			p.refuse(pos, sqlerr.SyntaxError, "VALUES lists must all be the same length")
		}
		if !p.opt(",") {
			break
		}
	}
	p.put(")")
}

// exprOrDefault writes an expression or the word DEFAULT.
func (p *parser) exprOrDefault() {
	if !p.at("default") {
		p.expr()
		return
	}
	p.leaf(&ast.Default{Pos: p.pos()})
	p.i++
}

// tableBody is TABLE name, which means SELECT * FROM name.
func (p *parser) tableBody() {
	is := &selectIsland{itemPos: []ast.Pos{p.pos()}, itemName: []string{""}}
	p.openSelect(is)
	p.put("),")
	p.leaf(&ast.ColumnRef{Pos: p.pos(), Star: true})
	p.need("table")
	p.put("from")
	p.plainTable()
}

// queryTail writes ORDER BY, LIMIT, OFFSET, FETCH, locking clauses and EMIT.
func (p *parser) queryTail(w *writer, is *queryIsland, outermost bool) {
	if p.opt("order") {
		p.need("by")
		is.order = p.sortList(w)
	}
	extra, limited := 0, false
	for {
		pos := p.pos()
		switch {
		case p.opt("limit"):
			p.once(!limited)
			limited = true
			if p.opt("all") {
				is.all = true
				continue
			}
			w.expr()
			extra++
			is.limit = extra
			if p.at(",") {
				p.refuse(pos, sqlerr.SyntaxError, "LIMIT #,# syntax is not supported")
			}
		case p.opt("offset"):
			p.once(is.offset == 0)
			w.expr()
			extra++
			is.offset = extra
			_ = p.opt("rows") || p.opt("row")
		case p.opt("fetch"):
			p.once(!limited)
			limited = true
			p.fetchFirst(w, is)
			extra++
			is.limit = extra
		case p.at("for") && !p.at("for", "system_time"):
			p.locking(is)
		case p.at("emit", "on", "window", "close"):
			if !outermost {
				p.fail()
			}
			is.emit, is.emitPos = true, pos
			p.i += 4
		default:
			return
		}
	}
}

// once fails at the word just taken unless ok.
func (p *parser) once(ok bool) {
	if !ok {
		p.failAt(&p.toks[p.i-1])
	}
}

// fetchFirst is FETCH FIRST [n] ROWS ONLY | WITH TIES.
func (p *parser) fetchFirst(w *writer, is *queryIsland) {
	pos := p.pos()
	p.oneOf("first", "next")
	if p.atAny("row", "rows") {
		w.operand()
		p.leaf(&ast.Literal{Pos: p.pos(), Kind: ast.LitInt, Text: "1"})
	} else {
		w.operand()
		p.primarySigned()
	}
	p.oneOf("row", "rows")
	if p.opt("with", "ties") {
		is.withTies = true
		if is.order == nil {
			p.refuse(pos, sqlerr.SyntaxError, "WITH TIES cannot be specified without ORDER BY clause")
		}
		return
	}
	p.need("only")
}

// primarySigned writes a c_expr or a signed number.
func (p *parser) primarySigned() {
	if p.at("+") || p.at("-") {
		p.climb(pNeg, true)
		return
	}
	p.primary()
}

// locking is FOR UPDATE | SHARE ... [OF t, ...] [NOWAIT | SKIP LOCKED].
func (p *parser) locking(is *queryIsland) {
	l := ast.RowLock{Pos: p.pos()}
	p.need("for")
	switch {
	case p.opt("no", "key", "update"):
		l.Mode = "no key update"
	case p.opt("key", "share"):
		l.Mode = "key share"
	case p.opt("read", "only"):
		return
	default:
		l.Mode = p.oneOf("update", "share")
	}
	if p.opt("of") {
		for {
			l.OfPos = append(l.OfPos, p.pos())
			names := p.names()
			if len(names) > 1 {
				p.refuse(l.OfPos[len(l.Of)], sqlerr.SyntaxError, "%s must specify unqualified relation names", l.Clause())
			}
			l.Of = append(l.Of, names[0])
			if !p.opt(",") {
				break
			}
		}
	}
	if p.opt("nowait") {
		l.Wait = "nowait"
	} else if p.opt("skip", "locked") {
		l.Wait = "skip locked"
	}
	is.locks = append(is.locks, l)
}
