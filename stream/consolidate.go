package stream

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/types"
)

// Consolidate puts a step's batches together and cancels equal rows: the result has each row once, with its net weight, in the order of
// first appearance; W is nil where all weights are 1. nil: nothing is left. Batches without weights are not looked into.
func Consolidate(bs []*types.Batch) (*types.Batch, error) {
	some := bs[:0:0]
	weights := false
	for _, b := range bs {
		if b.N > 0 {
			some = append(some, b)
			weights = weights || b.W != nil
		}
	}
	if len(some) == 0 {
		return nil, nil
	}
	all, err := types.ConcatBatches(some)
	if err != nil || !weights {
		return all, err
	}
	return cancel(all), nil
}

// groups finds equal rows: for each row the first row that is equal to it in the given columns.
func groups(cols []arrow.Array, n int) []int32 {
	size := 16
	for size < 2*n {
		size *= 2
	}
	slots := make([]int32, size)
	hashes := types.HashRows(cols, n, nil)
	first := make([]int32, n)
	mask := uint64(size - 1)
	for i, h := range hashes {
		s := h & mask
		for {
			j := slots[s] - 1
			if j < 0 {
				slots[s] = int32(i) + 1
				first[i] = int32(i)
				break
			}
			if hashes[j] == h && types.SameRows(cols, i, cols, int(j)) {
				first[i] = j
				break
			}
			s = (s + 1) & mask
		}
	}
	return first
}

func cancel(b *types.Batch) *types.Batch {
	first := groups(b.Cols, b.N)
	net := make([]int64, b.N)
	for i, f := range first {
		net[f] += b.Weight(i)
	}
	var keep []int32
	ones := true
	for i, w := range net {
		if w != 0 && first[i] == int32(i) {
			keep = append(keep, int32(i))
			ones = ones && w == 1
		}
	}
	if len(keep) == 0 {
		return nil
	}
	out := b
	if len(keep) < b.N {
		out = types.TakeBatch(b, keep)
	}
	out = out.Plain()
	if !ones {
		out.W = make([]int64, len(keep))
		for k, i := range keep {
			out.W[k] = net[i]
		}
	}
	return out
}

// ToChanges turns consolidated rows with weights into rows with operations: a row that goes and one that comes under the same key (columns)
// become an Update with the new row. Without a key (nil) there are only Insert and Delete; an empty one is that of a result of one row. A weight of n
// gives n rows. b may be nil.
func ToChanges(b *types.Batch, key []int) connector.Changes {
	if b == nil || b.W == nil {
		return connector.Changes{Batch: b}
	}
	var replaced []int32 // by row that came: how many of its key went
	if key != nil {
		replaced = pair(b, key)
	}
	var idx []int32
	var ops []connector.Op
	for i, w := range b.W {
		for ; w < 0; w++ {
			if replaced != nil && replaced[i] > 0 {
				replaced[i]--
				continue
			}
			idx, ops = append(idx, int32(i)), append(ops, connector.Delete)
		}
		for ; w > 0; w-- {
			op := connector.Insert
			if replaced != nil && replaced[i] > 0 {
				replaced[i]--
				op = connector.Update
			}
			idx, ops = append(idx, int32(i)), append(ops, op)
		}
	}
	return connector.Changes{Batch: types.TakeBatch(b.Plain(), idx), Ops: ops}
}

// pair gives for each row how many of its weight belong to an update: as many going rows as coming rows of one key.
func pair(b *types.Batch, key []int) []int32 {
	first := groups(b.Project(key).Cols, b.N)
	gone, come := make([]int32, b.N), make([]int32, b.N)
	for i, f := range first {
		if w := b.W[i]; w < 0 {
			gone[f] -= int32(w)
		} else {
			come[f] += int32(w)
		}
	}
	updates := make([]int32, b.N)
	for i := range gone {
		n := min(gone[i], come[i])
		gone[i], come[i] = n, n
	}
	for i, f := range first {
		if w := int32(b.W[i]); w < 0 {
			updates[i] = min(-w, gone[f])
			gone[f] -= updates[i]
		} else {
			updates[i] = min(w, come[f])
			come[f] -= updates[i]
		}
	}
	return updates
}
