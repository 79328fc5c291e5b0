package pgcatalog

import (
	"fmt"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// infoTableConstraints is information_schema.table_constraints: the constraints; NOT NULL counts as a check constraint, as in PostgreSQL.
var infoTableConstraints = info("table_constraints", 13411, infoTableConstraintsRows, []col{
	{"constraint_catalog", types.Name}, {"constraint_schema", types.Name}, {"constraint_name", types.Name}, {"table_catalog", types.Name},
	{"table_schema", types.Name}, {"table_name", types.Name}, {"constraint_type", types.Varchar}, {"is_deferrable", types.Varchar},
	{"initially_deferred", types.Varchar}, {"enforced", types.Varchar}, {"nulls_distinct", types.Varchar},
})

func infoTableConstraintsRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for _, c := range Constraints(r) {
			var distinct any
			if c.Type == UniqueKey {
				distinct = yes(!c.NotDistinct)
			}
			rows = append(rows, []any{e.Database, r.Schema, c.Name, e.Database, r.Schema, r.Name, constraintTypes[c.Type], yes(c.Deferrable), yes(c.Deferred), "YES", distinct})
		}
		for _, c := range notNulls(e, r) {
			rows = append(rows, []any{e.Database, r.Schema, c.name, e.Database, r.Schema, r.Name, constraintTypes[Check], "NO", "NO", "YES", nil})
		}
	}
	return rows
}

var constraintTypes = map[ConstraintType]string{PrimaryKey: "PRIMARY KEY", UniqueKey: "UNIQUE", Check: "CHECK", ForeignKey: "FOREIGN KEY"}

// notNull is a NOT NULL as information_schema shows it.
type notNull struct{ name, clause string }

// notNulls lists the NOT NULL columns of a user relation.
func notNulls(e *Env, r *catalog.Relation) []notNull {
	var out []notNull
	if r.Kind == catalog.System {
		return nil
	}
	for i, c := range r.Columns {
		if c.NotNull && !c.Dropped && !c.Hidden {
			out = append(out, notNull{fmt.Sprintf("%d_%d_%d_not_null", namespaceOID(e, r.Schema), r.OID, i+1), c.Name + " IS NOT NULL"})
		}
	}
	return out
}
