package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// infoSchemata is information_schema.schemata: the schemas.
var infoSchemata = info("schemata", 13382, infoSchemataRows, []col{
	{"catalog_name", types.Name}, {"schema_name", types.Name}, {"schema_owner", types.Name},
	{"default_character_set_catalog", types.Name}, {"default_character_set_schema", types.Name},
	{"default_character_set_name", types.Name}, {"sql_path", types.Varchar},
})

func infoSchemataRows(e *Env) [][]any {
	var rows [][]any
	for _, s := range e.Catalog.Schemas() {
		rows = append(rows, []any{e.Database, s.Name, e.User, nil, nil, nil, nil})
	}
	return rows
}
