package parser

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// insert is INSERT INTO. Rows of plain literals never go through TiDB.
func (p *parser) insert() ast.Stmt {
	st := &ast.Insert{Pos: p.pos()}
	p.need("insert", "into")
	st.NamePos = p.pos()
	st.Names = p.names()
	if p.opt("as") {
		st.Alias = p.name()
	}
	if !p.atQuery() {
		st.Cols, st.ColPos = p.placedNames(&st.Parts)
	}
	if p.opt("overriding") {
		st.Overriding = p.oneOf("system", "user")
		p.need("value")
	}
	switch {
	case p.opt("default", "values"):
	case p.at("values") && p.plainValues():
		p.valuesTo(&st.Values)
	default:
		if !p.atQuery() {
			p.fail()
		}
		p.queryTo(&st.Query)
	}
	if p.at("on", "conflict") {
		p.onConflict(st)
	}
	p.returningTo(&st.Returning)
	return st
}

// placedNames takes (col, ...) if a bracket comes next, with the place of each; parts gets what names parts of columns.
func (p *parser) placedNames(parts *[]ast.Expr) (cols []string, at []ast.Pos) {
	if !p.opt("(") {
		return nil, nil
	}
	for {
		at = append(at, p.pos())
		cols = append(cols, p.assigned(len(cols), func() *[]ast.Expr { return parts }))
		if !p.opt(",") {
			break
		}
	}
	p.need(")")
	return cols, at
}

// plainValues says whether the VALUES list at hand is all there is to the query: no ORDER BY, LIMIT or UNION after it.
func (p *parser) plainValues() bool {
	k := p.i + 1
	for p.toks[k].is("(") && p.closing[k] > 0 {
		k = p.closing[k] + 1
		if !p.toks[k].is(",") {
			break
		}
		k++
	}
	t := &p.toks[k]
	return t.kind == tEOF || t.is(";") || t.is("on") || t.is("returning") || t.is(")") // the last where it is an item of WITH
}

func (p *parser) valuesTo(at **ast.Values) {
	v := &ast.Values{Pos: p.pos()}
	*at = v
	p.need("values")
	for {
		row := make([]ast.Expr, 0, cap(lastRow(v)))
		p.need("(")
		n, pos := len(v.Rows), p.pos()
		v.Rows = append(v.Rows, nil)
		for {
			if lit := p.rowLiteral(); lit != nil {
				row = append(row, lit)
			} else {
				k := len(row)
				row = append(row, nil)
				p.orDefaultThen(func(x ast.Expr) { v.Rows[n][k] = x })
			}
			if !p.opt(",") {
				break
			}
		}
		p.need(")")
		if v.Rows[n] = row; len(row) != len(v.Rows[0]) {
			p.refuse(pos, sqlerr.SyntaxError, "VALUES lists must all be the same length")
		}
		if !p.opt(",") {
			return
		}
	}
}

func lastRow(v *ast.Values) []ast.Expr {
	if len(v.Rows) == 0 {
		return nil
	}
	return v.Rows[len(v.Rows)-1]
}

// rowLiteral takes a literal that is a whole value, also a negative number; nil where something else comes next.
func (p *parser) rowLiteral() ast.Expr {
	if !p.at("-") {
		if lit := p.plainLiteral(); lit != nil {
			return lit
		}
		return nil
	}
	if t := p.peek(2); p.peek(1).kind != tNumber || t.kind != tOp || t.text != "," && t.text != ")" {
		return nil
	}
	pos := p.pos()
	p.i++
	return &ast.Unary{Pos: pos, Op: "-", X: p.plainLiteral()}
}

// onConflict is ON CONFLICT [(keys) [WHERE x] | ON CONSTRAINT name] DO NOTHING | DO UPDATE SET ... [WHERE x].
func (p *parser) onConflict(st *ast.Insert) {
	c := &ast.OnConflict{Pos: p.pos()}
	st.Conflict = c
	p.i += 2
	if p.opt("on", "constraint") {
		c.Constraint = p.name()
	} else {
		p.conflictKeys(c)
	}
	p.need("do")
	if c.Nothing = p.opt("nothing"); c.Nothing {
		return
	}
	p.need("update", "set")
	if c.Keys == nil && c.Constraint == "" {
		p.refuse(c.Pos, sqlerr.SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name")
	}
	p.assignsTo(&c.Sets)
	if p.opt("where") {
		p.exprTo(&c.Where)
	}
}

// conflictKeys takes (key, ...) [WHERE x], if a bracket comes next.
func (p *parser) conflictKeys(c *ast.OnConflict) {
	if !p.opt("(") {
		return
	}
	for {
		k := len(c.Keys)
		c.Keys = append(c.Keys, nil)
		p.indexKey(func(x ast.Expr) { c.Keys[k] = x })
		if !p.opt(",") {
			break
		}
	}
	p.need(")")
	if p.opt("where") {
		p.exprTo(&c.KeysWhere)
	}
}

// assignsTo takes col = x, (cols) = (xs), ... and stores them.
func (p *parser) assignsTo(sets *[]ast.Assign) {
	for {
		k := len(*sets)
		a := ast.Assign{Pos: p.pos()}
		if p.at("(") {
			a.List = true
		}
		*sets = append(*sets, a)
		parts := func() *[]ast.Expr { return &(*sets)[k].Parts }
		if p.opt("(") {
			for {
				a.Cols = append(a.Cols, p.assigned(len(a.Cols), parts))
				if !p.opt(",") {
					break
				}
			}
			p.need(")")
		} else {
			a.Cols = []string{p.assigned(0, parts)}
		}
		(*sets)[k].Cols = a.Cols
		p.need("=")
		set := func(x ast.Expr) { (*sets)[k].X = x }
		if len(a.Cols) > 1 || p.toks[p.i-2].is(")") && p.at("row") {
			p.assignRow(set)
		} else {
			p.orDefaultThen(set)
		}
		if !p.opt(",") {
			return
		}
	}
}

// assigned takes the name of column i of those that are assigned to; what names a part of it is kept in parts.
func (p *parser) assigned(i int, parts func() *[]ast.Expr) string {
	if t := p.peek(1); !t.is(".") && !t.is("[") {
		return p.name()
	}
	if !p.atName() {
		p.fail()
	}
	from := p.i
	name := p.name()
	p.i = from
	p.hole(func(x ast.Expr) {
		list := parts()
		for len(*list) <= i {
			*list = append(*list, nil)
		}
		(*list)[i] = x
	})
	p.columnOrCall()
	return name
}

// assignRow takes the right side of (a, b) = : ROW(...), (x, y) with DEFAULT allowed, or a sub-select.
func (p *parser) assignRow(set func(ast.Expr)) {
	p.hole(set)
	if p.at("(") && p.queryAt(p.i+1, 0) {
		p.primary()
		return
	}
	pos := p.pos()
	p.opt("row")
	p.need("(")
	w := p.open()
	for {
		w.operand()
		p.exprOrDefault()
		if !p.opt(",") {
			break
		}
	}
	p.need(")")
	n := w.n
	w.close(build(func(a *operands) ast.Expr { return &ast.Row{Pos: pos, Items: a.take(n)} }))
}
