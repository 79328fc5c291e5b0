package pgcatalog

import (
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// pgIndex is pg_catalog.pg_index: the indexes of primary keys and unique constraints, and plain ones.
var pgIndex = pg("pg_index", 2610, false, indexRows, []col{
	{"indexrelid", types.OID}, {"indrelid", types.OID}, {"indnatts", types.Int2}, {"indnkeyatts", types.Int2},
	{"indisunique", types.Bool}, {"indnullsnotdistinct", types.Bool}, {"indisprimary", types.Bool}, {"indisexclusion", types.Bool},
	{"indimmediate", types.Bool}, {"indisclustered", types.Bool}, {"indisvalid", types.Bool}, {"indcheckxmin", types.Bool},
	{"indisready", types.Bool}, {"indislive", types.Bool}, {"indisreplident", types.Bool}, {"indkey", types.Int2Vector},
	{"indcollation", types.OIDVector}, {"indclass", types.OIDVector}, {"indoption", types.Int2Vector}, {"indexprs", types.PgNodeTree},
	{"indpred", types.PgNodeTree},
})

func indexRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for _, x := range indexes(r) {
			n := len(x.Cols)
			collations, zeros := make([]string, n), make([]string, n)
			for i, c := range x.Cols {
				collations[i], zeros[i] = typeOf(r.Columns[c].Type).collation.(string), "0"
			}
			primary := x.Type == PrimaryKey
			rows = append(rows, []any{x.OID, r.OID, n, n, x.Type != plainIndex, false, primary, false, true, false, true, false, true, true, false,
				columnNumbers(x.Cols, " "), strings.Join(collations, " "), strings.Join(zeros, " "), strings.Join(zeros, " "), nil, nil})
		}
	}
	return rows
}
