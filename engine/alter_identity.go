package engine

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// alterIdentity runs ALTER COLUMN ADD GENERATED AS IDENTITY, SET of its options, and DROP IDENTITY. n is the changed copy of rel; done: there is nothing to change.
func (s *session) alterIdentity(rel, n *catalog.Relation, i int, st *ast.Alter) (done bool, err error) {
	c := &n.Columns[i]
	if st.Action == "add identity" {
		return false, s.addIdentity(rel, n, c, i, st)
	}
	if c.Identity == "" {
		if st.Action == "drop identity" && st.IfExists {
			s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "column %q of relation %q is not an identity column, skipping", c.Name, rel.Name)
			return true, nil
		}
		return false, sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "column %q of relation %q is not an identity column", c.Name, rel.Name)
	}
	q := s.identitySequence(rel, i)
	if st.Action == "drop identity" {
		c.Identity, c.Default = "", ""
		if q != nil {
			s.remove(q)
		}
		return false, nil
	}
	if st.Def.Identity != "" {
		c.Identity = st.Def.Identity
	}
	if len(st.Options) == 0 || q == nil {
		return false, nil
	}
	nq := *q
	return false, s.alterSequence(q, &nq, st)
}

func (s *session) addIdentity(rel, n *catalog.Relation, c *catalog.Column, i int, st *ast.Alter) error {
	bad := func(format string) error {
		return sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, format, c.Name, rel.Name)
	}
	switch {
	case !slices.Contains([]types.Type{types.Int2, types.Int4, types.Int8}, c.Type):
		return sqlerr.New(sqlerr.InvalidParameterValue, "identity column type must be smallint, integer, or bigint")
	case !c.NotNull && !slices.Contains(rel.Primary, i):
		return bad("column %q of relation %q must be declared NOT NULL before identity can be added")
	case c.Identity != "":
		return bad("column %q of relation %q is already an identity column")
	case c.Default != "" || c.Generated != "":
		return bad("column %q of relation %q already has a default value")
	}
	c.Identity = st.Def.Identity
	q, err := s.ownedSequence(n, i, st.Def.Sequence)
	if err != nil {
		return err
	}
	c.Default = nextvalOf(q)
	return nil
}

// identitySequence is the sequence of an identity column.
func (s *session) identitySequence(rel *catalog.Relation, i int) *catalog.Relation {
	for _, q := range s.cat().OwnedSequences(rel.OID) {
		if q.Seq.Identity && q.Seq.Column == i {
			return q
		}
	}
	return nil
}

func errIdentity(rel *catalog.Relation, c *catalog.Column) *sqlerr.Error {
	return sqlerr.New(sqlerr.SyntaxError, "column %q of relation %q is an identity column", c.Name, rel.Name)
}

func errGenerated(rel *catalog.Relation, c *catalog.Column) *sqlerr.Error {
	return sqlerr.New(sqlerr.SyntaxError, "column %q of relation %q is a generated column", c.Name, rel.Name)
}
