package pgcatalog

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// infoTables is information_schema.tables: streams, tables, views and, unlike in PostgreSQL, materialized views.
var infoTables = info("tables", 13425, infoTablesRows, []col{
	{"table_catalog", types.Name}, {"table_schema", types.Name}, {"table_name", types.Name}, {"table_type", types.Varchar},
	{"self_referencing_column_name", types.Name}, {"reference_generation", types.Varchar}, {"user_defined_type_catalog", types.Name},
	{"user_defined_type_schema", types.Name}, {"user_defined_type_name", types.Name}, {"is_insertable_into", types.Varchar}, {"is_typed", types.Varchar},
	{"commit_action", types.Varchar},
})

// tableTypes are the types of tables by relkind. PostgreSQL leaves materialized views out; here they are what clients come for.
var tableTypes = map[string]string{"r": "BASE TABLE", "v": "VIEW", "m": "MATERIALIZED VIEW"}

func infoTablesRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		if r.Kind == catalog.Sequence {
			continue
		}
		rows = append(rows, []any{e.Database, r.Schema, r.Name, tableTypes[relkind(e, r)], nil, nil, nil, nil, nil, yes(writable(r)), "NO", nil})
	}
	return rows
}
