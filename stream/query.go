package stream

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// keptSteps bounds how many steps a query remembers for streamsql.progress.
const keptSteps = 1000

// query is a continuous query in a Manager.
type query struct {
	m   *Manager
	q   *Query
	bad *badRows

	step sync.Mutex // held during a step, and to change core
	core *core      // nil: not open

	mu      sync.Mutex
	status  Status
	err     *sqlerr.Error
	trigger Trigger
	info    Info
	steps   []Progress
	sources []SourceInfo   // as they were last looked at
	ops     []OperatorInfo // as they were last looked at
	changed chan struct{}  // closed when the status changes

	ctx   context.Context    // of its steps
	abort context.CancelFunc // ends a step that runs: for DROP

	cancel context.CancelFunc // ends the loop; nil: there is none
	done   chan struct{}      // closed when the loop has ended
	syncs  atomic.Bool        // a checkpoint is due
	wake   chan struct{}      // asks the loop to look again
}

func newQuery(m *Manager, q *Query) (*query, error) {
	t, err := ParseTrigger(q.Rel.Trigger)
	if err != nil {
		return nil, err
	}
	ctx, abort := context.WithCancel(m.stepCtx)
	return &query{m: m, q: q, ctx: ctx, abort: abort, trigger: t, status: Running, changed: make(chan struct{}), wake: make(chan struct{}, 1),
		bad: newBadRows(q.Rel, m.cfg.Clock), info: Info{Watermark: exec.NoWatermark}}, nil
}

func (q *query) setStatus(s Status, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.status, q.err = s, nil
	if err != nil {
		q.err = sqlerr.From(err)
	}
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *query) state() (Status, Trigger, *sqlerr.Error, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.status, q.trigger, q.err, q.changed
}

// open makes the core from the last commit, if there is none. step is held.
func (q *query) open(ctx context.Context) error {
	if q.core != nil {
		return nil
	}
	c, err := q.m.openCore(ctx, q.q, q.bad)
	if err != nil {
		return err
	}
	q.core = c
	q.noteRecord(c)
	return nil
}

// dropCore throws the core away. step is held.
func (q *query) dropCore() {
	if q.core != nil {
		_ = q.core.close()
		q.core = nil
	}
	q.bad.discard()
}

func (q *query) noteRecord(c *core) {
	rows, bytes := stateSize(c.runner.Stats())
	q.mu.Lock()
	defer q.mu.Unlock()
	q.info.take(&c.rec)
	q.info.StateRows, q.info.StateBytes = rows, bytes
}

// once does one step at the processing time now, opening the query first where that is needed. An error makes the query failed.
func (q *query) once(now time.Time, unlimited bool) (r stepResult, err error) {
	ctx := q.ctx
	q.step.Lock()
	defer q.step.Unlock()
	_, t, _, _ := q.state()
	if err = q.open(ctx); err == nil {
		q.core.relaxed = t.Kind == TriggerContinuous
		r, err = q.core.trigger(ctx, now.UnixMicro(), unlimited)
	}
	if err != nil {
		q.dropCore()
		if ctx.Err() == nil {
			q.fail(err)
		}
		return r, err
	}
	if r.did {
		q.note(r.progress, r.ops, &q.core.rec)
		if q.core.lazy() {
			q.checkpointIn(t.Every)
		}
	}
	return r, nil
}

// checkpointIn puts the steps done by then on disk after d, beside the steps that run.
func (q *query) checkpointIn(d time.Duration) {
	if q.syncs.Swap(true) {
		return
	}
	q.m.bg.Go(func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-q.m.ctx.Done():
		}
		q.syncs.Store(false)
		if err := q.m.cfg.Store.Sync(); err != nil {
			q.m.log.Error("a checkpoint failed", "query", q.q.Rel.FullName(), "error", err)
		}
	})
}

// fail keeps the error; the state and the offsets stay at the last commit.
func (q *query) fail(err error) {
	e := sqlerr.From(err)
	q.m.log.Error("query failed", "query", q.q.Rel.FullName(), "code", e.Code, "error", e.Message, "detail", e.Detail)
	q.setStatus(Failed, e)
	q.m.storeStatus(q.q.Rel.Stored(), storedStatus{Status: Failed, Error: e.Message, Code: e.Code})
}

