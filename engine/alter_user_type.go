package engine

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// alterUserType runs ALTER TYPE and ALTER DOMAIN.
func (s *session) alterUserType(st *ast.AlterType, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	t, err := s.findType(st.Names, st.Kind)
	if err != nil {
		return err
	}
	n := *t
	switch st.Action {
	case "owner":
	case "rename", "set schema":
		err = s.moveType(t, &n, st)
	case "add value", "rename value":
		if t.Kind != types.KindEnum {
			return sqlerr.New(sqlerr.WrongObjectType, "%s is not an enum", t.Type())
		}
		n.Labels = slices.Clone(t.Labels)
		if st.Action == "add value" {
			err = s.addValue(&n, st)
		} else {
			err = renameValue(&n, st)
		}
	default:
		err = sqlerr.New(sqlerr.FeatureNotSupported, "ALTER %s ... %s is not supported", strings.ToUpper(st.Kind), strings.ToUpper(st.Action)).At(int(st.Pos))
	}
	if err != nil {
		return err
	}
	s.putType(&n)
	return w.Complete("ALTER " + strings.ToUpper(st.Kind))
}

// moveType gives a type another name or schema. What is stored as text names it, so nothing may depend on it but columns.
func (s *session) moveType(t, n *catalog.UserType, st *ast.AlterType) error {
	if st.Action == "rename" {
		n.Name = st.NewName
	} else if n.Schema = st.NewName; s.eng.cat.Schema(n.Schema) == nil {
		return sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", n.Schema)
	}
	if err := s.typeNameFree(n.Schema, n.Name); err != nil {
		return err
	}
	if rels, funcs := s.callers(t.OID); len(rels)+len(funcs) > 0 {
		who := ""
		if len(rels) > 0 {
			who = string(rels[0].Kind) + " " + rels[0].Name
		} else {
			who = funcs[0].Kind() + " " + funcs[0].Signature()
		}
		return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot rename type %s because other objects read it by name", t.Type()).WithDetail("%s reads it.", who)
	}
	return nil
}

// addValue puts a new label at its place among the others.
func (s *session) addValue(t *catalog.UserType, st *ast.AlterType) error {
	if err := checkLabel(st.Name); err != nil {
		return err
	}
	if slices.ContainsFunc(t.Labels, func(l types.Label) bool { return l.Name == st.Name }) {
		if st.IfExists {
			s.notice("NOTICE", sqlerr.DuplicateObject, "", "enum label %q already exists, skipping", st.Name)
			return nil
		}
		return sqlerr.New(sqlerr.DuplicateObject, "enum label %q already exists", st.Name)
	}
	at := len(t.Labels)
	if near := st.Before + st.After; near != "" {
		at = slices.IndexFunc(t.Labels, func(l types.Label) bool { return l.Name == near })
		if at < 0 {
			return sqlerr.New(sqlerr.InvalidParameterValue, "%q is not an existing enum label", near)
		}
		if st.After != "" {
			at++
		}
	}
	l := types.Label{Name: st.Name, Order: 1}
	switch {
	case len(t.Labels) == 0:
	case at == len(t.Labels):
		l.Order = t.Labels[at-1].Order + 1
	case at == 0:
		l.Order = t.Labels[0].Order - 1
	default:
		lo, hi := t.Labels[at-1].Order, t.Labels[at].Order
		if l.Order = lo + (hi-lo)/2; l.Order <= lo || l.Order >= hi {
			return sqlerr.New(sqlerr.ProgramLimitExceeded, "there is no room for a label between %q and %q", t.Labels[at-1].Name, t.Labels[at].Name)
		}
	}
	l.OID = s.eng.cat.NextOID()
	t.Labels = slices.Insert(t.Labels, at, l)
	return nil
}

// renameValue gives a label another name; the rows that have it keep it.
func renameValue(t *catalog.UserType, st *ast.AlterType) error {
	at := slices.IndexFunc(t.Labels, func(l types.Label) bool { return l.Name == st.Name })
	if at < 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "%q is not an existing enum label", st.Name)
	}
	if err := checkLabel(st.NewName); err != nil {
		return err
	}
	if slices.ContainsFunc(t.Labels, func(l types.Label) bool { return l.Name == st.NewName }) {
		return sqlerr.New(sqlerr.DuplicateObject, "enum label %q already exists", st.NewName)
	}
	t.Labels[at].Name = st.NewName
	return nil
}
