package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// alter runs ALTER.
func (s *session) alter(ctx context.Context, st *ast.Alter, text string, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	tag := "ALTER " + strings.ToUpper(st.Kind)
	switch st.Kind {
	case "function", "aggregate", "procedure", "routine":
		return s.alterFunction(st, w)
	case "schema":
		return s.alterSchema(st, w)
	}
	if st.Next != nil {
		s.begin() // all actions or none
	}
	for _, st := range alterPasses(st) {
		if done, err := s.alterAction(ctx, st, text, tag, w); done || err != nil {
			return err
		}
	}
	return w.Complete(tag)
}

// alterPasses lists the actions of ALTER TABLE in the order in which PostgreSQL runs them: what goes, changed types, new columns, the rest.
func alterPasses(st *ast.Alter) []*ast.Alter {
	var out []*ast.Alter
	for ; st != nil; st = st.Next {
		out = append(out, st)
	}
	pass := map[string]int{"drop column": -3, "drop constraint": -3, "drop default": -3, "drop not null": -3, "set type": -2, "add column": -1}
	slices.SortStableFunc(out, func(a, b *ast.Alter) int { return pass[a.Action] - pass[b.Action] })
	return out
}

// renamesView says whether ALTER TABLE renames a view or a column of one, or moves it, which PostgreSQL allows.
func renamesView(rel *catalog.Relation, st *ast.Alter) bool {
	return st.Kind == "table" && (st.Action == "rename" || st.Action == "rename column" || st.Action == "set schema" || st.Action == "owner") && (rel.Kind == catalog.View || rel.Kind == catalog.MatView || rel.Kind == catalog.Sequence || rel.Kind == catalog.Stream)
}

// alterAction runs one action of ALTER; done says that it has told the client so.
func (s *session) alterAction(ctx context.Context, st *ast.Alter, text, tag string, w ResultWriter) (done bool, err error) {
	rel := s.cat().Lookup(st.Names, s.SearchPath())
	if of, index := s.ofIndex(st.Names); of != nil && (st.Kind == "index" || st.Kind == "table") {
		return false, s.alterIndex(of, index, st)
	}
	if rel == nil {
		if st.IfExists {
			s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "relation %q does not exist, skipping", dotted(st.Names))
			return true, w.Complete(tag)
		}
		if n := len(st.Names); n > 1 && s.cat().Schema(st.Names[n-2]) == nil {
			return false, sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", st.Names[n-2])
		}
		return false, sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", dotted(st.Names))
	}
	if err := s.checkKind(rel, st.Kind, int(st.Pos)); err != nil && !renamesView(rel, st) {
		e := sqlerr.From(err)
		e.Hint = ""
		return false, e
	}
	n := *rel
	switch st.Action {
	case "pause", "resume":
		if !rel.IsQuery() {
			return false, sqlerr.New(sqlerr.WrongObjectType, "%q is not a continuous query", rel.Name).At(int(st.Pos))
		}
		return true, s.pauseResume(rel, &n, st.Action, tag, w)
	case "rename":
		if err := s.move(rel, &n, rel.Schema, st.NewName); err != nil {
			return false, err
		}
	case "set schema":
		if err := s.setSchema(rel, &n, st.NewName); err != nil {
			return false, err
		}
	case "set", "reset", "storage":
		alter := s.alterStorage
		if rel.IsQuery() && st.Action == "set" {
			alter = s.alterOptions
		}
		if err := alter(rel, &n, st); err != nil {
			return false, err
		}
	case "sequence":
		if err := s.alterSequence(rel, &n, st); err != nil {
			return false, err
		}
	case "as":
		if err := s.alterAs(ctx, rel, st, text); err != nil {
			return false, err
		}
	case "add column", "drop column", "rename column", "set default", "drop default", "set not null", "drop not null", "set type", "add constraint", "drop constraint", "validate constraint", "rename constraint", "drop expression", "add identity", "set identity", "drop identity":
		if err := s.alterTable(ctx, rel, &n, st); err != nil {
			return false, err
		}
	case "owner":
	default:
		return false, sqlerr.New(sqlerr.FeatureNotSupported, "ALTER %s ... %s is not supported yet", strings.ToUpper(st.Kind), strings.ToUpper(st.Action)).At(int(st.Pos))
	}
	return false, nil
}

// replace puts a changed relation in the place of the old one, and tells the manager.
func (s *session) replace(old, rel *catalog.Relation) {
	s.put(rel)
	if s.tx.cat != nil {
		s.tx.after = append(s.tx.after, func() { s.eng.mgr.Replace(rel) })
		return
	}
	s.eng.mgr.Replace(rel)
	s.tx.undo = append(s.tx.undo, func() { s.eng.mgr.Replace(old) })
}

func (s *session) pauseResume(rel, n *catalog.Relation, action, tag string, w ResultWriter) error {
	n.Paused = action == "pause"
	s.replace(rel, n)
	if n.Paused {
		if err := s.eng.mgr.Pause(rel.OID); err != nil {
			return err
		}
		return w.Complete(tag)
	}
	if err := s.eng.mgr.Resume(rel.OID); err != nil {
		return err
	}
	return w.Complete(tag)
}
