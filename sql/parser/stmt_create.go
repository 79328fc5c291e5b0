package parser

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// create is every CREATE statement.
func (p *parser) create() ast.Stmt {
	pos := p.pos()
	p.need("create")
	replace := p.opt("or", "replace")
	if p.at("global") || p.at("local") {
		p.i++
		if !p.atAny("temp", "temporary") {
			p.fail()
		}
	}
	temp := p.opt("temp") || p.opt("temporary")
	unlogged := !temp && p.opt("unlogged")
	switch {
	case p.opt("stream"):
		return p.createStream(pos, replace)
	case !replace && p.opt("table"):
		st := p.createTable(pos, temp)
		if t, ok := st.(*ast.CreateTable); ok {
			t.Unlogged = unlogged
		}
		return st
	case p.opt("recursive", "view"):
		return p.createRecursiveView(&ast.CreateView{Pos: pos, OrReplace: replace, Temp: temp})
	case p.opt("view"):
		return p.createView(&ast.CreateView{Pos: pos, OrReplace: replace, Temp: temp})
	case p.opt("materialized", "view"):
		return p.createView(&ast.CreateView{Pos: pos, OrReplace: replace, Materialized: true})
	case p.opt("sink"):
		return p.createSink(pos, replace)
	case p.opt("schema"):
		return p.createSchema(pos)
	case p.at("index"), p.at("unique", "index"):
		return p.createIndex(pos)
	case p.opt("sequence"):
		return p.createSequence(pos, temp)
	case !replace && p.opt("type"):
		return p.createType(pos)
	case !replace && p.opt("domain"):
		return p.createDomain(pos)
	case p.opt("function"), p.opt("aggregate"):
		aggregate := p.toks[p.i-1].text == "aggregate"
		return p.createFunction(pos, replace, aggregate)
	}
	t := p.cur()
	if t.kind != tIdent || replace && !p.atAny("procedure", "trigger", "rule", "language", "secret") {
		p.fail()
	}
	switch t.text {
	case "role", "user", "group", "secret", "database", "extension", "trigger", "rule", "policy", "publication",
		"subscription", "collation", "cast", "operator", "procedure", "server", "tablespace", "statistics", "conversion",
		"language", "connection", "constraint":
		return p.utilityWords(pos, "create", t.text)
	case "text", "foreign", "event", "access", "user mapping":
		return p.utilityWords(pos, "create", t.text, p.peek(1).text)
	}
	p.fail()
	return nil
}

// createStream is CREATE STREAM name (columns, WATERMARK FOR ...) WITH (...).
func (p *parser) createStream(pos ast.Pos, replace bool) ast.Stmt {
	st := &ast.CreateStream{Pos: pos, OrReplace: replace, IfNotExists: p.ifNotExists(), Names: p.names()}
	if p.opt("(") {
		for {
			if p.at("watermark", "for") {
				p.watermark(st)
			} else {
				p.columnDef(&st.Cols)
			}
			if !p.opt(",") {
				break
			}
		}
		p.need(")")
	}
	only := p.opt("append", "only")
	st.Options = p.withOptions()
	if !only {
		p.opt("append", "only")
	}
	return st
}

func (p *parser) watermark(st *ast.CreateStream) {
	w := ast.WatermarkDef{Pos: p.pos()}
	p.i += 2
	w.Col = p.name()
	p.need("as")
	k := len(st.Watermarks)
	st.Watermarks = append(st.Watermarks, w)
	p.exprThen(func(x ast.Expr) { st.Watermarks[k].X = x })
}

// createView is what follows CREATE [MATERIALIZED] VIEW.
func (p *parser) createView(st *ast.CreateView) ast.Stmt {
	st.IfNotExists = p.ifNotExists()
	st.Names = p.names()
	st.Cols = p.bracketNames()
	st.Options = p.withOptions()
	if p.atAny("using", "tablespace") {
		p.unsupported(p.pos(), "USING or TABLESPACE of a view")
	}
	p.need("as")
	p.sqlQueryTo(&st.Query, &st.SQL, &st.SQLPos)
	switch {
	case st.Materialized && p.opt("with", "no", "data"):
		st.NoData = true
	case st.Materialized && p.opt("with", "data"):
	case !st.Materialized && p.at("with"):
		pos, kind := p.pos(), "cascaded"
		p.need("with")
		if p.opt("local") {
			kind = "local"
		} else {
			p.opt("cascaded")
		}
		p.need("check", "option")
		st.Options = append(st.Options, ast.Option{Pos: pos, Key: "check_option", Value: kind, HasValue: true})
	}
	return st
}

// createRecursiveView is CREATE RECURSIVE VIEW name (a, b) AS query, which stands for a view of WITH RECURSIVE name (a, b) AS (query) SELECT a, b FROM name.
func (p *parser) createRecursiveView(st *ast.CreateView) ast.Stmt {
	st.Names = p.names()
	p.need("(")
	p.i--
	st.Cols = p.bracketNames()
	st.Options = p.withOptions()
	p.need("as")
	var body ast.CreateView
	p.sqlQueryTo(&body.Query, &body.SQL, &body.SQLPos)
	if p.at("with") {
		p.unsupported(p.pos(), "WITH CHECK OPTION of a recursive view")
	}
	cols := make([]string, len(st.Cols))
	for i, c := range st.Cols {
		cols[i] = QuoteIdent(c)
	}
	list, name := strings.Join(cols, ", "), QuoteIdent(st.Names[len(st.Names)-1])
	st.SQL = "WITH RECURSIVE " + name + " (" + list + ") AS (" + body.SQL + ") SELECT " + list + " FROM " + name
	stmts, err := Parse("CREATE VIEW v AS " + st.SQL)
	if err != nil {
		panic(bail{err})
	}
	st.Query, st.SQLPos = stmts[0].Stmt.(*ast.CreateView).Query, body.SQLPos
	return st
}

