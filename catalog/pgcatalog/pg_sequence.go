package pgcatalog

import (
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// pgSequence is pg_catalog.pg_sequence: how sequences count.
var pgSequence = pg("pg_sequence", 2224, false, sequenceRows, []col{
	{"seqrelid", types.OID}, {"seqtypid", types.OID}, {"seqstart", types.Int8}, {"seqincrement", types.Int8}, {"seqmax", types.Int8},
	{"seqmin", types.Int8}, {"seqcache", types.Int8}, {"seqcycle", types.Bool},
})

// pgSequences is pg_catalog.pg_sequences; the running server adds where each one stands.
var pgSequences = pg("pg_sequences", 12048, true, nil, []col{
	{"schemaname", types.Name}, {"sequencename", types.Name}, {"sequenceowner", types.Name}, {"data_type", types.RegType},
	{"start_value", types.Int8}, {"min_value", types.Int8}, {"max_value", types.Int8}, {"increment_by", types.Int8}, {"cycle", types.Bool},
	{"cache_size", types.Int8}, {"last_value", types.Int8},
})

// infoSequences is information_schema.sequences: those that no identity column owns.
var infoSequences = info("sequences", 13386, infoSequenceRows, []col{
	{"sequence_catalog", types.Name}, {"sequence_schema", types.Name}, {"sequence_name", types.Name}, {"data_type", types.Varchar},
	{"numeric_precision", types.Int4}, {"numeric_precision_radix", types.Int4}, {"numeric_scale", types.Int4}, {"start_value", types.Varchar},
	{"minimum_value", types.Varchar}, {"maximum_value", types.Varchar}, {"increment", types.Varchar}, {"cycle_option", types.Varchar},
})

func sequences(e *Env) []*catalog.Relation {
	var out []*catalog.Relation
	for _, r := range e.Catalog.Relations() {
		if r.Kind == catalog.Sequence {
			out = append(out, r)
		}
	}
	return out
}

func sequenceRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range sequences(e) {
		d := r.Seq
		rows = append(rows, []any{r.OID, d.Type.OID, d.Start, d.Increment, d.Max, d.Min, d.Cache, d.Cycle})
	}
	return rows
}

func infoSequenceRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range sequences(e) {
		d := r.Seq
		if d.Identity {
			continue
		}
		text := func(n int64) string { return strconv.FormatInt(n, 10) }
		bits := map[types.Type]int{types.Int2: 16, types.Int4: 32, types.Int8: 64}[d.Type]
		rows = append(rows, []any{e.Database, r.Schema, r.Name, dataType(d.Type), bits, 2, 0, text(d.Start), text(d.Min), text(d.Max),
			text(d.Increment), yes(d.Cycle)})
	}
	return rows
}
