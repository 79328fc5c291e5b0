package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// infoEnabledRoles is information_schema.enabled_roles: the one role.
var infoEnabledRoles = info("enabled_roles", 13325, infoEnabledRolesRows, []col{
	{"role_name", types.Name},
})

func infoEnabledRolesRows(e *Env) [][]any { return [][]any{{e.User}} }
