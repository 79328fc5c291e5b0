package pgcatalog

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// pgAttribute is pg_catalog.pg_attribute: the columns of relations and indexes. A column keeps its number when another one is dropped.
var pgAttribute = pg("pg_attribute", 1249, false, attributeRows, []col{
	{"attrelid", types.OID}, {"attname", types.Name}, {"atttypid", types.OID}, {"attstattarget", types.Int4}, {"attlen", types.Int2},
	{"attnum", types.Int2}, {"attndims", types.Int4}, {"attcacheoff", types.Int4}, {"atttypmod", types.Int4}, {"attbyval", types.Bool},
	{"attalign", types.Char}, {"attstorage", types.Char}, {"attcompression", types.Char}, {"attnotnull", types.Bool},
	{"atthasdef", types.Bool}, {"atthasmissing", types.Bool}, {"attidentity", types.Char}, {"attgenerated", types.Char},
	{"attisdropped", types.Bool}, {"attislocal", types.Bool}, {"attinhcount", types.Int4}, {"attcollation", types.OID},
	{"attacl", aclArray}, {"attoptions", textArray}, {"attfdwoptions", textArray}, {"attmissingval", types.Text},
})

func attributeRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for i, c := range r.Columns {
			if !c.Hidden {
				rows = append(rows, attributeRow(r.OID, i+1, c))
			}
		}
		for _, x := range indexes(r) {
			for i, c := range indexColumns(e, r, &x) {
				rows = append(rows, attributeRow(x.OID, i+1, c))
			}
		}
	}
	for _, t := range e.Catalog.UserTypes() {
		for i, c := range t.Attrs {
			rows = append(rows, attributeRow(t.Rel, i+1, c))
		}
	}
	return rows
}

// indexColumns are the columns of an index: its keys, named after their columns or functions, and those that it only carries.
func indexColumns(e *Env, r *catalog.Relation, x *Constraint) []catalog.Column {
	var out []catalog.Column
	for _, k := range x.keys() {
		c := catalog.Column{Name: k.Name}
		if k.Col >= 0 {
			c.Name, c.Type = r.Columns[k.Col].Name, r.Columns[k.Col].Type
		} else {
			c.Type = e.Printer.Type(r, k.SQL)
		}
		for n := 1; slices.ContainsFunc(out, func(y catalog.Column) bool { return y.Name == c.Name }); n++ {
			c.Name = k.Name + strconv.Itoa(n)
		}
		out = append(out, c)
	}
	for _, i := range x.include() {
		out = append(out, catalog.Column{Name: r.Columns[i].Name, Type: r.Columns[i].Type})
	}
	return out
}

func attributeRow(rel uint32, n int, c catalog.Column) []any {
	t := typeOf(c.Type)
	oid, mod := c.Type.OID, c.Type.Mod
	if c.Domain != 0 {
		oid, mod = c.Domain, -1
	}
	if c.Dropped {
		c.Name, oid = fmt.Sprintf("........pg.dropped.%d........", n), 0
	}
	dims := 0
	if c.Type.IsArray() {
		dims = 1
	}
	identity := map[string]string{"always": "a", "by default": "d"}[c.Identity]
	generated := ""
	if c.Generated != "" {
		generated = "s"
	}
	storage, compression, statistics, options := any(t.storage), "", -1, any(nil)
	if st := c.Store; st != nil {
		if st.Storage != "" {
			storage = st.Storage
		}
		if st.Statistics != nil {
			statistics = *st.Statistics
		}
		compression, options = st.Compression, optionTexts(st.Params)
	}
	return []any{rel, c.Name, oid, statistics, t.len, n, dims, -1, mod, t.byval, t.align, storage, compression,
		c.NotNull && !c.Dropped, hasDefault(&c), false, identity, generated, c.Dropped, true, 0, t.collation, nil, options, nil, nil}
}

// hasDefault says whether a column has a default that clients see: the sequence of an identity column is none.
func hasDefault(c *catalog.Column) bool {
	return !c.Dropped && (c.Default != "" && c.Identity == "" || c.Generated != "")
}
