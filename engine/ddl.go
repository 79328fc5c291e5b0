package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/state"
)

// newName settles the schema of an object to be created: the one written, or the first of the search path that takes objects.
func (s *session) newName(names []string, pos ast.Pos) (schema, name string, err error) {
	name = names[len(names)-1]
	if len(names) > 1 {
		schema = names[len(names)-2]
		if s.cat().Schema(schema) == nil {
			return "", "", sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", schema).At(int(pos))
		}
	} else if path := slices.DeleteFunc(s.SearchPath(), isTemp); len(path) > 0 {
		schema = path[0]
	} else {
		return "", "", sqlerr.New(sqlerr.InvalidSchemaName, "no schema has been selected to create in")
	}
	if isSystemSchema(schema) {
		return "", "", sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied to create %q", schema+"."+name).WithDetail("System catalog modifications are currently disallowed.")
	}
	return schema, name, nil
}

func isSystemSchema(name string) bool {
	return name == catalog.PgCatalog || name == catalog.InfoSchema || name == catalog.StreamSQL
}

// taken looks for an object of that name: skip is true where IF NOT EXISTS says to leave it at that.
func (s *session) taken(schema, name string, ifNotExists bool) (skip bool, err error) {
	if s.cat().Lookup([]string{schema, name}, nil) == nil {
		if s.cat().FindUserType([]string{schema, name}, nil) == nil {
			return false, nil
		}
		return false, sqlerr.New(sqlerr.DuplicateObject, "type %q already exists", name).
			WithHint("A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.")
	}
	if ifNotExists {
		s.notice("NOTICE", sqlerr.DuplicateTable, "", "relation %q already exists, skipping", name)
		return true, nil
	}
	return false, sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists", name)
}

// put makes rel visible in this transaction's catalog at once and durable at its commit.
func (s *session) put(rel *catalog.Relation) {
	cat, tx := s.changing()
	old := cat.ByOID(rel.OID)
	cat.Put(rel)
	tx.undo = append(tx.undo, func() {
		cat.Remove(rel)
		if old != nil {
			cat.Put(old)
		}
	})
	if isTemp(rel.Schema) {
		return
	}
	tx.catalog = append(tx.catalog, func(b *state.Batch) error {
		if cat.ByOID(rel.OID) != rel {
			return nil // changed again, or dropped, in the same transaction
		}
		return cat.Write(b, rel)
	})
}

// remove makes rel invisible at once; its query is stopped and its data removed with the commit.
func (s *session) remove(rel *catalog.Relation) {
	e := s.eng
	cat, tx := s.changing()
	for _, q := range cat.OwnedSequences(rel.OID) {
		s.remove(q)
	}
	cat.Remove(rel)
	tx.undo = append(tx.undo, func() { cat.Put(rel) })
	tx.before = append(tx.before, func() {
		switch {
		case rel.IsQuery():
			e.logIf(e.mgr.Drop(rel.OID), "drop", rel)
		case rel.Kind == catalog.Stream:
			e.logIf(e.mgr.CloseStream(rel, true), "drop", rel)
		}
	})
	tx.catalog = append(tx.catalog, func(b *state.Batch) error {
		if err := e.mgr.DropState(b, rel.OID); err != nil {
			return err
		}
		if rel.Storage != 0 {
			if err := e.mgr.DropState(b, rel.Storage); err != nil {
				return err
			}
		}
		if rel.Kind == catalog.Sequence {
			if err := e.sequences.forget(b, rel.OID); err != nil {
				return err
			}
		}
		return cat.WriteDrop(b, rel)
	})
	tx.after = append(tx.after, func() { e.watches.dropped(rel.OID) })
}

func (e *Engine) logIf(err error, what string, rel *catalog.Relation) {
	if err != nil {
		e.log.Warn("cannot "+what, "relation", rel.FullName(), "error", err)
	}
}

// dropNames are the words that DROP and errors use for a kind.
func kindWord(k catalog.Kind) string { return string(k) }