func (q *query) note(p Progress, ops []exec.OpStats, rec *record) {
	p.Query, p.OID = q.q.Rel.FullName(), q.q.Rel.OID
	q.bad.mu.Lock()
	badCount := q.bad.count
	q.bad.mu.Unlock()
	q.mu.Lock()
	defer q.mu.Unlock()
	i := &q.info
	i.take(rec)
	i.BadRows = badCount
	i.StateRows, i.StateBytes = p.StateRows, p.StateBytes
	q.steps, q.ops = append(q.steps, p), q.operators(ops)
	if len(q.steps) >= 2*keptSteps {
		q.steps = append([]Progress(nil), q.steps[len(q.steps)-keptSteps:]...)
	}
}

// operators are the rows of streamsql.state.
func (q *query) operators(ops []exec.OpStats) []OperatorInfo {
	out := make([]OperatorInfo, len(ops))
	for i, s := range ops {
		out[i] = OperatorInfo{q.q.Rel, s}
	}
	return out
}

// run starts the trigger loop where the status asks for one.
func (q *query) run() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.cancel != nil || q.status != Running || q.trigger.Kind == TriggerManual {
		if q.status == Running && q.trigger.Kind == TriggerManual {
			q.status = Idle
		}
		return
	}
	ctx, cancel := context.WithCancel(q.m.ctx)
	done := make(chan struct{})
	q.cancel, q.done = cancel, done
	go func() {
		defer close(done)
		q.loop(ctx)
		cancel()
		q.mu.Lock()
		if q.done == done {
			q.cancel, q.done = nil, nil
		}
		q.mu.Unlock()
	}()
}

// halt ends the loop and waits for it; a step that runs finishes first.
func (q *query) halt() {
	q.mu.Lock()
	cancel, done := q.cancel, q.done
	q.cancel, q.done = nil, nil
	q.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// loop runs triggers until ctx ends or the query stops, the first one at once. ctx ends the waiting; steps run under the manager's own context.
func (q *query) loop(ctx context.Context) {
	idle := 0 // times that something woke the loop and nothing was to do
	last := q.m.cfg.Clock()
	for first := true; ctx.Err() == nil; first = false {
		_, t, _, _ := q.state()
		if t.Kind == TriggerInterval && !first {
			if due := nextMultiple(last, t.Every); !q.sleep(ctx, due.Sub(q.m.cfg.Clock())) {
				continue
			}
			last = q.m.cfg.Clock()
		}
		r, err := q.once(q.m.cfg.Clock(), t.Kind == TriggerOnce)
		if err != nil {
			return
		}
		switch t.Kind {
		case TriggerOnce:
			q.stop()
			return
		case TriggerAvailableNow:
			if !r.more {
				q.stop()
				return
			}
		case TriggerDefault, TriggerContinuous:
			if r.did || r.more {
				idle = 0
				continue
			}
			if idle > 0 && !q.sleep(ctx, min(time.Millisecond<<min(idle, 6), 50*time.Millisecond)) {
				continue
			}
			idle = q.wait(ctx, idle)
		}
	}
}

func (q *query) stop() {
	q.setStatus(Stopped, nil)
	q.m.storeStatus(q.q.Rel.Stored(), storedStatus{Status: Stopped})
}

// nextMultiple is the first multiple of every since 1970 after last. For a step that took longer than every it has passed already.
func nextMultiple(last time.Time, every time.Duration) time.Time {
	return last.Add(every - time.Duration(last.UnixNano()%int64(every)))
}

// sleep waits; false: the context ended or the query was asked to look again.
func (q *query) sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-q.wake:
		return false
	case <-ctx.Done():
		return false
	}
}

// wait returns when a source has something new, when time alone may bring a step, or when the query is asked to look again. It gives the
// new count of idle turns: 0 after a wake-up that is no source's.
func (q *query) wait(ctx context.Context, idle int) int {
	type place struct {
		in input
		at connector.Position
	}
	q.step.Lock()
	if q.core == nil {
		q.step.Unlock()
		return idle
	}
	var places []place
	for _, s := range q.core.sources {
		places = append(places, place{s.in, s.looked})
	}
	now := q.m.cfg.Clock().UnixMicro()
	next := q.core.nextTime(now)
	q.step.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fired := make(chan struct{}, len(places))
	for _, p := range places {
		go func() {
			// A source that can't wait says why when it is looked at.
			if _ = p.in.wait(ctx, p.at); ctx.Err() == nil {
				fired <- struct{}{}
			}
		}()
	}
	var timer <-chan time.Time
	if next != 0 {
		t := time.NewTimer(time.Duration(next-now)*time.Microsecond + time.Millisecond)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-fired:
		return idle + 1
	case <-timer:
	case <-q.wake:
	case <-ctx.Done():
	}
	return 0
}
