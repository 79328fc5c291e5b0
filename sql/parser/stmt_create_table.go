package parser

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// createTable is CREATE TABLE name (columns and constraints) or CREATE TABLE name AS query.
func (p *parser) createTable(pos ast.Pos, temp bool) ast.Stmt {
	if !temp && p.appendOnly() {
		st := p.createStream(pos, false).(*ast.CreateStream)
		st.AsTable = true
		return st
	}
	st := &ast.CreateTable{Pos: pos, Temp: temp, IfNotExists: p.ifNotExists(), Names: p.names()}
	if p.atAny("partition", "of") {
		p.unsupported(p.pos(), "CREATE TABLE OF or PARTITION OF")
	}
	if p.at("(") && !p.tableAs() {
		p.i++
		for !p.at(")") || len(st.Cols) > 0 {
			p.tableElement(st)
			if !p.opt(",") {
				break
			}
		}
		p.need(")")
	} else {
		st.AsCols = p.bracketNames()
	}
	if p.atAny("inherits", "partition") {
		p.unsupported(p.pos(), "table inheritance and partitioning")
	}
	if p.opt("using") {
		if name := p.name(); name != "heap" {
			p.missing("access method %q does not exist", name)
		}
	}
	st.Options = p.withOptions()
	p.opt("without", "oids")
	if p.at("on", "commit") && !p.opt("on", "commit", "preserve", "rows") {
		p.unsupported(p.pos(), "ON COMMIT DELETE ROWS or DROP")
	}
	p.tablespace()
	if st.Cols == nil && st.Keys == nil && p.opt("as") {
		if p.at("execute") {
			st.Execute = p.execute().(*ast.Execute)
		} else {
			p.queryTo(&st.As)
		}
		if p.opt("with", "no", "data") {
			st.NoData = true
		} else {
			p.opt("with", "data")
		}
	} else if st.AsCols != nil {
		p.fail()
	}
	return st
}

// appendOnly says whether the table at hand is declared APPEND ONLY, as in RisingWave: then it is a stream.
func (p *parser) appendOnly() bool {
	k := p.i
	for !p.toks[k].is("(") {
		if p.toks[k].kind == tEOF || p.toks[k].is(";") {
			return false
		}
		k++
	}
	after := func(k int) int { // the token behind the bracket that opens at k
		if p.closing[k] == 0 {
			return len(p.toks) - 1
		}
		return p.closing[k] + 1
	}
	k = after(k)
	if p.toks[k].is("with") && p.toks[k+1].is("(") {
		k = after(k + 1)
	}
	return p.toks[k].is("append") && p.toks[k+1].is("only")
}

// tableAs says whether the bracket at hand is a list of names before AS, not of column definitions.
func (p *parser) tableAs() bool {
	for k := p.i + 1; ; k += 2 {
		if !isColID(&p.toks[k]) {
			return false
		}
		if !p.toks[k+1].is(",") {
			return p.toks[k+1].is(")")
		}
	}
}

// tableElement takes one column or table constraint.
func (p *parser) tableElement(st *ast.CreateTable) {
	pos := p.pos()
	switch {
	case p.at("like"):
		p.like(pos, st)
	case p.at("exclude"):
		p.unsupported(pos, "an exclusion constraint")
	case p.atConstraint():
		p.tableConstraint(&st.Keys, &st.Checks, &st.Foreign)
	default:
		p.columnDef(&st.Cols)
	}
}

// like takes LIKE table [INCLUDING | EXCLUDING what] ...
func (p *parser) like(pos ast.Pos, st *ast.CreateTable) {
	p.need("like")
	l := ast.LikeTable{Pos: p.pos(), Names: p.names(), At: len(st.Cols), Including: map[string]bool{}}
	for p.atAny("including", "excluding") {
		including := p.opt("including")
		if !including {
			p.need("excluding")
		}
		switch what := p.oneOf("comments", "compression", "constraints", "defaults", "generated", "identity", "indexes", "statistics", "storage", "all"); what {
		case "all":
			for _, w := range []string{"comments", "constraints", "defaults", "generated", "identity", "indexes"} {
				l.Including[w] = including
			}
		default:
			l.Including[what] = including
		}
	}
	st.Likes = append(st.Likes, l)
}

func (p *parser) atConstraint() bool {
	return p.atAny("constraint", "primary", "unique", "check", "foreign")
}

