package stream

import (
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// Dropped are rows that an operator of a query dropped, for streamsql.late_rows.
type Dropped struct {
	Rel    *catalog.Relation // the query
	Step   int64
	At     time.Time
	Op     string
	Reason string
	Rows   *types.Batch
	Schema plan.Schema // of the rows; nil where the plan has changed since
}

// DeadLetter is a row that could not be read, for streamsql.dead_letters.
type DeadLetter struct {
	Stream string // the stream's name
	At     time.Time
	connector.Bad
}

// badRows keeps what a query, or a stream with a receiver, could not use. It is safe for many goroutines. What comes up in a step is kept when the
// step commits, with it.
type badRows struct {
	mu      sync.Mutex
	oid     uint32 // under which they are stored
	count   int64
	fresh   int64 // of count: of the step under way
	letters kept[DeadLetter]
	late    kept[Dropped]
	keep    bool // late_rows = 'keep'
	clock   func() time.Time
}

func newBadRows(rel *catalog.Relation, clock func() time.Time) *badRows {
	keep, _ := rel.Options.Get("late_rows")
	return &badRows{oid: rel.Stored(), keep: keep == "keep", clock: clock}
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
		r.fresh++
		if mode == "dead_letter" {
			r.letters.add(DeadLetter{Stream: stream.Name, At: r.clock(), Bad: b})
		}
		return nil
	}
}

// dropped is the function that takes an operator's dropped rows in step n; nil where they are not kept.
func (r *badRows) dropped(n int64) func(op, reason string, rows *types.Batch) {
	if !r.keep {
		return nil
	}
	return func(op, reason string, rows *types.Batch) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.late.add(Dropped{Step: n, At: r.clock(), Op: op, Reason: reason, Rows: rows})
	}
}

// save puts what the step brought into its batch.
func (r *badRows) save(b *state.Batch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.letters.save(b, badKey(r.oid, 'd'), encodeLetter); err != nil {
		return err
	}
	return r.late.save(b, badKey(r.oid, 'l'), encodeDropped)
}

// settle is told that the step has committed; discard that it has not.
func (r *badRows) settle() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count += r.fresh
	r.fresh = 0
	r.letters.settle()
	r.late.settle()
}

func (r *badRows) discard() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fresh, r.letters.fresh, r.late.fresh = 0, nil, nil
}

// saveNow commits what came up outside of any step, as a receiver's rows do.
func (r *badRows) saveNow(s *state.Store) error {
	b := s.NewBatch()
	if err := r.save(b); err != nil {
		b.Close()
		return err
	}
	if err := b.Commit(false); err != nil {
		return err
	}
	r.settle()
	return nil
}

// load brings back what is stored.
func (r *badRows) load(s *state.Store) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.letters.load(s, badKey(r.oid, 'd'), decodeLetter); err != nil {
		return err
	}
	return r.late.load(s, badKey(r.oid, 'l'), decodeDropped)
}
