package engine

import (
	"fmt"
	"strconv"
	"strings"
)

// plannerSettings are parameters of PostgreSQL that change how it runs a statement and never what the statement gives. Clients and test files set
// them, so they are taken, checked and shown; here they change nothing.
var plannerSettings = []setting{
	choice("constraint_exclusion", "partition", "on", "off", "true", "false", "partition"),
	choice("force_parallel_mode", "off", "on", "off", "true", "false", "regress"),
	choice("plan_cache_mode", "auto", "auto", "force_generic_plan", "force_custom_plan"),
	onOff("enable_async_append", "on"), onOff("enable_bitmapscan", "on"), onOff("enable_gathermerge", "on"), onOff("enable_hashagg", "on"),
	onOff("enable_hashjoin", "on"), onOff("enable_incremental_sort", "on"), onOff("enable_indexonlyscan", "on"), onOff("enable_indexscan", "on"),
	onOff("enable_material", "on"), onOff("enable_memoize", "on"), onOff("enable_mergejoin", "on"), onOff("enable_nestloop", "on"),
	onOff("enable_parallel_append", "on"), onOff("enable_parallel_hash", "on"), onOff("enable_partition_pruning", "on"),
	onOff("enable_partitionwise_aggregate", "off"), onOff("enable_partitionwise_join", "off"), onOff("enable_seqscan", "on"), onOff("enable_sort", "on"),
	onOff("enable_tidscan", "on"), onOff("geqo", "on"), onOff("jit_expressions", "on"), onOff("jit_tuple_deforming", "on"),
	onOff("parallel_leader_participation", "on"), onOff("synchronize_seqscans", "on"),
	number("cpu_index_tuple_cost", "0.005"), number("cpu_operator_cost", "0.0025"), number("cpu_tuple_cost", "0.01"), number("cursor_tuple_fraction", "0.1"),
	number("geqo_seed", "0"), number("geqo_selection_bias", "2"), number("hash_mem_multiplier", "2"), number("jit_above_cost", "100000"),
	number("jit_inline_above_cost", "500000"), number("jit_optimize_above_cost", "500000"), number("parallel_setup_cost", "1000"),
	number("parallel_tuple_cost", "0.1"), number("random_page_cost", "4"), number("recursive_worktable_factor", "10"), number("seq_page_cost", "1"),
	count("default_statistics_target", "100"), count("effective_io_concurrency", "1"), count("from_collapse_limit", "8"), count("geqo_effort", "5"),
	count("geqo_generations", "0"), count("geqo_pool_size", "0"), count("geqo_threshold", "12"), count("join_collapse_limit", "8"),
	count("maintenance_io_concurrency", "10"), count("max_parallel_maintenance_workers", "2"), count("max_parallel_workers", "8"),
	count("max_parallel_workers_per_gather", "2"),
	size("effective_cache_size", "4GB"), size("maintenance_work_mem", "64MB"), size("min_parallel_index_scan_size", "512kB"),
	size("min_parallel_table_scan_size", "8MB"), size("temp_buffers", "8MB"),
}

const noEffect = "Part of PostgreSQL's planning; without effect here."

func onOff(name, def string) setting {
	return setting{name: name, def: def, check: boolean, doc: noEffect}
}

func choice(name, def string, values ...string) setting {
	return setting{name: name, def: def, check: enum(values...), doc: noEffect}
}

func number(name, def string) setting {
	return setting{name: name, def: def, check: real64, doc: noEffect}
}

func count(name, def string) setting {
	return setting{name: name, def: def, check: integer(0, 1<<31-1), doc: noEffect}
}

func size(name, def string) setting {
	return setting{name: name, def: def, check: memory, doc: noEffect}
}

func real64(v string) (string, error) {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return "", fmt.Errorf("invalid value for parameter")
	}
	return strconv.FormatFloat(f, 'g', -1, 64), nil
}

// foreignSettings are session parameters of RisingWave and Materialize that choose how those servers run a query: parallelism, backfill, clusters. Scripts
// written for them begin with them. They are kept and shown; SET says in a NOTICE that they change nothing.
var foreignSettings = strings.Fields(`
	auto_route_introspection_queries background_ddl backfill_rate_limit batch_enable_distributed_dml batch_enable_lookup_join batch_enable_sort_agg
	batch_expr_strict_mode batch_parallelism bypass_cluster_limits cluster cluster_replica create_compaction_group_for_mv dml_rate_limit
	dml_wait_persistence emit_timestamp_notice emit_trace_id_notice enable_index_selection enable_join_ordering enable_locality_backfill
	enable_mv_selection enable_serverless_backfill enable_session_rbac_checks enable_share_plan enable_two_phase_agg force_split_distinct_agg
	force_two_phase_agg locality_backfill_mode max_split_range_gap query_mode real_time_recency sink_decouple sink_rate_limit slow_ddl_notification_secs
	source_rate_limit statement_logging_sample_rate streaming_allow_jsonb_in_stream_key streaming_asof_join_use_cache streaming_cache_refill_policy
	streaming_enable_bushy_join streaming_enable_delta_join streaming_enable_unaligned_join streaming_force_filter_inside_join streaming_join_encoding
	streaming_max_parallelism streaming_over_window_cache_policy streaming_parallelism streaming_parallelism_for_backfill
	streaming_parallelism_for_index streaming_parallelism_for_materialized_view streaming_parallelism_for_sink streaming_parallelism_for_source
	streaming_parallelism_for_table streaming_separate_consecutive_join streaming_separate_sink streaming_use_arrangement_backfill
	streaming_use_shared_source streaming_use_snapshot_backfill visibility_mode welcome_message`)
