package types

import "context"

// Split is a piece of an input that can be read by itself, again and again with the same rows in the same order: a range of
// a log, a part of a file, a range of generated events. Splits of one read are processed side by side; their rows count in the
// order of the splits.
type Split struct {
	// Partition names the source's partition, for the watermark ("" where there is only one).
	Partition string
	// Read hands the rows to emit batch by batch, in order, with the columns that were asked for. A batch belongs to the receiver.
	Read func(ctx context.Context, emit func(*Batch) error) error
	// ReadSome is Read without batches of which may says no; it gets the ranges of the columns that were asked for and must not keep them, and is called
	// by this reader's goroutine only. nil where the source knows no ranges.
	ReadSome func(ctx context.Context, may func([]Range) bool, emit func(*Batch) error) error
}

// Range says, where it is known, that a column of 8-byte integers (times too) has no NULL and only values from Min to Max in some rows.
type Range struct {
	Known    bool
	Min, Max int64
}
