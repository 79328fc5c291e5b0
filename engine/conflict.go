package engine

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// checkConflicts refuses a commit over rows that another transaction changed since this one read them (40001), and keys that
// came meanwhile (23505). all is the transaction's change of the table.
func (e *Engine) checkConflicts(tx *txn, t *state.Table, w *write, all *types.Batch) error {
	read, pinned := tx.versions[w.rel.OID]
	now := t.Version()
	if !pinned || now == read {
		return nil
	}
	key := keyColumnsOf(w.rel, all)
	ts := t.Types()
	for i := 0; i < all.N; i++ {
		b0, r0, had := t.Lookup(key, i, read)
		b1, r1, has := t.Lookup(key, i, now)
		switch {
		case !had && !has:
		case !had && len(w.rel.Primary) > 0:
			return errDuplicate(w.rel, keysOf(w.rel)[0], columnTypes(w.rel, w.rel.Primary), key, i)
		case had && !has, had && !types.RowsEqual(b0.Cols, r0, b1.Cols, r1, ts):
			return errSerialization()
		}
	}
	for _, u := range w.rel.Uniques {
		if err := e.checkUnique(t, w.rel, u, all, read, now); err != nil {
			return err
		}
	}
	return nil
}

// checkUnique refuses keys that another transaction wrote since version read.
func (e *Engine) checkUnique(t *state.Table, rel *catalog.Relation, u catalog.Unique, all *types.Batch, read, now int64) error {
	of, err := e.sideKey(rel, u)
	if err != nil {
		return err
	}
	k := &keyIndex{of: of, ts: of.Ts, key: u}
	p, err := k.probe(all)
	if err != nil {
		return err
	}
	ts := t.Types()
	for i := 0; i < all.N; i++ {
		if all.Weight(i) <= 0 || k.apart(p, i) {
			continue
		}
		b1, r1, has, err := lookupKey(t, of, false, p.key, i, now)
		if err != nil {
			return err
		}
		if !has {
			continue
		}
		b0, r0, had, err := lookupKey(t, of, false, p.key, i, read)
		if err != nil {
			return err
		}
		if !had || !types.RowsEqual(b0.Cols, r0, b1.Cols, r1, ts) {
			return errDuplicate(rel, u, of.Ts, p.key, i)
		}
	}
	return nil
}

// keyColumnsOf are the columns of b that the table finds rows by.
func keyColumnsOf(rel *catalog.Relation, b *types.Batch) []arrow.Array {
	if len(rel.Primary) == 0 {
		return b.Cols
	}
	return b.Project(rel.Primary).Cols
}

// errDuplicate is PostgreSQL's 23505 for key i of key, which has types ts.
func errDuplicate(rel *catalog.Relation, u catalog.Unique, ts []types.Type, key []arrow.Array, i int) error {
	e := sqlerr.New(sqlerr.UniqueViolation, "duplicate key value violates unique constraint %q", u.Name)
	e.WithDetail("Key %s already exists.", keyDetail(rel, u, ts, key, i))
	e.Schema, e.Table, e.Constraint = rel.Schema, rel.Name, u.Name
	return e
}
