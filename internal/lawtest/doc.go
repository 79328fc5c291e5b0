// Package lawtest holds the law of the server by random tests: however the input is cut into triggers, a continuous query's result equals the
// same SELECT run once as a batch, and both equal what PostgreSQL gives for the same rows.
//
// A case (case_test.go) is made from a seed: relations with random rows (data_test.go), random queries (query_test.go lists their kinds,
// one kind_*_test.go for each family; expr_test.go, from_test.go) and a script that inserts, updates, deletes, runs triggers, restarts and crashes the server between them. It is run in this process
// over loopback (server_test.go) and against a PostgreSQL (run_test.go); what differs is made smaller (shrink_test.go) and printed as a script.
//
// No row of TestLaw is late. TestLate has late rows: of a list of queries with every operator that drops them, each with what a model of the watermark says is late
// (late_kinds_test.go); -late.seed=N, -late.time=1h.
//
// TestDifferential compares random SELECTs with PostgreSQL (diff_*.go): typed expressions, joins, groupings, sub-selects, windows and set operations over small
// tables. -diff.seed=N runs one, -diff.time=1h runs for an hour, -diff.stop=20 goes on after failures.
//
// TestDifferentialChanges does so with scripts that change tables (diff_change_test.go); it takes the same flags.
//
// TestDifferentialCalls calls every function, operator and cast that both servers list with extreme arguments (diff_calls_test.go,
// diff_extremes_test.go), and compares errors with their texts, too; -calls.seed=N, -calls.time=1h, -calls.only='round|trunc'.
//
// go test ./internal/lawtest -law.seed=N runs one case; -law.time=1h runs for an hour; -law.only=join,over runs only queries with these parts.
package lawtest
