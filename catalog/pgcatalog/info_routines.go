package pgcatalog

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// infoRoutines is information_schema.routines: the functions and aggregates.
var infoRoutines = info("routines", 13377, infoRoutinesRows, infoRoutinesCols)

var infoRoutinesCols = []col{
	{"specific_catalog", types.Name}, {"specific_schema", types.Name}, {"specific_name", types.Name}, {"routine_catalog", types.Name},
	{"routine_schema", types.Name}, {"routine_name", types.Name}, {"routine_type", types.Varchar}, {"module_catalog", types.Name},
	{"module_schema", types.Name}, {"module_name", types.Name}, {"udt_catalog", types.Name}, {"udt_schema", types.Name},
	{"udt_name", types.Name}, {"data_type", types.Varchar}, {"character_maximum_length", types.Int4},
	{"character_octet_length", types.Int4}, {"character_set_catalog", types.Name}, {"character_set_schema", types.Name},
	{"character_set_name", types.Name}, {"collation_catalog", types.Name}, {"collation_schema", types.Name},
	{"collation_name", types.Name}, {"numeric_precision", types.Int4}, {"numeric_precision_radix", types.Int4},
	{"numeric_scale", types.Int4}, {"datetime_precision", types.Int4}, {"interval_type", types.Varchar},
	{"interval_precision", types.Int4}, {"type_udt_catalog", types.Name}, {"type_udt_schema", types.Name}, {"type_udt_name", types.Name},
	{"scope_catalog", types.Name}, {"scope_schema", types.Name}, {"scope_name", types.Name}, {"maximum_cardinality", types.Int4},
	{"dtd_identifier", types.Name}, {"routine_body", types.Varchar}, {"routine_definition", types.Varchar},
	{"external_name", types.Varchar}, {"external_language", types.Varchar}, {"parameter_style", types.Varchar},
	{"is_deterministic", types.Varchar}, {"sql_data_access", types.Varchar}, {"is_null_call", types.Varchar}, {"sql_path", types.Varchar},
	{"schema_level_routine", types.Varchar}, {"max_dynamic_result_sets", types.Int4}, {"is_user_defined_cast", types.Varchar},
	{"is_implicitly_invocable", types.Varchar}, {"security_type", types.Varchar}, {"to_sql_specific_catalog", types.Name},
	{"to_sql_specific_schema", types.Name}, {"to_sql_specific_name", types.Name}, {"as_locator", types.Varchar}, {"created", types.TimestampTZ},
	{"last_altered", types.TimestampTZ}, {"new_savepoint_level", types.Varchar}, {"is_udt_dependent", types.Varchar},
	{"result_cast_from_data_type", types.Varchar}, {"result_cast_as_locator", types.Varchar}, {"result_cast_char_max_length", types.Int4},
	{"result_cast_char_octet_length", types.Int4}, {"result_cast_char_set_catalog", types.Name},
	{"result_cast_char_set_schema", types.Name}, {"result_cast_char_set_name", types.Name}, {"result_cast_collation_catalog", types.Name},
	{"result_cast_collation_schema", types.Name}, {"result_cast_collation_name", types.Name},
	{"result_cast_numeric_precision", types.Int4}, {"result_cast_numeric_precision_radix", types.Int4},
	{"result_cast_numeric_scale", types.Int4}, {"result_cast_datetime_precision", types.Int4},
	{"result_cast_interval_type", types.Varchar}, {"result_cast_interval_precision", types.Int4},
	{"result_cast_type_udt_catalog", types.Name}, {"result_cast_type_udt_schema", types.Name}, {"result_cast_type_udt_name", types.Name},
	{"result_cast_scope_catalog", types.Name}, {"result_cast_scope_schema", types.Name}, {"result_cast_scope_name", types.Name},
	{"result_cast_maximum_cardinality", types.Int4}, {"result_cast_dtd_identifier", types.Name},
}

func infoRoutinesRows(e *Env) [][]any {
	var rows [][]any
	for _, p := range allProcs(e.Catalog) {
		row := make([]any, len(infoRoutinesCols))
		kind := any("FUNCTION")
		if p.kind == 'a' {
			kind = nil
		}
		copy(row, []any{e.Database, p.schema(), p.specificName(), e.Database, p.schema(), p.name, kind, nil, nil, nil,
			e.Database, catalog.PgCatalog, p.ret.Info().Name, dataType(p.ret)})
		for name, v := range map[string]any{"routine_body": "EXTERNAL", "external_name": p.name, "external_language": "INTERNAL", "parameter_style": "GENERAL",
			"is_deterministic": yes(p.vol == 'i'), "sql_data_access": "MODIFIES", "is_null_call": yes(p.strict), "schema_level_routine": "YES",
			"max_dynamic_result_sets": 0, "security_type": "INVOKER", "as_locator": "NO", "is_udt_dependent": "NO", "dtd_identifier": "0"} {
			row[position(infoRoutinesCols, name)] = v
		}
		if f := p.user; f != nil {
			for name, v := range map[string]any{"external_name": nil, "external_language": strings.ToUpper(f.Language), "routine_definition": f.Body} {
				row[position(infoRoutinesCols, name)] = v
			}
			if f.Language == "sql" {
				row[position(infoRoutinesCols, "routine_body")] = "SQL"
			}
		}
		rows = append(rows, row)
	}
	return rows
}
