package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// Run runs a query without durable state until ctx ends, as SUBSCRIBE (SELECT ...) does, and hands each step's changes to onStep, also those
// without rows. It returns the error of a step, of onStep, or ctx's cause.
func (m *Manager) Run(ctx context.Context, q *Query, onStep func(Change) error) (err error) {
	c, err := m.newCore(q, newBadRows(q.Rel, m.cfg.Clock))
	if err != nil {
		return err
	}
	schema := q.Plan.Root.Schema().Types()
	c.target = &funcTarget{result: result{rel: q.Rel, width: len(schema) - q.Plan.Hidden, schema: schema}, step: onStep}
	c.first = c.first || hasGlobal(q.Plan.Root)
	c.reader = followerName()
	defer c.unhold()
	c.hold()
	x := &query{m: m, q: q, core: c, wake: make(chan struct{}), changed: make(chan struct{}), bad: c.bad}
	for idle := 0; ctx.Err() == nil; {
		r, err := c.trigger(ctx, m.cfg.Clock().UnixMicro(), false)
		if err != nil {
			return err
		}
		if r.did || r.more {
			idle = 0
			continue
		}
		if idle == 0 || x.sleep(ctx, min(time.Millisecond<<min(idle, 6), 50*time.Millisecond)) {
			idle = x.wait(ctx, idle)
		}
	}
	return context.Cause(ctx)
}

// Follow hands the changes of a relation to fn, step by step, until ctx ends or fn gives an error, which it returns. A step of a table or
// a view is a version, also one without rows; of a stream it is a number of rows, or of reads where a connector stands behind it. With since
// >= 0 it begins after that step; else, with snapshot, the rows there are come first as one step of inserts.
func (m *Manager) Follow(ctx context.Context, rel *catalog.Relation, since int64, snapshot bool, fn func(Change) error) error {
	in, err := m.input(rel, -1)
	if err != nil {
		return err
	}
	switch in := in.(type) {
	case tableInput:
		return m.followTable(ctx, rel, in.t, since, snapshot, fn)
	case logInput:
		return followLog(ctx, in.l, since, snapshot, fn)
	}
	return m.followSource(ctx, rel, in, snapshot, fn)
}

func (m *Manager) followTable(ctx context.Context, rel *catalog.Relation, t *state.Table, since int64, snapshot bool, fn func(Change) error) error {
	key := rel.ChangeKey()
	from := since
	reader := followerName()
	if since < 0 {
		from = t.HoldNow(reader)
	} else {
		t.Hold(reader, since)
	}
	defer t.Unhold(reader)
	if since >= 0 && since < t.Oldest() {
		return sqlerr.New(sqlerr.InvalidParameterValue, "the changes of %q since batch %d are not kept any more", rel.Name, since).
			WithDetail("They are kept since batch %d.", t.Oldest()).WithHint("Leave out since, to begin with a snapshot.")
	}
	if since < 0 && snapshot {
		if err := emitSnapshot(ctx, t, from, fn); err != nil {
			return err
		}
	}
	for {
		to := t.Version()
		err := t.Versions(from, to, nil, func(v int64, d state.Delta) error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			return fn(Change{Step: v, Changes: ToChanges(d.Changes, key)})
		})
		if err != nil {
			return err
		}
		from = max(from, to)
		t.Hold(reader, from)
		if err := t.Wait(ctx, from); err != nil {
			return err
		}
	}
}

var followers atomic.Int64

// followerName is a name for a reader that lives as long as its session.
func followerName() string { return fmt.Sprintf("follower %d", followers.Add(1)) }

func emitSnapshot(ctx context.Context, t *state.Table, version int64, fn func(Change) error) error {
	splits, release, err := t.Snapshot(version, nil)
	if err != nil {
		return err
	}
	defer release()
	for _, s := range splits {
		if err := s.Read(ctx, func(b *types.Batch) error {
			return fn(Change{Step: version, Part: true, Changes: connector.Changes{Batch: b}})
		}); err != nil {
			return err
		}
	}
	return fn(Change{Step: version})
}

