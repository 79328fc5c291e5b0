package stream

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
)

// core runs the steps of one query: operators, sources, target and the last commit. It belongs to one goroutine at a time; after an
// error it is thrown away, and a new one starts from the last commit.
type core struct {
	q       *Query
	store   *state.Store // nil: nothing is durable
	runner  exec.Runner
	sources []*source
	scans   []int // the source of each of the runner's scans
	target  target
	rec     record
	saver   saver
	reader  string // the name under which the sources' changes are held

	procTime bool // the result changes by the clock alone
	first    bool // the result is not empty before any input
	passes   bool // readers of the result see its watermark
	bad      *badRows
	behind   bool // the watermark waits for the clock of a table whose versions are read
	relaxed  bool // trigger continuous: steps reach the disk at the next checkpoint, where the target allows it
}

// source is a relation that a query reads, however many scans it has.
type source struct {
	rel    *catalog.Relation
	in     input
	pos    connector.Position // consumed
	looked connector.Position // up to here there is nothing to read
	track  *tracker           // nil: it has no event time of its own
	lim    connector.Limits
	asOf   bool // a table whose versions are read as of a time
}

// stepPlan is what a trigger found to do.
type stepPlan struct {
	now  int64
	to   []connector.Position
	some bool // there may be rows
	more bool // the limits left some behind
}

// stepResult is what a step did.
type stepResult struct {
	did, more bool
	progress  Progress
	ops       []exec.OpStats
}

func (c *core) close() error {
	if c.target == nil {
		return nil
	}
	return c.target.close()
}

// look asks the sources what there is, under their limits or not.
func (c *core) look(ctx context.Context, now int64, unlimited bool) (*stepPlan, error) {
	p := &stepPlan{now: now, to: make([]connector.Position, len(c.sources))}
	for i, s := range c.sources {
		lim := s.lim
		if unlimited {
			lim = connector.Limits{}
		}
		to, more, err := s.in.latest(ctx, s.pos, lim)
		if err != nil {
			return nil, err
		}
		if in, ok := s.in.(tableInput); ok && s.pos == nil && !s.asOf {
			to = position(in.t.HoldNow(c.reader)) // what comes while the rows are read must not be forgotten
		}
		p.to[i], p.more = to, p.more || more
		s.looked = to
		if string(to) != string(s.pos) && !s.in.empty(s.pos, to) {
			p.some = true
		}
	}
	return p, nil
}

// clockStep is how far (µs) a watermark that follows the clock moves before it is passed on for its own sake.
const clockStep = 1_000_000

func (s *source) name() string { return strconv.FormatUint(uint64(s.rel.OID), 10) }

// lazy says that steps are committed without waiting for the disk: they get there, in their order, by the next checkpoint.
func (c *core) lazy() bool { return c.relaxed && c.target.lazy() }

// commit writes everything of the step in one batch, synced unless the steps are lazy.
func (c *core) commit(n, now, mark int64) error {
	if c.store == nil {
		c.hold()
		c.bad.settle()
		return nil
	}
	b, err := c.saver.save(c.store, c.runner, n)
	if err != nil {
		return err
	}
	if err := setJSON(b, queryKey(c.saver.oid, 'c'), c.rec); err != nil {
		b.Close()
		return err
	}
	if err := c.bad.save(b); err != nil {
		b.Close()
		return err
	}
	if err := c.target.commit(b, n, state.Delta{Watermark: mark, At: now}); err != nil {
		b.Close()
		return err
	}
	if err := b.Commit(!c.lazy()); err != nil {
		return fmt.Errorf("commit step %d: %w", n, err)
	}
	c.bad.settle()
	c.hold()
	c.saver.cold.evict(c.runner)
	return nil
}

// hold keeps what the sources have after the query's positions, and unhold lets it go.
func (c *core) hold() {
	for _, s := range c.sources {
		if in, ok := s.in.(tableInput); ok && s.asOf && s.pos == nil {
			in.t.Hold(c.reader, 0) // it will begin with all versions
			continue
		}
		s.in.hold(c.reader, s.pos)
	}
}

func (c *core) unhold() {
	for _, s := range c.sources {
		s.in.unhold(c.reader)
	}
}

func (c *core) late() (n int64) {
	for _, s := range c.runner.Stats() {
		n += s.Dropped["late"]
	}
	return n
}

func stateSize(ops []exec.OpStats) (rows, bytes int64) {
	for _, s := range ops {
		rows += s.StateRows
		bytes += s.StateBytes
	}
	return rows, bytes
}

// replay runs a step again that was begun but not committed before the process ended.
func (c *core) replay(ctx context.Context) error {
	var e begun
	ok, err := getJSON(c.store, queryKey(c.saver.oid, 'l'), &e)
	if err != nil || !ok || e.Step != c.rec.Step+1 {
		return err
	}
	p := &stepPlan{now: e.Now, to: make([]connector.Position, len(c.sources)), more: true}
	for i, s := range c.sources {
		to, ok := e.To[s.name()]
		t, isTable := s.in.(tableInput)
		if !ok || isTable && s.pos == nil && number(to) != t.t.Version() {
			return nil // the table has moved on since; nothing of the step was visible, so it may begin afresh
		}
		p.to[i] = to
	}
	_, err = c.step(ctx, p, time.Now())
	return err
}

// hasGlobal says whether the result has a row even over no rows, and usesClock whether the clock alone can change it.
func hasGlobal(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Values:
		return true
	case *plan.Aggregate:
		none := func(set []int) bool { return len(set) == 0 }
		if !n.OnClose && (len(n.Group) == 0 && len(n.Sets) == 0 || slices.ContainsFunc(n.Sets, none)) {
			return true
		}
	}
	return slices.ContainsFunc(n.Inputs(), hasGlobal)
}
