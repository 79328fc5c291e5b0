package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgUser is pg_catalog.pg_user: the one role, as a user.
var pgUser = pg("pg_user", 12014, true, userRows, []col{
	{"usename", types.Name}, {"usesysid", types.OID}, {"usecreatedb", types.Bool}, {"usesuper", types.Bool}, {"userepl", types.Bool},
	{"usebypassrls", types.Bool}, {"passwd", types.Text}, {"valuntil", types.TimestampTZ}, {"useconfig", textArray},
})

func userRows(e *Env) [][]any {
	return [][]any{{e.User, owner, true, true, true, true, "********", nil, nil}}
}