func followLog(ctx context.Context, l *state.Log, since int64, snapshot bool, fn func(Change) error) error {
	from := since
	if since < 0 {
		from = l.Version()
		if snapshot {
			from = 0
		}
	}
	for {
		if err := l.Wait(ctx, from); err != nil {
			return err
		}
		to := l.Version()
		splits, err := l.Changes(from, to, nil)
		if err != nil {
			return err
		}
		for _, s := range splits {
			if err := s.Read(ctx, func(b *types.Batch) error {
				return fn(Change{Step: to, Part: true, Changes: connector.Changes{Batch: b}})
			}); err != nil {
				return err
			}
		}
		if err := fn(Change{Step: to}); err != nil {
			return err
		}
		from = to
	}
}

func (m *Manager) followSource(ctx context.Context, rel *catalog.Relation, in input, snapshot bool, fn func(Change) error) error {
	var pos connector.Position
	var err error
	if !snapshot {
		if pos, _, err = in.latest(ctx, nil, connector.Limits{}); err != nil {
			return err
		}
	}
	bad := newBadRows(rel, m.cfg.Clock)
	want := connector.Want{Cols: allColumns(rel), OnBad: bad.handler(rel, true)}
	for n := int64(1); ; {
		to, _, err := in.latest(ctx, pos, connector.Limits{})
		if err != nil {
			return err
		}
		if string(to) == string(pos) {
			if err := in.wait(ctx, pos); err != nil {
				return err
			}
			continue
		}
		splits, release, err := in.read(ctx, pos, to, want)
		if err != nil {
			return err
		}
		for _, s := range splits {
			err = errors.Join(err, s.Read(ctx, func(b *types.Batch) error {
				return fn(Change{Step: n, Part: true, Changes: connector.Changes{Batch: b}})
			}))
			if err != nil {
				break
			}
		}
		release()
		if err == nil {
			err = fn(Change{Step: n})
		}
		if err != nil {
			return err
		}
		pos = to
		n++
	}
}

func allColumns(rel *catalog.Relation) []int {
	cols := make([]int, len(rel.Columns))
	for i := range cols {
		cols[i] = i
	}
	return cols
}

// Flush returns when the given queries (nil: all) and the queries they read have processed all input that was committed before the call.
// It does the steps itself, the sources of a query before the query, and leaves out queries that are manual, paused, stopped or failed.
func (m *Manager) Flush(ctx context.Context, oids []uint32) error {
	m.mu.Lock()
	if oids == nil {
		for oid := range m.queries {
			oids = append(oids, oid)
		}
	}
	all := make(map[uint32]*query, len(m.queries))
	for oid, q := range m.queries {
		all[oid] = q
	}
	m.mu.Unlock()
	done := map[uint32]bool{}
	var visit func(oid uint32) error
	visit = func(oid uint32) error {
		q := all[oid]
		if q == nil || done[oid] {
			return nil
		}
		done[oid] = true
		for _, dep := range q.reads() {
			if err := visit(dep); err != nil {
				return err
			}
		}
		return q.flush(ctx)
	}
	for _, oid := range oids {
		if err := visit(oid); err != nil {
			return err
		}
	}
	return nil
}

// reads are the relations that the query reads, those of its sub-selects included.
func (q *query) reads() []uint32 {
	out := slices.Clone(q.q.Plan.Deps)
	var walk func(n plan.Node)
	walk = func(n plan.Node) {
		if s, ok := n.(*plan.Scan); ok {
			out = append(out, s.Rel.OID)
		}
		for _, in := range n.Inputs() {
			walk(in)
		}
	}
	walk(q.q.Plan.Root)
	return out
}

// flush does steps until one leaves nothing behind. A step that fails makes the query failed, which nobody waits for.
func (q *query) flush(ctx context.Context) error {
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		s, t, _, _ := q.state()
		if s != Running || t.Kind == TriggerManual {
			return nil
		}
		r, err := q.once(q.m.cfg.Clock(), t.Kind == TriggerOnce)
		if err != nil {
			return context.Cause(ctx)
		}
		if !r.more {
			return nil
		}
	}
}
