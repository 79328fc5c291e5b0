package pgcatalog

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// infoReferentialConstraints is information_schema.referential_constraints: the foreign keys.
var infoReferentialConstraints = info("referential_constraints", 13339, infoReferentialRows, []col{
	{"constraint_catalog", types.Name}, {"constraint_schema", types.Name}, {"constraint_name", types.Name},
	{"unique_constraint_catalog", types.Name}, {"unique_constraint_schema", types.Name}, {"unique_constraint_name", types.Name},
	{"match_option", types.Varchar}, {"update_rule", types.Varchar}, {"delete_rule", types.Varchar},
})

func infoReferentialRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for _, c := range Constraints(r) {
			to := e.Catalog.ByOID(c.Table)
			if c.Type != ForeignKey || to == nil {
				continue
			}
			var schema, name any
			for _, k := range indexes(to) {
				if slices.Equal(k.Cols, c.RefCols) {
					schema, name = to.Schema, k.Name
				}
			}
			deletion := strings.ToUpper(c.OnDelete)
			if deletion == "" {
				deletion = "NO ACTION"
			}
			rows = append(rows, []any{e.Database, r.Schema, c.Name, e.Database, schema, name, "NONE", "NO ACTION", deletion})
		}
	}
	return rows
}
