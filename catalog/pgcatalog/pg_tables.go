package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgTables is pg_catalog.pg_tables: streams, tables and memory sinks.
var pgTables = pg("pg_tables", 12033, true, tablesRows, []col{
	{"schemaname", types.Name}, {"tablename", types.Name}, {"tableowner", types.Name}, {"tablespace", types.Name},
	{"hasindexes", types.Bool}, {"hasrules", types.Bool}, {"hastriggers", types.Bool}, {"rowsecurity", types.Bool},
})

func tablesRows(e *Env) [][]any {
	triggers := foreignEnds(e)
	var rows [][]any
	for _, r := range shown(e) {
		if relkind(e, r) == "r" {
			rows = append(rows, []any{r.Schema, r.Name, e.User, nil, len(indexes(r)) > 0, false, triggers[r.OID], false})
		}
	}
	return rows
}
