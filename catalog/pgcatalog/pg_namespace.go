package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgNamespace is pg_catalog.pg_namespace: the schemas.
var pgNamespace = pg("pg_namespace", 2615, false, namespaceRows, []col{
	{"oid", types.OID}, {"nspname", types.Name}, {"nspowner", types.OID}, {"nspacl", aclArray},
})

func namespaceRows(e *Env) [][]any {
	var rows [][]any
	for _, s := range e.Catalog.Schemas() {
		rows = append(rows, []any{s.OID, s.Name, owner, nil})
	}
	return rows
}
