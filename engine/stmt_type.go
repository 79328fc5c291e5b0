package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// createType runs CREATE TYPE.
func (s *session) createType(st *ast.CreateType, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	schema, name, err := s.newName(st.Names, st.Pos)
	if err != nil {
		return err
	}
	if !st.Enum {
		return s.createComposite(st, schema, name, w)
	}
	if err := s.typeNameFree(schema, name); err != nil {
		return err
	}
	t := s.newType(schema, name, types.KindEnum)
	for i, l := range st.Labels {
		if err := checkLabel(l); err != nil {
			return err
		}
		if slices.Contains(st.Labels[:i], l) {
			return sqlerr.New(sqlerr.UniqueViolation, `duplicate key value violates unique constraint "pg_enum_typid_label_index"`).
				WithDetail("Key (enumtypid, enumlabel)=(%d, %s) already exists.", t.OID, l)
		}
		t.Labels = append(t.Labels, types.Label{OID: s.cat().NextOID(), Name: l, Order: float64(i + 1)})
	}
	s.putType(t)
	return w.Complete("CREATE TYPE")
}

// createComposite runs CREATE TYPE ... AS (attributes).
func (s *session) createComposite(st *ast.CreateType, schema, name string, w ResultWriter) error {
	if err := s.typeNameFree(schema, name); err != nil {
		return err
	}
	t := s.newType(schema, name, types.KindComposite)
	t.Rel = s.cat().NextOID()
	for _, d := range st.Attrs {
		c, err := s.attribute(t, d)
		if err != nil {
			return err
		}
		t.Attrs = append(t.Attrs, c)
	}
	s.putType(t)
	return w.Complete("CREATE TYPE")
}

// attribute is a new attribute of a composite type.
func (s *session) attribute(t *catalog.UserType, d ast.ColumnDef) (catalog.Column, error) {
	c := catalog.Column{Name: d.Name}
	var err error
	if c.Type, err = sql.ResolvePlainType(d.Type, s.env(nil)); err != nil {
		return c, err
	}
	switch {
	case c.Type.Category() == types.CatPseudo:
		return c, sqlerr.New(sqlerr.InvalidTableDefinition, "column %q has pseudo-type %s", d.Name, c.Type)
	case slices.ContainsFunc(t.Attrs, func(a catalog.Column) bool { return a.Name == d.Name && !a.Dropped }):
		return c, sqlerr.New(sqlerr.DuplicateColumn, "column %q specified more than once", d.Name)
	}
	return c, nil
}

// newType makes a type with OIDs of its own.
func (s *session) newType(schema, name string, kind byte) *catalog.UserType {
	cat := s.cat()
	return &catalog.UserType{OID: cat.NextOID(), Array: cat.NextOID(), Schema: schema, Name: name, Kind: kind, Created: s.now()}
}

// typeNameFree refuses a name that another type of the schema has: each relation's rows have a type of its name. Errors: 42710.
func (s *session) typeNameFree(schema, name string) error {
	names := []string{schema, name}
	if s.cat().FindUserType(names, nil) != nil || s.cat().Lookup(names, nil) != nil {
		return sqlerr.New(sqlerr.DuplicateObject, "type %q already exists", name)
	}
	return nil
}

// checkLabel refuses labels that are too long for a name. Errors: 42602.
func checkLabel(l string) error {
	if l == "" || len(l) > 63 {
		return sqlerr.New(sqlerr.InvalidName, "invalid enum label %q", l).WithDetail("Labels must be 63 bytes or less.")
	}
	return nil
}

// putType makes t visible in this transaction's catalog at once and durable at its commit.
func (s *session) putType(t *catalog.UserType) {
	cat, tx := s.changing()
	old := cat.UserType(t.OID)
	cat.PutType(t)
	tx.undo = append(tx.undo, func() {
		cat.RemoveType(t)
		if old != nil {
			cat.PutType(old)
		}
	})
	tx.catalog = append(tx.catalog, func(b *state.Batch) error {
		if cat.UserType(t.OID) != t {
			return nil // changed again, or dropped, in the same transaction
		}
		return cat.WriteType(b, t)
	})
}

func (s *session) removeType(t *catalog.UserType) {
	cat, tx := s.changing()
	cat.RemoveType(t)
	tx.undo = append(tx.undo, func() { cat.PutType(t) })
	tx.catalog = append(tx.catalog, func(b *state.Batch) error { return cat.WriteDropType(b, t) })
}

// findType finds the user's type that a statement names. Errors: 42704, 42809.
func (s *session) findType(names []string, kind string) (*catalog.UserType, error) {
	if len(names) > 1 && s.cat().Schema(names[len(names)-2]) == nil {
		return nil, sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", names[len(names)-2])
	}
	t := s.cat().FindUserType(names, s.SearchPath())
	if t == nil {
		if b, ok := s.cat().FindType(names, s.SearchPath()); ok && kind == "type" {
			return nil, sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop type %s because it is required by the database system", b)
		}
		return nil, sqlerr.New(sqlerr.UndefinedObject, "type %q does not exist", dotted(names))
	}
	if kind == "domain" && t.Kind != types.KindDomain {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "%q is not a domain", dotted(names))
	}
	return t, nil
}

// dropTypes runs DROP TYPE and DROP DOMAIN.
func (s *session) dropTypes(ctx context.Context, st *ast.Drop, w ResultWriter, tag string) error {
	var list []object
	for _, names := range st.Names {
		t, err := s.findType(names, st.Kind)
		if err != nil {
			if c := sqlerr.From(err).Code; st.IfExists && (c == sqlerr.UndefinedObject || c == sqlerr.InvalidSchemaName) {
				s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "%s", strings.Replace(sqlerr.From(err).Message, "does not exist", "does not exist, skipping", 1))
				continue
			}
			return err
		}
		list = append(list, object{typ: t})
	}
	if err := s.dropObjects(ctx, st.Cascade, list...); err != nil {
		return err
	}
	return w.Complete(tag)
}

// columnsOf names the columns and functions' arguments of a type or of arrays of it.
func (s *session) columnsOf(t, array types.Type) []string {
	var out []string
	is := func(u types.Type) bool { return u.Is(t) || u.Is(array) }
	for _, r := range s.cat().Relations() {
		for _, c := range r.Columns {
			if (is(c.Type) || c.Domain == t.OID) && !c.Dropped && !slices.Contains(r.Deps, t.OID) {
				out = append(out, "column "+c.Name+" of "+string(r.Kind)+" "+r.Name)
			}
		}
	}
	for _, u := range s.cat().UserTypes() {
		if u.Kind == types.KindDomain && (u.Parent == t.OID || u.Parent == 0 && is(u.Base)) {
			out = append(out, "type "+u.Name)
		}
		for _, c := range u.Attrs {
			if is(c.Type) && !c.Dropped {
				out = append(out, "column "+c.Name+" of composite type "+u.Name)
			}
		}
	}
	for _, f := range s.cat().Functions() {
		if is(f.Returns) || slices.ContainsFunc(f.Args, func(a catalog.FuncArg) bool { return is(a.Type) }) {
			out = append(out, f.Kind()+" "+f.Signature())
		}
	}
	return out
}

// commentType runs COMMENT ON TYPE and ON DOMAIN.
func (s *session) commentType(st *ast.Comment) error {
	t, err := s.findType(st.Names, st.Kind)
	if err != nil {
		return err
	}
	n := *t
	n.Comment = st.Text
	s.putType(&n)
	return nil
}
