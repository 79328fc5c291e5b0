package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgPreparedStatements is pg_catalog.pg_prepared_statements: the prepared statements of the session. The running server gives the rows.
var pgPreparedStatements = pg("pg_prepared_statements", 12095, true, nil, []col{
	{"name", types.Text}, {"statement", types.Text}, {"prepare_time", types.TimestampTZ}, {"parameter_types", regtypeArray},
	{"from_sql", types.Bool}, {"generic_plans", types.Int8}, {"custom_plans", types.Int8},
})
