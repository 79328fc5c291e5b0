package engine

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// alterUserType runs ALTER TYPE and ALTER DOMAIN.
func (s *session) alterUserType(ctx context.Context, st *ast.AlterType, w ResultWriter) error {
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
	case "add attribute", "drop attribute", "rename attribute", "alter attribute":
		err = s.alterAttribute(t, &n, st)
	default:
		err = s.alterDomain(ctx, t, &n, st)
	}
	if err != nil {
		return err
	}
	s.putType(&n)
	return w.Complete("ALTER " + strings.ToUpper(st.Kind))
}

// alterAttribute changes the attributes of a composite type, which nothing may use yet: values are not rewritten.
func (s *session) alterAttribute(t, n *catalog.UserType, st *ast.AlterType) error {
	if t.Kind != types.KindComposite {
		return sqlerr.New(sqlerr.WrongObjectType, "%q is not a composite type", t.Name)
	}
	rels, funcs := s.callers(t.OID)
	if cols := s.columnsOf(t.Type(), t.ArrayType()); st.Action != "rename attribute" && len(cols) > 0 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot alter type %q because %s uses it", t.Name, cols[0])
	} else if len(rels)+len(funcs) > 0 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot alter type %q because views or functions use it", t.Name)
	}
	n.Attrs = slices.Clone(t.Attrs)
	at := slices.IndexFunc(n.Attrs, func(a catalog.Column) bool { return a.Name == st.Name && !a.Dropped })
	missing := sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", st.Name, t.Name)
	var err error
	switch {
	case st.Action == "add attribute":
		var c catalog.Column
		if slices.ContainsFunc(n.Attrs, func(a catalog.Column) bool { return a.Name == st.Def.Name && !a.Dropped }) {
			return sqlerr.New(sqlerr.DuplicateColumn, "column %q of relation %q already exists", st.Def.Name, t.Name)
		}
		if c, err = s.attribute(t, st.Def); err == nil {
			n.Attrs = append(n.Attrs, c)
		}
	case at < 0 && st.Action == "drop attribute" && st.IfExists:
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "column %q of relation %q does not exist, skipping", st.Name, t.Name)
	case at < 0:
		if st.Action == "rename attribute" {
			missing.Message = "column " + strconv.Quote(st.Name) + " does not exist"
		}
		return missing
	case st.Action == "drop attribute":
		n.Attrs[at].Dropped = true
	case st.Action == "rename attribute":
		if slices.ContainsFunc(n.Attrs, func(a catalog.Column) bool { return a.Name == st.NewName && !a.Dropped }) {
			return sqlerr.New(sqlerr.DuplicateColumn, "column %q of relation %q already exists", st.NewName, t.Name)
		}
		n.Attrs[at].Name = st.NewName
	default:
		st.Def.Name = "\x00"
		c := catalog.Column{}
		if c, err = s.attribute(t, st.Def); err == nil {
			n.Attrs[at].Type = c.Type
		}
	}
	return err
}

// moveType gives a type another name or schema. What is stored as text names it, so nothing may depend on it but columns.
func (s *session) moveType(t, n *catalog.UserType, st *ast.AlterType) error {
	if st.Action == "rename" {
		n.Name = st.NewName
	} else if n.Schema = st.NewName; s.cat().Schema(n.Schema) == nil {
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
	l.OID = s.cat().NextOID()
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
	t.Labels[at].Old = append(slices.Clone(t.Labels[at].Old), st.Name)
	t.Labels[at].Name = st.NewName
	return nil
}
