package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgAm is pg_catalog.pg_am: access methods; the rows are those of PostgreSQL.
var pgAm = pg("pg_am", 2601, false, rowsAm, []col{
	{"oid", types.OID}, {"amname", types.Name}, {"amhandler", types.RegProc}, {"amtype", types.Char},
})

var amData = static("pg_am.tsv")

func rowsAm(*Env) [][]any { return amData() }