// drop runs DROP.
func (s *session) drop(ctx context.Context, st *ast.Drop, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	tag := "DROP " + strings.ToUpper(st.Kind)
	switch st.Kind {
	case "schema":
		return s.dropSchema(ctx, st, w, tag)
	case "function", "aggregate", "procedure", "routine":
		return s.dropFunctions(ctx, st, w, tag)
	case "type", "domain":
		return s.dropTypes(ctx, st, w, tag)
	case "stream", "table", "view", "materialized view", "sink", "index", "sequence":
	default:
		return sqlerr.New(sqlerr.FeatureNotSupported, "DROP %s is not supported yet", strings.ToUpper(st.Kind)).At(int(st.Pos))
	}
	var rels []object
	going := map[uint32]bool{}
	for i, names := range st.Names {
		if st.Kind == "index" {
			if err := s.dropIndex(names, st); err != nil {
				return err
			}
			continue
		}
		rel := s.cat().Lookup(names, s.SearchPath())
		if rel == nil {
			if err := s.missing(st, names); err != nil {
				return err
			}
			continue
		}
		if err := s.checkKind(rel, st.Kind, int(st.NamePos[i])); err != nil {
			return err
		}
		if !going[rel.OID] {
			going[rel.OID] = true
			if err := s.freeSequence(rel); err != nil {
				return err
			}
			rels = append(rels, object{rel: rel})
		}
	}
	if err := s.dropObjects(ctx, st.Cascade, rels...); err != nil {
		return err
	}
	return w.Complete(tag)
}

// missing is what DROP says of a relation that is not there: an error, or with IF EXISTS a notice.
func (s *session) missing(st *ast.Drop, names []string) error {
	e := sqlerr.New(sqlerr.UndefinedTable, "%s %q does not exist", st.Kind, strings.Join(names, "."))
	if n := len(names); n > 1 && s.cat().Schema(names[n-2]) == nil {
		e = sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", names[n-2])
	}
	if st.IfExists {
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "%s, skipping", e.Message)
		return nil
	}
	return e
}

// checkKind refuses a statement for another kind of relation, as 42809 with the right statement as hint.
func (s *session) checkKind(rel *catalog.Relation, kind string, pos int) error {
	if string(rel.Kind) == kind || kind == "table" && rel.AsTable {
		return nil
	}
	article := "a"
	if rel.Kind == catalog.System {
		return sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied: %q is a system catalog", rel.Name)
	}
	e := sqlerr.New(sqlerr.WrongObjectType, "%q is not %s %s", rel.Name, article, kind)
	return e.WithHint("Use DROP %s to remove %s %s.", strings.ToUpper(kindWord(rel.Kind)), article, kindWord(rel.Kind))
}

// noticeCascade names what goes with a dropped object, as PostgreSQL does.
func (s *session) noticeCascade(names []string) {
	if len(names) == 1 {
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "drop cascades to %s", names[0])
		return
	}
	e := sqlerr.New(sqlerr.SuccessfulCompletion, "drop cascades to %d other objects", len(names))
	for i := range names {
		names[i] = "drop cascades to " + names[i]
	}
	s.updates.Notices = append(s.updates.Notices, Notice{"NOTICE", e.WithDetail("%s", strings.Join(names, "\n"))})
}

// dropForeign removes a foreign key.
func (s *session) dropForeign(r referrer) {
	rel := s.cat().ByOID(r.rel.OID)
	n := *rel
	n.Foreign = slices.DeleteFunc(slices.Clone(rel.Foreign), func(f catalog.ForeignKey) bool { return f.Name == r.key.Name })
	s.replace(rel, &n)
}

// dependents lists all that reads rel, directly or not, readers after what they read.
func (s *session) dependents(rel *catalog.Relation) []*catalog.Relation {
	var out []*catalog.Relation
	seen := map[uint32]bool{rel.OID: true}
	for todo := []uint32{rel.OID}; len(todo) > 0; todo = todo[1:] {
		for _, d := range s.cat().Dependents(todo[0]) {
			if !seen[d.OID] {
				seen[d.OID] = true
				out = append(out, d)
				todo = append(todo, d.OID)
			}
		}
	}
	return out
}

// newOID takes an OID for a new relation, and clears what a crash between an earlier creation and its commit may have left under it.
func (s *session) newOID() (uint32, error) {
	oid := s.cat().NextOID()
	b := s.eng.store.NewBatch()
	if err := s.eng.mgr.DropState(b, oid); err != nil {
		return 0, err
	}
	return oid, b.Commit(false)
}
