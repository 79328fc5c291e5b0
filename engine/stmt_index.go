package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// createIndex runs CREATE [UNIQUE] INDEX. A unique one is kept like a UNIQUE constraint; one over expressions or a part of the
// rows is only written down.
func (s *session) createIndex(ctx context.Context, st *ast.CreateIndex, text string, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	rel, err := s.eng.cat.Resolve(st.Table, s.SearchPath())
	if err != nil {
		return err
	}
	if rel.Kind != catalog.Table && (rel.Kind != catalog.MatView || st.Unique) {
		return sqlerr.New(sqlerr.WrongObjectType, "cannot create index on relation %q", rel.Name).
			WithDetail("This operation is not supported for %ss.", rel.Kind)
	}
	cols, plain, err := indexColumns(rel, st)
	if err != nil {
		return err
	}
	name := st.Name
	if name == "" {
		base := rel.Name + "_expr_idx"
		if plain {
			base = rel.Name + "_" + joinNames(rel, cols) + "_idx"
		}
		name = base
		for n := int64(1); s.indexNamed(rel.Schema, name) != nil; n++ {
			name = base + itoa(n)
		}
	} else if s.indexNamed(rel.Schema, name) != nil || s.eng.cat.Lookup([]string{rel.Schema, name}, nil) != nil {
		if st.IfNotExists {
			s.notice("NOTICE", sqlerr.DuplicateTable, "", "relation %q already exists, skipping", name)
			return w.Complete("CREATE INDEX")
		}
		return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists", name)
	}
	n := *rel
	if !st.Unique {
		if !plain || st.Where != nil {
			cols = nil
			s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "index %q is kept in the catalog, but no query uses it: it is over expressions or a part of the rows", name)
		}
		n.Indexes = append(slices.Clone(rel.Indexes), catalog.Index{Name: name, Cols: cols, SQL: strings.TrimSpace(text)})
		s.replace(rel, &n)
		return w.Complete("CREATE INDEX")
	}
	if !plain || st.Where != nil {
		return sqlerr.New(sqlerr.FeatureNotSupported, "a unique index over expressions or over a part of the rows is not supported").At(int(st.Pos)).
			WithHint("Name plain columns, without WHERE.")
	}
	u := catalog.Unique{Name: name, Cols: cols, Index: true}
	if err := s.verifyUnique(ctx, rel, u); err != nil {
		return err
	}
	n.Uniques = append(slices.Clone(rel.Uniques), u)
	s.replace(rel, &n)
	return w.Complete("CREATE INDEX")
}

// indexColumns are the columns of an index; plain is false where an expression stands among them.
func indexColumns(rel *catalog.Relation, st *ast.CreateIndex) (cols []int, plain bool, err error) {
	plain = true
	for _, c := range st.Cols {
		r, ok := c.X.(*ast.ColumnRef)
		if !ok || len(r.Names) != 1 {
			plain = false
			continue
		}
		i := rel.Column(r.Names[0])
		if i < 0 {
			return nil, false, sqlerr.New(sqlerr.UndefinedColumn, "column %q does not exist", r.Names[0])
		}
		cols = append(cols, i)
	}
	return cols, plain, nil
}

// dropIndex removes one index by name.
func (s *session) dropIndex(names []string, st *ast.Drop) error {
	name, schemas := names[len(names)-1], s.SearchPath()
	if len(names) > 1 {
		schemas = names[len(names)-2 : len(names)-1]
	}
	for _, schema := range schemas {
		rel := s.indexNamed(schema, name)
		if rel == nil {
			continue
		}
		n := *rel
		n.Indexes = slices.DeleteFunc(slices.Clone(rel.Indexes), func(x catalog.Index) bool { return x.Name == name })
		n.Uniques = slices.DeleteFunc(slices.Clone(rel.Uniques), func(u catalog.Unique) bool { return u.Name == name && u.Index })
		if len(n.Indexes) == len(rel.Indexes) && len(n.Uniques) == len(rel.Uniques) {
			return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop index %s because constraint %s on table %s requires it", name, name, rel.Name).
				WithHint("You can drop constraint %s on table %s instead.", name, rel.Name)
		}
		s.replace(rel, &n)
		return nil
	}
	if st.IfExists {
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "index %q does not exist, skipping", name)
		return nil
	}
	return sqlerr.New(sqlerr.UndefinedObject, "index %q does not exist", strings.Join(names, "."))
}
