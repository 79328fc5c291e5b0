package stream

import (
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// keptDropped bounds how many dropped batches and dead letters are kept for a query.
const keptDropped = 1000

// Dropped are rows that an operator of a query dropped, for streamsql.late_rows.
type Dropped struct {
	Rel    *catalog.Relation // the query
	Step   int64
	At     time.Time
	Op     string
	Reason string
	Rows   *types.Batch
}

// DeadLetter is a row that could not be read, for streamsql.dead_letters.
type DeadLetter struct {
	Rel    *catalog.Relation // the query
	Stream *catalog.Relation
	At     time.Time
	connector.Bad
}

// badRows keeps what a query could not use. It is safe for many goroutines.
type badRows struct {
	mu      sync.Mutex
	count   int64
	letters []DeadLetter
	late    []Dropped
	rel     *catalog.Relation
	keep    bool // late_rows = 'keep'
	clock   func() time.Time
}

// handler is what a reader of stream does with a row that does not parse: on_error. count: this reader counts them.
func (r *badRows) handler(stream *catalog.Relation, count bool) func(connector.Bad) error {
	mode, _ := stream.Options.Get("on_error")
	if mode == "" || mode == "fail" {
		return func(b connector.Bad) error {
			return sqlerr.New(sqlerr.InvalidTextRepresentation, "a row of stream %q could not be read: %s", stream.Name, b.Reason).
				WithDetail("%s: %s", b.Source, b.Raw).
				WithHint("Set on_error = 'skip' or 'dead_letter' on the stream to go on without such rows.")
		}
	}
	return func(b connector.Bad) error {
		if !count {
			return nil
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.count++
		if mode == "dead_letter" {
			r.letters = append(r.letters, DeadLetter{Rel: r.rel, Stream: stream, At: r.clock(), Bad: b})
			r.letters = r.letters[max(0, len(r.letters)-keptDropped):]
		}
		return nil
	}
}

// dropped is the function that takes an operator's dropped rows in step n; nil where they are not kept.
func (r *badRows) dropped(rel *catalog.Relation, n int64) func(op, reason string, rows *types.Batch) {
	if !r.keep {
		return nil
	}
	return func(op, reason string, rows *types.Batch) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.late = append(r.late, Dropped{Rel: rel, Step: n, At: r.clock(), Op: op, Reason: reason, Rows: rows})
		r.late = r.late[max(0, len(r.late)-keptDropped):]
	}
}
