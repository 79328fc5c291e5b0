package engine

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/state"
)

// createSchema runs CREATE SCHEMA.
func (s *session) createSchema(st *ast.CreateSchema, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	if s.cat().Schema(st.Name) != nil {
		if !st.IfNotExists {
			return sqlerr.New(sqlerr.DuplicateSchema, "schema %q already exists", st.Name)
		}
		s.notice("NOTICE", sqlerr.DuplicateSchema, "", "schema %q already exists, skipping", st.Name)
		return w.Complete("CREATE SCHEMA")
	}
	if strings.HasPrefix(st.Name, "pg_") {
		return errReservedSchema(st.Name)
	}
	cat, tx := s.changing()
	sc := &catalog.Schema{OID: cat.NextOID(), Name: st.Name}
	cat.PutSchema(sc)
	tx.undo = append(tx.undo, func() { cat.RemoveSchema(sc.Name) })
	tx.catalog = append(tx.catalog, func(b *state.Batch) error { return cat.WriteSchema(b, sc) })
	return w.Complete("CREATE SCHEMA")
}

// alterSchema runs ALTER SCHEMA. Names of schemas stand in the texts of views and functions, so a schema can have another name only while it is empty.
func (s *session) alterSchema(st *ast.Alter, w ResultWriter) error {
	name := st.Names[len(st.Names)-1]
	cat, tx := s.changing()
	sc := cat.Schema(name)
	switch {
	case sc == nil:
		return sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", name)
	case st.Action == "owner":
		return w.Complete("ALTER SCHEMA")
	case st.Action != "rename":
		return sqlerr.New(sqlerr.FeatureNotSupported, "ALTER SCHEMA ... %s is not supported", strings.ToUpper(st.Action)).At(int(st.Pos))
	case cat.Schema(st.NewName) != nil:
		return sqlerr.New(sqlerr.DuplicateSchema, "schema %q already exists", st.NewName)
	case strings.HasPrefix(st.NewName, "pg_"):
		return errReservedSchema(st.NewName)
	case sc.OID < catalog.FirstOID:
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot rename schema %q because it is required by the database system", name).At(int(st.Pos))
	case len(s.inSchema(name)) > 0:
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot rename schema %q because there are objects in it", name).At(int(st.Pos)).
			WithHint("Create the new schema, and move the objects with ALTER ... SET SCHEMA.")
	}
	n := *sc
	n.Name = st.NewName
	cat.RemoveSchema(name)
	cat.PutSchema(&n)
	tx.undo = append(tx.undo, func() {
		cat.RemoveSchema(n.Name)
		cat.PutSchema(sc)
	})
	tx.catalog = append(tx.catalog, func(b *state.Batch) error {
		if err := cat.WriteDropSchema(b, name); err != nil {
			return err
		}
		return cat.WriteSchema(b, &n)
	})
	return w.Complete("ALTER SCHEMA")
}

func errReservedSchema(name string) error {
	return sqlerr.New("42939", "unacceptable schema name %q", name).WithDetail(`The prefix "pg_" is reserved for system schemas.`)
}

func (s *session) dropSchema(ctx context.Context, st *ast.Drop, w ResultWriter, tag string) error {
	var list []object
	for _, n := range st.Names {
		name := n[len(n)-1]
		sc := s.cat().Schema(name)
		if sc == nil {
			if !st.IfExists {
				return sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", name)
			}
			s.notice("NOTICE", sqlerr.InvalidSchemaName, "", "schema %q does not exist, skipping", name)
			continue
		}
		if sc.OID < catalog.FirstOID && name != catalog.Public {
			return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop schema %s because it is required by the database system", name)
		}
		list = append(list, object{schema: name})
	}
	if err := s.dropObjects(ctx, st.Cascade, list...); err != nil {
		return err
	}
	return w.Complete(tag)
}
