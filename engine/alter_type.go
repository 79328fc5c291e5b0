package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// alterType runs ALTER COLUMN ... TYPE: the table is written anew with the values converted, and its constraints are checked again.
func (s *session) alterType(ctx context.Context, rel, n *catalog.Relation, i int, st *ast.Alter) error {
	c := &n.Columns[i]
	old := c.Type
	var err error
	if c.Type, c.Domain, err = sql.ResolveColumnType(st.Def.Type, s.env(nil)); err != nil {
		return err
	}
	if c.Generated != "" && st.Default != nil {
		return sqlerr.New(sqlerr.InvalidTableDefinition, "cannot specify USING when altering type of generated column").
			WithDetail("Column %q is a generated column.", c.Name)
	}
	sql.OwnColumns(rel.Schema, rel.Name, st.Default, "")
	convert, err := sql.BindTypeChange(rel, i, c.Type, st.Default, s.env(nil))
	if err != nil {
		return err
	}
	if c.Type == old && st.Default == nil && c.Domain == rel.Columns[i].Domain {
		return nil
	}
	if err := s.typeFree(rel, i); err != nil {
		return err
	}
	if c.Default != "" && c.Identity == "" {
		if _, err := sql.DefaultExpr(c, s.env(nil)); err != nil {
			return sqlerr.New(sqlerr.DatatypeMismatch, "default for column %q cannot be cast automatically to type %s", c.Name, c.Type)
		}
	}
	if err := s.rewriteWith(ctx, rel, n, "alter the type of a column", i, convert); err != nil {
		return err
	}
	for _, u := range keysOf(n) {
		if slices.Contains(u.Cols, i) || !u.Def.Plain() && s.indexReads(n, u.Def, i) {
			if err := s.verifyUnique(ctx, n, u); err != nil {
				return err
			}
		}
	}
	return nil
}

// typeFree refuses to change the type of a column that views, generated columns or foreign keys use.
func (s *session) typeFree(rel *catalog.Relation, i int) error {
	name := rel.Columns[i].Name
	refuse := func(by, format string, args ...any) error {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot alter type of a column used by a %s", by).WithDetail(format, args...)
	}
	for _, d := range s.dependents(rel) {
		return refuse("view or rule", "%s %s depends on table %s", d.Kind, d.Name, rel.Name)
	}
	for k := range rel.Columns {
		g := &rel.Columns[k]
		if k == i || g.Generated == "" || g.Dropped {
			continue
		}
		reads, err := sql.GeneratedReads(rel, k, s.env(nil))
		if err != nil {
			return err
		}
		if slices.Contains(reads, i) {
			return refuse("generated column", "Column %q is used by generated column %q.", name, g.Name)
		}
	}
	for _, f := range rel.Foreign {
		if slices.Contains(f.Cols, i) {
			return refuse("foreign key", "constraint %s on table %s depends on column %q", f.Name, rel.Name, name)
		}
	}
	for _, r := range s.referrers(rel) {
		if slices.Contains(r.key.RefCols, i) {
			return refuse("foreign key", "constraint %s on table %s depends on column %q", r.key.Name, r.rel.Name, name)
		}
	}
	return nil
}
