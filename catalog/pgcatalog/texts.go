package pgcatalog

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// Printer prints the queries and expressions that the catalog keeps as text as clients see them. Where it cannot, it gives the text as it is.
type Printer interface {
	// View prints the query of a view, without a semicolon.
	View(r *catalog.Relation, s expr.DefStyle) string
	// Expr prints an expression over the columns of r (nil: there are none), which becomes a value of type to (zero: as it is).
	Expr(r *catalog.Relation, text string, to types.Type, s expr.DefStyle) string
	// Key prints an expression as the key of an index: in brackets unless it is a call.
	Key(r *catalog.Relation, text string, s expr.DefStyle) string
	// Type is the type of such an expression; the zero type: it is not known.
	Type(r *catalog.Relation, text string) types.Type
	// Value prints the CHECK of a domain over a type.
	Value(text string, base types.Type, s expr.DefStyle) string
}

// Texts prints what the catalog has in it.
type Texts struct {
	Catalog *catalog.Catalog
	Printer Printer
	Style   expr.DefStyle
}

// texts is how the virtual tables show texts: in the plain form.
func (e *Env) texts() Texts {
	return Texts{e.Catalog, e.Printer, expr.DefStyle{Path: e.SearchPath, Format: e.Format}}
}

// relation is the name of a relation, with its schema where the search path does not find it.
func (t Texts) relation(r *catalog.Relation) string {
	if t.Catalog.Lookup([]string{r.Name}, t.Style.Path) == r {
		return quote(r.Name)
	}
	return quote(r.Schema) + "." + quote(r.Name)
}

// View is the SQL of a view as pg_get_viewdef gives it; ok is false where r is none.
func (t Texts) View(r *catalog.Relation) (text string, ok bool) {
	if r.SQL == "" {
		return "", false
	}
	return t.Printer.View(r, t.Style) + ";", true
}

// Rule is what pg_get_ruledef answers: the rule that makes a view what it is.
func (t Texts) Rule(oid uint32) (string, bool) {
	r := t.Catalog.ByOID(oid - ruleOID(0))
	if oid < ruleOID(0) || r == nil || !hasRule(r) {
		return "", false
	}
	name := quote(r.Schema) + "." + quote(r.Name)
	if t.Style.Pretty {
		name = t.relation(r)
	}
	text, ok := t.View(r)
	return "CREATE RULE \"_RETURN\" AS\n    ON SELECT TO " + name + " DO INSTEAD " + text, ok
}

// view is View; nil: none.
func (t Texts) view(r *catalog.Relation) any {
	if text, ok := t.View(r); ok {
		return text
	}
	return nil
}

// Default is the default or the generation expression of a column.
func (t Texts) Default(r *catalog.Relation, c *catalog.Column) string {
	text := c.Default
	switch {
	case c.Generated != "":
		text = c.Generated
	case c.Identity != "":
		return ""
	}
	if text == "" {
		return ""
	}
	return t.Printer.Expr(r, text, c.Type, t.Style)
}

// check is the condition of a CHECK.
func (t Texts) check(r *catalog.Relation, c *Constraint) string {
	return t.Printer.Expr(r, c.SQL, types.Bool, t.Style)
}

// key is the text of one key of an index.
func (t Texts) key(r *catalog.Relation, k catalog.IndexKey) string {
	if k.Col >= 0 {
		return quote(r.Columns[k.Col].Name)
	}
	return t.Printer.Key(r, k.SQL, t.Style)
}

// where is the condition of a partial index, nil without one.
func (t Texts) where(r *catalog.Relation, c *Constraint) any {
	if c.Def == nil || c.Def.Where == "" {
		return nil
	}
	return t.Printer.Expr(r, c.Def.Where, types.Bool, t.Style)
}
