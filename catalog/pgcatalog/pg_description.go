package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgDescription is pg_catalog.pg_description: the comments on relations, columns, schemas and functions.
var pgDescription = pg("pg_description", 2609, false, descriptionRows, []col{
	{"objoid", types.OID}, {"classoid", types.OID}, {"objsubid", types.Int4}, {"description", types.Text},
})

func descriptionRows(e *Env) [][]any {
	var rows [][]any
	for _, s := range e.Catalog.Schemas() {
		if s.Comment != "" {
			rows = append(rows, []any{s.OID, classNamespace, 0, s.Comment})
		}
	}
	for _, r := range shown(e) {
		if r.Comment != "" {
			rows = append(rows, []any{r.OID, classClass, 0, r.Comment})
		}
		for i, c := range r.Columns {
			if c.Comment != "" && !c.Hidden && !c.Dropped {
				rows = append(rows, []any{r.OID, classClass, i + 1, c.Comment})
			}
		}
	}
	for _, p := range allProcs(e.Catalog) {
		if p.doc != "" {
			rows = append(rows, []any{p.oid, classProc, 0, p.doc})
		}
	}
	return rows
}
