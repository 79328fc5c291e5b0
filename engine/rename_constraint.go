package engine

import (
	"maps"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// renameConstraint runs RENAME CONSTRAINT; st.Column is the old name.
func (s *session) renameConstraint(rel, n *catalog.Relation, st *ast.Alter) error {
	old, now := st.Column, st.NewName
	unique := slices.ContainsFunc(keysOf(rel), func(u catalog.Unique) bool { return u.Name == old && !u.Index })
	switch {
	case !unique && !slices.ContainsFunc(rel.Checks, func(c catalog.Check) bool { return c.Name == old }) &&
		!slices.ContainsFunc(rel.Foreign, func(f catalog.ForeignKey) bool { return f.Name == old }):
		return sqlerr.New(sqlerr.UndefinedObject, "constraint %q for table %q does not exist", old, rel.Name)
	case unique && (s.indexNamed(rel.Schema, now) != nil || s.cat().Lookup([]string{rel.Schema, now}, nil) != nil):
		return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists", now)
	case hasConstraint(rel, now):
		return sqlerr.New(sqlerr.DuplicateObject, "constraint %q for relation %q already exists", now, rel.Name)
	}
	n.Checks, n.Foreign = slices.Clone(rel.Checks), slices.Clone(rel.Foreign)
	for i := range n.Checks {
		if n.Checks[i].Name == old {
			n.Checks[i].Name = now
		}
	}
	for i := range n.Foreign {
		if n.Foreign[i].Name == old {
			n.Foreign[i].Name = now
		}
	}
	renameKey(n, old, now)
	s.replace(rel, n)
	return nil
}

// renameComment lets the comment on a part of n follow its name; now is "": the part is gone.
func renameComment(n *catalog.Relation, what, old, now string) {
	text, ok := n.Comments[what+old]
	if !ok {
		return
	}
	n.Comments = maps.Clone(n.Comments)
	if delete(n.Comments, what+old); now != "" {
		n.Comments[what+now] = text
	}
}
