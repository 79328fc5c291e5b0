package engine

import (
	"context"

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
	release, err := t.Pin(version)
	if err != nil {
		return nil, false, err
	}
	defer release()
	var found []*types.Batch
	take := func(b *types.Batch, row int) bool {
		found = append(found, b.Project(scan.Cols).Slice(row, row+1))
		return true
	}
	switch {
	case l.Primary:
		t.LookupEach(key, 0, version, take)
	case l.Keys != nil:
		if r.lookupKeys(t, scan, key, version, take) != nil {
			return nil, false, nil
		}
	default:
		t.LookupBy(l.Cols, key, 0, version, take)
	}
	if len(found) == 0 {
		return nil, true, nil
	}
	return []types.Split{{Read: func(_ context.Context, emit func(*types.Batch) error) error {
		for _, b := range found {
			if err := emit(b); err != nil {
				return err
			}
		}
		return nil
	}}}, true, nil
}
