package engine

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// checkReadOnly refuses writes in a read-only transaction.
func (s *session) checkReadOnly(st ast.Stmt) error {
	if s.tx == nil || !s.tx.readOnly {
		return nil
	}
	what, names := writes(st)
	if what == "" || len(names) > 0 && s.isTempTable(names) {
		return nil
	}
	return sqlerr.New(sqlerr.ReadOnlySQLTransaction, "cannot execute %s in a read-only transaction", what)
}

// isTempTable says whether names mean a temporary table, which a read-only transaction may change.
func (s *session) isTempTable(names []string) bool {
	rel := s.cat().Lookup(names, s.SearchPath())
	return rel != nil && isTemp(rel.Schema)
}

// writes names what a statement does to the database, "": nothing, and the table whose rows it changes.
func writes(st ast.Stmt) (what string, names []string) {
	switch st := st.(type) {
	case *ast.QueryStmt:
		if sql.Modifies(st.Query) {
			return "SELECT", nil
		}
		if st.Query.ForUpdate {
			return "SELECT FOR UPDATE", nil
		}
	case *ast.Explain:
		if analyzes(st.Options) {
			return writes(st.Stmt)
		}
	case *ast.Insert:
		return "INSERT", st.Names
	case *ast.Update:
		return "UPDATE", st.Table.Names
	case *ast.Delete:
		return "DELETE", st.Table.Names
	case *ast.Merge:
		return "MERGE", st.Table.Names
	case *ast.Truncate:
		return "TRUNCATE TABLE", nil
	case *ast.Copy:
		if st.From {
			return "COPY FROM", st.Names
		}
	case *ast.CreateTable:
		if st.As != nil || st.Execute != nil {
			return "CREATE TABLE AS", nil
		}
		return "CREATE TABLE", nil
	case *ast.CreateStream:
		return "CREATE STREAM", nil
	case *ast.CreateView:
		return "CREATE VIEW", nil
	case *ast.CreateSink:
		return "CREATE SINK", nil
	case *ast.CreateFunction:
		return "CREATE FUNCTION", nil
	case *ast.CreateIndex:
		return "CREATE INDEX", nil
	case *ast.CreateSchema:
		return "CREATE SCHEMA", nil
	case *ast.CreateSequence:
		return "CREATE SEQUENCE", nil
	case *ast.CreateType:
		return "CREATE TYPE", nil
	case *ast.CreateDomain:
		return "CREATE DOMAIN", nil
	case *ast.AlterType:
		return "ALTER " + strings.ToUpper(st.Kind), nil
	case *ast.Drop:
		return "DROP " + strings.ToUpper(st.Kind), nil
	case *ast.Alter:
		return "ALTER " + strings.ToUpper(st.Kind), nil
	case *ast.Comment:
		return "COMMENT", nil
	}
	return "", nil
}
