package engine

import (
	"maps"
	"slices"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// ofIndex finds the table of the index that a statement names; nil: there is none.
func (s *session) ofIndex(names []string) (rel *catalog.Relation, index string) {
	index, schemas := names[len(names)-1], s.SearchPath()
	if len(names) > 1 {
		schemas = names[len(names)-2 : len(names)-1]
	}
	for _, schema := range schemas {
		if rel := s.indexNamed(schema, index); rel != nil {
			return rel, index
		}
		if s.cat().Lookup([]string{schema, index}, nil) != nil {
			return nil, index
		}
	}
	return nil, index
}

// alterIndex runs ALTER INDEX, and ALTER TABLE with the name of an index, which PostgreSQL takes too.
func (s *session) alterIndex(rel *catalog.Relation, index string, st *ast.Alter) error {
	n := *rel
	switch st.Action {
	case "owner":
		return nil
	case "rename":
		if err := s.renameIndex(rel, &n, index, st.NewName); err != nil {
			return err
		}
	case "set", "reset":
		n.Store = storeOf(rel)
		old := n.Store.Indexes[index]
		var err error
		if st.Action == "set" {
			old, err = storageParams(old, st.Options, indexMethod(rel, index))
		} else {
			old, err = withoutParams(old, st.Options)
		}
		if err != nil {
			return err
		}
		n.Store.Indexes[index] = old
	case "storage":
		if st.Column != "" {
			return s.indexStatistics(rel, index, st)
		}
		if st.Options[0].Key != "tablespace" {
			return errNotForIndex(index)
		}
		return checkTablespace(st.Options[0])
	case "set schema":
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot change schema of index %q", index).WithHint("Change the schema of the table instead.")
	default:
		return errNotForIndex(index)
	}
	s.replace(rel, &n)
	return nil
}

func errNotForIndex(index string) error {
	return sqlerr.New(sqlerr.WrongObjectType, "ALTER action cannot be performed on relation %q", index).WithDetail("This operation is not supported for indexes.")
}

// indexStatistics is ALTER INDEX i ALTER COLUMN n SET STATISTICS, which is for columns that are expressions.
func (s *session) indexStatistics(rel *catalog.Relation, index string, st *ast.Alter) error {
	at, err := strconv.Atoi(st.Column)
	if err != nil {
		return sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", st.Column, index)
	}
	var names []string
	for _, x := range rel.Indexes {
		if x.Name != index || x.Def == nil {
			continue
		}
		for i, k := range x.Def.Keys {
			if k.Col < 0 && at == i+1 {
				return nil
			}
			names = append(names, k.Name)
		}
	}
	for _, u := range keysOf(rel) {
		for _, c := range u.Cols {
			if u.Name == index {
				names = append(names, rel.Columns[c].Name)
			}
		}
	}
	if at < 1 || at > len(names) {
		return sqlerr.New(sqlerr.UndefinedColumn, "column number %d of relation %q does not exist", at, index)
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "cannot alter statistics on non-expression column %q of index %q", names[at-1], index).
		WithHint("Alter statistics on table column instead.")
}

// indexMethod is the access method of an index.
func indexMethod(rel *catalog.Relation, index string) string {
	for _, x := range rel.Indexes {
		if x.Name == index && x.Def != nil && x.Def.Method != "" {
			return x.Def.Method
		}
	}
	return "btree"
}

// renameIndex gives an index, or a key with its index, another name.
func (s *session) renameIndex(rel, n *catalog.Relation, old, now string) error {
	if s.indexNamed(rel.Schema, now) != nil || s.cat().Lookup([]string{rel.Schema, now}, nil) != nil {
		return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists", now)
	}
	n.Indexes = slices.Clone(rel.Indexes)
	for i := range n.Indexes {
		if n.Indexes[i].Name == old {
			n.Indexes[i].Name = now
		}
	}
	renameKey(n, old, now)
	return nil
}

// renameKey gives the key of that name, its index, its comments and what is known of its storage another one.
func renameKey(n *catalog.Relation, old, now string) {
	if len(n.Primary) > 0 && n.PrimaryName == old {
		n.PrimaryName = now
	}
	n.Uniques = slices.Clone(n.Uniques)
	for i := range n.Uniques {
		if n.Uniques[i].Name == old {
			n.Uniques[i].Name = now
		}
	}
	renameStored(n, old, now)
	renameComment(n, "constraint ", old, now)
	renameComment(n, "index ", old, now)
}

// renameStored lets what is known of the storage follow an index's new name.
func renameStored(n *catalog.Relation, old, now string) {
	if n.Store == nil {
		return
	}
	n.Store = storeOf(n)
	if p, ok := n.Store.Indexes[old]; ok {
		n.Store.Indexes[now] = p
		maps.DeleteFunc(n.Store.Indexes, func(name string, _ catalog.Options) bool { return name == old })
	}
	if n.Store.Cluster == old {
		n.Store.Cluster = now
	}
	if n.Store.Replica == "index "+old {
		n.Store.Replica = "index " + now
	}
}
