package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// infoConstraintColumnUsage is information_schema.constraint_column_usage: the columns that constraints speak of; of a foreign key those it refers to.
var infoConstraintColumnUsage = info("constraint_column_usage", 13300, infoConstraintColumnRows, []col{
	{"table_catalog", types.Name}, {"table_schema", types.Name}, {"table_name", types.Name}, {"column_name", types.Name},
	{"constraint_catalog", types.Name}, {"constraint_schema", types.Name}, {"constraint_name", types.Name},
})

func infoConstraintColumnRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for _, c := range Constraints(r) {
			on, cols := r, c.Cols
			if c.Type == ForeignKey {
				on, cols = e.Catalog.ByOID(c.Table), c.RefCols
			}
			if on == nil {
				continue
			}
			for _, col := range cols {
				rows = append(rows, []any{e.Database, on.Schema, on.Name, on.Columns[col].Name, e.Database, r.Schema, c.Name})
			}
		}
	}
	return rows
}
