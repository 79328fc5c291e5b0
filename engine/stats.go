package engine

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/state"
)

// liveStats tells how many rows relations have now, and what ANALYZE found in their columns; it implements optimizer.Stats.
type liveStats struct{ eng *Engine }

// Of implements optimizer.Stats. Nothing is known of what lies outside of the server, and of system relations.
func (l liveStats) Of(rel *catalog.Relation) *catalog.TableStats {
	rows, ok := l.eng.countRows(rel)
	if !ok {
		return nil
	}
	s := &catalog.TableStats{Rows: float64(rows)}
	if rel.Stats != nil {
		s.At, s.Cols = rel.Stats.At, rel.Stats.Cols
	}
	return s
}

// countRows is how many rows a relation that is kept in the server has.
func (e *Engine) countRows(rel *catalog.Relation) (int64, bool) {
	if rel.Kind != catalog.Table && rel.Kind != catalog.MatView && rel.Kind != catalog.Stream {
		return 0, false
	}
	log, err := e.changelog(rel)
	if err != nil || log == nil {
		return 0, false
	}
	if t, is := log.(*state.Table); is {
		return t.Rows(), true
	}
	return log.Version() - log.Oldest(), true
}

// notedStats are liveStats that note what they said, so that a continuous query is planned the same again after a restart.
type notedStats struct {
	live liveStats
	seen map[uint32]*catalog.TableStats
}

func (e *Engine) noteStats() *notedStats {
	return &notedStats{live: liveStats{e}, seen: map[uint32]*catalog.TableStats{}}
}

// unboundedRows is the least that a stream counts for in a continuous query: rows will come.
const unboundedRows = 1e6

// Of implements optimizer.Stats.
func (n *notedStats) Of(rel *catalog.Relation) *catalog.TableStats {
	if s, done := n.seen[rel.OID]; done {
		return s
	}
	s := n.live.Of(rel)
	switch {
	case rel.Kind == catalog.Stream:
		if s == nil {
			s = &catalog.TableStats{}
		}
		s.Rows = max(s.Rows, unboundedRows)
	case s == nil:
		return nil
	}
	s = s.Brief()
	n.seen[rel.OID] = s
	return s
}

// plannedStats are those that a continuous query was planned with.
type plannedStats map[uint32]*catalog.TableStats

// Of implements optimizer.Stats.
func (p plannedStats) Of(rel *catalog.Relation) *catalog.TableStats { return p[rel.OID] }
