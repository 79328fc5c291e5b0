package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// infoViewTableUsage is information_schema.view_table_usage: the relations that views read.
var infoViewTableUsage = info("view_table_usage", 13478, infoViewTableRows, []col{
	{"view_catalog", types.Name}, {"view_schema", types.Name}, {"view_name", types.Name}, {"table_catalog", types.Name},
	{"table_schema", types.Name}, {"table_name", types.Name},
})

func infoViewTableRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		if !hasRule(r) {
			continue
		}
		for _, d := range r.Deps {
			if to := e.Catalog.ByOID(d); to != nil {
				rows = append(rows, []any{e.Database, r.Schema, r.Name, e.Database, to.Schema, to.Name})
			}
		}
	}
	return rows
}
