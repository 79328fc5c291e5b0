package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgEnum is pg_catalog.pg_enum: the labels of enums.
var pgEnum = pg("pg_enum", 3501, false, enumRows, []col{
	{"oid", types.OID}, {"enumtypid", types.OID}, {"enumsortorder", types.Float4}, {"enumlabel", types.Name},
})

func enumRows(e *Env) [][]any {
	var rows [][]any
	for _, t := range e.Catalog.UserTypes() {
		for _, l := range t.Labels {
			rows = append(rows, []any{l.OID, t.OID, l.Order, l.Name})
		}
	}
	return rows
}
