package pgcatalog

import (
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// pgStatUserTables is pg_catalog.pg_stat_user_tables: counts of reads and writes, which are not kept: zeros; what ANALYZE found, where it ran.
var pgStatUserTables = pg("pg_stat_user_tables", 12161, true, statUserRows, []col{
	{"relid", types.OID}, {"schemaname", types.Name}, {"relname", types.Name}, {"seq_scan", types.Int8}, {"seq_tup_read", types.Int8},
	{"idx_scan", types.Int8}, {"idx_tup_fetch", types.Int8}, {"n_tup_ins", types.Int8}, {"n_tup_upd", types.Int8},
	{"n_tup_del", types.Int8}, {"n_tup_hot_upd", types.Int8}, {"n_live_tup", types.Int8}, {"n_dead_tup", types.Int8},
	{"n_mod_since_analyze", types.Int8}, {"n_ins_since_vacuum", types.Int8}, {"last_vacuum", types.TimestampTZ},
	{"last_autovacuum", types.TimestampTZ}, {"last_analyze", types.TimestampTZ}, {"last_autoanalyze", types.TimestampTZ},
	{"vacuum_count", types.Int8}, {"autovacuum_count", types.Int8}, {"analyze_count", types.Int8}, {"autoanalyze_count", types.Int8},
})

func statUserRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		if relkind(e, r) != "v" && r.Kind != catalog.System {
			var at any
			n, times := 0.0, 0
			if r.Stats != nil {
				at, n, times = time.UnixMicro(r.Stats.At), r.Stats.Rows, 1
			}
			rows = append(rows, []any{r.OID, r.Schema, r.Name, 0, 0, 0, 0, 0, 0, 0, 0, int64(n), 0, 0, 0, nil, nil, at, nil, 0, 0, times, 0})
		}
	}
	return rows
}
