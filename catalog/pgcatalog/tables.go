package pgcatalog

// tables lists every virtual table, by schema and name.
var tables = []*table{
	&streamsqlQueries, &streamsqlProgress, &streamsqlSources, &streamsqlWatermarks, &streamsqlState, &streamsqlLateRows, &streamsqlDeadLetters, &streamsqlFunctions,
}
