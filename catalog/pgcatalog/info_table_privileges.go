package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// infoTablePrivileges is information_schema.table_privileges, and infoRoleTableGrants role_table_grants: the one role may do everything.
var (
	infoTablePrivileges = info("table_privileges", 13416, tablePrivilegeRows, tablePrivilegeCols)
	infoRoleTableGrants = info("role_table_grants", 13421, tablePrivilegeRows, tablePrivilegeCols)
)

var tablePrivilegeCols = []col{
	{"grantor", types.Name}, {"grantee", types.Name}, {"table_catalog", types.Name}, {"table_schema", types.Name}, {"table_name", types.Name},
	{"privilege_type", types.Varchar}, {"is_grantable", types.Varchar}, {"with_hierarchy", types.Varchar},
}

func tablePrivilegeRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		if kind := relkind(e, r); kind != "r" && kind != "v" {
			continue
		}
		for _, p := range []string{"INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"} {
			rows = append(rows, []any{e.User, e.User, e.Database, r.Schema, r.Name, p, "YES", yes(p == "SELECT")})
		}
	}
	return rows
}
