package pgcatalog

import (
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// infoViews is information_schema.views: the views.
var infoViews = info("views", 13483, infoViewsRows, []col{
	{"table_catalog", types.Name}, {"table_schema", types.Name}, {"table_name", types.Name}, {"view_definition", types.Varchar},
	{"check_option", types.Varchar}, {"is_updatable", types.Varchar}, {"is_insertable_into", types.Varchar}, {"is_trigger_updatable", types.Varchar},
	{"is_trigger_deletable", types.Varchar}, {"is_trigger_insertable_into", types.Varchar},
})

func infoViewsRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		if relkind(e, r) == "v" {
			check := "NONE"
			if v, ok := r.Options.Get("check_option"); ok {
				check = strings.ToUpper(v)
			}
			rows = append(rows, []any{e.Database, r.Schema, r.Name, e.texts().view(r), check, "NO", "NO", "NO", "NO", "NO"})
		}
	}
	return rows
}
