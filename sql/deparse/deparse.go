package deparse

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// Options say how a text is printed.
type Options struct {
	Path   []string // the search path of the session: what it finds is named without its schema
	Pretty bool     // only the brackets that are needed
	Wrap   int      // lists go on until a line is so long; 0: one item a line
	Format *types.Format
	Flat   bool // in one line
	Key    bool // an expression is the key of an index: in brackets unless it is a call
	Value  bool // an expression is the CHECK of a domain, whose column is VALUE
}

// View prints the query of a view, materialized view or sink, without a semicolon. An error says what cannot be printed; the text in the
// catalog is the best answer then.
func View(rel *catalog.Relation, routines sql.Routines, cat *catalog.Catalog, o Options) (text string, err error) {
	env := &sql.Env{Catalog: cat, SearchPath: rel.SearchPath, Format: o.Format, Frozen: true, Functions: rel.Functions, Saw: rel.Saw, Routines: routines, Trace: sql.NewTrace()}
	tree, err := parser.ParseQuery(rel.SQL)
	if err != nil {
		return "", err
	}
	if _, err := sql.BindQuery(tree, rel.SQL, env); err != nil {
		return "", err
	}
	defer catch(&err)
	a := &analyzer{env: env, trace: env.Trace, names: &namer{cat: cat, path: o.Path, own: rel.SearchPath}}
	q := a.query(tree, nil, nil, nil)
	var names []string
	for i := range rel.Columns {
		if !rel.Columns[i].Hidden {
			names = append(names, rel.Columns[i].Name)
		}
	}
	p := &printer{pretty: o.Pretty, wrap: o.Wrap, lines: !o.Flat, names: a.names, used: map[string]bool{"old": true, "new": true}}
	p.query(q, names, true)
	return string(p.b), nil
}

// Expr prints an expression over the columns of a relation: a default, a generated column, a CHECK, a key or the condition of an index. to
// is the type that it is converted to, without a sign of it; the zero type: none.
func Expr(text string, rel *catalog.Relation, to types.Type, env *sql.Env, o Options) (out string, err error) {
	x, err := parser.ParseExpr(text)
	if err != nil {
		return "", err
	}
	e := *env
	e.Format, e.Trace = o.Format, sql.NewTrace()
	if err := sql.TraceExpr(x, rel, &e); err != nil {
		return "", err
	}
	defer catch(&err)
	a := &analyzer{env: &e, trace: e.Trace, names: &namer{cat: e.Catalog, path: o.Path, own: e.SearchPath}}
	n := a.known(a.coerceUnknown(a.expr(x, relationScope(rel, o.Value)), orText(to)))
	if to != (types.Type{}) {
		n = a.coerce(n, to)
	}
	p := &printer{pretty: o.Pretty, wrap: o.Wrap, lines: !o.Flat, names: a.names}
	p.expr(n, false)
	if o.Key && !looksLikeCall(n) {
		return "(" + string(p.b) + ")", nil
	}
	return string(p.b), nil
}

func orText(t types.Type) types.Type {
	if t == (types.Type{}) {
		return types.Text
	}
	return t
}

// looksLikeCall says whether a node has the form of a call.
func looksLikeCall(x node) bool {
	switch x := x.(type) {
	case *call, *aggregate, *listOf, *nullif:
		return true
	case *words:
		return x.t != types.Type{}
	}
	return false
}

// relationScope is a scope over the columns of a relation, which are printed by their names alone; value: the column is VALUE.
func relationScope(rel *catalog.Relation, value bool) *scope {
	s := &scope{}
	if rel == nil {
		return s
	}
	for i := range rel.Columns {
		c := &rel.Columns[i]
		switch {
		case c.Dropped:
		case value:
			s.cols = append(s.cols, column{name: c.Name, x: &words{typed{c.Type}, "VALUE"}})
		default:
			s.cols = append(s.cols, column{name: c.Name, x: &variable{typed: typed{columnType(c)}, name: c.Name}})
		}
	}
	s.srcs = []source{{name: rel.Name, schema: rel.Schema, cols: s.cols}}
	return s
}

// columnType is the type of a column: its domain, where it has one.
func columnType(c *catalog.Column) types.Type {
	if t := (types.Type{OID: c.Domain, Mod: -1}); c.Domain != 0 {
		if _, ok := t.Domain(); ok {
			return t
		}
	}
	return c.Type
}
