package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgIndexes is pg_catalog.pg_indexes: the indexes of primary keys and unique constraints, and plain ones.
var pgIndexes = pg("pg_indexes", 12043, true, indexesRows, []col{
	{"schemaname", types.Name}, {"tablename", types.Name}, {"indexname", types.Name}, {"tablespace", types.Name},
	{"indexdef", types.Text},
})

func indexesRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for _, x := range indexes(r) {
			rows = append(rows, []any{r.Schema, r.Name, x.Name, nil, e.texts().index(r, &x)})
		}
	}
	return rows
}
