package engine

import (
	"context"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/state"
)

// txn is a transaction: a block begun by BEGIN, or the implicit one of a statement.
//
// It reads one snapshot (versions, pinned at its first read) plus its own writes, keeps its writes in memory, and commits
// them in one synced batch. A block that creates, changes or drops objects does so in a catalog of its own, which becomes the server's at
// commit (fork.go); a single statement in the server's, from which undo takes them back. The first committer wins: a row that the transaction changed and another one changed since is 40001.
type txn struct {
	block     bool
	failed    bool
	readOnly  bool
	waits     bool       // DEFERRABLE, which says nothing here
	start     int64      // µs: now()
	clock     *time.Time // of its commit; nil: the system's
	isolation string

	cat      *catalog.Catalog  // of a block that changed the catalog: as it sees it
	versions map[uint32]int64  // pinned versions of relations; nil: nothing read yet
	writes   map[uint32]*write // by relation
	order    []uint32          // of writes
	before   []func()          // before the commit: queries that are dropped stop
	catalog  []func(b *state.Batch) error
	after    []func() // after the commit
	undo     []func() // at rollback, last first

	locked     []uint32      // the tables that an implicit transaction has locked
	locks      []func()      // release the tables that an implicit transaction writes
	pins       []func()      // release the pinned versions
	settings   settingValues // as they were at BEGIN, once one was set
	kept       []string      // names set without LOCAL
	savepoints []savepoint

	lockedKeys map[rowKey]bool
	lockedRows []lockedRows
	rowChanged bool // a row that was to be locked is not as in the snapshot

	deferred []deferredCheck // foreign keys that are checked at the end
	modes    constraintModes // what SET CONSTRAINTS said
}

type savepoint struct {
	name     string
	writes   map[uint32]int // number of pending batches by relation
	undo     int
	after    int
	catalog  int
	settings settingValues
	readOnly bool
	deferred int
	modes    constraintModes
}

func errFailedTx() error {
	return sqlerr.New(sqlerr.InFailedSQLTransaction, "current transaction is aborted, commands ignored until end of transaction block")
}

// begin makes sure that there is a transaction.
func (s *session) begin() *txn {
	if s.tx == nil {
		s.tx = &txn{start: s.eng.clock().UnixMicro(), writes: map[uint32]*write{}, isolation: s.values.get(findSetting("default_transaction_isolation")), readOnly: s.values.get(findSetting("default_transaction_read_only")) == "on",
			waits: s.values.get(findSetting("default_transaction_deferrable")) == "on"}
	}
	return s.tx
}

// endImplicit commits the implicit transaction of a statement, of a simple query or of a run of extended messages.
func (s *session) endImplicit(ctx context.Context) error {
	if s.tx == nil || s.tx.block {
		return nil
	}
	return s.commit(ctx)
}

// commit makes the transaction's writes durable and visible, in one batch. After an error it is rolled back.
func (s *session) commit(ctx context.Context) error {
	tx := s.tx
	if tx == nil {
		return nil
	}
	var err error
	if err = s.checkDeferred(ctx, func(deferredCheck) bool { return true }); err == nil {
		tx.clock, err = s.triggerClock()
	}
	if err == nil && tx.cat != nil {
		s.eng.ddl.Lock()
		defer s.eng.ddl.Unlock()
	}
	if err == nil {
		err = s.eng.commitTx(ctx, tx)
	}
	if err != nil {
		s.rollback()
		return err
	}
	s.tx = nil
	s.endPortals()
	if tx.settings != nil {
		now := s.values
		s.values = tx.settings.clone()
		for _, n := range tx.kept {
			if v, ok := now[n]; ok {
				s.values[n] = v
			} else {
				delete(s.values, n)
			}
		}
	}
	for _, f := range tx.after {
		f()
	}
	s.eng.unpin(tx)
	if len(tx.writes) > 0 && s.values["implicit_flush"] == "on" {
		return s.eng.mgr.Flush(ctx, nil)
	}
	return nil
}

// rollback undoes the transaction, if there is one.
func (s *session) rollback() {
	tx := s.tx
	if tx == nil {
		return
	}
	s.tx = nil
	s.endPortals()
	for i := len(tx.undo) - 1; i >= 0; i-- {
		tx.undo[i]()
	}
	if tx.settings != nil {
		s.values = tx.settings
	}
	s.eng.unpin(tx)
}

// endsTransaction says whether a failed transaction still takes the statement.
func endsTransaction(st ast.Stmt) bool {
	t, ok := st.(*ast.Transaction)
	return ok && (t.Kind == "commit" || t.Kind == "rollback" || t.Kind == "rollback to")
}

func (tx *txn) savepoint(name string, values settingValues) {
	sp := savepoint{name: name, writes: map[uint32]int{}, undo: len(tx.undo), after: len(tx.after), catalog: len(tx.catalog), settings: values.clone(), readOnly: tx.readOnly, deferred: len(tx.deferred), modes: tx.modes.clone()}
	for oid, w := range tx.writes {
		sp.writes[oid] = len(w.batches)
	}
	tx.savepoints = append(tx.savepoints, sp)
}

// find gives the index of the newest savepoint of that name, -1: none.
func (tx *txn) find(name string) int {
	for i := len(tx.savepoints) - 1; i >= 0; i-- {
		if tx.savepoints[i].name == name {
			return i
		}
	}
	return -1
}

// rollbackTo goes back to savepoint i, which stays.
func (tx *txn) rollbackTo(i int) settingValues {
	sp := tx.savepoints[i]
	tx.savepoints = tx.savepoints[:i+1]
	for j := len(tx.undo) - 1; j >= sp.undo; j-- {
		tx.undo[j]()
	}
	tx.undo, tx.after, tx.catalog = tx.undo[:sp.undo], tx.after[:sp.after], tx.catalog[:sp.catalog]
	for oid, w := range tx.writes {
		w.batches = w.batches[:sp.writes[oid]]
	}
	tx.failed, tx.readOnly = false, sp.readOnly
	tx.deferred, tx.modes = tx.deferred[:min(sp.deferred, len(tx.deferred))], sp.modes.clone()
	return sp.settings.clone()
}
