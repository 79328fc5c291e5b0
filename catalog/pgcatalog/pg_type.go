package pgcatalog

import (
	"slices"
	"strconv"
	"sync"

	"github.com/streamsqld/streamsqld/types"
)

// pgType is pg_catalog.pg_type: the types; the rows are those of PostgreSQL.
var pgType = pg("pg_type", 1247, false, typeRows, []col{
	{"oid", types.OID}, {"typname", types.Name}, {"typnamespace", types.OID}, {"typowner", types.OID}, {"typlen", types.Int2},
	{"typbyval", types.Bool}, {"typtype", types.Char}, {"typcategory", types.Char}, {"typispreferred", types.Bool},
	{"typisdefined", types.Bool}, {"typdelim", types.Char}, {"typrelid", types.OID}, {"typsubscript", types.RegProc},
	{"typelem", types.OID}, {"typarray", types.OID}, {"typinput", types.RegProc}, {"typoutput", types.RegProc},
	{"typreceive", types.RegProc}, {"typsend", types.RegProc}, {"typmodin", types.RegProc}, {"typmodout", types.RegProc},
	{"typanalyze", types.RegProc}, {"typalign", types.Char}, {"typstorage", types.Char}, {"typnotnull", types.Bool},
	{"typbasetype", types.OID}, {"typtypmod", types.Int4}, {"typndims", types.Int4}, {"typcollation", types.OID},
	{"typdefaultbin", types.PgNodeTree}, {"typdefault", types.Text}, {"typacl", aclArray},
})

func typeRows(e *Env) [][]any { return append(slices.Clone(typeData()), userTypeRows(e)...) }

var typeData = static("pg_type.tsv")

// typeRow is what other tables need to know of a type.
type typeRow struct{ len, byval, align, storage, collation any }

var typesByOID = sync.OnceValue(func() map[string]typeRow {
	m := map[string]typeRow{}
	for _, r := range typeData() {
		m[r[0].(string)] = typeRow{r[4], r[5], r[22], r[23], r[28]}
	}
	return m
})

// typeOf gives the row of a type.
func typeOf(t types.Type) typeRow {
	if t.OID >= types.FirstUserOID {
		return layoutOf(t)
	}
	return typesByOID()[strconv.FormatUint(uint64(t.OID), 10)]
}
