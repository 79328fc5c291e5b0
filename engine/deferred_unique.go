package engine

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/types"
)

func isDeferrable(u catalog.Unique) bool { return u.Deferrable }

// keyCount is how many rows more, or fewer, have a key than in the committed table.
type keyCount struct {
	row  int
	p    *probe
	more int
}

// onlyOnce looks whether the keys of rows that came are there once, as the transaction sees the table now. Errors: 23505.
func (s *session) onlyOnce(rel *catalog.Relation, u catalog.Unique, came []*types.Batch) error {
	k, err := s.keyIndex(rel, catalog.Unique{Name: u.Name, Cols: u.Cols, Def: u.Def, NotDistinct: u.NotDistinct})
	if err != nil {
		return err
	}
	counts := map[uint64][]*keyCount{}
	of := func(p *probe, i int) *keyCount {
		for _, c := range counts[p.hash[i]] {
			if types.RowsEqual(c.p.key, c.row, p.key, i, k.ts) {
				return c
			}
		}
		c := &keyCount{row: i, p: p}
		counts[p.hash[i]] = append(counts[p.hash[i]], c)
		return c
	}
	if w := s.tx.writes[rel.OID]; w != nil {
		for _, b := range w.batches {
			p, err := k.probe(b)
			if err != nil {
				return err
			}
			for i := range b.N {
				of(p, i).more += int(b.Weight(i))
			}
		}
	}
	for _, b := range came {
		p, err := k.probe(b)
		if err != nil {
			return err
		}
		for i := range b.N {
			if k.apart(p, i) {
				continue
			}
			n := of(p, i).more
			if n < 1 {
				continue // there at most as before
			}
			if n == 1 {
				_, _, was, err := lookupKey(k.table, k.of, k.primary, p.key, i, k.version)
				if err != nil {
					return err
				}
				if !was {
					continue
				}
			}
			return errDuplicate(rel, u, k.ts, p.key, i)
		}
	}
	return nil
}

// noDeferrable refuses ON CONFLICT over deferrable keys, as PostgreSQL does. Errors: 55000.
func noDeferrable(rel *catalog.Relation, c *sql.Conflict) error {
	for _, u := range rel.Uniques {
		if u.Deferrable && c.Speaks(u.Name) {
			e := sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters")
			e.Schema, e.Table, e.Constraint = rel.Schema, rel.Name, u.Name
			return e
		}
	}
	return nil
}
