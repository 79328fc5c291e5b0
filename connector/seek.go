package connector

import (
	"context"
	"time"
)

// SeekTo is where a new query begins in a source: at an offset (a row's number, in the source's own counting), or, where Offset is below 0, at a time.
type SeekTo struct {
	Offset int64
	Time   time.Time
}

// Seeker is a Source that can be read from an offset or a time on.
type Seeker interface {
	// Seek gives the position before the first row at or after the offset or the time. What it can't do is 0A000.
	Seek(ctx context.Context, to SeekTo) (Position, error)
}
