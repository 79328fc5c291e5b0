package connector

import (
	"context"
	"log/slog"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// Def is one connector, an entry of the list in connector/builtin.
type Def struct {
	Name    string
	Options []OptionDef // for sources and sinks together; Source/Sink say where each is allowed
	// OpenSource, OpenReceiver, OpenSink: what it can be; nil: it can't. A connector is a source or a receiver, not both.
	OpenSource   func(ctx context.Context, c SourceConfig) (Source, error)
	OpenReceiver func(ctx context.Context, c SourceConfig) (Receiver, error)
	OpenSink     func(ctx context.Context, c SinkConfig) (Sink, error)
	// Infer gives the columns of a stream declared without any (infer_schema, nexmark, rate); nil: it can't.
	Infer func(ctx context.Context, opts catalog.Options) (cols []catalog.Column, wm *catalog.Watermark, err error)
	// Hidden are system columns that a stream of this connector has behind its own.
	Hidden []catalog.Column
	// Guarantee of the sink, for the catalog and docs: "exactly once", "at least once".
	Guarantee string
	Doc       string
}

// OptionDef is one option. Unknown options and bad values are refused with 22023 naming the known ones (CheckOptions).
type OptionDef struct {
	Name     string
	Kind     string // string, int, bool, duration, size, enum, list
	Enum     []string
	Required bool
	Source   bool
	Sink     bool
	Later    bool // known to the contract with users, not built yet: 0A000
	Doc      string
}

// Position is a place in a source, opaque to all but the source; nil is the beginning. It is stored in the query's commit.
type Position []byte

// Limits bound what one trigger takes; 0: no bound.
type Limits struct {
	Rows  int64 // max_rows_per_trigger
	Files int64 // max_files_per_trigger
	Bytes int64 // max_bytes_per_trigger: files until it is reached
}

// Bad is a row that could not be read.
type Bad struct {
	Raw    string // the text of the row
	Reason string
	Source string // file:line or the like
}

// Want says what a reader needs of a stream's rows.
type Want struct {
	Cols []int // columns of the stream, in the order wanted; others need not be decoded
	// OnBad takes a row that does not parse. It returns an error to stop (on_error = fail). It may be called from several goroutines.
	OnBad func(Bad) error
}

// SourceConfig is what a source is opened with.
type SourceConfig struct {
	Rel   *catalog.Relation
	Log   *slog.Logger
	Clock func() time.Time
	// KV is durable storage of the source's own; a Set is synced to disk when it returns.
	KV KV
}

// KV is a small durable map.
type KV interface {
	Get(key string) ([]byte, error) // nil: not there
	Set(key string, value []byte) error
	Scan(prefix string, fn func(key string, value []byte) error) error
}

// Source is an input that can be read again. It is shared by all queries over the stream and safe for many goroutines.
type Source interface {
	// Latest gives the newest position that can be reached from `from` under the limits; equal to `from` where there is nothing new.
	// more: the limits cut it.
	Latest(ctx context.Context, from Position, lim Limits) (to Position, more bool, err error)
	// Splits gives the rows in (from, to], always the same ones.
	Splits(ctx context.Context, from, to Position, want Want) ([]types.Split, error)
	// Wait returns when there may be something after `from`, or at the end of ctx.
	Wait(ctx context.Context, from Position) error
	// Lag tells how many rows (or files) lie after pos, -1: unknown, for streamsql.sources.
	Lag(pos Position) int64
	// Describe prints a position for people.
	Describe(pos Position) string
	Close() error
}

// Receiver is an input that can't be read again (a socket, HTTP): its rows are first appended to the stream's durable log.
type Receiver interface {
	// Run delivers batches with all columns of the stream until ctx ends; it reconnects by itself. When deliver returns, the rows are durable.
	Run(ctx context.Context, deliver func(*types.Batch) error, onBad func(Bad) error) error
	Close() error
}

// SinkConfig is what a sink is opened with.
type SinkConfig struct {
	Rel   *catalog.Relation
	Log   *slog.Logger
	KV    KV
	Order []catalog.OrderCol
}

// Op is what happens to a row of a result.
type Op byte

const (
	Insert Op = iota
	Update    // the new row of a key
	Delete    // the old row
)

func (o Op) String() string { return [...]string{"insert", "update", "delete"}[o] }

// Changes are a step's result, consolidated: of one key at most one row.
type Changes struct {
	Batch *types.Batch // without weights
	Ops   []Op         // nil: all Insert
}

// Sink takes a query's result. It belongs to one goroutine.
type Sink interface {
	// Write takes a part of step n's result; nothing may be visible yet. In complete mode the parts together are the whole result.
	Write(ctx context.Context, n int64, c Changes) error
	// Stage makes what was written durable under the step's number; after it returns the step commits.
	Stage(ctx context.Context, n int64) error
	// Publish makes step n visible. It is idempotent: after a crash it is called again for the last committed step.
	Publish(ctx context.Context, n int64) error
	// Abandon throws away what was staged for steps above n: they were not committed.
	Abandon(ctx context.Context, n int64) error
	// TakesDeletes says whether it can take Update and Delete.
	TakesDeletes() bool
	Close() error
}
