package engine

import (
	"github.com/streamsqld/streamsqld/catalog"
)

// cat is the catalog that the session sees: with what its transaction changed.
func (s *session) cat() *catalog.Catalog {
	if s.tx != nil && s.tx.cat != nil {
		return s.tx.cat
	}
	return s.eng.cat
}

// changing gives the catalog to be changed. A transaction block gets one of its own, which the others see at its commit; a statement outside of blocks changes
// the server's at once, and its commit follows.
func (s *session) changing() (*catalog.Catalog, *txn) {
	tx := s.begin()
	if tx.block && tx.cat == nil {
		tx.cat = s.eng.cat.Fork()
	}
	return s.cat(), tx
}

// lookups answers the catalog functions as the session sees the catalog.
func (s *session) lookups() *lookups {
	if cat := s.cat(); cat != s.eng.cat {
		return &lookups{cat: cat, routines: s.eng.routines}
	}
	return s.eng.lookups
}
