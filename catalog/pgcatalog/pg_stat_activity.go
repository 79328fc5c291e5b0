package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// pgStatActivity is pg_catalog.pg_stat_activity: the sessions of the server. The running server gives the rows.
var pgStatActivity = pg("pg_stat_activity", 12222, true, nil, []col{
	{"datid", types.OID}, {"datname", types.Name}, {"pid", types.Int4}, {"leader_pid", types.Int4}, {"usesysid", types.OID},
	{"usename", types.Name}, {"application_name", types.Text}, {"client_addr", types.Inet}, {"client_hostname", types.Text},
	{"client_port", types.Int4}, {"backend_start", types.TimestampTZ}, {"xact_start", types.TimestampTZ},
	{"query_start", types.TimestampTZ}, {"state_change", types.TimestampTZ}, {"wait_event_type", types.Text}, {"wait_event", types.Text},
	{"state", types.Text}, {"backend_xid", types.Xid}, {"backend_xmin", types.Xid}, {"query_id", types.Int8}, {"query", types.Text},
	{"backend_type", types.Text},
})
