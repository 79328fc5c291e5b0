package engine

import (
	"context"
	"slices"
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
	held    map[rowKey][]rowHold
	waiting map[*txn]rowKey
}

// rowHold is a lock that a transaction holds on a row.
type rowHold struct {
	tx   *txn
	mode int
}

// try takes a lock; false: others hold one that keeps it out.
func (l *rowLocks) try(tx *txn, key rowKey, mode int, take bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	holds, own := l.held[key], -1
	for i, h := range holds {
		if h.tx == tx {
			own = i
		} else if conflicts[mode][h.mode] {
			return false
		}
	}
	if len(l.waiting) > 0 {
		delete(l.waiting, tx)
	}
	switch {
	case !take:
		return true
	case own >= 0:
		holds[own].mode = max(holds[own].mode, mode)
		return true
	case l.held == nil:
		l.held, l.waiting = map[rowKey][]rowHold{}, map[*txn]rowKey{}
	}
	l.held[key] = append(holds, rowHold{tx, mode})
	return true
}

// wait notes that tx waits for a row; false: those that it waits for wait for tx.
func (l *rowLocks) wait(tx *txn, key rowKey) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := map[*txn]bool{}
	var leads func(key rowKey) bool
	leads = func(key rowKey) bool {
		for _, h := range l.held[key] {
			next, ok := l.waiting[h.tx]
			if h.tx == tx || !ok || seen[h.tx] {
				continue
			}
			seen[h.tx] = true
			if slices.ContainsFunc(l.held[next], func(h rowHold) bool { return h.tx == tx }) || leads(next) {
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

func (l *rowLocks) release(tx *txn, keys map[rowKey]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, tx)
	for k := range keys {
		holds := slices.DeleteFunc(l.held[k], func(h rowHold) bool { return h.tx == tx })
		if l.held[k] = holds; len(holds) == 0 {
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

// lockedRows are rows that the transaction has locked, the rows of key that rows lists: nobody may have changed their columns cols (nil: all) when it commits.
type lockedRows struct {
	rel  *catalog.Relation
	key  []arrow.Array
	rows []int32
	cols []int
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
			return false, sqlerr.New(sqlerr.LockNotAvailable, "could not obtain lock on row in relation %q", l.Rel.Name)
		case "skip locked":
			return false, nil
		}
		if err := s.waitForRow(ec.Sleep, k, mode, true); err != nil {
			return false, err
		}
	}
	s.holds(k)
	row := lockedRows{rel: l.Rel, key: types.TakeBatch(&types.Batch{N: i + 1, Cols: key}, []int32{int32(i)}).Cols, rows: []int32{0}}
	if l.Mode == "key share" {
		row.cols = uniqueColumns(l.Rel)
	}
	changed, err := s.eng.rowsChanged(tx, row)
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

// holds notes a row that the transaction has locked.
func (s *session) holds(k rowKey) {
	tx := s.tx
	if tx.lockedKeys == nil {
		tx.lockedKeys = map[rowKey]bool{}
		tx.locks = append(tx.locks, func() { s.eng.rows.release(tx, tx.lockedKeys) })
	}
	tx.lockedKeys[k] = true
}

// uniqueColumns are the columns that unique keys of rel have, in order.
func uniqueColumns(rel *catalog.Relation) []int {
	var out []int
	for _, u := range keysOf(rel) {
		out = append(out, u.Cols...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// lockKeys keeps others from deleting rows that rows of a foreign key refer to: FOR KEY SHARE of the rows with these keys.
func (s *session) lockKeys(rel *catalog.Relation, key []arrow.Array, rows []int32, cols []int) error {
	tx, ts := s.begin(), keyTypes(rel)
	mode := lockModes["key share"]
	locked := lockedRows{rel: rel, key: key, cols: cols}
	for _, i := range rows {
		k := rowKeyOf(rel, key, int(i), ts)
		if tx.lockedKeys[k] {
			continue
		}
		if !s.eng.rows.try(tx, k, mode, true) {
			if err := s.waitForRow(s.pause, k, mode, true); err != nil {
				return err
			}
		}
		s.holds(k)
		locked.rows = append(locked.rows, i)
	}
	if locked.rows == nil {
		return nil
	}
	changed, err := s.eng.rowsChanged(tx, locked)
	if err == nil && changed {
		tx.rowChanged = true
		err = errSerialization()
	}
	tx.lockedRows = append(tx.lockedRows, locked)
	return err
}

// waitForRow waits until nobody else holds a lock on the row that keeps mode out, and takes it where take is set.
func (s *session) waitForRow(sleep func(time.Duration) error, k rowKey, mode int, take bool) error {
	tx := s.tx
	limit := s.values.duration("lock_timeout")
	for began := time.Now(); !s.eng.rows.try(tx, k, mode, take); {
		if !s.eng.rows.wait(tx, k) {
			return sqlerr.New(sqlerr.DeadlockDetected, "deadlock detected").WithHint("Lock rows in the same order everywhere.")
		}
		if limit > 0 && time.Since(began) > limit {
			s.eng.rows.release(tx, nil)
			return sqlerr.New(sqlerr.LockNotAvailable, "canceling statement due to lock timeout")
		}
		if err := sleep(tablePoll); err != nil {
			s.eng.rows.release(tx, nil)
			return err
		}
	}
	return nil
}

// rowsChanged says whether one of the rows is another one than in the transaction's snapshot.
func (e *Engine) rowsChanged(tx *txn, r lockedRows) (bool, error) {
	read, pinned := tx.versions[r.rel.OID]
	t, err := e.mgr.Table(r.rel)
	if err != nil || !pinned {
		return false, err
	}
	now := t.Version()
	if now == read {
		return false, nil
	}
	ts := t.Types()
	for _, i := range r.rows {
		b0, r0, had := t.Lookup(r.key, int(i), read)
		b1, r1, has := t.Lookup(r.key, int(i), now)
		switch {
		case had != has:
			return true, nil
		case !had:
		case r.cols == nil && !types.RowsEqual(b0.Cols, r0, b1.Cols, r1, ts),
			r.cols != nil && !types.RowsEqual(b0.Project(r.cols).Cols, r0, b1.Project(r.cols).Cols, r1, columnTypes(r.rel, r.cols)):
			return true, nil
		}
	}
	return false, nil
}

// checkLockedRows refuses the commit of a transaction that changed something, where a row that it had locked was changed by another one that did not ask.
func (e *Engine) checkLockedRows(tx *txn) error {
	for _, r := range tx.lockedRows {
		if changed, err := e.rowsChanged(tx, r); changed || err != nil {
			if err == nil {
				err = errSerialization()
			}
			return err
		}
	}
	return nil
}

// awaitRows waits until nobody else has locked one of the rows, which the transaction is about to change; where keys that others may refer to go, it locks them.
// Errors: as LockRow.
func (s *session) awaitRows(rel *catalog.Relation, rows *types.Batch, keys bool) error {
	if rel.Kind != catalog.Table || !keys && !s.eng.rows.any() {
		return nil
	}
	tx, mode := s.tx, lockModes["no key update"]
	if keys {
		mode = lockModes["update"]
	}
	key, ts := keyColumnsOf(rel, rows), keyTypes(rel)
	waited := false
	for i := range rows.N {
		k := rowKeyOf(rel, key, i, ts)
		free := s.eng.rows.try(tx, k, mode, keys)
		if !free {
			if err := s.waitForRow(s.pause, k, mode, keys); err != nil {
				return err
			}
			waited = true
		}
		if keys {
			s.holds(k)
		}
		if free {
			continue
		}
		changed, err := s.eng.rowsChanged(tx, lockedRows{rel: rel, key: key, rows: []int32{int32(i)}})
		if err != nil {
			return err
		}
		tx.rowChanged = tx.rowChanged || changed
	}
	if tx.rowChanged = tx.rowChanged || waited && keys; tx.rowChanged {
		return errSerialization() // rows that refer to these may have come, which the snapshot has not
	}
	return nil
}
