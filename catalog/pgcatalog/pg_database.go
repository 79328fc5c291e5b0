package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgDatabase is pg_catalog.pg_database: the one database.
var pgDatabase = pg("pg_database", 1262, false, databaseRows, []col{
	{"oid", types.OID}, {"datname", types.Name}, {"datdba", types.OID}, {"encoding", types.Int4}, {"datlocprovider", types.Char},
	{"datistemplate", types.Bool}, {"datallowconn", types.Bool}, {"datconnlimit", types.Int4}, {"datfrozenxid", types.Xid},
	{"datminmxid", types.Xid}, {"dattablespace", types.OID}, {"datcollate", types.Text}, {"datctype", types.Text},
	{"daticulocale", types.Text}, {"datcollversion", types.Text}, {"datacl", aclArray},
})

func databaseRows(e *Env) [][]any {
	return [][]any{{databaseOID, e.Database, owner, 6, "c", false, true, -1, 0, 0, defaultTablespace, "C", "C.UTF-8", nil, nil, nil}}
}
