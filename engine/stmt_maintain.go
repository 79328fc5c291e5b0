package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// maintain runs VACUUM, ANALYZE, CLUSTER, REINDEX and LOCK TABLE. But for ANALYZE and LOCK they have nothing to do here: rows and indexes are kept in
// order and counted as they change.
func (s *session) maintain(ctx context.Context, st *ast.Maintain, w ResultWriter) error {
	inBlock := s.tx != nil && s.tx.block
	if st.Kind == "vacuum" && (inBlock || s.inQuery) {
		return sqlerr.New(sqlerr.ActiveSQLTransaction, "VACUUM cannot run inside a transaction block")
	}
	if st.Kind == "lock" && !inBlock {
		return sqlerr.New(sqlerr.NoActiveSQLTransaction, "LOCK TABLE can only be used in transaction blocks")
	}
	if st.Kind == "reindex" && st.Object != "table" {
		if err := s.reindexed(st); err != nil {
			return err
		}
		return w.Complete("REINDEX")
	}
	for i, names := range st.Names {
		rel, err := s.cat().Resolve(names, s.SearchPath())
		if err != nil {
			return err
		}
		if i < len(st.Cols) {
			for _, c := range st.Cols[i] {
				if rel.Column(c) < 0 {
					return sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", c, rel.Name)
				}
			}
		}
		if st.Index != "" && !hasIndex(rel, st.Index) {
			return sqlerr.New(sqlerr.UndefinedObject, "index %q for table %q does not exist", st.Index, rel.Name)
		}
		if st.Kind == "lock" {
			if err := s.lockInBlock(ctx, rel, st); err != nil {
				return err
			}
		}
	}
	if st.Analyze {
		if err := s.gatherStats(ctx, st); err != nil {
			return err
		}
	}
	tag := strings.ToUpper(st.Kind)
	if st.Kind == "lock" {
		tag = "LOCK TABLE"
	}
	return w.Complete(tag)
}

func hasIndex(rel *catalog.Relation, name string) bool {
	return slices.ContainsFunc(rel.Indexes, func(x catalog.Index) bool { return x.Name == name }) ||
		slices.ContainsFunc(keysOf(rel), func(u catalog.Unique) bool { return u.Name == name })
}

// reindexed looks for what REINDEX names.
func (s *session) reindexed(st *ast.Maintain) error {
	names := st.Names[0]
	name := names[len(names)-1]
	switch st.Object {
	case "schema":
		if s.cat().Schema(name) == nil {
			return sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", name)
		}
	case "index":
		if rel, _ := s.ofIndex(names); rel != nil {
			return nil
		}
		return sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", dotted(names))
	default:
		if name != s.Database() {
			return sqlerr.New(sqlerr.FeatureNotSupported, "can only reindex the currently open database")
		}
	}
	return nil
}

// How often a transaction block looks whether a table is free, and after which time one that has locked other tables gives up.
const (
	tablePoll       = 5 * time.Millisecond
	deadlockTimeout = time.Second
)

// lockInBlock takes a table for the rest of the transaction block: statements outside blocks that change it, and other LOCKs, wait.
func (s *session) lockInBlock(ctx context.Context, rel *catalog.Relation, st *ast.Maintain) error {
	tx := s.tx
	if !strings.Contains(st.Mode, "exclusive") && st.Mode != "share" || st.Mode == "row exclusive" || rel.Kind != catalog.Table || slices.Contains(tx.locked, rel.OID) {
		return nil
	}
	mu := s.eng.tableLock(rel.OID)
	for began := time.Now(); !mu.TryLock(); {
		if st.NoWait {
			return sqlerr.New(sqlerr.LockNotAvailable, "could not obtain lock on relation %q", rel.Name)
		}
		if (len(tx.locked) > 0 || tx.lockedKeys != nil) && time.Since(began) > deadlockTimeout {
			return sqlerr.New(sqlerr.DeadlockDetected, "deadlock detected").WithHint("Lock the tables in the same order everywhere, or with one LOCK TABLE.")
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(tablePoll):
		}
	}
	tx.locked = append(tx.locked, rel.OID)
	tx.locks = append(tx.locks, mu.Unlock)
	return nil
}
