package pgcatalog

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// The schema streamsql: what the server knows of its continuous queries. All rows are live.
var (
	streamsqlQueries = table{schema: catalog.StreamSQL, view: true, name: "queries", oid: 13100, doc: "Continuous queries and how they fare.", cols: []col{
		{"id", types.OID}, {"schema", types.Text}, {"name", types.Text}, {"kind", types.Text}, {"status", types.Text},
		{"output_mode", types.Text}, {"trigger", types.Text}, {"connector", types.Text}, {"guarantee", types.Text}, {"batch_id", types.Int8},
		{"watermark", types.TimestampTZ}, {"rows_in", types.Int8}, {"rows_out", types.Int8}, {"late_rows", types.Int8}, {"bad_rows", types.Int8},
		{"state_rows", types.Int8}, {"state_bytes", types.Int8}, {"error", types.Text}, {"error_code", types.Text}, {"started_at", types.TimestampTZ}, {"definition", types.Text},
	}}
	streamsqlProgress = table{schema: catalog.StreamSQL, view: true, name: "progress", oid: 13101, doc: "One row for each trigger that was committed, newest last.", cols: []col{
		{"query", types.Text}, {"batch_id", types.Int8}, {"triggered_at", types.TimestampTZ}, {"rows_in", types.Int8}, {"rows_out", types.Int8}, {"late_rows", types.Int8},
		{"watermark_start", types.TimestampTZ}, {"watermark", types.TimestampTZ}, {"plan_ms", types.Float8}, {"run_ms", types.Float8}, {"commit_ms", types.Float8},
		{"publish_ms", types.Float8}, {"total_ms", types.Float8}, {"offsets", types.JSONB}, {"state_rows", types.Int8}, {"state_bytes", types.Int8},
	}}
	streamsqlSources = table{schema: catalog.StreamSQL, view: true, name: "sources", oid: 13102, doc: "Where each query stands in each of its sources.", cols: []col{
		{"query", types.Text}, {"source", types.Text}, {"partition", types.Text}, {"position", types.Text}, {"lag", types.Int8},
	}}
	streamsqlWatermarks = table{schema: catalog.StreamSQL, view: true, name: "watermarks", oid: 13103, doc: "The watermark of each query, by source and partition.", cols: []col{
		{"query", types.Text}, {"source", types.Text}, {"partition", types.Text}, {"max_event_time", types.TimestampTZ}, {"watermark", types.TimestampTZ}, {"idle", types.Bool},
		{"holds_back", types.Bool}, {"since", types.TimestampTZ}, {"next_close", types.TimestampTZ},
	}}
	streamsqlState = table{schema: catalog.StreamSQL, view: true, name: "state", oid: 13104, doc: "State by query and operator.", cols: []col{
		{"query", types.Text}, {"operator", types.Text}, {"rows", types.Int8}, {"bytes", types.Int8}, {"rows_in", types.Int8}, {"rows_out", types.Int8}, {"late_rows", types.Int8}, {"ms", types.Float8},
		{"memory", types.Int8}, {"memory_rows", types.Int8}, {"reads", types.Int8}, {"writes", types.Int8},
	}}
	streamsqlLateRows = table{schema: catalog.StreamSQL, view: true, name: "late_rows", oid: 13105, doc: "Rows that came too late, of queries with late_rows = 'keep'.", cols: []col{
		{"query", types.Text}, {"batch_id", types.Int8}, {"operator", types.Text}, {"reason", types.Text}, {"row", types.JSONB},
	}}
	streamsqlDeadLetters = table{schema: catalog.StreamSQL, view: true, name: "dead_letters", oid: 13106, doc: "Rows that did not parse, of streams with on_error = 'dead_letter'.", cols: []col{
		{"stream", types.Text}, {"at", types.TimestampTZ}, {"source", types.Text}, {"reason", types.Text}, {"raw", types.Text},
	}}
	streamsqlFunctions = table{schema: catalog.StreamSQL, view: true, name: "functions", oid: 13107, doc: "The functions and aggregates there are.", cols: []col{
		{"schema", types.Text}, {"name", types.Text}, {"kind", types.Text}, {"arguments", types.Text}, {"result", types.Text}, {"language", types.Text},
		{"volatility", types.Text}, {"description", types.Text},
	}}
)
