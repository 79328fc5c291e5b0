package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgConstraint is pg_catalog.pg_constraint: primary keys, unique, check and foreign key constraints.
var pgConstraint = pg("pg_constraint", 2606, false, constraintRows, []col{
	{"oid", types.OID}, {"conname", types.Name}, {"connamespace", types.OID}, {"contype", types.Char}, {"condeferrable", types.Bool},
	{"condeferred", types.Bool}, {"convalidated", types.Bool}, {"conrelid", types.OID}, {"contypid", types.OID}, {"conindid", types.OID},
	{"conparentid", types.OID}, {"confrelid", types.OID}, {"confupdtype", types.Char}, {"confdeltype", types.Char},
	{"confmatchtype", types.Char}, {"conislocal", types.Bool}, {"coninhcount", types.Int4}, {"connoinherit", types.Bool},
	{"conkey", int2Array}, {"confkey", int2Array}, {"conpfeqop", oidArray}, {"conppeqop", oidArray}, {"conffeqop", oidArray},
	{"confdelsetcols", int2Array}, {"conexclop", oidArray}, {"conbin", types.PgNodeTree},
})

func constraintRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for _, c := range Constraints(r) {
			index := uint32(0)
			action, match := " ", " "
			var columns, refColumns, bin any
			if c.Cols != nil {
				columns = "{" + columnNumbers(c.Cols, ",") + "}"
			}
			switch c.Type {
			case PrimaryKey, UniqueKey:
				index = c.OID
			case Check:
				bin = e.texts().check(r, &c)
			case ForeignKey:
				refColumns, match = "{"+columnNumbers(c.RefCols, ",")+"}", "s"
				if c.Full {
					match = "f"
				}
			}
			deletion := action
			if c.Type == ForeignKey {
				action, deletion = foreignActions[c.OnUpdate], foreignActions[c.OnDelete]
			}
			rows = append(rows, []any{c.OID, c.Name, namespaceOID(e, r.Schema), string(c.Type), c.Deferrable, c.Deferred, !c.NotValid, r.OID, 0, index, 0, c.Table,
				action, deletion, match, true, 0, c.Type != Check, columns, refColumns, nil, nil, nil, nil, nil, bin})
		}
	}
	return append(rows, domainConstraintRows(e)...)
}

// foreignActions are the letters of ON DELETE and ON UPDATE.
var foreignActions = map[string]string{"": "a", "no action": "a", "restrict": "r", "cascade": "c", "set null": "n", "set default": "d"}
