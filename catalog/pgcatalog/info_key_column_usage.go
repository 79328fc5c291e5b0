package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// infoKeyColumnUsage is information_schema.key_column_usage: the columns of primary keys, unique constraints and foreign keys.
var infoKeyColumnUsage = info("key_column_usage", 13329, infoKeyColumnRows, []col{
	{"constraint_catalog", types.Name}, {"constraint_schema", types.Name}, {"constraint_name", types.Name}, {"table_catalog", types.Name},
	{"table_schema", types.Name}, {"table_name", types.Name}, {"column_name", types.Name}, {"ordinal_position", types.Int4},
	{"position_in_unique_constraint", types.Int4},
})

func infoKeyColumnRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for _, c := range Constraints(r) {
			for i, col := range c.Cols {
				var position any
				if c.Type == ForeignKey {
					position = i + 1
				}
				rows = append(rows, []any{e.Database, r.Schema, c.Name, e.Database, r.Schema, r.Name, r.Columns[col].Name, i + 1, position})
			}
		}
	}
	return rows
}
