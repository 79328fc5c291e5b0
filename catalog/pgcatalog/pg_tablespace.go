package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgTablespace is pg_catalog.pg_tablespace: tablespaces; the rows are those of PostgreSQL.
var pgTablespace = pg("pg_tablespace", 1213, false, rowsTablespace, []col{
	{"oid", types.OID}, {"spcname", types.Name}, {"spcowner", types.OID}, {"spcacl", aclArray}, {"spcoptions", textArray},
})

var tablespaceData = static("pg_tablespace.tsv")

func rowsTablespace(*Env) [][]any { return tablespaceData() }
