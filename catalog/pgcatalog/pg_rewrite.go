package pgcatalog

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// pgRewrite is pg_catalog.pg_rewrite: one rule for each view and materialized view.
var pgRewrite = pg("pg_rewrite", 2618, false, rewriteRows, []col{
	{"oid", types.OID}, {"rulename", types.Name}, {"ev_class", types.OID}, {"ev_type", types.Char}, {"ev_enabled", types.Char},
	{"is_instead", types.Bool}, {"ev_qual", types.PgNodeTree}, {"ev_action", types.PgNodeTree},
})

func rewriteRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		if hasRule(r) {
			rows = append(rows, []any{ruleOID(r.OID), "_RETURN", r.OID, "1", "O", true, nil, nil})
		}
	}
	return rows
}

// hasRule says whether r has a row in pg_rewrite.
func hasRule(r *catalog.Relation) bool { return r.Kind == catalog.View || r.Kind == catalog.MatView }