// tableConstraint takes [CONSTRAINT name] PRIMARY KEY | UNIQUE | CHECK | FOREIGN KEY.
func (p *parser) tableConstraint(keys *[]ast.Key, checks *[]ast.Check, foreign *[]ast.ForeignKey) {
	pos, name := p.pos(), ""
	if p.opt("constraint") {
		name = p.name()
	}
	foreigns := len(*foreign)
	switch {
	case p.at("exclude"):
		p.unsupported(pos, "this constraint")
	case p.at("primary", "key"), p.at("unique"):
		*keys = append(*keys, p.tableKey(pos, name))
		return
	case p.opt("check"):
		p.check(pos, name, func() *[]ast.Check { return checks })
	case p.opt("foreign", "key"):
		f := ast.ForeignKey{Pos: pos, Name: name, Cols: p.keyCols()}
		p.references(&f)
		*foreign = append(*foreign, f)
	default:
		p.fail()
	}
	if len(*foreign) > foreigns {
		f := &(*foreign)[foreigns]
		p.constraintAttributes(&f.Deferrable, &f.Deferred)
	} else if p.at("deferrable") || p.at("initially", "deferred") {
		panic(bail{sqlerr.New(sqlerr.FeatureNotSupported, "CHECK constraints cannot be marked DEFERRABLE")})
	} else {
		p.constraintAttributes(nil, nil)
	}
}

// tableKey takes PRIMARY KEY | UNIQUE [NULLS [NOT] DISTINCT] (cols) | USING INDEX name, with its attributes.
func (p *parser) tableKey(pos ast.Pos, name string) ast.Key {
	k := ast.Key{Pos: pos, Name: name}
	if k.Primary = p.opt("primary", "key"); !k.Primary {
		p.need("unique")
	}
	if p.opt("using", "index") {
		k.Index = p.name()
	} else {
		k.NotDistinct = !k.Primary && p.nullsNotDistinct()
		k.Cols = p.keyCols()
	}
	p.constraintAttributes(&k.Deferrable, &k.Deferred)
	return k
}

// nullsNotDistinct takes NULLS [NOT] DISTINCT and says whether there is NOT.
func (p *parser) nullsNotDistinct() bool {
	if p.opt("nulls", "not", "distinct") {
		return true
	}
	if p.opt("nulls") {
		p.need("distinct")
	}
	return false
}

func (p *parser) keyCols() []string {
	if !p.at("(") {
		p.fail()
	}
	cols := p.bracketNames()
	if p.opt("include") {
		p.bracketNames()
	}
	p.withOptions()
	return cols
}

// check takes (x); list gives where the constraint goes.
func (p *parser) check(pos ast.Pos, name string, list func() *[]ast.Check) {
	p.need("(")
	checks := list()
	k := len(*checks)
	*checks = append(*checks, ast.Check{Pos: pos, Name: name})
	at := p.pos()
	p.exprThen(func(x ast.Expr) { (*list())[k].X = x })
	(*checks)[k].SQL = p.textSince(at)
	p.need(")")
	p.opt("no", "inherit")
}

// references takes REFERENCES table (cols) and its actions.
func (p *parser) references(f *ast.ForeignKey) {
	p.need("references")
	f.Table = p.names()
	f.RefCols = p.bracketNames()
	if f.Full = p.opt("match", "full"); !f.Full && p.at("match") && !p.opt("match", "simple") {
		p.refuse(p.pos(), sqlerr.FeatureNotSupported, "MATCH PARTIAL not yet implemented")
	}
	for p.opt("on") {
		at := &f.OnUpdate
		if p.oneOf("update", "delete") == "delete" {
			at = &f.OnDelete
		}
		switch {
		case p.opt("no", "action"):
			*at = "no action"
		case p.opt("set"):
			*at = "set " + p.oneOf("null", "default")
			if p.at("(") {
				p.unsupported(p.pos(), "a column list of ON DELETE SET")
			}
		default:
			*at = p.oneOf("restrict", "cascade")
		}
	}
}

