package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func takeCols(cols []arrow.Array, rows []int32) []arrow.Array {
	out := make([]arrow.Array, len(cols))
	for i, c := range cols {
		out[i] = types.Take(c, rows)
	}
	return out
}

func takeWeights(w []int64, rows []int32) []int64 {
	out := make([]int64, len(rows))
	for i, r := range rows {
		out[i] = w[r]
	}
	return out
}

// concat joins batches of one schema; ts are its types, for the case of none at all.
func concat(bs []*types.Batch, ts []types.Type) (*types.Batch, error) {
	if len(bs) > 0 {
		return types.ConcatBatches(bs)
	}
	out := &types.Batch{Cols: make([]arrow.Array, len(ts))}
	for k, t := range ts {
		out.Cols[k] = types.Nulls(t, 0)
	}
	return out, nil
}

// expandWeights repeats rows by their weights, which are not negative; the result carries none.
func expandWeights(b *types.Batch) *types.Batch {
	if b.W == nil {
		return b
	}
	var rows []int32
	same := true
	for i, w := range b.W {
		same = same && w == 1
		for range w {
			rows = append(rows, int32(i))
		}
	}
	if same {
		return b.Plain()
	}
	return &types.Batch{Cols: takeCols(b.Cols, rows), N: len(rows)}
}

// appendOnly is expandWeights for input that was found to be append-only: a negative weight is an error.
func appendOnly(b *types.Batch) (*types.Batch, error) {
	for _, w := range b.W {
		if w < 0 {
			return nil, sqlerr.New(sqlerr.InternalError, "a row was taken back from append-only input")
		}
	}
	return expandWeights(b), nil
}
