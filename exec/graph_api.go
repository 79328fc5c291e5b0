package exec

import (
	"context"
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// NoWatermark is the watermark before any event time was seen.
const NoWatermark = math.MinInt64

// Config is what Build needs beside the plan.
type Config struct {
	Mode        plan.Mode
	Parallelism int                  // workers for splits and for the shards of large aggregations; 0: GOMAXPROCS
	NewCtx      func() *expr.Ctx     // a fresh evaluation context for one goroutine of one step; Now is set by the graph
	KeepDropped bool                 // keep dropped (late) rows for Step.Dropped
	WorkMem     int64                // bytes a batch query may hold; 0: no limit
	SpillDir    string               // a directory for what a batch query cannot hold within WorkMem; "": error 53200 instead
	shard       *shardSizes          // nil: the usual
	work        map[int]*types.Batch // the work tables of the recursive queries around
	Ephemeral   bool                 // SaveDelta and SaveAll will never be called: nothing is kept for them
}

// Step is one step of a query.
type Step struct {
	N       int64 // step number, from 1
	Now     int64 // processing time, µs since 1970
	WMStart int64 // watermark at the start: what is late
	Last    bool  // batch: no later step comes
	// The rows of a scan as of a time carry the clock of their commit (µs, bigint) as a last column. The versions of such tables are all known before Settled, and, by the
	// number of the scan, not known any more before Since; nil: all are.
	Settled int64
	Since   map[int]int64
	// Advance is called once, when the whole input was read: it takes the greatest event times seen in this step and gives the watermark at the
	// end of the step. nil: the watermark stays.
	Advance func(seen []Seen) int64
	// Dropped takes rows that an operator dropped, with the reason ("late"); may be nil. rows have the schema of the operator's input.
	Dropped func(op string, reason string, rows *types.Batch)
}

// Seen is the greatest event time (µs) that a scan saw in a partition during a step.
type Seen struct {
	Scan      int // index into Graph.Scans
	Partition string
	Max       int64
}

// Input is what a scan reads in a step.
type Input struct {
	Splits []types.Split
	// ByKeys gives the splits, instead, when the join above knows the keys of the rows that it needs: n of them in columns, those of the scan's Lookup; -1: all rows are needed.
	ByKeys func(keys []arrow.Array, n int) ([]types.Split, error)
	// Sorted: the rows come in the order of the scan's Lookup, all in one split.
	Sorted bool
}

// OpStats are an operator's counters since the graph was built; RowsIn and RowsOut count rows, not weights.
type OpStats struct {
	Op                    string // the operator's name, which does not depend on the plan's shape around it
	RowsIn, RowsOut       int64
	Dropped               map[string]int64 // by reason: late, filtered, bad, expired
	StateRows, StateBytes int64
	Nanos                 int64
	// What of the state is in memory, and how many of its rows were read from where it is kept and written there.
	MemoryRows, MemoryBytes, Reads, Writes int64
}

// Chunk is a piece of an operator's state: Tag is the operator's own (which table, which kind of change).
type Chunk struct {
	Op    string
	Tag   string
	Batch *types.Batch
}

// The Graph has these methods (graph.go):
//
//	func Build(root plan.Node, cfg Config) (*Graph, error)
//	func (g *Graph) Scans() []*plan.Scan            // the inputs, in the order Run wants them
//	func (g *Graph) WatermarkColumn(scan int) int    // the column of the scan's output that carries event time, -1: none
//	func (g *Graph) Run(ctx context.Context, st *Step, in []Input, out func(*types.Batch) error) (wmEnd int64, err error)
//	func (g *Graph) SaveDelta() ([]Chunk, error)     // what changed in the state since the last SaveDelta or SaveAll
//	func (g *Graph) SaveAll() ([]Chunk, error)       // the whole state, in chunks of some MB
//	func (g *Graph) Load(chunks []Chunk) error       // chunks in the order they were saved: a SaveAll, then deltas
//	func (g *Graph) Stats() []OpStats
//	func (g *Graph) NextClose() (ts int64, ok bool)  // the earliest time at which the watermark (or the clock, for processing time) would change the result
//
// After an error of Run the graph must be thrown away.

// Runner is the Graph as package stream sees it, so that it can be tested without operators.
type Runner interface {
	Scans() []*plan.Scan
	Run(ctx context.Context, st *Step, in []Input, out func(*types.Batch) error) (int64, error)
	SaveDelta() ([]Chunk, error)
	SaveAll() ([]Chunk, error)
	Load([]Chunk) error
	Stats() []OpStats
	NextClose() (int64, bool)
}