// constraintAttributes takes [NOT] DEFERRABLE and INITIALLY IMMEDIATE | DEFERRED. Where the constraint before them can't be deferrable, both are nil, and
// only the defaults are taken.
func (p *parser) constraintAttributes(deferrable, deferred *bool) {
	never := false
	for {
		pos := p.pos()
		switch {
		case p.opt("not", "deferrable"):
			never = true
		case p.opt("initially", "immediate"):
		case deferrable == nil && p.at("deferrable"):
			p.refuse(pos, sqlerr.SyntaxError, "misplaced DEFERRABLE clause")
		case deferrable == nil && p.at("initially"):
			p.refuse(pos, sqlerr.SyntaxError, "misplaced INITIALLY DEFERRED clause")
		case p.opt("deferrable"):
			*deferrable = true
		case p.opt("initially", "deferred"):
			*deferrable, *deferred = true, true
		default:
			return
		}
		if never && deferrable != nil && *deferrable {
			if *deferred {
				p.refuse(pos, sqlerr.SyntaxError, "constraint declared INITIALLY DEFERRED must be DEFERRABLE")
			}
			p.refuse(pos, sqlerr.SyntaxError, "multiple DEFERRABLE/NOT DEFERRABLE clauses not allowed")
		}
	}
}

// columnDef takes one column and appends it to cols. The list may move while it grows, so holes find the column by index.
func (p *parser) columnDef(cols *[]ast.ColumnDef) {
	k := len(*cols)
	*cols = append(*cols, ast.ColumnDef{})
	p.column(func() *ast.ColumnDef { return &(*cols)[k] })
}

// column takes name type and the column's constraints; col gives where they go.
func (p *parser) column(col func() *ast.ColumnDef) {
	c := col()
	c.Pos = p.pos()
	c.Name = p.name()
	c.Type = p.typeName()
	for p.columnConstraint(col) {
	}
}

func (p *parser) columnConstraint(col func() *ast.ColumnDef) bool {
	c, pos, name := col(), p.pos(), ""
	if p.opt("constraint") {
		name = p.name()
	}
	switch {
	case p.opt("not", "null"):
		c.NotNull = true
	case p.opt("null"):
		c.Null = true
	case p.opt("primary", "key"):
		c.Primary = true
		p.withOptions()
		c.Keys = append(c.Keys, ast.Key{Pos: pos, Name: name, Primary: true})
		k := &c.Keys[len(c.Keys)-1]
		p.constraintAttributes(&k.Deferrable, &k.Deferred)
	case p.opt("unique"):
		c.Unique = true
		c.Keys = append(c.Keys, ast.Key{Pos: pos, Name: name, NotDistinct: p.nullsNotDistinct()})
		p.withOptions()
		k := &c.Keys[len(c.Keys)-1]
		p.constraintAttributes(&k.Deferrable, &k.Deferred)
	case p.opt("collate"):
		c.Collate = p.names()
	case p.opt("check"):
		p.check(pos, name, func() *[]ast.Check { return &col().Checks })
	case p.opt("default"):
		at := p.pos()
		if c.DefaultSQL != "" {
			c.Twice = "multiple default values specified"
		}
		p.hole(func(x ast.Expr) { col().Default = x })
		p.bexpr()
		c.DefaultSQL = p.textSince(at)
	case p.opt("generated"):
		p.generated(col)
	case p.at("references"):
		c.Refs = &ast.ForeignKey{Pos: pos, Name: name}
		p.references(c.Refs)
		p.constraintAttributes(&c.Refs.Deferrable, &c.Refs.Deferred)
	case p.atAny("storage", "compression"):
		p.unsupported(pos, "STORAGE or COMPRESSION of a column")
	default:
		if name != "" {
			p.fail()
		}
		n := p.i
		p.constraintAttributes(nil, nil)
		return p.i > n
	}
	return true
}

// generated takes ALWAYS AS (x) STORED, or ALWAYS | BY DEFAULT AS IDENTITY.
func (p *parser) generated(col func() *ast.ColumnDef) {
	kind := "always"
	if p.opt("by", "default") {
		kind = "by default"
	} else {
		p.need("always")
	}
	p.need("as")
	c := col()
	if p.opt("identity") {
		if c.Identity != "" {
			c.Twice = "multiple identity specifications"
		}
		c.Identity = kind
		if p.opt("(") {
			c.Sequence = p.sequenceOptions()
			p.need(")")
		}
		return
	}
	if kind != "always" {
		p.fail()
	}
	p.need("(")
	at := p.pos()
	if c.GeneratedSQL != "" {
		c.Twice = "multiple generation clauses specified"
	}
	p.exprThen(func(x ast.Expr) { col().Generated = x })
	c.GeneratedSQL = p.textSince(at)
	p.need(")")
	p.need("stored")
}
