package engine

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// transaction runs BEGIN, COMMIT, ROLLBACK and the savepoint statements.
func (s *session) transaction(ctx context.Context, st *ast.Transaction, w ResultWriter) error {
	inBlock := s.tx != nil && s.tx.block
	switch st.Kind {
	case "begin":
		if inBlock {
			s.notice("WARNING", sqlerr.ActiveSQLTransaction, "", "there is already a transaction in progress")
		}
		s.begin().block = true
		s.modes(st.Modes)
		if st.Name == "start" {
			return w.Complete("START TRANSACTION")
		}
		return w.Complete("BEGIN")
	case "commit":
		if !inBlock && st.Chain {
			return sqlerr.New(sqlerr.NoActiveSQLTransaction, "COMMIT AND CHAIN can only be used in transaction blocks")
		}
		if !inBlock {
			s.notice("WARNING", sqlerr.NoActiveSQLTransaction, "", "there is no transaction in progress")
			return w.Complete("COMMIT")
		}
		old := s.tx
		if old.failed {
			s.rollback()
			return s.chain(st, old, w, "ROLLBACK")
		}
		if err := s.commit(ctx); err != nil {
			return err
		}
		return s.chain(st, old, w, "COMMIT")
	case "rollback":
		if !inBlock && st.Chain {
			return sqlerr.New(sqlerr.NoActiveSQLTransaction, "ROLLBACK AND CHAIN can only be used in transaction blocks")
		}
		if !inBlock {
			s.notice("WARNING", sqlerr.NoActiveSQLTransaction, "", "there is no transaction in progress")
		}
		old := s.tx
		s.rollback()
		return s.chain(st, old, w, "ROLLBACK")
	}
	return s.savepointStmt(st, inBlock, w)
}

// chain begins the next transaction of AND CHAIN, with the modes of the old one.
func (s *session) chain(st *ast.Transaction, old *txn, w ResultWriter, tag string) error {
	if st.Chain {
		tx := s.begin()
		tx.block = true
		if old != nil {
			tx.readOnly, tx.isolation, tx.waits = old.readOnly, old.isolation, old.waits
		}
	}
	return w.Complete(tag)
}

func (s *session) savepointStmt(st *ast.Transaction, inBlock bool, w ResultWriter) error {
	tag := map[string]string{"savepoint": "SAVEPOINT", "release": "RELEASE", "rollback to": "ROLLBACK"}[st.Kind]
	if !inBlock {
		what := map[string]string{"savepoint": "SAVEPOINT", "release": "RELEASE SAVEPOINT", "rollback to": "ROLLBACK TO SAVEPOINT"}[st.Kind]
		return sqlerr.New(sqlerr.NoActiveSQLTransaction, "%s can only be used in transaction blocks", what)
	}
	if st.Kind == "savepoint" {
		s.tx.savepoint(st.Name, s.values)
		return w.Complete(tag)
	}
	i := s.tx.find(st.Name)
	if i < 0 {
		return sqlerr.New(sqlerr.InvalidSavepoint, "savepoint %q does not exist", st.Name)
	}
	if st.Kind == "release" {
		s.tx.readOnly = s.tx.savepoints[i].readOnly
		s.tx.savepoints = s.tx.savepoints[:i]
	} else {
		s.values = s.tx.rollbackTo(i)
	}
	return w.Complete(tag)
}

// modes applies transaction modes: read only, isolation level.
func (s *session) modes(modes []string) {
	for _, m := range modes {
		switch {
		case m == "read only":
			s.tx.readOnly = true
		case m == "read write":
			s.tx.readOnly = false
		case m == "deferrable", m == "not deferrable":
			s.tx.waits = m == "deferrable"
		case strings.HasPrefix(m, "isolation level "):
			s.tx.isolation = strings.TrimPrefix(m, "isolation level ")
		}
	}
}
