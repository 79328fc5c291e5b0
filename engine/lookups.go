package engine

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// lookups answers the catalog functions (regclass, pg_get_viewdef, ...); it implements expr.Catalog.
type lookups struct{ cat *catalog.Catalog }

func (l *lookups) RelationOID(names, path []string) (uint32, bool) {
	if r := l.cat.Lookup(names, path); r != nil {
		return r.OID, true
	}
	return 0, false
}

func (l *lookups) RelationName(oid uint32, path []string) (string, bool) {
	r := l.cat.ByOID(oid)
	if r == nil {
		return "", false
	}
	if l.cat.Lookup([]string{r.Name}, path) == r {
		return parser.QuoteIdent(r.Name), true
	}
	return quoteName(r, parser.QuoteIdent), true
}

func (l *lookups) RelationVisible(oid uint32, path []string) (visible, ok bool) {
	r := l.cat.ByOID(oid)
	if r == nil {
		return false, false
	}
	return l.cat.Lookup([]string{r.Name}, path) == r, true
}

func (l *lookups) ViewDef(oid uint32) (string, bool) {
	r := l.cat.ByOID(oid)
	if r == nil || r.SQL == "" {
		return "", false
	}
	return r.SQL + ";", true
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
	c := r.Columns[column-1]
	if c.Generated != "" {
		return c.Generated, true
	}
	return c.Default, c.Default != ""
}

// ConstraintDef knows primary keys, whose constraints have the OID of their table.
func (l *lookups) ConstraintDef(oid uint32) (string, bool) {
	r := l.cat.ByOID(oid)
	if r == nil || len(r.Primary) == 0 {
		return "", false
	}
	return "PRIMARY KEY (" + columnNames(r, r.Primary) + ")", true
}

// IndexDef knows the index of a primary key, which has the OID of its table.
func (l *lookups) IndexDef(oid uint32, column int) (string, bool) {
	r := l.cat.ByOID(oid)
	if r == nil || len(r.Primary) == 0 {
		return "", false
	}
	if column > 0 && column <= len(r.Primary) {
		return parser.QuoteIdent(r.Columns[r.Primary[column-1]].Name), true
	}
	return "CREATE UNIQUE INDEX " + parser.QuoteIdent(r.PrimaryName) + " ON " + quoteName(r, parser.QuoteIdent) + " USING btree (" + columnNames(r, r.Primary) + ")", true
}

func (l *lookups) Description(oid, _ uint32, sub int32) (string, bool) {
	r := l.cat.ByOID(oid)
	if r == nil {
		return "", false
	}
	text := r.Comment
	if sub > 0 && int(sub) <= len(r.Columns) {
		text = r.Columns[sub-1].Comment
	}
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
