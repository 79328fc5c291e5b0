package engine

import (
	"context"
	"maps"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// catchUpTime is how long ALTER TABLE waits until the continuous queries that read the table have read all of it.
const catchUpTime = 30 * time.Second

// hides notes in the readers of rel that n has columns that their texts don't mean.
func hides(d, rel, n *catalog.Relation) *catalog.Relation {
	nd := *d
	if wide := len(visibleColumns(rel)); len(visibleColumns(n)) > wide {
		nd.Saw = maps.Clone(d.Saw)
		if nd.Saw == nil {
			nd.Saw = map[uint32]int{}
		}
		if _, known := nd.Saw[rel.OID]; !known {
			nd.Saw[rel.OID] = wide
		}
	}
	return &nd
}

// catchUp makes the continuous queries that read rel read all that is in it, so that they can go on over its rewritten rows.
func (s *session) catchUp(ctx context.Context, rel *catalog.Relation) error {
	var queries []*catalog.Relation
	var oids []uint32
	for _, d := range s.cat().Dependents(rel.OID) {
		if d.IsQuery() {
			queries, oids = append(queries, d), append(oids, d.OID)
		}
	}
	if queries == nil {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, catchUpTime)
	defer cancel()
	if err := s.eng.mgr.Flush(limited, oids); err != nil && limited.Err() == nil {
		return err
	}
	for _, i := range s.eng.mgr.Sources() {
		if i.Source.OID != rel.OID || i.Lag == 0 {
			continue
		}
		for _, d := range queries {
			if d.OID == i.Query.OID {
				return sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "cannot rewrite table %s because %s %s has not read all of it yet", rel.Name, d.Kind, d.Name).
					WithHint("Let it run first: ALTER ... RESUME, or CALL streamsql.run_trigger('%s').", d.Name)
			}
		}
	}
	return nil
}

// carryReaders binds what reads rel over n, which is in its place: its columns must stay what they are. Continuous queries go on with their state once the
// transaction commits.
func (s *session) carryReaders(rel, n *catalog.Relation, what string) error {
	for _, d := range s.cat().Dependents(rel.OID) {
		nd := hides(d, rel, n)
		if d.IsQuery() {
			if err := s.rebind(nd, d); err != nil {
				return errDependent(rel, d, what)
			}
		}
		s.put(nd)
		if !d.IsQuery() {
			if err := s.viewHolds(nd); err != nil {
				return errDependent(rel, d, what)
			}
			continue
		}
		q, err := s.eng.streamQuery(s.cat(), nd)
		if err != nil {
			return err
		}
		tx := s.begin()
		tx.after = append(tx.after, func() { s.eng.logIf(s.eng.mgr.Reconfigure(q), "go on over the changed table with", nd) })
	}
	return nil
}
