package engine

import (
	"context"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// rowKey names a row of a table by its key, as text.
type rowKey struct {
	rel uint32
	key string
}

// lockModes are the strengths of row locks, weakest first; conflicts says which others each of them keeps out.
var (
	lockModes = map[string]int{"key share": 0, "share": 1, "no key update": 2, "update": 3}
	conflicts = [4][4]bool{{3: true}, {2: true, 3: true}, {1: true, 2: true, 3: true}, {true, true, true, true}}
)

// rowLocks are the rows that transactions have locked by FOR UPDATE and the like, and who waits for which row.
type rowLocks struct {
	mu      sync.Mutex
	held    map[rowKey]map[*txn]int
	waiting map[*txn]rowKey
}

// try takes a lock; false: others hold one that keeps it out.
func (l *rowLocks) try(tx *txn, key rowKey, mode int, take bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for other, m := range l.held[key] {
		if other != tx && conflicts[mode][m] {
			return false
		}
	}
	delete(l.waiting, tx)
	if !take {
		return true
	}
	if l.held == nil {
		l.held, l.waiting = map[rowKey]map[*txn]int{}, map[*txn]rowKey{}
	}
	if l.held[key] == nil {
		l.held[key] = map[*txn]int{}
	}
	if m, ok := l.held[key][tx]; !ok || m < mode {
		l.held[key][tx] = mode
	}
	return true
}

// wait notes that tx waits for a row; false: those that it waits for wait for tx.
func (l *rowLocks) wait(tx *txn, key rowKey) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := map[*txn]bool{}
	var leads func(key rowKey) bool
	leads = func(key rowKey) bool {
		for other := range l.held[key] {
			if other == tx {
				continue
			}
			next, ok := l.waiting[other]
			if !ok || seen[other] {
				continue
			}
			seen[other] = true
			if _, mine := l.held[next][tx]; mine || leads(next) {
				return true
			}
		}
		return false
	}
	if leads(key) {
		return false
	}
	l.waiting[tx] = key
	return true
}

func (l *rowLocks) release(tx *txn, keys []rowKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, tx)
	for _, k := range keys {
		if delete(l.held[k], tx); len(l.held[k]) == 0 {
			delete(l.held, k)
		}
	}
}

// any says whether some row is locked.
func (l *rowLocks) any() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.held) > 0
}

// lockedRow is a row that the transaction has locked: nobody may have changed it when it commits.
type lockedRow struct {
	rel *catalog.Relation
	key []arrow.Array
}

// maxReruns bounds how often a statement runs again over rows that change.
const maxReruns = 1000

// fresh says whether the transaction has read and written nothing: then a statement that meets a row which changed while it waited for it can run again.
func (tx *txn) fresh() bool { return tx.versions == nil && len(tx.order) == 0 }

// again prepares a fresh transaction to run its statement again, over a new snapshot; false: it cannot, or there is no reason.
func (e *Engine) again(tx *txn, fresh bool, n int) bool {
	if !tx.rowChanged || !fresh || n > maxReruns {
		return false
	}
	tx.rowChanged = false
	for _, f := range tx.pins {
		f()
	}
	tx.pins, tx.versions = nil, nil
	for _, w := range tx.writes {
		w.batches = nil
	}
	return true
}

// pause waits, unless the statement is interrupted.
func (s *session) pause(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-s.running.Done():
		return context.Cause(s.running)
	}
}

// rowKeyOf is the key in row i.
func rowKeyOf(rel *catalog.Relation, key []arrow.Array, i int, ts []types.Type) rowKey {
	f := types.UTCFormat(0)
	var out []byte
	for c, a := range key {
		if a.IsNull(i) {
			out = append(out, 0, 0)
			continue
		}
		out = append(types.AppendText(append(out, 1), a, i, ts[c], f), 0)
	}
	return rowKey{rel.OID, string(out)}
}

// keyTypes are the types of the columns that find a row of rel.
func keyTypes(rel *catalog.Relation) []types.Type {
	if len(rel.Primary) > 0 {
		return columnTypes(rel, rel.Primary)
	}
	var out []types.Type
	for _, c := range rel.Columns {
		out = append(out, c.Type)
	}
	return out
}

