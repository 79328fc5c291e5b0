package pgcatalog

import (
	"github.com/streamsqld/streamsqld/types"
)

// pgAttrdef is pg_catalog.pg_attrdef: defaults and generated columns.
var pgAttrdef = pg("pg_attrdef", 2604, false, attrdefRows, []col{
	{"oid", types.OID}, {"adrelid", types.OID}, {"adnum", types.Int2}, {"adbin", types.PgNodeTree},
})

func attrdefRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for i := range r.Columns {
			c := &r.Columns[i]
			if c.Hidden || !hasDefault(c) {
				continue
			}
			text := e.texts().Default(r, c)
			rows = append(rows, []any{attrdefOID(r.OID, i+1), r.OID, i + 1, text})
		}
	}
	return rows
}
