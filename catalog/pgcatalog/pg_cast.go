package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgCast is pg_catalog.pg_cast: casts between the types; the rows are those of PostgreSQL.
var pgCast = pg("pg_cast", 2605, false, rowsCast, []col{
	{"oid", types.OID}, {"castsource", types.OID}, {"casttarget", types.OID}, {"castfunc", types.OID}, {"castcontext", types.Char},
	{"castmethod", types.Char},
})

var castData = static("pg_cast.tsv")

func rowsCast(*Env) [][]any { return castData() }
