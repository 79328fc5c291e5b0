package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgCursors is pg_catalog.pg_cursors: the cursors of the session. The running server gives the rows.
var pgCursors = pg("pg_cursors", 12077, true, nil, []col{
	{"name", types.Text}, {"statement", types.Text}, {"is_holdable", types.Bool}, {"is_binary", types.Bool},
	{"is_scrollable", types.Bool}, {"creation_time", types.TimestampTZ},
})
