package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// RowLocker is what a session must be for LockRows.
type RowLocker interface {
	// LockRow locks the row with the key in row i of key for the transaction. ok is false where the row is passed over.
	LockRow(ec *expr.Ctx, l *plan.RowLock, key []arrow.Array, i int) (ok bool, err error)
}

// lockRows is FOR UPDATE and the like. It hands nothing on before all rows that it may need are there, so that nothing has left the query when a row turns out
// to be changed.
type lockRows struct {
	*node
	plan  *plan.LockRows
	in    []*types.Batch
	order *rowOrder
	last  []arrow.Array // of FETCH ... WITH TIES: the sort keys of the last row that counts
}

func (l *lockRows) Push(_ *run, _ int, b *types.Batch) error {
	l.in = append(l.in, b)
	return nil
}

// Finish locks row by row, in order.
func (l *lockRows) Finish(st *run) error {
	locker, ok := st.ec.Session.(RowLocker)
	if !ok {
		return sqlerr.New(sqlerr.FeatureNotSupported, "rows cannot be locked here").At(l.plan.Pos)
	}
	left, err := bound(st, l.plan.Count, -1, sqlerr.InvalidRowCountInLimit, "LIMIT must not be negative")
	if err != nil {
		return err
	}
	var out []*types.Batch
	for _, b := range l.in {
		keys, err := evalCols(st.ec, keyExprs(l.plan.Ties), b)
		if err != nil {
			return err
		}
		var keep []int32
		for i := 0; i < b.N && (left != 0 || l.ties(keys, i)); i++ {
			got, err := l.lock(st, locker, b, i)
			if err != nil {
				return err
			}
			if !got {
				continue
			}
			keep = append(keep, int32(i))
			if left == 0 {
				continue
			}
			if left--; left == 0 && l.plan.Ties != nil {
				l.order, l.last = newRowOrder(l.plan.Ties), takeCols(keys, []int32{int32(i)})
			}
		}
		out = append(out, types.Filter(b, keep))
	}
	l.in = nil
	for _, b := range out {
		if b.N > 0 {
			if err := l.emit(st, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// ties says whether a row's keys equal those of the last row that counts.
func (l *lockRows) ties(keys []arrow.Array, i int) bool {
	return l.last != nil && l.order.compare(keys, i, l.last, 0) == 0
}

func (l *lockRows) lock(st *run, locker RowLocker, b *types.Batch, i int) (bool, error) {
	for k := range l.plan.Locks {
		t := &l.plan.Locks[k]
		if got, err := locker.LockRow(st.ec, t, b.Project(t.Key).Cols, i); !got || err != nil {
			return false, err
		}
	}
	return true, nil
}