// createSink is CREATE SINK name [WITH (...)] AS query, or FROM name [WITH (...)].
func (p *parser) createSink(pos ast.Pos, replace bool) ast.Stmt {
	st := &ast.CreateSink{Pos: pos, OrReplace: replace, IfNotExists: p.ifNotExists(), Names: p.names()}
	st.Options = p.withOptions()
	if p.opt("from") {
		st.From = p.names()
	} else {
		p.need("as")
		p.sqlQueryTo(&st.Query, &st.SQL, &st.SQLPos)
	}
	if st.Options == nil {
		st.Options = p.withOptions()
	}
	return st
}

func (p *parser) createSchema(pos ast.Pos) ast.Stmt {
	st := &ast.CreateSchema{Pos: pos, IfNotExists: p.ifNotExists()}
	if !p.at("authorization") {
		st.Name = p.name()
	}
	if p.opt("authorization") {
		owner := p.label()
		if st.Name == "" {
			st.Name = owner
		}
	}
	if p.atAny("create", "grant") {
		p.unsupported(p.pos(), "CREATE SCHEMA with elements")
	}
	return st
}

// createIndex is CREATE [UNIQUE] INDEX [CONCURRENTLY] [name] ON table [USING method] (keys) [INCLUDE ...] [WHERE x].
func (p *parser) createIndex(pos ast.Pos) ast.Stmt {
	st := &ast.CreateIndex{Pos: pos, Unique: p.opt("unique")}
	p.need("index")
	st.Concurrently = p.opt("concurrently")
	if st.IfNotExists = p.ifNotExists(); st.IfNotExists || !p.at("on") {
		st.Name = p.name()
	}
	p.need("on")
	p.opt("only")
	st.Table = p.names()
	if p.opt("using") {
		st.Method = p.name()
	}
	p.need("(")
	for {
		k := len(st.Cols)
		st.Cols = append(st.Cols, ast.SortItem{})
		st.Texts = append(st.Texts, p.indexKey(func(x ast.Expr) { st.Cols[k].X = x }))
		s := p.sortSpec()
		st.Cols[k].Desc, st.Cols[k].Nulls = s.desc, s.nulls
		if !p.opt(",") {
			break
		}
	}
	p.need(")")
	if p.opt("include") {
		st.Include = p.bracketNames()
	}
	st.NotDistinct = p.nullsNotDistinct()
	st.Options = p.withOptions()
	p.tablespace()
	if p.opt("where") {
		at := p.pos()
		p.exprTo(&st.Where)
		st.WhereText = p.textSince(at)
	}
	return st
}

// indexKey takes a key of an index, column | call | (expression), with its COLLATE and operator class, and gives the key's text.
func (p *parser) indexKey(set func(ast.Expr)) string {
	at := p.pos()
	p.hole(set)
	p.primary()
	text := p.textSince(at)
	if p.opt("collate") {
		p.names()
	}
	if p.atName() && !p.atAny("nulls") {
		p.names()
		if p.at("(") {
			p.unsupported(p.pos(), "an operator class with options")
		}
	}
	return text
}

// tablespace takes TABLESPACE pg_default; there is no other.
func (p *parser) tablespace() {
	if p.opt("tablespace") {
		if name := p.name(); name != "pg_default" {
			p.missing("tablespace %q does not exist", name)
		}
	}
}

// createSequence is CREATE SEQUENCE name options.
func (p *parser) createSequence(pos ast.Pos, temp bool) ast.Stmt {
	st := &ast.CreateSequence{Pos: pos, Temp: temp, IfNotExists: p.ifNotExists(), Names: p.names()}
	st.Options = p.sequenceOptions()
	return st
}

// sequenceOptions takes INCREMENT BY 2, MINVALUE 1, NO CYCLE, AS int and the like; the key of NO x is "no x".
func (p *parser) sequenceOptions() []ast.Option {
	var list []ast.Option
	for p.atAny("as", "increment", "minvalue", "maxvalue", "start", "restart", "cache", "cycle", "no", "owned") || p.at("sequence", "name") {
		o := ast.Option{Pos: p.pos(), Key: p.label()}
		switch o.Key {
		case "cycle":
		case "sequence":
			p.need("name")
			o.List = p.names()
		case "no":
			o.Key += " " + p.oneOf("minvalue", "maxvalue", "cycle")
		case "as":
			o.Value, o.HasValue = strings.Join(p.typeName().Name, "."), true
		case "owned":
			p.need("by")
			o.Value, o.HasValue = strings.Join(p.names(), "."), true
		default:
			_ = p.opt("by") || p.opt("with")
			p.optionValue(&o, o.Key != "restart")
		}
		list = append(list, o)
	}
	return list
}