// LockRow implements exec.RowLocker. Errors: 55P03 (NOWAIT, lock_timeout), 40P01, 40001.
func (s *session) LockRow(ec *expr.Ctx, l *plan.RowLock, key []arrow.Array, i int) (bool, error) {
	tx := s.begin()
	k := rowKeyOf(l.Rel, key, i, keyTypes(l.Rel))
	mode := lockModes[l.Mode]
	if !s.eng.rows.try(tx, k, mode, true) {
		switch l.Wait {
		case "nowait":
			return false, sqlerr.New("55P03", "could not obtain lock on row in relation %q", l.Rel.Name)
		case "skip locked":
			return false, nil
		}
		if err := s.waitForRow(ec.Sleep, k, mode, true); err != nil {
			return false, err
		}
	}
	if tx.lockedKeys == nil {
		tx.locks = append(tx.locks, func() { s.eng.rows.release(tx, tx.lockedKeys) })
	}
	tx.lockedKeys = append(tx.lockedKeys, k)
	row := lockedRow{rel: l.Rel, key: types.TakeBatch(&types.Batch{N: i + 1, Cols: key}, []int32{int32(i)}).Cols}
	changed, err := s.eng.rowChanged(tx, row)
	switch {
	case err != nil:
		return false, err
	case changed && l.Wait == "skip locked":
		return false, nil
	case changed:
		tx.rowChanged = true
		return false, errSerialization()
	}
	tx.lockedRows = append(tx.lockedRows, row)
	return true, nil
}

// waitForRow waits until nobody else holds a lock on the row that keeps mode out, and takes it where take is set.
func (s *session) waitForRow(sleep func(time.Duration) error, k rowKey, mode int, take bool) error {
	tx := s.tx
	limit := s.values.duration("lock_timeout")
	for began := time.Now(); !s.eng.rows.try(tx, k, mode, take); {
		if !s.eng.rows.wait(tx, k) {
			return sqlerr.New("40P01", "deadlock detected").WithHint("Lock rows in the same order everywhere.")
		}
		if limit > 0 && time.Since(began) > limit {
			s.eng.rows.release(tx, nil)
			return sqlerr.New("55P03", "canceling statement due to lock timeout")
		}
		if err := sleep(tablePoll); err != nil {
			s.eng.rows.release(tx, nil)
			return err
		}
	}
	return nil
}

// rowChanged says whether a row is another one than in the transaction's snapshot.
func (e *Engine) rowChanged(tx *txn, r lockedRow) (bool, error) {
	read, pinned := tx.versions[r.rel.OID]
	t, err := e.mgr.Table(r.rel)
	if err != nil || !pinned {
		return false, err
	}
	now := t.Version()
	if now == read {
		return false, nil
	}
	b0, r0, had := t.Lookup(r.key, 0, read)
	b1, r1, has := t.Lookup(r.key, 0, now)
	return had != has || had && !types.RowsEqual(b0.Cols, r0, b1.Cols, r1, t.Types()), nil
}

// checkLockedRows refuses the commit of a transaction that changed something, where a row that it had locked was changed by another one that did not ask.
func (e *Engine) checkLockedRows(tx *txn) error {
	for _, r := range tx.lockedRows {
		if changed, err := e.rowChanged(tx, r); changed || err != nil {
			if err == nil {
				err = errSerialization()
			}
			return err
		}
	}
	return nil
}

// awaitRows waits until nobody else has locked one of the rows, which the transaction is about to change. Errors: as LockRow.
func (s *session) awaitRows(rel *catalog.Relation, rows *types.Batch) error {
	tx := s.tx
	if rel.Kind != catalog.Table || !s.eng.rows.any() {
		return nil
	}
	key, ts := keyColumnsOf(rel, rows), keyTypes(rel)
	for i := range rows.N {
		k := rowKeyOf(rel, key, i, ts)
		if s.eng.rows.try(tx, k, lockModes["no key update"], false) {
			continue
		}
		if err := s.waitForRow(s.pause, k, lockModes["no key update"], false); err != nil {
			return err
		}
		changed, err := s.eng.rowChanged(tx, lockedRow{rel, types.TakeBatch(&types.Batch{N: rows.N, Cols: key}, []int32{int32(i)}).Cols})
		if err != nil {
			return err
		}
		if changed {
			tx.rowChanged = true
			return errSerialization()
		}
	}
	return nil
}
