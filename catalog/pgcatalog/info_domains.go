package pgcatalog

import (
	"github.com/streamsqld/streamsqld/types"
)

// infoDomains is information_schema.domains.
var infoDomains = info("domains", 13320, infoDomainRows, []col{
	{"domain_catalog", types.Name}, {"domain_schema", types.Name}, {"domain_name", types.Name}, {"data_type", types.Varchar},
	{"character_maximum_length", types.Int4}, {"character_octet_length", types.Int4}, {"character_set_catalog", types.Name},
	{"character_set_schema", types.Name}, {"character_set_name", types.Name}, {"collation_catalog", types.Name},
	{"collation_schema", types.Name}, {"collation_name", types.Name}, {"numeric_precision", types.Int4}, {"numeric_precision_radix", types.Int4},
	{"numeric_scale", types.Int4}, {"datetime_precision", types.Int4}, {"interval_type", types.Varchar}, {"interval_precision", types.Int4},
	{"domain_default", types.Varchar}, {"udt_catalog", types.Name}, {"udt_schema", types.Name}, {"udt_name", types.Name},
	{"scope_catalog", types.Name}, {"scope_schema", types.Name}, {"scope_name", types.Name}, {"maximum_cardinality", types.Int4},
	{"dtd_identifier", types.Name},
})

func infoDomainRows(e *Env) [][]any {
	var rows [][]any
	for _, t := range e.Catalog.UserTypes() {
		if t.Kind != types.KindDomain {
			continue
		}
		m := measure(t.Base)
		var def any
		if t.Default != "" {
			def = t.Default
		}
		rows = append(rows, []any{e.Database, t.Schema, t.Name, dataType(t.Base), m.chars, m.octets, nil, nil, nil, nil, nil, nil,
			m.precision, m.radix, m.scale, m.fraction, nil, nil, def, e.Database, typeSchema(t.Base), t.Base.Info().Name, nil, nil, nil, nil, 1})
	}
	return rows
}

// infoDomainConstraints is information_schema.domain_constraints.
var infoDomainConstraints = info("domain_constraints", 13310, func(e *Env) [][]any {
	var rows [][]any
	for _, t := range e.Catalog.UserTypes() {
		for _, c := range t.Checks {
			rows = append(rows, []any{e.Database, t.Schema, c.Name, e.Database, t.Schema, t.Name, "NO", "NO"})
		}
	}
	return rows
}, []col{
	{"constraint_catalog", types.Name}, {"constraint_schema", types.Name}, {"constraint_name", types.Name}, {"domain_catalog", types.Name},
	{"domain_schema", types.Name}, {"domain_name", types.Name}, {"is_deferrable", types.Varchar}, {"initially_deferred", types.Varchar},
})
