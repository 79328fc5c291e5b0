package stream

import (
	"log/slog"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
)

// Status is a query's state of life.
type Status string

const (
	Running Status = "running"
	Paused  Status = "paused"
	Stopped Status = "stopped" // once, available_now: finished
	Failed  Status = "failed"
	Idle    Status = "manual" // a manual query between triggers
)

// Query is a continuous query to run: what the engine made of CREATE MATERIALIZED VIEW or CREATE SINK.
type Query struct {
	Rel  *catalog.Relation
	Plan *plan.Query // optimized, with the finality analysis done for Rel.Mode
	// Build makes the operators; called at start and again after a failure.
	Build func() (exec.Runner, error)
	// Start is where the query that it replaces was made to begin by start_from, by source; nil: it is no replacement.
	Start map[string][]byte
}

// Info is a row of streamsql.queries.
type Info struct {
	Rel                            *catalog.Relation
	Status                         Status
	Error                          string
	ErrorCode                      string
	Step                           int64 // last committed
	Watermark                      int64 // exec.NoWatermark: none yet
	Started                        time.Time
	RowsIn, RowsOut, Late, BadRows int64
	StateRows, StateBytes          int64
}

// Progress is a row of streamsql.progress: one committed step.
type Progress struct {
	Query                              string
	OID                                uint32
	Step                               int64
	At                                 time.Time // processing time of the trigger
	RowsIn, RowsOut, Late              int64
	WatermarkStart, Watermark          int64
	Plan, Read, Commit, Publish, Total time.Duration // the phases; Read is reading and computing
	Offsets                            []SourceOffset
	StateRows, StateBytes              int64
}

// SourceOffset is where a query stands in a source.
type SourceOffset struct {
	Source    string `json:"source"`
	Partition string `json:"partition"`
	From      string `json:"from"` // for people, as To
	To        string `json:"to"`
	Lag       int64  `json:"lag"`
}

// Change is what one committed step of a query changed in its result.
type Change struct {
	Step int64
	Part bool // more of the step follows
	connector.Changes
}

// Engine-facing interface, implemented by Manager:
//
//	func NewManager(cfg ManagerConfig) *Manager
//	// relations
//	func (m *Manager) Log(rel *catalog.Relation) (*state.Log, error)            // in-server and receiver streams
//	func (m *Manager) Table(rel *catalog.Relation) (*state.Table, error)        // tables, and results of views and memory sinks
//	func (m *Manager) Source(rel *catalog.Relation) (connector.Source, error)   // streams with a replayable connector
//	func (m *Manager) ReadAll(ctx, scan *plan.Scan) (splits []types.Split, release func(), err error)   // what a batch SELECT reads now
//	func (m *Manager) OpenStream(rel) error; CloseStream(rel, drop bool) error  // starts and stops receivers
//	// queries
//	func (m *Manager) Start(ctx, q *Query) error         // validates by opening sources and sink; then the trigger loop runs
//	func (m *Manager) Drop(oid uint32) error             // stops it; its stored state is removed by the batch given to DropState
//	func (m *Manager) DropState(b *state.Batch, oid uint32) error // of queries, tables and streams
//	func (m *Manager) Pause(oid) error; Resume(oid) error
//	func (m *Manager) RunTrigger(ctx, oid, now *time.Time) error          // one trigger now; waits for its commit
//	func (m *Manager) Flush(ctx, oids []uint32) error    // nil: all; returns when all input committed before the call is processed
//	func (m *Manager) Await(ctx, oid, timeout) (terminated bool, err error)
//	func (m *Manager) Infos() []Info; Progress() []Progress; Sources() and Watermarks() []SourceInfo; States() []OperatorInfo;
//	     LateRows() []Dropped; DeadLetters() []DeadLetter               // for the system tables
//	func (m *Manager) Shutdown(ctx) error                // running triggers finish and commit
//	// ephemeral continuous queries: SUBSCRIBE (SELECT ...)
//	func (m *Manager) Run(ctx, q *Query, onStep func(Change) error) error  // no durable state; ends with ctx
//	// SUBSCRIBE TO a relation; since < 0: not given
//	func (m *Manager) Follow(ctx, rel, since int64, snapshot bool, fn func(Change) error) error
//
// A memory sink's table has the columns of its relation; where these don't include _batch_id and _op, they are added at the end.

// ManagerConfig is what a Manager is made of.
type ManagerConfig struct {
	Store      *state.Store
	Catalog    *catalog.Catalog
	Connectors []connector.Def
	Clock      func() time.Time
	Log        *slog.Logger // nil: slog.Default
	// Completer gives what computes generated columns and defaults of a stream with a connector; a nil result: there are none.
	Completer func(rel *catalog.Relation) (Completer, error)
	// NewCtx, Dropped rows and the rest are settled by the Build functions of the queries.
}
