package pgcatalog

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// OIDs of languages; wasm has one of its own.
const (
	sqlLanguage  = 14
	wasmLanguage = 13990
)

// userProc is a user's function as pg_proc shows it.
func userProc(f *catalog.Function) proc {
	p := proc{oid: f.OID, name: f.Name, args: f.ArgTypes(), ret: f.Returns, kind: 'f', vol: f.Volatility, strict: f.Strict, set: f.SetOf, doc: f.Comment, user: f}
	if f.Aggregate {
		p.kind = 'a'
	}
	for _, a := range f.Args {
		p.variadic = p.variadic || a.Variadic
		if a.Default != "" {
			p.defaults++
		}
	}
	return p
}

// allProcs are the functions of the server and those of users.
func allProcs(c *catalog.Catalog) []proc {
	out := procs()
	out = out[:len(out):len(out)]
	for _, f := range c.Functions() {
		out = append(out, userProc(f))
	}
	return out
}

// procByOID finds a function, nil: there is none.
func procByOID(c *catalog.Catalog, oid uint32) *proc {
	if p := procsByOID()[oid]; p != nil {
		return p
	}
	if f := c.Function(oid); f != nil {
		p := userProc(f)
		return &p
	}
	return nil
}

// schema is the schema of the function.
func (p *proc) schema() string {
	if p.user != nil {
		return p.user.Schema
	}
	return catalog.PgCatalog
}

// argArrays are proallargtypes, proargmodes and proargnames of a user's function, nil where there is nothing to say.
func argArrays(f *catalog.Function) (allTypes, modes, names any) {
	var ts, ms, ns []string
	named, out := false, false
	add := func(t types.Type, mode, name string) {
		named, out = named || name != "", out || mode != "i"
		ts, ms, ns = append(ts, strconv.FormatUint(uint64(t.OID), 10)), append(ms, mode), append(ns, `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name)+`"`)
	}
	for _, a := range f.Args {
		switch {
		case a.Variadic:
			add(a.Type, "v", a.Name)
		case a.InOut:
			add(a.Type, "b", a.Name)
		default:
			add(a.Type, "i", a.Name)
		}
	}
	for _, c := range outColumns(f) {
		mode := "o"
		if f.Table {
			mode = "t"
		}
		add(c.Type, mode, c.Name)
	}
	list := func(s []string) string { return "{" + strings.Join(s, ",") + "}" }
	if out {
		allTypes, modes = list(ts), list(ms)
	}
	if named {
		names = list(ns)
	}
	return allTypes, modes, names
}

// outColumns are the result columns that are no arguments as well, of a function that does not return a table's rows.
func outColumns(f *catalog.Function) []catalog.FuncCol {
	if f.RowOf != 0 {
		return nil
	}
	var out []catalog.FuncCol
	for _, c := range f.Cols {
		in := false
		for _, a := range f.Args {
			in = in || a.InOut && a.Name == c.Name
		}
		if !in {
			out = append(out, c)
		}
	}
	return out
}

// arguments prints the arguments of a user's function as CREATE FUNCTION takes them; identity: only what tells it from others of its name.
func (t Texts) arguments(f *catalog.Function, identity bool) string {
	style := expr.DefStyle{Path: f.SearchPath}
	var out []string
	for _, a := range f.Args {
		s := a.Type.String()
		if a.Name != "" {
			s = quote(a.Name) + " " + s
		}
		switch {
		case a.Variadic:
			s = "VARIADIC " + s
		case a.InOut:
			s = "INOUT " + s
		}
		if a.Default != "" && !identity {
			s += " DEFAULT " + t.Printer.Expr(nil, a.Default, a.Type, style)
		}
		out = append(out, s)
	}
	if !f.Table && !identity {
		for _, c := range outColumns(f) {
			out = append(out, "OUT "+quote(c.Name)+" "+c.Type.String())
		}
	}
	return strings.Join(out, ", ")
}

// result prints what a user's function returns.
func result(c *catalog.Catalog, f *catalog.Function) string {
	s := f.Returns.String()
	switch {
	case f.Table:
		var cols []string
		for _, col := range f.Cols {
			cols = append(cols, quote(col.Name)+" "+col.Type.String())
		}
		return "TABLE(" + strings.Join(cols, ", ") + ")"
	case f.RowOf != 0:
		if r := c.ByOID(f.RowOf); r != nil {
			s = quote(r.Name)
		}
	}
	if f.SetOf {
		return "SETOF " + s
	}
	return s
}

// FunctionDef is what pg_get_functiondef answers. code gives the text of a module.
func (t Texts) FunctionDef(oid uint32, code func(*catalog.Function) string) (string, bool) {
	f := t.Catalog.Function(oid)
	if f == nil {
		return "", false
	}
	var b strings.Builder
	create := "CREATE OR REPLACE FUNCTION "
	if f.Aggregate {
		create = "CREATE AGGREGATE "
	}
	b.WriteString(create + quote(f.Schema) + "." + quote(f.Name) + "(" + t.arguments(f, false) + ")\n RETURNS " + result(t.Catalog, f) + "\n LANGUAGE " + f.Language + "\n")
	if words := clauses(f); words != "" {
		b.WriteString(words + "\n")
	}
	if len(f.Options) > 0 {
		var list []string
		for _, o := range f.Options {
			list = append(list, o.Key+" = "+"'"+strings.ReplaceAll(o.Value, "'", "''")+"'")
		}
		b.WriteString(" WITH (" + strings.Join(list, ", ") + ")\n")
	}
	body := f.Body
	if f.Language != "sql" {
		body = code(f)
	}
	if f.Return {
		b.WriteString("RETURN " + t.returned(f) + "\n")
		return b.String(), true
	}
	tag := "$function$"
	for strings.Contains(body, tag) {
		tag = tag[:len(tag)-1] + "x$"
	}
	b.WriteString("AS " + tag + body + tag + "\n")
	return b.String(), true
}

// returned is the expression of RETURN, over the arguments.
func (t Texts) returned(f *catalog.Function) string {
	args := &catalog.Relation{Name: f.Name, Schema: f.Schema}
	for _, a := range f.Args {
		args.Columns = append(args.Columns, catalog.Column{Name: a.Name, Type: a.Type})
	}
	return t.Printer.Expr(args, f.Body, types.Type{}, expr.DefStyle{Path: f.SearchPath, Flat: true})
}

// clauses are those behind the language that differ from what is taken without them.
func clauses(f *catalog.Function) string {
	s := ""
	switch f.Volatility {
	case 'i':
		s += " IMMUTABLE"
	case 's':
		s += " STABLE"
	}
	switch f.Parallel {
	case 's':
		s += " PARALLEL SAFE"
	case 'r':
		s += " PARALLEL RESTRICTED"
	}
	if f.Strict {
		s += " STRICT"
	}
	if f.Leakproof {
		s += " LEAKPROOF"
	}
	if f.Cost != "" {
		s += " COST " + f.Cost
	}
	if f.Rows != "" {
		s += " ROWS " + f.Rows
	}
	return s
}
