// Package exec runs plans: incremental operators over Arrow batches, one step at a time.
//
// Build (build.go) turns a plan into a Graph (graph.go) of operators. A Graph lives as long as its query and holds the operators' state. One call of
// Run is one step: the input's changes flow through (Push), then every operator is told that the step's input is complete and which
// watermark holds at its end (Finish, in topological order), and hands on what changed in its result. A batch SELECT is a graph that runs
// one step, told that it is the last.
//
// Changes are batches with weights (types.Batch.W). An append-only input carries none (changes.go tells which nodes those are). The law: the sum of all that
// came out is the batch result over the sum of all that went in, less the late rows. harness_test.go holds every operator to it.
//
// Stateless operators (stage.go) next to a scan (filter, projection, window assignment) run side by side on the splits of the input; their
// output reaches the first stateful operator in the order of the splits, so that a step is deterministic (read.go). In a batch query joins whose right side is
// complete run there too, and an aggregation above groups the rows of some splits beforehand (spread.go).
//
// State lies in columns: keyTable (key_table.go) numbers distinct keys, and everything else of a key is found by its number: accumulators of an
// aggregate, weights of a rowSet (row_set.go) or multiset (multiset.go). What a step changed is handed over as columnar chunks
// (SaveDelta), of which each operator says in its file what they hold.
package exec
