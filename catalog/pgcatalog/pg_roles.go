package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgRoles is pg_catalog.pg_roles: the one role: who is connected may do all.
var pgRoles = pg("pg_roles", 12000, true, roleRows, []col{
	{"rolname", types.Name}, {"rolsuper", types.Bool}, {"rolinherit", types.Bool}, {"rolcreaterole", types.Bool},
	{"rolcreatedb", types.Bool}, {"rolcanlogin", types.Bool}, {"rolreplication", types.Bool}, {"rolconnlimit", types.Int4},
	{"rolpassword", types.Text}, {"rolvaliduntil", types.TimestampTZ}, {"rolbypassrls", types.Bool}, {"rolconfig", textArray},
	{"oid", types.OID},
})

func roleRows(e *Env) [][]any {
	return [][]any{{e.User, true, true, true, true, true, true, -1, "********", nil, true, nil, owner}}
}
