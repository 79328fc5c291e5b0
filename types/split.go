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
	// ReadSome is Read of some of the rows. nil where the source can only read all.
	ReadSome func(ctx context.Context, r *Reading, emit func(*Batch) error) error
}

// Reading says which rows of a split are wanted; the zero value asks for all. Its functions are called by the reader's goroutine only.
type Reading struct {
	// May says whether rows of these ranges, those of the columns that were asked for, may count; it must not keep them. nil: they may.
	May func([]Range) bool
	// Pick gives the rows, ascending, that count of a batch of the columns First, which are places among those that were asked for. Other rows do
	// not come, and where none counts the other columns need not be read. nil: all count.
	Pick  func(first *Batch) ([]int32, error)
	First []int
	// Lend allows the reader to use the memory of a batch's columns of fixed width again when emit returns.
	Lend bool
}

// Choose gives the rows of b, with all columns that were asked for, that Pick wants.
func (r *Reading) Choose(b *Batch) (*Batch, error) {
	if r.Pick == nil {
		return b, nil
	}
	rows, err := r.Pick(&Batch{Cols: b.Project(r.First).Cols, N: b.N})
	if err != nil {
		return nil, err
	}
	return Filter(b, rows), nil
}

// Range says, where it is known, that a column of 8-byte integers (times too) has no NULL and only values from Min to Max in some rows.
type Range struct {
	Known    bool
	Min, Max int64
}
