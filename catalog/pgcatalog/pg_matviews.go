package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgMatviews is pg_catalog.pg_matviews: the materialized views.
var pgMatviews = pg("pg_matviews", 12038, true, matviewsRows, []col{
	{"schemaname", types.Name}, {"matviewname", types.Name}, {"matviewowner", types.Name}, {"tablespace", types.Name},
	{"hasindexes", types.Bool}, {"ispopulated", types.Bool}, {"definition", types.Text},
})

func matviewsRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		if relkind(e, r) == "m" {
			rows = append(rows, []any{r.Schema, r.Name, e.User, nil, false, true, e.texts().view(r)})
		}
	}
	return rows
}
