package pgcatalog

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// pgDepend is pg_catalog.pg_depend: what views and materialized views read, through their rule in pg_rewrite as in PostgreSQL,
// and the columns that own sequences.
var pgDepend = pg("pg_depend", 2608, false, dependRows, []col{
	{"classid", types.OID}, {"objid", types.OID}, {"objsubid", types.Int4}, {"refclassid", types.OID}, {"refobjid", types.OID},
	{"refobjsubid", types.Int4}, {"deptype", types.Char},
})

func dependRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		if r.Kind == catalog.Sequence && r.Seq.Table != 0 {
			kind := "a"
			if r.Seq.Identity {
				kind = "i"
			}
			rows = append(rows, []any{classClass, r.OID, 0, classClass, r.Seq.Table, r.Seq.Column + 1, kind})
		}
		if !hasRule(r) {
			continue
		}
		rule := ruleOID(r.OID)
		rows = append(rows, []any{classRewrite, rule, 0, classClass, r.OID, 0, "i"})
		for _, d := range r.Deps {
			rows = append(rows, []any{classRewrite, rule, 0, classClass, d, 0, "n"})
		}
		for _, f := range r.Functions {
			rows = append(rows, []any{classRewrite, rule, 0, classProc, f.OID, 0, "n"})
		}
	}
	for _, f := range e.Catalog.Functions() {
		for _, d := range f.Deps {
			class := classClass
			if e.Catalog.Function(d) != nil {
				class = classProc
			}
			rows = append(rows, []any{classProc, f.OID, 0, class, d, 0, "n"})
		}
		if f.RowOf != 0 {
			rows = append(rows, []any{classProc, f.OID, 0, classClass, f.RowOf, 0, "n"})
		}
	}
	return rows
}
