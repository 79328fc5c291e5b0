package engine

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/pgcatalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// lookups answers the catalog functions (regclass, pg_get_viewdef, ...); it implements expr.Catalog.
type lookups struct {
	cat      *catalog.Catalog
	routines *routines
}

func (l *lookups) RelationOID(names, path []string) (uint32, bool) {
	if r := l.cat.Lookup(names, path); r != nil {
		return r.OID, true
	}
	return pgcatalog.IndexOID(l.cat, names, path)
}

func (l *lookups) RelationName(oid uint32, path []string) (string, bool) {
	r := l.cat.ByOID(oid)
	if c, of := pgcatalog.FindIndex(l.cat, oid); c != nil {
		r = &catalog.Relation{Schema: of.Schema, Name: c.Name}
		if slices.Contains(path, of.Schema) {
			return parser.QuoteIdent(c.Name), true
		}
	}
	if r == nil {
		return "", false
	}
	if l.cat.Lookup([]string{r.Name}, path) == r {
		return parser.QuoteIdent(r.Name), true
	}
	return quoteName(r, parser.QuoteIdent), true
}

func (l *lookups) RelationVisible(oid uint32, path []string) (visible, ok bool) {
	if c, of := pgcatalog.FindIndex(l.cat, oid); c != nil {
		return slices.Contains(path, of.Schema), true
	}
	r := l.cat.ByOID(oid)
	if r == nil {
		for _, t := range l.cat.UserTypes() {
			if t.Rel == oid {
				return slices.Contains(path, t.Schema), true
			}
		}
		return false, false
	}
	return l.cat.Lookup([]string{r.Name}, path) == r, true
}

// texts prints the texts of the catalog in a style.
func (l *lookups) texts(s expr.DefStyle) pgcatalog.Texts {
	return pgcatalog.Texts{Catalog: l.cat, Printer: l.printer(), Style: s}
}

func (l *lookups) printer() *printer { return &printer{l.cat, l.routines} }

func (l *lookups) ViewDef(oid uint32, s expr.DefStyle) (string, bool) {
	r := l.cat.ByOID(oid)
	if r == nil {
		return "", false
	}
	return l.texts(s).View(r)
}

func (l *lookups) RuleDef(oid uint32, s expr.DefStyle) (string, bool) { return l.texts(s).Rule(oid) }

// Expression prints an expression that the catalog has printed before.
func (l *lookups) Expression(text string, relation uint32, s expr.DefStyle) (string, bool) {
	r, to := l.cat.ByOID(relation), types.Type{}
	if r != nil { // a default converts to its column's type
		plain := l.texts(expr.DefStyle{Path: s.Path, Format: s.Format})
		for i := range r.Columns {
			if c := &r.Columns[i]; c.Default+c.Generated != "" && plain.Default(r, c) == text {
				to = c.Type
			}
		}
	}
	return l.printer().Expr(r, text, to, s), true
}

func (l *lookups) TypeOID(names, path []string) (uint32, bool) {
	if t, ok := l.cat.FindType(names, path); ok {
		return t.OID, true
	}
	return 0, false
}

func (l *lookups) TypeName(oid uint32, path []string) (string, bool) {
	t := l.cat.UserType(oid)
	if rel := catalog.RowTypeOf(types.Type{OID: oid}); rel != 0 {
		return l.RelationName(rel, path)
	}
	if t == nil {
		return "", false
	}
	if l.cat.FindUserType([]string{t.Name}, path) == t {
		return parser.QuoteIdent(t.Name), true
	}
	return parser.QuoteIdent(t.Schema) + "." + parser.QuoteIdent(t.Name), true
}

func (l *lookups) SchemaName(oid uint32) (string, bool) {
	for _, s := range l.cat.Schemas() {
		if s.OID == oid {
			return s.Name, true
		}
	}
	return "", false
}

func (l *lookups) SchemaOID(name string) (uint32, bool) {
	if s := l.cat.Schema(name); s != nil {
		return s.OID, true
	}
	return 0, false
}

func (l *lookups) ColumnDefault(table uint32, column int16) (string, bool) {
	r := l.cat.ByOID(table)
	if r == nil || column < 1 || int(column) > len(r.Columns) {
		return "", false
	}
	text := l.texts(expr.DefStyle{}).Default(r, &r.Columns[column-1])
	return text, text != ""
}

// SerialSequence implements expr.SequenceCatalog.
func (l *lookups) SerialSequence(table []string, column string, path []string) (string, error) {
	r, err := l.cat.Resolve(table, path)
	if err != nil {
		return "", err
	}
	c := r.Column(column)
	if c < 0 {
		return "", sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", column, r.Name)
	}
	if q := l.cat.SequenceOf(r.OID, c); q != nil {
		return quoteName(q, parser.QuoteIdent), nil
	}
	return "", nil
}

func (l *lookups) ConstraintDef(oid uint32, s expr.DefStyle) (string, bool) {
	return l.texts(s).Constraint(oid)
}

func (l *lookups) IndexDef(oid uint32, column int, s expr.DefStyle) (string, bool) {
	return l.texts(s).Index(oid, column)
}

// FunctionOIDs, FunctionName, FunctionArguments and the like implement expr.FunctionCatalog.
func (l *lookups) FunctionOIDs(name string, path []string) []uint32 {
	return pgcatalog.FunctionOIDs(l.cat, name, path)
}

func (l *lookups) FunctionName(oid uint32) (string, bool) {
	return pgcatalog.FunctionName(l.cat, oid)
}

func (l *lookups) FunctionTypes(oid uint32) ([]types.Type, bool) {
	return pgcatalog.FunctionTypes(l.cat, oid)
}

func (l *lookups) FunctionVisible(oid uint32, path []string) bool {
	return pgcatalog.FunctionVisible(l.cat, oid, path)
}

func (l *lookups) FunctionArguments(oid uint32) (string, bool) {
	return l.texts(expr.DefStyle{}).FunctionArguments(oid, false)
}

func (l *lookups) FunctionIdentity(oid uint32) (string, bool) {
	return l.texts(expr.DefStyle{}).FunctionArguments(oid, true)
}

func (l *lookups) FunctionResult(oid uint32) (string, bool) {
	return pgcatalog.FunctionResult(l.cat, oid)
}

func (l *lookups) FunctionDef(oid uint32) (string, bool) {
	return l.texts(expr.DefStyle{}).FunctionDef(oid, l.routines.text)
}

// Description gives the comment on an object of the class (an OID of a catalog; 0: any).
func (l *lookups) Description(oid, class uint32, sub int32) (string, bool) {
	text := pgcatalog.Description(l.cat, oid, class, int(sub))
	return text, text != ""
}

// columnNames lists columns by name, quoted, for messages and definitions.
func columnNames(r *catalog.Relation, cols []int) string {
	var out []byte
	for i, c := range cols {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = append(out, parser.QuoteIdent(r.Columns[c].Name)...)
	}
	return string(slices.Clip(out))
}
