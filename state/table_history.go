package state

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// histories numbers the readers of History.
var histories atomic.Int64

// History gives the rows of version with the times at which they came and went: changes whose last column, beyond cols, is the clock of the commit (µs), so
// that the rows that held at a time t are the sum of the changes with a clock at or before t. What stood before the oldest change that is
// still known comes first, with the least time; since is the time before which nothing is known, NoWatermark where all is.
// A table that was written anew (rewritten) knows nothing of the time before its first version.
func (t *Table) History(version int64, cols []int, rewritten bool) (splits []types.Split, since int64, release func(), err error) {
	rows, unpin, err := t.Snapshot(version, cols)
	if err != nil {
		return nil, 0, nil, err
	}
	reader := fmt.Sprintf("history %d", histories.Add(1))
	release = func() {
		t.Unhold(reader)
		unpin()
	}
	t.writeMu.Lock() // no snapshot drops changes meanwhile
	defer t.writeMu.Unlock()
	t.Hold(reader, 0)
	t.mu.RLock()
	ds := slices.Clone(t.deltas[:t.after(version)])
	if since = t.baseAt; rewritten && since == NoWatermark && len(ds) > 0 {
		since = ds[0].at
	}
	t.mu.RUnlock()
	var out []types.Split
	for _, s := range rows {
		out = append(out, withClock(s, math.MinInt64))
	}
	// Back in time to the oldest known version, then forward again.
	out = append(out, types.Split{Read: func(ctx context.Context, emit func(*types.Batch) error) error {
		for _, d := range slices.Backward(ds) {
			err := t.readDeltas(ctx, []delta{d}, cols, func(b *types.Batch) error { return emit(addClock(reversed(b), math.MinInt64)) })
			if err != nil {
				return err
			}
		}
		return nil
	}})
	return append(out, t.clocked(ds, cols)), since, release, nil
}

// HistorySince gives the changes of (from, to], each with the clock of its commit as a last column.
func (t *Table) HistorySince(from, to int64, cols []int) ([]types.Split, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if from < t.base {
		return nil, fmt.Errorf("state: changes of table %d are kept from version %d on, not from %d", t.oid, t.base, from)
	}
	return []types.Split{t.clocked(slices.Clone(t.deltas[t.after(from):t.after(to)]), cols)}, nil
}

func (t *Table) clocked(ds []delta, cols []int) types.Split {
	return types.Split{Read: func(ctx context.Context, emit func(*types.Batch) error) error {
		for _, d := range ds {
			if d.rows == 0 {
				continue
			}
			if err := t.readDeltas(ctx, []delta{d}, cols, func(b *types.Batch) error { return emit(addClock(b, d.at)) }); err != nil {
				return err
			}
		}
		return nil
	}}
}

func withClock(s types.Split, at int64) types.Split {
	return types.Split{Partition: s.Partition, Read: func(ctx context.Context, emit func(*types.Batch) error) error {
		return s.Read(ctx, func(b *types.Batch) error { return emit(addClock(b, at)) })
	}}
}

// WithClock gives the rows of a split with a clock as their last column, as History does.
func WithClock(s types.Split, at int64) types.Split { return withClock(s, at) }

func addClock(b *types.Batch, at int64) *types.Batch {
	v := make([]int64, b.N)
	for i := range v {
		v[i] = at
	}
	clock := types.Int64Array(v, nil, 0)
	return &types.Batch{Cols: append(b.Cols[:len(b.Cols):len(b.Cols)], clock), N: b.N, W: b.W}
}

// reversed is what undoes b: its rows from the last to the first, with the opposite weights.
func reversed(b *types.Batch) *types.Batch {
	idx := make([]int32, b.N)
	w := make([]int64, b.N)
	for i := range idx {
		idx[i], w[i] = int32(b.N-1-i), -b.Weight(b.N-1-i)
	}
	out := &types.Batch{N: b.N, W: w, Cols: make([]arrow.Array, len(b.Cols))}
	for k, c := range b.Cols {
		out.Cols[k] = types.Take(c, idx)
	}
	return out
}

// Settle says up to which time, at most upTo, all versions are known to one who has read the table up to version: later commits get a clock at or after
// it.
func (t *Table) Settle(version, upTo int64) int64 {
	t.writeMu.Lock()
	defer t.writeMu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clock = max(t.clock, upTo)
	if i := t.after(version); i < len(t.deltas) {
		return min(upTo, t.deltas[i].at)
	}
	return upTo
}
