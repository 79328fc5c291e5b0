package pgcatalog

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// infoColumns is information_schema.columns: the columns of all relations.
var infoColumns = info("columns", 13295, infoColumnsRows, []col{
	{"table_catalog", types.Name}, {"table_schema", types.Name}, {"table_name", types.Name}, {"column_name", types.Name},
	{"ordinal_position", types.Int4}, {"column_default", types.Varchar}, {"is_nullable", types.Varchar}, {"data_type", types.Varchar},
	{"character_maximum_length", types.Int4}, {"character_octet_length", types.Int4}, {"numeric_precision", types.Int4},
	{"numeric_precision_radix", types.Int4}, {"numeric_scale", types.Int4}, {"datetime_precision", types.Int4},
	{"interval_type", types.Varchar}, {"interval_precision", types.Int4}, {"character_set_catalog", types.Name},
	{"character_set_schema", types.Name}, {"character_set_name", types.Name}, {"collation_catalog", types.Name},
	{"collation_schema", types.Name}, {"collation_name", types.Name}, {"domain_catalog", types.Name}, {"domain_schema", types.Name},
	{"domain_name", types.Name}, {"udt_catalog", types.Name}, {"udt_schema", types.Name}, {"udt_name", types.Name},
	{"scope_catalog", types.Name}, {"scope_schema", types.Name}, {"scope_name", types.Name}, {"maximum_cardinality", types.Int4},
	{"dtd_identifier", types.Name}, {"is_self_referencing", types.Varchar}, {"is_identity", types.Varchar}, {"identity_generation", types.Varchar},
	{"identity_start", types.Varchar}, {"identity_increment", types.Varchar}, {"identity_maximum", types.Varchar},
	{"identity_minimum", types.Varchar}, {"identity_cycle", types.Varchar}, {"is_generated", types.Varchar},
	{"generation_expression", types.Varchar}, {"is_updatable", types.Varchar},
})

func infoColumnsRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for i := range r.Columns {
			if c := &r.Columns[i]; !c.Hidden && !c.Dropped {
				rows = append(rows, infoColumn(e, r, i+1, c))
			}
		}
	}
	return rows
}

// typeSchema is the schema of a type.
func typeSchema(t types.Type) string {
	if t.IsArray() {
		t = t.Elem()
	}
	if u := t.Info().User; u != nil {
		return u.Schema
	}
	return catalog.PgCatalog
}

func infoColumn(e *Env, r *catalog.Relation, n int, c *catalog.Column) []any {
	var def, generation, identity, start, step, hi, lo, cycle any
	generated := "NEVER"
	if c.Generated != "" {
		generated, generation = "ALWAYS", e.texts().Default(r, c)
	} else if hasDefault(c) {
		def = e.texts().Default(r, c)
	}
	if c.Identity != "" {
		identity = strings.ToUpper(c.Identity)
	}
	if q := e.Catalog.SequenceOf(r.OID, n-1); q != nil && c.Identity != "" {
		text := func(v int64) string { return strconv.FormatInt(v, 10) }
		start, step, hi, lo, cycle = text(q.Seq.Start), text(q.Seq.Increment), text(q.Seq.Max), text(q.Seq.Min), yes(q.Seq.Cycle)
	}
	t := c.Type
	m := measure(t)
	var domainCatalog, domainSchema, domainName any
	if d := e.Catalog.UserType(c.Domain); d != nil {
		domainCatalog, domainSchema, domainName = e.Database, d.Schema, d.Name
	}
	return []any{e.Database, r.Schema, r.Name, c.Name, n, def, yes(!c.NotNull), dataType(t),
		m.chars, m.octets, m.precision, m.radix, m.scale, m.fraction, nil, nil, nil, nil, nil, nil, nil, nil, domainCatalog, domainSchema, domainName,
		e.Database, typeSchema(t), t.Info().Name, nil, nil, nil, nil, n, "NO",
		yes(c.Identity != ""), identity, start, step, hi, lo, cycle, generated, generation, yes(writable(r))}
}
