package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// statementParser gives the method that takes the statements beginning with a word; nil where there are none.
func (p *parser) statementParser(word string) func() ast.Stmt {
	switch word {
	case "create":
		return p.create
	case "drop":
		return p.drop
	case "alter":
		return p.alter
	case "comment":
		return p.comment
	case "insert":
		return p.insert
	case "update":
		return p.update
	case "delete":
		return p.delete
	case "merge":
		return p.merge
	case "truncate":
		return p.truncate
	case "copy":
		return p.copy
	case "subscribe":
		return p.subscribeStmt
	case "declare":
		return p.declare
	case "fetch", "move":
		return p.fetch
	case "close":
		return p.closeCursor
	case "prepare":
		return p.prepare
	case "execute":
		return p.execute
	case "deallocate":
		return p.deallocate
	case "explain":
		return p.explain
	case "set":
		return p.set
	case "reset":
		return p.reset
	case "show":
		return p.show
	case "discard":
		return p.discard
	case "begin", "start":
		return p.begin
	case "commit", "end":
		return p.commit
	case "rollback", "abort":
		return p.rollback
	case "savepoint":
		return p.savepoint
	case "release":
		return p.release
	case "call":
		return p.callStmt
	case "flush":
		return p.flush
	case "refresh":
		return p.refresh
	case "listen", "unlisten", "notify":
		return p.listen
	case "vacuum":
		return p.vacuum
	case "analyze", "analyse":
		return p.analyze
	case "cluster":
		return p.cluster
	case "reindex":
		return p.reindex
	case "lock":
		return p.lock
	case "grant", "revoke", "checkpoint", "reassign", "security", "load", "do", "import":
		return p.utility
	}
	return nil
}

// statement takes one statement; its expressions and queries are still holes then.
func (p *parser) statement() ast.Stmt {
	p.enter()
	defer p.leave()
	t := p.cur()
	if t.is("(") || t.is("values") || p.atQuery() {
		if t.is("with") && p.withDML() {
			return p.dmlWith()
		}
		st := &ast.QueryStmt{}
		p.queryTo(&st.Query)
		return st
	}
	if t.kind == tIdent {
		if f := p.statementParser(t.text); f != nil {
			return f()
		}
	}
	p.fail()
	return nil
}

// withDML says whether the WITH at hand belongs to INSERT, UPDATE, DELETE or MERGE: the first such word, or SELECT, VALUES or TABLE,
// outside brackets.
func (p *parser) withDML() bool {
	for k := p.i + 1; k < len(p.toks); k++ {
		switch t := &p.toks[k]; {
		case t.is("(") && p.closing[k] > 0:
			k = p.closing[k]
		case t.is(";") || t.kind == tEOF:
			return false
		case t.kind != tIdent || !p.toks[k-1].is(")"):
		case t.text == "select" || t.text == "values" || t.text == "table":
			return false
		case t.text == "insert" || t.text == "update" || t.text == "delete" || t.text == "merge":
			return true
		}
	}
	return false
}

// dmlWith is WITH ... INSERT | UPDATE | DELETE | MERGE.
func (p *parser) dmlWith() ast.Stmt {
	with := new(ast.With)
	p.withTo(with)
	st := p.statementOf("insert", "update", "delete", "merge")
	p.after(func() {
		switch st := st.(type) {
		case *ast.Insert:
			st.With = *with
		case *ast.Update:
			st.With = *with
		case *ast.Delete:
			st.With = *with
		case *ast.Merge:
			st.With = *with
		}
	})
	return st
}

func (p *parser) statementOf(words ...string) ast.Stmt {
	if !p.atAny(words...) {
		p.fail()
	}
	return p.statement()
}

// withTo takes a WITH clause and stores it.
func (p *parser) withTo(w *ast.With) {
	p.viaQuery(func() {
		is := &queryIsland{pos: p.pos()}
		p.with(is)
		p.openSelect(&selectIsland{})
		p.put(")")
		p.put("order by")
		p.open().close(is)
	}, func(q *ast.Query) { w.Items, w.Recursive = q.With, q.Recursive })
}

// after calls f when the holes made so far are filled.
func (p *parser) after(f func()) {
	p.holes = append(p.holes, hole{set: func(ast.Expr) { f() }, lit: &ast.Literal{}})
}

// textSince gives the text from pos up to the last token taken.
func (p *parser) textSince(pos ast.Pos) string { return p.q[pos.Offset()+p.base : p.toks[p.i-1].end] }

// sqlExprTo takes an expression, stores it at x and gives its text.
func (p *parser) sqlExprTo(x *ast.Expr) string {
	pos := p.pos()
	p.exprTo(x)
	return p.textSince(pos)
}

// sqlQueryTo takes a query and stores it with its text and where that begins.
func (p *parser) sqlQueryTo(q **ast.Query, text *string, pos *ast.Pos) {
	*pos = p.pos()
	p.queryTo(q)
	*text = p.textSince(*pos)
}

// ifNotExists takes IF NOT EXISTS.
func (p *parser) ifNotExists() bool { return p.opt("if", "not", "exists") }

// cascade takes CASCADE or RESTRICT.
func (p *parser) cascade() bool {
	if p.opt("cascade") {
		return true
	}
	p.opt("restrict")
	return false
}

// skipRest passes everything up to the end of the statement.
func (p *parser) skipRest() {
	for !p.done() && !p.at(";") {
		p.i++
	}
}

// utility is a statement that is known by its first words only.
func (p *parser) utility() ast.Stmt {
	u := &ast.Utility{Pos: p.pos(), Kind: p.label()}
	switch u.Kind {
	case "checkpoint":
	default:
		if p.done() || p.at(";") {
			p.fail()
		}
	}
	p.skipRest()
	return u
}

// utilityWords is a statement that is known by its first n words.
func (p *parser) utilityWords(pos ast.Pos, words ...string) ast.Stmt {
	p.skipRest()
	return &ast.Utility{Pos: pos, Kind: strings.Join(words, " ")}
}
