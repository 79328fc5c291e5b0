package types

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Concat puts columns of one layout behind one another; there must be at least one. A single one is given back as it is.
// Errors: 54000 when the bytes of a text column pass 2 GiB.
func Concat(as []arrow.Array) (arrow.Array, error) {
	if len(as) == 1 {
		return as[0], nil
	}
	out, err := array.Concatenate(as, Mem)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.ProgramLimitExceeded, "cannot join columns: %s", err.Error())
	}
	return withShapes(out, concatShapes(as)), nil
}

// concatShapes puts the shapes of array columns behind one another, nil where none has one.
func concatShapes(as []arrow.Array) arrow.Array {
	if as[0].DataType().ID() != arrow.LIST || !slices.ContainsFunc(as, func(a arrow.Array) bool { return len(a.Data().Children()) == 2 }) {
		return nil
	}
	b := array.NewBinaryBuilder(Mem, arrow.BinaryTypes.Binary)
	for _, a := range as {
		for i := range a.Len() {
			b.Append(ShapeBytes(a, i))
		}
	}
	return b.NewArray()
}

// ConcatBatches puts batches of the same columns behind one another; there must be at least one. Errors: as Concat.
func ConcatBatches(bs []*Batch) (*Batch, error) {
	if len(bs) == 1 {
		return bs[0], nil
	}
	out := &Batch{Cols: make([]arrow.Array, len(bs[0].Cols))}
	weighted := false
	for _, b := range bs {
		out.N += b.N
		weighted = weighted || b.W != nil
	}
	as := make([]arrow.Array, len(bs))
	for c := range out.Cols {
		for i, b := range bs {
			as[i] = b.Cols[c]
		}
		col, err := Concat(as)
		if err != nil {
			return nil, err
		}
		out.Cols[c] = col
	}
	if weighted {
		out.W = make([]int64, 0, out.N)
		for _, b := range bs {
			for i := range b.N {
				out.W = append(out.W, b.Weight(i))
			}
		}
	}
	return out, nil
}
