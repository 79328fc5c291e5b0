package pgcatalog

import (
	"strconv"

	"github.com/streamsqld/streamsqld/types"
)

// pgAggregate is pg_catalog.pg_aggregate: which functions are aggregates, and of which kind. How they compute is not told.
var pgAggregate = pg("pg_aggregate", 2600, false, aggregateRows, []col{
	{"aggfnoid", types.RegProc}, {"aggkind", types.Char}, {"aggnumdirectargs", types.Int2}, {"aggtransfn", types.RegProc}, {"aggfinalfn", types.RegProc},
	{"aggcombinefn", types.RegProc}, {"aggserialfn", types.RegProc}, {"aggdeserialfn", types.RegProc}, {"aggmtransfn", types.RegProc},
	{"aggminvtransfn", types.RegProc}, {"aggmfinalfn", types.RegProc}, {"aggfinalextra", types.Bool}, {"aggmfinalextra", types.Bool},
	{"aggfinalmodify", types.Char}, {"aggmfinalmodify", types.Char}, {"aggsortop", types.OID}, {"aggtranstype", types.OID}, {"aggtransspace", types.Int4},
	{"aggmtranstype", types.OID}, {"aggmtransspace", types.Int4}, {"agginitval", types.Text}, {"aggminitval", types.Text},
})

// orderedSets are the aggregates that take WITHIN GROUP, with how many arguments stand before it.
var orderedSets = map[string]int{"percentile_cont": 1, "percentile_disc": 1, "mode": 0}

func aggregateRows(e *Env) [][]any {
	var rows [][]any
	for _, p := range allProcs(e.Catalog) {
		if p.kind != 'a' {
			continue
		}
		kind, direct := "n", 0
		if n, ok := orderedSets[p.name]; ok && p.user == nil {
			kind, direct = "o", n
		}
		rows = append(rows, []any{strconv.FormatUint(uint64(p.oid), 10), kind, direct, 0, 0, 0, 0, 0, 0, 0, 0, false, false, "r", "r", 0, 0, 0, 0, 0, nil, nil})
	}
	return rows
}
