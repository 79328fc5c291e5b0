package engine

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// storeOf is a copy of what is known of a table's storage, to be changed.
func storeOf(rel *catalog.Relation) *catalog.TableStore {
	n := catalog.TableStore{}
	if rel.Store != nil {
		n = *rel.Store
	}
	n.Indexes = maps.Clone(n.Indexes)
	if n.Indexes == nil {
		n.Indexes = map[string]catalog.Options{}
	}
	return &n
}

// forgetIndex takes an index out of what is known of the storage.
func forgetIndex(rel *catalog.Relation, name string) {
	if rel.Store == nil {
		return
	}
	rel.Store = storeOf(rel)
	delete(rel.Store.Indexes, name)
	if rel.Store.Cluster == name {
		rel.Store.Cluster = ""
	}
	if rel.Store.Replica == "index "+name {
		rel.Store.Replica = "nothing"
	}
}

// alterStorage runs the actions of ALTER TABLE about how PostgreSQL stores rows. They are kept for the catalogs.
func (s *session) alterStorage(rel, n *catalog.Relation, st *ast.Alter) error {
	if rel.Kind != catalog.Table {
		return sqlerr.New(sqlerr.FeatureNotSupported, "options of a %s cannot be changed yet", rel.Kind).At(int(st.Pos))
	}
	if st.Column != "" {
		return s.alterColumnStore(rel, n, st)
	}
	n.Store = storeOf(rel)
	var err error
	switch st.Action {
	case "set":
		n.Store.Params, err = storageParams(n.Store.Params, st.Options, "heap")
	case "reset":
		n.Store.Params, err = withoutParams(n.Store.Params, st.Options)
	default:
		err = setTableStore(rel, n.Store, st.Options[0])
	}
	if err == nil {
		s.replace(rel, n)
	}
	return err
}

func setTableStore(rel *catalog.Relation, store *catalog.TableStore, o ast.Option) error {
	switch o.Key {
	case "unlogged":
		store.Unlogged = o.Value == "on"
	case "cluster":
		store.Cluster = o.Value
		if o.Value != "" && !hasIndex(rel, o.Value) {
			return noIndex(rel, o.Value)
		}
	case "replica identity":
		store.Replica = o.Value
		if name, ok := strings.CutPrefix(o.Value, "index "); ok && !hasIndex(rel, name) {
			return noIndex(rel, name)
		}
	case "access method":
		if o.Value != "heap" {
			return sqlerr.New(sqlerr.UndefinedObject, "access method %q does not exist", o.Value)
		}
	default:
		return checkTablespace(o)
	}
	return nil
}

func checkTablespace(o ast.Option) error {
	if o.Key == "tablespace" && o.Value != "pg_default" {
		return sqlerr.New(sqlerr.UndefinedObject, "tablespace %q does not exist", o.Value)
	}
	return nil
}

func noIndex(rel *catalog.Relation, name string) error {
	return sqlerr.New(sqlerr.UndefinedObject, "index %q for table %q does not exist", name, rel.Name)
}

// alterColumnStore runs ALTER COLUMN c SET STATISTICS | STORAGE | COMPRESSION | (...) and RESET (...).
func (s *session) alterColumnStore(rel, n *catalog.Relation, st *ast.Alter) error {
	i := rel.Column(st.Column)
	if i < 0 {
		return sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", st.Column, rel.Name)
	}
	n.Columns = slices.Clone(rel.Columns)
	c := &n.Columns[i]
	store := catalog.ColumnStore{}
	if c.Store != nil {
		store = *c.Store
	}
	c.Store = &store
	var err error
	switch st.Action {
	case "set":
		store.Params, err = storageParams(store.Params, st.Options, "column")
	case "reset":
		store.Params, err = withoutParams(store.Params, st.Options)
	default:
		err = s.setColumnStore(&store, c.Type, st.Options[0])
	}
	if err == nil {
		s.replace(rel, n)
	}
	return err
}

func (s *session) setColumnStore(store *catalog.ColumnStore, t types.Type, o ast.Option) error {
	word := strings.ToLower(o.Value)
	switch o.Key {
	case "statistics":
		n, err := strconv.Atoi(word)
		switch {
		case err != nil:
			return sqlerr.New(sqlerr.SyntaxError, "syntax error at or near %q", o.Value).At(int(o.ValuePos))
		case n < -1:
			return sqlerr.New(sqlerr.InvalidParameterValue, "statistics target %d is too low", n)
		case n > 10000:
			s.notice("WARNING", sqlerr.InvalidParameterValue, "", "lowering statistics target to 10000")
			n = 10000
		}
		store.Statistics = &n
		if n == -1 {
			store.Statistics = nil
		}
	case "storage":
		letter := map[string]string{"plain": "p", "external": "e", "extended": "x", "main": "m"}[word]
		if letter == "" {
			return sqlerr.New(sqlerr.InvalidParameterValue, "invalid storage type %q", o.Value)
		}
		if t.Info().Len > 0 && letter != "p" {
			return sqlerr.New(sqlerr.FeatureNotSupported, "column data type %s can only have storage PLAIN", t)
		}
		store.Storage = letter
	case "compression":
		letter, ok := map[string]string{"pglz": "p", "lz4": "l", "default": ""}[word]
		if !ok {
			return sqlerr.New(sqlerr.InvalidParameterValue, "invalid compression method %q", o.Value)
		}
		if t.Info().Len > 0 {
			return sqlerr.New(sqlerr.FeatureNotSupported, "column data type %s does not support compression", t)
		}
		store.Compression = letter
	}
	return nil
}
