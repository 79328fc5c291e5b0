package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgSettings is pg_catalog.pg_settings: the settings of the session. The running server gives the rows.
var pgSettings = pg("pg_settings", 12104, true, nil, []col{
	{"name", types.Text}, {"setting", types.Text}, {"unit", types.Text}, {"category", types.Text}, {"short_desc", types.Text},
	{"extra_desc", types.Text}, {"context", types.Text}, {"vartype", types.Text}, {"source", types.Text}, {"min_val", types.Text},
	{"max_val", types.Text}, {"enumvals", textArray}, {"boot_val", types.Text}, {"reset_val", types.Text}, {"sourcefile", types.Text},
	{"sourceline", types.Int4}, {"pending_restart", types.Bool},
})
