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
func checkConflicts(tx *txn, t *state.Table, w *write, all *types.Batch) error {
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
			return errDuplicate(w.rel, keysOf(w.rel)[0], all, i)
		case had && !has, had && !types.RowsEqual(b0.Cols, r0, b1.Cols, r1, ts):
			return errSerialization()
		}
	}
	for _, u := range w.rel.Uniques {
		if err := checkUnique(t, w.rel, u, all, read, now); err != nil {
			return err
		}
	}
	return nil
}

// checkUnique refuses keys that another transaction wrote since version read.
func checkUnique(t *state.Table, rel *catalog.Relation, u catalog.Unique, all *types.Batch, read, now int64) error {
	p := &probe{batch: all, key: all.Project(u.Cols).Cols}
	ts := t.Types()
	for i := 0; i < all.N; i++ {
		if all.Weight(i) <= 0 || p.null(i) {
			continue
		}
		b1, r1, has := lookupKey(t, u.Cols, false, p.key, i, now)
		if !has {
			continue
		}
		b0, r0, had := lookupKey(t, u.Cols, false, p.key, i, read)
		if !had || !types.RowsEqual(b0.Cols, r0, b1.Cols, r1, ts) {
			return errDuplicate(rel, u, all, i)
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

// errDuplicate is PostgreSQL's 23505 for row i of b.
func errDuplicate(rel *catalog.Relation, u catalog.Unique, b *types.Batch, i int) error {
	e := sqlerr.New(sqlerr.UniqueViolation, "duplicate key value violates unique constraint %q", u.Name)
	e.WithDetail("Key (%s)=(%s) already exists.", columnNames(rel, u.Cols), rowText(rel, b, i, u.Cols))
	e.Schema, e.Table, e.Constraint = rel.Schema, rel.Name, u.Name
	return e
}
