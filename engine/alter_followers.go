package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
)

// followers lists what has to follow when the query of rel is changed: all that reads it, readers after what they read. A sink out of the server can't: what
// it sent can't be taken back.
func (s *session) followers(rel *catalog.Relation, pos int) ([]*catalog.Relation, error) {
	deps := s.dependents(rel)
	for _, d := range deps {
		if d.Kind == catalog.Sink && !isMemorySink(d) {
			return nil, sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot change the query of %s %s because a sink reads it", rel.Kind, rel.Name).
				WithDetail("%s %s depends on %s %s, and what it sent out of the server can't be taken back.", d.Kind, d.Name, rel.Kind, rel.Name).At(pos).
				WithHint("Drop %s first, and create it again afterwards, or create a %s of another name.", d.Name, rel.Kind)
		}
	}
	return deps, nil
}

// followed is d as it is over the changed definition of rel: its columns stay as they are, so a * in its text does not see columns that rel got.
func (s *session) followed(d, rel, n *catalog.Relation, pos int) (*catalog.Relation, error) {
	nd := hides(d, rel, n)
	if !d.IsQuery() {
		return nd, nil
	}
	if err := s.rebind(nd, d); err != nil {
		e := sqlerr.From(err)
		return nil, sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot change the query of %s %s because %s %s could not follow", rel.Kind, rel.Name, d.Kind, d.Name).
			WithDetail("%s", e.Message).At(pos).WithHint("Drop %s first, and create it again afterwards.", d.Name)
	}
	return nd, nil
}

// rebind fills n, which has the text of d, from what it reads now.
func (s *session) rebind(n, d *catalog.Relation) error {
	q, err := parser.ParseQuery(n.SQL)
	if err != nil {
		return err
	}
	bound, fin, err := s.eng.bindContinuous(q, n.SQL, s.eng.storedEnv(s.cat(), n), plan.Mode(n.Mode), n.Options, plannedStats(n.Planned))
	if err != nil {
		return err
	}
	old := visibleColumns(d)
	names := make([]string, len(old))
	for i, c := range old {
		names[i] = c.Name
	}
	cols, err := viewColumns(bound, names)
	if err != nil {
		return err
	}
	if err := sameOrMore(old, cols); err != nil {
		return err
	}
	if len(cols) > len(old) {
		return sqlerr.New(sqlerr.InvalidTableDefinition, "it would get other columns")
	}
	if err := s.eng.checkSinkMode(n, plan.Mode(n.Mode), fin); err != nil {
		return err
	}
	n.Deps, n.Single, n.Order, n.Times, n.Watermark = bound.Deps, fin.Single, fin.Order, fin.Times, nil
	if _, chosen := n.Options.Get("key"); !chosen {
		n.Key = fin.Key
	}
	if n.Kind == catalog.MatView && len(fin.Times) > 0 {
		n.Watermark = &catalog.Watermark{Column: fin.Times[0].Col}
	}
	return nil
}

// exchange computes n beside rel, whose place it takes when the transaction commits.
func (s *session) exchange(ctx context.Context, rel, n *catalog.Relation) error {
	var err error
	if n.Storage, err = s.newOID(); err != nil {
		return err
	}
	q, err := s.eng.streamQuery(s.cat(), n)
	if err != nil {
		return err
	}
	r, err := s.eng.mgr.Rebuild(ctx, q)
	if err != nil {
		return err
	}
	tx := s.begin()
	tx.undo = append(tx.undo, r.Abandon)
	s.put(n)
	tx.catalog = append(tx.catalog, func(b *state.Batch) error { return s.eng.mgr.DropState(b, rel.Stored()) })
	tx.after = append(tx.after, r.Switch, func() { s.eng.watches.changed(rel.OID) })
	return nil
}
