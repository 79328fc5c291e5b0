package stream

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/types"
)

// Completer computes what a connector can't know of a stream's rows: generated columns, and the defaults of values that are missing. It is safe for
// many goroutines.
type Completer interface {
	// Needs are the columns that have to be read so that Complete can give cols.
	Needs(cols []int) []int
	// Complete gives the columns cols of rows that have the columns Needs(cols).
	Complete(cols []int, b *types.Batch) (*types.Batch, error)
	// Text prints a row of Complete's input, for a row that can't be completed.
	Text(b *types.Batch, row int) string
}

// completer gives the Completer of a stream with a connector; nil: its rows are whole as they come.
func (m *Manager) completer(rel *catalog.Relation) (Completer, error) {
	if m.cfg.Completer == nil {
		return nil, nil
	}
	return m.cfg.Completer(rel)
}

// completedSource is a source whose rows are completed as they are read.
type completedSource struct {
	connector.Source
	c Completer
}

// Splits implements connector.Source.
func (s *completedSource) Splits(ctx context.Context, from, to connector.Position, want connector.Want) ([]types.Split, error) {
	cols := want.Cols
	want.Cols = s.c.Needs(cols)
	splits, err := s.Source.Splits(ctx, from, to, want)
	if err != nil {
		return nil, err
	}
	out := make([]types.Split, len(splits))
	for i, sp := range splits {
		out[i] = types.Split{Partition: sp.Partition, Read: func(ctx context.Context, emit func(*types.Batch) error) error {
			return sp.Read(ctx, func(b *types.Batch) error { return complete(s.c, cols, b, want.OnBad, emit) })
		}}
	}
	return out, nil
}

// complete completes a batch; where that fails it goes row by row, and a row that can't be completed is a bad one.
func complete(c Completer, cols []int, b *types.Batch, onBad func(connector.Bad) error, emit func(*types.Batch) error) error {
	full, err := c.Complete(cols, b)
	if err == nil {
		return emit(full)
	}
	for i := 0; i < b.N; i++ {
		one := b.Slice(i, i+1)
		full, err := c.Complete(cols, one)
		switch {
		case err == nil:
			err = emit(full)
		case onBad != nil:
			err = onBad(connector.Bad{Raw: c.Text(one, 0), Reason: err.Error()})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
