package pgcatalog

import (
	"github.com/streamsqld/streamsqld/types"
)

// pgViews is pg_catalog.pg_views: the views.
var pgViews = pg("pg_views", 12028, true, viewsRows, []col{
	{"schemaname", types.Name}, {"viewname", types.Name}, {"viewowner", types.Name}, {"definition", types.Text},
})

func viewsRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		if relkind(e, r) == "v" {
			rows = append(rows, []any{r.Schema, r.Name, e.User, e.texts().view(r)})
		}
	}
	return rows
}
