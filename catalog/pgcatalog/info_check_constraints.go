package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// infoCheckConstraints is information_schema.check_constraints: check constraints and NOT NULLs.
var infoCheckConstraints = info("check_constraints", 13260, infoCheckRows, []col{
	{"constraint_catalog", types.Name}, {"constraint_schema", types.Name}, {"constraint_name", types.Name},
	{"check_clause", types.Varchar},
})

func infoCheckRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for _, c := range Constraints(r) {
			if c.Type == Check {
				rows = append(rows, []any{e.Database, r.Schema, c.Name, "(" + e.texts().check(r, &c) + ")"})
			}
		}
		for _, c := range notNulls(e, r) {
			rows = append(rows, []any{e.Database, r.Schema, c.name, c.clause})
		}
	}
	for _, t := range e.Catalog.UserTypes() {
		for _, c := range t.Checks {
			rows = append(rows, []any{e.Database, t.Schema, c.Name, "(" + e.texts().Printer.Value(c.SQL, t.Base, e.texts().Style) + ")"})
		}
	}
	return rows
}
