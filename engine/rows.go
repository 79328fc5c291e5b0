package engine

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// rowSource is a statement that returns rows, ready to run once.
type rowSource struct {
	cols []Column
	live bool // never ends by itself (SUBSCRIBE): flush after each batch
	// run pushes the rows; an error of emit ends it and is returned. errStop from emit ends it without an error.
	run func(ctx context.Context, emit func(*types.Batch) error) error
	// tag is the command tag for n rows; nil: SELECT n.
	tag func(n int64) string
	// close frees what the source holds; nil: nothing. It is called once, also when run was never called.
	close func()
}

// fixedRows is a rowSource over rows that are there already.
func fixedRows(cols []Column, bs ...*types.Batch) *rowSource {
	return &rowSource{cols: cols, run: func(_ context.Context, emit func(*types.Batch) error) error {
		for _, b := range bs {
			if err := emit(b); err != nil {
				return err
			}
		}
		return nil
	}}
}

// textCols are result columns of type text with these names.
func textCols(names ...string) []Column {
	cs := make([]Column, len(names))
	for i, n := range names {
		cs[i] = Column{Name: n, Type: types.Text}
	}
	return cs
}

// textRows makes a batch of text columns; rows all have the same length.
func textRows(width int, rows [][]string) *types.Batch {
	b := &types.Batch{N: len(rows)}
	for c := 0; c < width; c++ {
		bld := array.NewStringBuilder(types.Mem)
		for _, r := range rows {
			bld.Append(r[c])
		}
		b.Cols = append(b.Cols, bld.NewArray())
	}
	return b
}
