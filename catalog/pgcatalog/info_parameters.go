package pgcatalog

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// infoParameters is information_schema.parameters: the arguments of functions.
var infoParameters = info("parameters", 13334, infoParametersRows, infoParametersCols)

var infoParametersCols = []col{
	{"specific_catalog", types.Name}, {"specific_schema", types.Name}, {"specific_name", types.Name}, {"ordinal_position", types.Int4},
	{"parameter_mode", types.Varchar}, {"is_result", types.Varchar}, {"as_locator", types.Varchar}, {"parameter_name", types.Name},
	{"data_type", types.Varchar}, {"character_maximum_length", types.Int4}, {"character_octet_length", types.Int4},
	{"character_set_catalog", types.Name}, {"character_set_schema", types.Name}, {"character_set_name", types.Name},
	{"collation_catalog", types.Name}, {"collation_schema", types.Name}, {"collation_name", types.Name},
	{"numeric_precision", types.Int4}, {"numeric_precision_radix", types.Int4}, {"numeric_scale", types.Int4},
	{"datetime_precision", types.Int4}, {"interval_type", types.Varchar}, {"interval_precision", types.Int4}, {"udt_catalog", types.Name},
	{"udt_schema", types.Name}, {"udt_name", types.Name}, {"scope_catalog", types.Name}, {"scope_schema", types.Name},
	{"scope_name", types.Name}, {"maximum_cardinality", types.Int4}, {"dtd_identifier", types.Name}, {"parameter_default", types.Varchar},
}

func infoParametersRows(e *Env) [][]any {
	var rows [][]any
	for _, p := range allProcs(e.Catalog) {
		for i, t := range p.args {
			row := make([]any, len(infoParametersCols))
			copy(row, []any{e.Database, p.schema(), p.specificName(), i + 1, "IN", "NO", "NO", nil, dataType(t)})
			copy(row[position(infoParametersCols, "udt_catalog"):], []any{e.Database, catalog.PgCatalog, t.Info().Name})
			row[position(infoParametersCols, "dtd_identifier")] = i + 1
			if p.user != nil {
				row[position(infoParametersCols, "parameter_name")] = orNil(p.user.Args[i].Name)
				row[position(infoParametersCols, "parameter_default")] = orNil(p.user.Args[i].Default)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}
