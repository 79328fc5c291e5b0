package engine

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// rename gives rel another name. The texts of what reads it follow.
func (s *session) rename(rel, n *catalog.Relation, name string) error {
	if s.eng.cat.Lookup([]string{rel.Schema, name}, nil) != nil {
		return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists", name)
	}
	n.Name = name
	texts := map[uint32]string{}
	deps := s.eng.cat.Dependents(rel.OID)
	for _, d := range deps {
		text, ok := sql.RenameIn(d.SQL, d.SearchPath, s.eng.cat, rel, name)
		if !ok {
			return errNamed(rel, string(d.Kind), d.Name)
		}
		texts[d.OID] = text
	}
	for _, f := range s.eng.cat.FunctionsOver(rel.OID) {
		return errNamed(rel, f.Kind(), f.Signature())
	}
	if rel.Kind == catalog.Sequence {
		s.renameSequence(rel, n)
	}
	was := map[uint32][]string{}
	for _, d := range deps {
		if d.IsQuery() {
			was[d.OID] = s.stateNames(d)
		}
	}
	s.replace(rel, n)
	for _, d := range deps {
		nd := *d
		nd.SQL = texts[d.OID]
		s.replace(d, &nd)
	}
	for _, d := range deps {
		nd := s.eng.cat.ByOID(d.OID)
		if d.IsQuery() && (was[d.OID] == nil || !slices.Equal(was[d.OID], s.stateNames(nd))) || d.Kind == catalog.View && s.viewHolds(nd) != nil {
			return errNamed(rel, string(d.Kind), d.Name)
		}
	}
	return nil
}

// stateNames are what the names of a query's operators are made of, without those that keep nothing; nil where its text can't be bound.
func (s *session) stateNames(rel *catalog.Relation) []string {
	q, err := s.eng.streamQuery(rel)
	if err != nil {
		return nil
	}
	names := []string{}
	plan.Walk(q.Plan.Root, func(n plan.Node) {
		if _, scan := n.(*plan.Scan); !scan {
			names = append(names, exec.NameHash(n))
		}
	})
	return names
}

func errNamed(rel *catalog.Relation, kind, name string) error {
	return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot rename %s %s because other objects read it by name", rel.Kind, rel.Name).
		WithDetail("%s %s reads it.", kind, name)
}
