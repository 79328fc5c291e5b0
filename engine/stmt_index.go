package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// createIndex runs CREATE [UNIQUE] INDEX. A unique one is kept like a UNIQUE constraint; a plain one over expressions or a part of the rows is only
// written down.
func (s *session) createIndex(ctx context.Context, st *ast.CreateIndex, text string, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	if st.Concurrently && s.begin().block {
		return sqlerr.New(sqlerr.ActiveSQLTransaction, "CREATE INDEX CONCURRENTLY cannot run inside a transaction block")
	}
	rel, err := s.cat().Resolve(st.Table, s.SearchPath())
	if err != nil {
		return err
	}
	if rel.Kind != catalog.Table && (rel.Kind != catalog.MatView || st.Unique) {
		return sqlerr.New(sqlerr.WrongObjectType, "cannot create index on relation %q", rel.Name).
			WithDetail("This operation is not supported for %ss.", rel.Kind)
	}
	name := st.Name
	if name != "" && (s.indexNamed(rel.Schema, name) != nil || s.cat().Lookup([]string{rel.Schema, name}, nil) != nil) {
		if st.IfNotExists {
			s.notice("NOTICE", sqlerr.DuplicateTable, "", "relation %q already exists, skipping", name)
			return w.Complete("CREATE INDEX")
		}
		return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists", name)
	}
	def, err := s.indexDef(rel, st)
	if err != nil {
		return err
	}
	if name == "" {
		name = s.freeIndexName(rel, indexBase(rel, def))
	}
	var cols []int
	if def.Plain() {
		for _, k := range def.Keys {
			cols = append(cols, k.Col)
		}
	}
	method := def.Method
	if method == "" {
		method = "btree"
	}
	params, err := storageParams(nil, st.Options, method)
	if err != nil {
		return err
	}
	n := *rel
	if params != nil {
		n.Store = storeOf(rel)
		n.Store.Indexes[name] = params
	}
	if st.Unique {
		u := catalog.Unique{Name: name, Cols: cols, Index: true, Def: def, NotDistinct: st.NotDistinct}
		if u.NotDistinct && !def.Plain() {
			return sqlerr.New(sqlerr.FeatureNotSupported, "NULLS NOT DISTINCT is not supported over expressions or a part of the rows")
		}
		if err := s.verifyUnique(ctx, rel, u); err != nil {
			return err
		}
		n.Uniques = append(slices.Clone(rel.Uniques), u)
	} else {
		n.Indexes = append(slices.Clone(rel.Indexes), catalog.Index{Name: name, Cols: cols, SQL: strings.TrimSpace(text), Def: def})
	}
	s.replace(rel, &n)
	return w.Complete("CREATE INDEX")
}

// freeIndexName is base, with a number where an index or relation of the schema has that name.
func (s *session) freeIndexName(rel *catalog.Relation, base string) string {
	name := base
	for n := int64(1); s.indexNamed(rel.Schema, name) != nil || s.cat().Lookup([]string{rel.Schema, name}, nil) != nil; n++ {
		name = base + itoa(n)
	}
	return name
}

// indexBase is the name that an index gets without one.
func indexBase(rel *catalog.Relation, def *catalog.IndexDef) string {
	base := rel.Name
	for _, k := range def.Keys {
		base += "_" + k.Name
	}
	for _, c := range def.Include {
		base += "_" + rel.Columns[c].Name
	}
	return base + "_idx"
}

// indexDef checks what an index is over.
func (s *session) indexDef(rel *catalog.Relation, st *ast.CreateIndex) (*catalog.IndexDef, error) {
	def := &catalog.IndexDef{}
	if def.Method = strings.ToLower(st.Method); def.Method == "btree" {
		def.Method = ""
	}
	if err := checkMethod(def.Method, st); err != nil {
		return nil, err
	}
	if st.Where != nil {
		st.WhereText = sql.OwnColumns(rel.Schema, rel.Name, st.Where, st.WhereText)
		x, err := sql.BindIndexWhere(st.Where, rel, s.env(nil))
		if err != nil {
			return nil, err
		}
		def.Where, def.Shown = st.WhereText, x.String()
	}
	for i, c := range st.Cols {
		st.Texts[i] = sql.OwnColumns(rel.Schema, rel.Name, c.X, st.Texts[i])
		k, err := s.indexKey(rel, c, st.Texts[i])
		if err != nil {
			return nil, err
		}
		def.Keys = append(def.Keys, k)
	}
	for _, name := range st.Include {
		i := rel.Column(name)
		if i < 0 {
			return nil, sqlerr.New(sqlerr.UndefinedColumn, "column %q does not exist", name)
		}
		def.Include = append(def.Include, i)
	}
	return def, nil
}

// checkMethod refuses methods that there are not, and what a method can't do.
func checkMethod(method string, st *ast.CreateIndex) error {
	switch method {
	case "":
		return nil
	case "hash", "gin", "gist", "spgist", "brin":
	default:
		return sqlerr.New(sqlerr.UndefinedObject, "access method %q does not exist", method)
	}
	switch {
	case st.Unique:
		return sqlerr.New(sqlerr.FeatureNotSupported, "access method %q does not support unique indexes", method)
	case method == "hash" && len(st.Cols) > 1:
		return sqlerr.New(sqlerr.FeatureNotSupported, "access method %q does not support multicolumn indexes", method)
	}
	return nil
}

// indexKey checks one key of an index.
func (s *session) indexKey(rel *catalog.Relation, c ast.SortItem, text string) (k catalog.IndexKey, err error) {
	k = catalog.IndexKey{Col: -1, Name: "expr", Desc: c.Desc, NullsFirst: c.Nulls == "first" || c.Nulls == "" && c.Desc}
	if r, ok := c.X.(*ast.ColumnRef); ok && len(r.Names) == 1 {
		if k.Col = rel.Column(r.Names[0]); k.Col < 0 {
			return k, sqlerr.New(sqlerr.UndefinedColumn, "column %q does not exist", r.Names[0])
		}
		k.Name = r.Names[0]
		return k, nil
	}
	x, err := sql.BindIndexKey(c.X, rel, s.env(nil))
	if err != nil {
		return k, err
	}
	k.SQL, k.Shown = text, x.String()
	if name := sql.ColumnName(c.X); name != "?column?" {
		k.Name = name
	}
	return k, nil
}

// dropIndex removes one index by name.
func (s *session) dropIndex(names []string, st *ast.Drop) error {
	rel, name := s.ofIndex(names)
	if rel == nil {
		if st.IfExists {
			s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "index %q does not exist, skipping", name)
			return nil
		}
		return sqlerr.New(sqlerr.UndefinedObject, "index %q does not exist", strings.Join(names, "."))
	}
	n := *rel
	n.Indexes = slices.DeleteFunc(slices.Clone(rel.Indexes), func(x catalog.Index) bool { return x.Name == name })
	n.Uniques = slices.DeleteFunc(slices.Clone(rel.Uniques), func(u catalog.Unique) bool { return u.Name == name && u.Index })
	if len(n.Indexes) == len(rel.Indexes) && len(n.Uniques) == len(rel.Uniques) {
		return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop index %s because constraint %s on table %s requires it", name, name, rel.Name).
			WithHint("You can drop constraint %s on table %s instead.", name, rel.Name)
	}
	forgetIndex(&n, name)
	renameComment(&n, "index ", name, "")
	s.replace(rel, &n)
	return nil
}
