package parser

import (
	"github.com/streamsqld/streamsqld/sql/ast"
)

// target takes [ONLY] name [*] [[AS] alias] of UPDATE, DELETE and MERGE; stop is a word that is no alias.
func (p *parser) target(stop string) *ast.Table {
	t := &ast.Table{Only: p.opt("only"), Pos: p.pos(), Names: p.names()}
	p.opt("*")
	if p.opt("as") {
		t.Alias.Name = p.name()
	} else if p.atName() && !p.at(stop) {
		t.Alias.Name = p.name()
	}
	return t
}

// whereTo takes WHERE x, if it comes next.
func (p *parser) whereTo(x *ast.Expr) {
	if !p.opt("where") {
		return
	}
	if pos := p.pos(); p.opt("current", "of") {
		cur := &ast.CurrentOf{Pos: pos, Cursor: p.name()}
		p.after(func() { *x = cur })
		return
	}
	p.exprTo(x)
}

func (p *parser) update() ast.Stmt {
	st := &ast.Update{Pos: p.pos()}
	p.need("update")
	st.Table = p.target("set")
	p.need("set")
	p.assignsTo(&st.Sets)
	if p.opt("from") {
		p.fromTo(&st.From)
	}
	p.whereTo(&st.Where)
	p.returningTo(&st.Returning)
	return st
}

func (p *parser) delete() ast.Stmt {
	st := &ast.Delete{Pos: p.pos()}
	p.need("delete", "from")
	st.Table = p.target("using")
	if p.opt("using") {
		p.fromTo(&st.Using)
	}
	p.whereTo(&st.Where)
	p.returningTo(&st.Returning)
	return st
}

// merge is MERGE INTO table USING source ON x WHEN ...
func (p *parser) merge() ast.Stmt {
	st := &ast.Merge{Pos: p.pos()}
	p.need("merge", "into")
	st.Table = p.target("using")
	p.need("using")
	p.viaQuery(func() {
		p.openSelect(&selectIsland{})
		p.put(")")
		p.put("from")
		p.tableRef()
	}, func(q *ast.Query) { st.Source = q.Body.(*ast.Select).From[0] })
	p.need("on")
	p.exprTo(&st.On)
	if !p.at("when") {
		p.fail()
	}
	for p.at("when") {
		k, pos := len(st.Whens), p.pos()
		p.need("when")
		w := ast.MergeWhen{Pos: pos, Matched: !p.opt("not")}
		st.Whens = append(st.Whens, w)
		p.mergeWhen(st, k)
	}
	return st
}

func (p *parser) mergeWhen(st *ast.Merge, k int) {
	at := func() *ast.MergeWhen { return &st.Whens[k] }
	p.need("matched")
	if p.opt("and") {
		p.exprThen(func(x ast.Expr) { at().Cond = x })
	}
	p.need("then")
	matched := at().Matched
	switch {
	case p.opt("do", "nothing"):
		at().Action = "nothing"
	case matched && p.opt("delete"):
		at().Action = "delete"
	case matched && p.opt("update", "set"):
		at().Action = "update"
		sets := new([]ast.Assign)
		p.assignsTo(sets)
		p.after(func() { at().Sets = *sets })
	case !matched && p.opt("insert"):
		at().Action = "insert"
		parts := new([]ast.Expr)
		at().Cols, at().ColPos = p.placedNames(parts)
		p.after(func() { at().Parts = *parts })
		if p.opt("overriding") {
			at().Overriding = p.oneOf("system", "user")
			p.need("value")
		}
		if p.opt("default", "values") {
			return
		}
		p.need("values", "(")
		for {
			p.orDefaultThen(func(x ast.Expr) { at().Values = append(at().Values, x) })
			if !p.opt(",") {
				break
			}
		}
		p.need(")")
	default:
		p.fail()
	}
}

// truncate is TRUNCATE [TABLE] name, ... [RESTART | CONTINUE IDENTITY] [CASCADE].
func (p *parser) truncate() ast.Stmt {
	st := &ast.Truncate{Pos: p.pos()}
	p.need("truncate")
	p.opt("table")
	for {
		p.opt("only")
		st.NamePos = append(st.NamePos, p.pos())
		st.Names = append(st.Names, p.names())
		p.opt("*")
		if !p.opt(",") {
			break
		}
	}
	if p.opt("restart", "identity") {
		st.Restart = true
	} else {
		p.opt("continue", "identity")
	}
	st.Cascade = p.cascade()
	return st
}
