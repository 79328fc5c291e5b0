package stream

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Rebuilt is a query that was computed anew beside the one it is to replace, which stands still from then on. One of Switch and Abandon must follow.
type Rebuilt struct {
	m        *Manager
	old, now *query
}

// Rebuild computes q from the beginning of its sources, in steps, under the new number q.Rel.Storage, while the query of the same OID goes on. When it has
// caught up, the old query halts. What fails leaves the old query as it was and nothing of the new one.
func (m *Manager) Rebuild(ctx context.Context, q *Query) (*Rebuilt, error) {
	old, err := m.query(q.Rel.OID)
	if err != nil {
		return nil, err
	}
	var rec record
	if _, err := getJSON(m.cfg.Store, queryKey(old.q.Rel.Stored(), 'c'), &rec); err != nil {
		return nil, err
	}
	if q.Start = rec.Start; q.Start == nil {
		if err := m.fromStart(q); err != nil {
			return nil, err
		}
	}
	x, err := newQuery(m, q)
	if err != nil {
		return nil, err
	}
	x.info.Started = m.cfg.Clock()
	r := &Rebuilt{m: m, old: old, now: x}
	if err := r.catchUp(ctx); err != nil {
		r.discard()
		return nil, err
	}
	old.halt()
	if err := r.catchUp(ctx); err != nil {
		r.Abandon()
		return nil, err
	}
	return r, nil
}

// catchUp does steps until one leaves nothing behind.
func (r *Rebuilt) catchUp(ctx context.Context) error {
	stop := context.AfterFunc(ctx, r.now.abort)
	defer stop()
	for {
		s, err := r.now.once(r.m.cfg.Clock(), false)
		if c := context.Cause(ctx); c != nil {
			return c
		}
		if err != nil || !s.more {
			return err
		}
	}
}

// Switch puts the new query into the place of the old one; the catalog has it already. The old one's storage goes with DropState.
func (r *Rebuilt) Switch() {
	r.old.abort()
	r.old.step.Lock()
	if r.old.core != nil {
		r.old.core.unhold()
	}
	r.old.dropCore()
	r.old.step.Unlock()
	r.old.setStatus(Stopped, nil)
	r.m.mu.Lock()
	r.m.queries[r.now.q.Rel.OID] = r.now
	for _, hs := range r.m.holds {
		delete(hs, readerName(r.old.q.Rel))
	}
	r.m.mu.Unlock()
	if r.now.q.Rel.Paused {
		r.now.setStatus(Paused, nil)
	}
	r.m.storeStatus(r.now.q.Rel.Stored(), storedStatus{Status: Running})
	r.now.run()
}

// Abandon throws the new query away; the old one goes on.
func (r *Rebuilt) Abandon() {
	r.discard()
	r.old.run()
}

// discard removes all of the new query.
func (r *Rebuilt) discard() {
	x := r.now
	x.abort()
	x.step.Lock()
	if x.core != nil {
		x.core.unhold()
	}
	x.dropCore()
	x.step.Unlock()
	if err := r.m.dropStored(x.q.Rel.Stored()); err != nil {
		r.m.log.Warn("what is left of a rebuilt query can't be removed", "query", x.q.Rel.FullName(), "error", err)
	}
}

func (m *Manager) dropStored(oid uint32) error {
	b := m.cfg.Store.NewBatch()
	if err := m.DropState(b, oid); err != nil {
		b.Close()
		return err
	}
	return b.Commit(false)
}

// fromStart says whether all that a query reads is still there from the beginning.
func (m *Manager) fromStart(q *Query) error {
	x := &query{q: q}
	for _, oid := range x.reads() {
		rel := m.cfg.Catalog.ByOID(oid)
		if rel == nil || rel.Kind != catalog.Stream || m.isSource(rel) {
			continue
		}
		l, err := m.Log(rel)
		if err != nil {
			return err
		}
		if l.Oldest() > 0 {
			return sqlerr.New(sqlerr.FeatureNotSupported, "%q cannot be computed anew: stream %q has dropped its first %d rows", q.Rel.Name, rel.Name, l.Oldest()).
				WithDetail("The retention of the stream has cut them.").WithHint("Create a new materialized view over the rows that are there, and drop the old one.")
		}
	}
	return nil
}

// DropOrphans removes what a rebuild left that did not come to its end: state under numbers that belong to no relation. Call it before any query starts.
func (m *Manager) DropOrphans() error {
	known := map[uint32]bool{}
	for _, r := range m.cfg.Catalog.Relations() {
		known[r.OID], known[r.Stored()] = true, true
	}
	var gone []uint32
	for _, prefix := range []byte{'q', 'o'} {
		err := m.cfg.Store.Scan([]byte{prefix}, func(k, _ []byte) error {
			if oid := oidOf(k); !known[oid] && !slices.Contains(gone, oid) {
				gone = append(gone, oid)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, oid := range gone {
		if err := m.dropStored(oid); err != nil {
			return err
		}
		for _, hs := range m.holds {
			delete(hs, readerName(&catalog.Relation{OID: oid}))
		}
	}
	return nil
}

// Reconfigure gives a query other options or operators with the same state; it goes on from its last commit. One that had stopped by itself runs again
// under another trigger.
func (m *Manager) Reconfigure(q *Query) error {
	x, err := m.query(q.Rel.OID)
	if err != nil {
		return err
	}
	t, err := ParseTrigger(q.Rel.Trigger)
	if err != nil {
		return err
	}
	x.halt()
	x.step.Lock()
	open := x.core != nil
	x.dropCore()
	x.mu.Lock()
	again := x.status == Stopped && x.trigger != t
	x.q, x.trigger = q, t
	if x.status == Idle || again {
		x.status = Running
	}
	x.mu.Unlock()
	if again {
		m.storeStatus(q.Rel.Stored(), storedStatus{Status: Running})
	}
	keep, _ := q.Rel.Options.Get("late_rows")
	x.bad.keep = keep == "keep"
	if open {
		err = x.open(x.ctx)
	}
	x.step.Unlock()
	if err != nil {
		x.fail(err)
		return err
	}
	x.run()
	return nil
}
