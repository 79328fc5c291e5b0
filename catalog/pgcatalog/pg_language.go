package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgLanguage is pg_catalog.pg_language: languages of functions; the rows are those of PostgreSQL.
var pgLanguage = pg("pg_language", 2612, false, rowsLanguage, []col{
	{"oid", types.OID}, {"lanname", types.Name}, {"lanowner", types.OID}, {"lanispl", types.Bool}, {"lanpltrusted", types.Bool},
	{"lanplcallfoid", types.OID}, {"laninline", types.OID}, {"lanvalidator", types.OID}, {"lanacl", aclArray},
})

var languageData = static("pg_language.tsv")

func rowsLanguage(*Env) [][]any { return languageData() }
