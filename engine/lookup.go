package engine

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// lookup reads the rows that the scan asks an index for. The filter still runs over what comes. ok is false where the index cannot be asked: a row was taken
// that its expressions cannot be computed for.
func (r *queryRun) lookup(t *state.Table, scan *plan.Scan, version int64) (splits []types.Split, ok bool, err error) {
	l := scan.Lookup
	if given, is := r.given[scan]; is {
		return r.found(t, scan, version, given.cols, given.n)
	}
	if l.Ordered != nil {
		splits, err = r.readOrdered(t, scan, version)
		return splits, true, err
	}
	key := make([]arrow.Array, len(l.Values))
	ec := r.sess.exprCtx(r.args)
	ec.Now = r.now
	for i, x := range l.Values {
		if key[i], err = expr.EvalArray(ec, x, &types.Batch{N: 1}); err != nil {
			return nil, false, err
		}
		if key[i].IsNull(0) {
			return nil, true, nil
		}
	}
	n := 1
	if l.List {
		key, n = listed(key, scan.Rel.Columns[l.Cols[len(l.Cols)-1]].Type)
	}
	return r.found(t, scan, version, key, n)
}

// listed repeats the values before a list for each of its elements that is not NULL; each of these comes once.
func listed(key []arrow.Array, t types.Type) ([]arrow.Array, int) {
	last := len(key) - 1
	items, n := distinctKeys([]arrow.Array{expr.Elements(key[last], 0)}, []types.Type{t})
	out := make([]arrow.Array, len(key))
	for k, a := range key[:last] {
		out[k] = types.Take(a, make([]int32, n))
	}
	out[last] = items[0]
	return out, n
}

// distinctKeys are the different ones of keys that stand in columns, without those that have a NULL, and how many they are.
func distinctKeys(cols []arrow.Array, ts []types.Type) ([]arrow.Array, int) {
	n := cols[0].Len()
	hash := make([]uint64, n)
	types.HashCols(cols, ts, n, hash)
	seen := map[uint64][]int32{}
	var rows []int32
	for i := range n {
		null := slices.ContainsFunc(cols, func(c arrow.Array) bool { return c.IsNull(i) })
		if null || slices.ContainsFunc(seen[hash[i]], func(k int32) bool { return types.RowsEqual(cols, int(k), cols, i, ts) }) {
			continue
		}
		seen[hash[i]], rows = append(seen[hash[i]], int32(i)), append(rows, int32(i))
	}
	out := make([]arrow.Array, len(cols))
	for k, c := range cols {
		out[k] = types.Take(c, rows)
	}
	return out, len(rows)
}

// found reads the rows of n keys.
func (r *queryRun) found(t *state.Table, scan *plan.Scan, version int64, key []arrow.Array, n int) (splits []types.Split, ok bool, err error) {
	l := scan.Lookup
	release, err := t.Pin(version)
	if err != nil {
		return nil, false, err
	}
	defer release()
	var hits hitRows
	for i := range n {
		switch {
		case l.Primary:
			t.LookupEach(key, i, version, hits.add)
		case l.Keys != nil:
			if r.lookupKeys(t, scan, key, version, hits.add) != nil {
				return nil, false, nil
			}
		default:
			t.LookupBy(l.Cols, key, i, version, hits.add)
		}
	}
	if hits.order == nil {
		return nil, true, nil
	}
	return []types.Split{{Read: func(_ context.Context, emit func(*types.Batch) error) error {
		for _, b := range hits.order {
			if err := emit(hits.take(b, scan.Cols)); err != nil {
				return err
			}
		}
		return nil
	}}}, true, nil
}

// hitRows are the rows that an index found, by the batches in which they lie.
type hitRows struct {
	order []*types.Batch
	rows  map[*types.Batch][]int32
}

func (h *hitRows) add(b *types.Batch, row int) bool {
	if h.rows == nil {
		h.rows = map[*types.Batch][]int32{}
	}
	if h.rows[b] == nil {
		h.order = append(h.order, b)
	}
	h.rows[b] = append(h.rows[b], int32(row))
	return true
}

// take gives the rows of a batch.
func (h *hitRows) take(b *types.Batch, cols []int) *types.Batch {
	rows := h.rows[b]
	if len(rows) == 1 {
		return b.Project(cols).Slice(int(rows[0]), int(rows[0])+1)
	}
	return types.TakeBatch(b.Project(cols), rows)
}
