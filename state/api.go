package state

import (
	"context"

	"github.com/streamsqld/streamsqld/types"
)

// Changelog is a relation that can be followed: what continuous queries, SUBSCRIBE and batch reads see of a Log, a Table or a view's result.
type Changelog interface {
	// Version is the newest committed version: for a Log the number of rows ever appended, for a Table its last commit.
	Version() int64
	// Oldest is the lowest version from which Changes can still be read.
	Oldest() int64
	// Snapshot gives all rows as of version, as splits without weights, with the given columns. The rows stay readable until release is called.
	Snapshot(version int64, cols []int) (splits []types.Split, release func(), err error)
	// Changes gives what changed in (from, to], in order, with weights (nil in append-only relations).
	Changes(from, to int64, cols []int) ([]types.Split, error)
	// Wait returns when Version() > after, or at the end of ctx.
	Wait(ctx context.Context, after int64) error
	// Hold keeps the changes after version from being dropped for the named reader, until it holds a later one or Unhold.
	Hold(reader string, version int64)
	Unhold(reader string)
}
