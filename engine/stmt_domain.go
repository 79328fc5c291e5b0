package engine

import (
	"context"
	"slices"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// createDomain runs CREATE DOMAIN.
func (s *session) createDomain(st *ast.CreateDomain, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	schema, name, err := s.newName(st.Names, st.Pos)
	if err != nil {
		return err
	}
	if err := s.typeNameFree(schema, name); err != nil {
		return err
	}
	t := s.newType(schema, name, types.KindDomain)
	if t.Base, t.Parent, err = sql.ResolveColumnType(st.Def.Type, s.env(nil)); err != nil {
		return err
	}
	if t.Base.Category() == types.CatPseudo {
		return sqlerr.New(sqlerr.DatatypeMismatch, "%q is not a valid base type for a domain", t.Base)
	}
	if st.Def.NotNull && st.Def.Null {
		return sqlerr.New(sqlerr.SyntaxError, "conflicting NULL/NOT NULL constraints")
	}
	t.NotNull = st.Def.NotNull
	if err := s.domainDefault(t, &st.Def); err != nil {
		return err
	}
	for i := range st.Def.Checks {
		if err := s.domainCheck(t, &st.Def.Checks[i]); err != nil {
			return err
		}
	}
	s.putType(t)
	return w.Complete("CREATE DOMAIN")
}

// domainDefault sets the default of a domain.
func (s *session) domainDefault(t *catalog.UserType, d *ast.ColumnDef) error {
	t.Default = d.DefaultSQL
	if t.Default == "" {
		return nil
	}
	_, err := sql.DefaultExpr(&catalog.Column{Name: t.Name, Type: t.Base, Default: t.Default}, s.env(nil))
	return err
}

// domainCheck adds a CHECK to a domain.
func (s *session) domainCheck(t *catalog.UserType, c *ast.Check) error {
	if _, err := sql.BindDomainCheck(c.X, t.Base, s.env(nil)); err != nil {
		return err
	}
	has := func(name string) bool {
		return slices.ContainsFunc(t.Checks, func(o catalog.Check) bool { return o.Name == name })
	}
	name := c.Name
	if name == "" {
		name = t.Name + "_check"
		for n := 1; has(name); n++ {
			name = t.Name + "_check" + strconv.Itoa(n)
		}
	} else if has(name) {
		return sqlerr.New(sqlerr.DuplicateObject, "constraint %q for domain %q already exists", name, t.Name)
	}
	t.Checks = append(slices.Clone(t.Checks), catalog.Check{Name: name, SQL: c.SQL})
	return nil
}

// alterDomain runs the actions of ALTER DOMAIN on n, the new form of t.
func (s *session) alterDomain(ctx context.Context, t, n *catalog.UserType, st *ast.AlterType) error {
	at := slices.IndexFunc(t.Checks, func(c catalog.Check) bool { return c.Name == st.Name })
	switch st.Action {
	case "set default":
		return s.domainDefault(n, &st.Def)
	case "drop default":
		n.Default = ""
	case "set not null":
		n.NotNull = true
		return s.verifyDomain(ctx, t, func(rel *catalog.Relation, c int, values expr.Vec, rows int) error {
			if values.Arr.NullN() > 0 {
				return sqlerr.New(sqlerr.NotNullViolation, "column %q of table %q contains null values", rel.Columns[c].Name, rel.Name)
			}
			return nil
		})
	case "drop not null":
		n.NotNull = false
	case "add constraint":
		if err := s.domainCheck(n, st.Check); err != nil {
			return err
		}
		x, err := sql.BindDomainCheck(st.Check.X, t.Base, s.env(nil))
		if err != nil {
			return err
		}
		d := &sql.Domain{Type: t.Type(), Checks: []sql.CheckExpr{{X: x}}}
		return s.verifyDomain(ctx, t, func(rel *catalog.Relation, c int, values expr.Vec, rows int) error {
			err := d.Check(s.exprCtx(nil), values, rows)
			if err != nil && sqlerr.From(err).Code == sqlerr.CheckViolation {
				return sqlerr.New(sqlerr.CheckViolation, "column %q of table %q contains values that violate the new constraint", rel.Columns[c].Name, rel.Name)
			}
			return err
		})
	case "drop constraint":
		if at < 0 && st.IfExists {
			s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "constraint %q of domain %q does not exist, skipping", st.Name, t.Name)
			return nil
		}
		if at >= 0 {
			n.Checks = slices.Delete(slices.Clone(t.Checks), at, at+1)
		}
	case "rename constraint":
		if at >= 0 {
			n.Checks = slices.Clone(t.Checks)
			n.Checks[at].Name = st.NewName
		}
	case "validate constraint":
	}
	if at < 0 && (st.Action == "drop constraint" || st.Action == "rename constraint" || st.Action == "validate constraint") {
		word := "domain"
		if st.Action != "rename constraint" {
			return sqlerr.New(sqlerr.UndefinedObject, "constraint %q of domain %q does not exist", st.Name, t.Name)
		}
		return sqlerr.New(sqlerr.UndefinedObject, "constraint %q for %s %s does not exist", st.Name, word, t.Name)
	}
	return nil
}

// verifyDomain calls check with the values of each column of a table that was declared with the domain.
func (s *session) verifyDomain(ctx context.Context, t *catalog.UserType, check func(rel *catalog.Relation, c int, values expr.Vec, rows int) error) error {
	for _, rel := range s.cat().Relations() {
		for i, c := range rel.Columns {
			if rel.Kind != catalog.Table || c.Dropped || !slices.ContainsFunc(s.cat().Domains(c.Domain), func(d *catalog.UserType) bool { return d.OID == t.OID }) {
				continue
			}
			bs, err := s.tableRows(ctx, rel)
			if err != nil {
				return err
			}
			for _, b := range bs {
				if err := check(rel, i, expr.Vec{Arr: b.Cols[i]}, b.N); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
