package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgCollation is pg_catalog.pg_collation: collations; the rows are those of PostgreSQL.
var pgCollation = pg("pg_collation", 3456, false, rowsCollation, []col{
	{"oid", types.OID}, {"collname", types.Name}, {"collnamespace", types.OID}, {"collowner", types.OID}, {"collprovider", types.Char},
	{"collisdeterministic", types.Bool}, {"collencoding", types.Int4}, {"collcollate", types.Text}, {"collctype", types.Text},
	{"colliculocale", types.Text}, {"collversion", types.Text},
})

var collationData = static("pg_collation.tsv")

func rowsCollation(*Env) [][]any { return collationData() }
