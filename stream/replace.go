package stream

import "github.com/streamsqld/streamsqld/catalog"

// Replace gives a running query its changed catalog entry: a new name, comment or option. Nothing happens where rel is no query.
func (m *Manager) Replace(rel *catalog.Relation) {
	q, err := m.query(rel.OID)
	if err != nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	n := *q.q
	n.Rel = rel
	q.q = &n
}
