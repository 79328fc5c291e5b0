package engine

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/deparse"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// printer prints the texts of the catalog; it implements pgcatalog.Printer.
type printer struct {
	cat      *catalog.Catalog
	routines *routines
}

func (p *printer) options(s expr.DefStyle) deparse.Options {
	o := deparse.Options{Path: s.Path, Pretty: s.Pretty, Wrap: s.Wrap, Format: s.Format, Flat: s.Flat}
	if o.Format == nil {
		o.Format = types.UTCFormat(0)
	}
	return o
}

func (p *printer) View(r *catalog.Relation, s expr.DefStyle) string {
	text, err := deparse.View(r, p.routines, p.cat, p.options(s))
	if err != nil {
		return r.SQL
	}
	return text
}

func (p *printer) Expr(r *catalog.Relation, text string, to types.Type, s expr.DefStyle) string {
	return p.expr(r, text, to, s, p.options(s))
}

func (p *printer) Key(r *catalog.Relation, text string, s expr.DefStyle) string {
	o := p.options(s)
	o.Key = true
	return p.expr(r, text, types.Type{}, s, o)
}

func (p *printer) Type(r *catalog.Relation, text string) types.Type {
	x, err := parser.ParseExpr(text)
	if err != nil {
		return types.Type{}
	}
	env := &sql.Env{Catalog: p.cat, SearchPath: []string{r.Schema, catalog.Public}, Routines: p.routines, Trace: sql.NewTrace(), Format: types.UTCFormat(0)}
	if sql.TraceExpr(x, r, env) != nil {
		return types.Type{}
	}
	return env.Trace.Types[x].Base()
}

func (p *printer) Value(text string, base types.Type, s expr.DefStyle) string {
	o := p.options(s)
	o.Value = true
	return p.expr(&catalog.Relation{Columns: []catalog.Column{{Name: "value", Type: base}}}, text, types.Bool, s, o)
}

func (p *printer) expr(r *catalog.Relation, text string, to types.Type, s expr.DefStyle, o deparse.Options) string {
	out, err := deparse.Expr(text, r, to, &sql.Env{Catalog: p.cat, SearchPath: s.Path, Routines: p.routines}, o)
	if err != nil {
		return text
	}
	return out
}
