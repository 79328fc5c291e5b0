package stream

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
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
		p.to[i], p.more = to, p.more || more
		s.looked = to
		if string(to) != string(s.pos) && !s.in.empty(s.pos, to) {
			p.some = true
		}
	}
	return p, nil
}

// due says whether a step has something to do.
func (c *core) due(p *stepPlan) bool {
	if p.some || c.rec.Step == 0 && c.first {
		return true
	}
	close, ok := c.runner.NextClose()
	if ok && c.procTime && close <= p.now {
		return true
	}
	if ts, ok := c.expiry(); ok && ts <= p.now {
		return true
	}
	mark := c.watermark(p)
	if c.passes && c.behind && c.rec.Watermark > exec.NoWatermark {
		return mark >= c.rec.Watermark+clockStep || ok && close <= mark
	}
	return mark > c.rec.Watermark && (c.passes || ok && close <= mark)
}

// watermark is the query's watermark at the end of a step: the least of its sources that have event time and are not all idle.
func (c *core) watermark(p *stepPlan) int64 {
	mark, any, idle := int64(exec.NoWatermark), false, int64(exec.NoWatermark)
	for i, s := range c.sources {
		if !s.timed() {
			continue
		}
		m := int64(exec.NoWatermark)
		if s.track != nil {
			m = s.track.at(p.now)
		} else if p.to[i] != nil {
			m = s.in.watermark(p.to[i])
		}
		if s.track != nil && s.track.isIdle(p.now) {
			idle = max(idle, m)
			continue
		}
		if !any || m < mark {
			mark, any = m, true
		}
	}
	if !any {
		mark = idle
	}
	known := c.settled(p, mark)
	c.behind = known < mark
	return max(known, c.rec.Watermark)
}

// clockStep is how far (µs) a watermark that follows the clock moves before it is passed on for its own sake.
const clockStep = 1_000_000

// settled is the time up to which, at most upTo and the step's clock, the versions of all tables that are read as of a time are known.
func (c *core) settled(p *stepPlan, upTo int64) int64 {
	for i, s := range c.sources {
		if in, ok := s.in.(tableInput); ok && s.asOf {
			upTo = in.t.Settle(number(p.to[i]), min(upTo, p.now))
		}
	}
	return upTo
}

// timed says whether the source has a watermark that the query can know: the query reads the column, or a view passes it on.
func (s *source) timed() bool {
	_, view := s.in.(tableInput)
	return s.track != nil || view && s.rel.Watermark != nil
}

// trigger does one step if there is something to do.
func (c *core) trigger(ctx context.Context, now int64, unlimited bool) (r stepResult, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = sqlerr.New(sqlerr.InternalError, "panic in query: %v", x).WithDetail("%s", debug.Stack())
		}
	}()
	begin := time.Now()
	p, err := c.look(ctx, now, unlimited)
	if err != nil {
		return r, err
	}
	if !c.due(p) {
		return stepResult{more: p.more}, nil
	}
	if c.target.logged() && c.store != nil && !c.lazy() {
		if err := c.log(p); err != nil {
			return r, err
		}
	}
	r, err = c.step(ctx, p, begin)
	return r, err
}

// log makes the step repeatable.
func (c *core) log(p *stepPlan) error {
	e := begun{Step: c.rec.Step + 1, Now: p.now, To: map[string][]byte{}}
	for i, s := range c.sources {
		e.To[s.name()] = p.to[i]
	}
	b := c.store.NewBatch()
	if err := setJSON(b, queryKey(c.saver.oid, 'l'), e); err != nil {
		return err
	}
	return b.Commit(true)
}

func (s *source) name() string { return strconv.FormatUint(uint64(s.rel.OID), 10) }

// step computes, stages, commits and publishes.
func (c *core) step(ctx context.Context, p *stepPlan, begin time.Time) (r stepResult, err error) {
	n, planned := c.rec.Step+1, time.Now()
	var rowsIn atomic.Int64
	inputs, since, release, err := c.inputs(ctx, p, &rowsIn)
	defer release()
	if err != nil {
		return r, err
	}
	late := c.late()
	st := &exec.Step{N: n, Now: p.now, WMStart: c.rec.Watermark, Settled: exec.NoWatermark, Since: since, Dropped: c.bad.dropped(n)}
	if c.q.Rel.Mode == string(plan.Append) {
		st.Settled = c.settled(p, p.now)
	}
	st.Advance = func(seen []exec.Seen) int64 {
		for _, s := range seen {
			if src := c.sources[c.scans[s.Scan]]; src.track != nil {
				src.track.see(s.Partition, s.Max, p.now)
			}
		}
		return c.watermark(p)
	}
	mark, err := c.runner.Run(ctx, st, inputs, func(b *types.Batch) error { return c.target.write(ctx, n, b) })
	if err != nil {
		return r, err
	}
	rowsOut, err := c.target.stage(ctx, n)
	if err != nil {
		return r, err
	}
	computed := time.Now()
	from := c.rec
	c.settle(p, n, mark, totals{rowsIn.Load(), rowsOut, c.late() - late})
	if err := c.commit(n, p.now, mark); err != nil {
		return r, err
	}
	committed := time.Now()
	if err := c.target.publish(ctx, n); err != nil {
		return r, err
	}
	ops := c.runner.Stats()
	stateRows, stateBytes := stateSize(ops)
	r = stepResult{ops: ops, did: true, more: p.more, progress: Progress{
		Step: n, At: time.UnixMicro(p.now).UTC(), RowsIn: rowsIn.Load(), RowsOut: rowsOut, Late: c.late() - late,
		WatermarkStart: from.Watermark, Watermark: mark, Plan: planned.Sub(begin), Read: computed.Sub(planned),
		Commit: committed.Sub(computed), Publish: time.Since(committed), Total: time.Since(begin),
		StateRows: stateRows, StateBytes: stateBytes,
	}}
	for _, s := range c.sources {
		r.progress.Offsets = append(r.progress.Offsets, SourceOffset{
			Source: s.rel.Name, From: s.in.describe(from.Sources[s.name()].Pos), To: s.in.describe(s.pos), Lag: s.in.lag(s.pos)})
	}
	return r, nil
}

// inputs opens the splits of each scan. release may be called in any case.
func (c *core) inputs(ctx context.Context, p *stepPlan, rows *atomic.Int64) (in []exec.Input, since map[int]int64, release func(), err error) {
	since = map[int]int64{}
	var releases []func()
	release = func() {
		for _, f := range releases {
			f()
		}
	}
	counted := map[int]bool{}
	for k, scan := range c.runner.Scans() {
		i := c.scans[k]
		s := c.sources[i]
		if string(p.to[i]) == string(s.pos) {
			in = append(in, exec.Input{})
			continue
		}
		splits, known, done, err := s.read(ctx, scan, p.to[i], c.bad.handler(s.rel, !counted[i]))
		if err != nil {
			return nil, nil, release, err
		}
		since[k] = known
		releases = append(releases, done)
		if !counted[i] {
			splits = counting(splits, rows)
			counted[i] = true
		}
		in = append(in, exec.Input{Splits: splits})
	}
	return in, since, release, nil
}

// read gives what came after the source's position; since is for a scan as of a time.
func (s *source) read(ctx context.Context, scan *plan.Scan, to connector.Position, onBad func(connector.Bad) error) (splits []types.Split, since int64, done func(), err error) {
	if in, ok := s.in.(tableInput); ok && scan.AsOf == "time" {
		if s.pos == nil {
			return in.t.History(number(to), scan.Cols, s.rel.Stored() != s.rel.OID)
		}
		splits, err = in.t.HistorySince(number(s.pos), number(to), scan.Cols)
		return splits, exec.NoWatermark, nothing, err
	}
	splits, done, err = s.in.read(ctx, s.pos, to, connector.Want{Cols: scan.Cols, OnBad: onBad})
	return splits, exec.NoWatermark, done, err
}

// counting makes the splits count their rows.
func counting(splits []types.Split, rows *atomic.Int64) []types.Split {
	out := make([]types.Split, len(splits))
	for i, s := range splits {
		out[i] = types.Split{Partition: s.Partition, Read: func(ctx context.Context, emit func(*types.Batch) error) error {
			return s.Read(ctx, func(b *types.Batch) error {
				rows.Add(int64(b.N))
				return emit(b)
			})
		}}
	}
	return out
}

// settle makes the record of the step.
func (c *core) settle(p *stepPlan, n, mark int64, rows totals) {
	all := c.rec.Total
	all = totals{all.In + rows.In, all.Out + rows.Out, all.Late + rows.Late}
	rec := record{Format: stateFormat, Step: n, At: p.now, Watermark: mark, Sources: map[string]sourceRecord{}, Start: c.rec.Start, Total: all}
	for i, s := range c.sources {
		s.pos = p.to[i]
		sr := sourceRecord{Pos: s.pos, Track: s.track}
		if s.track != nil {
			s.track.Mark = s.track.at(p.now)
		}
		if _, ok := s.in.(sourceInput); !ok {
			sr.Rel = s.rel.OID
		}
		rec.Sources[s.name()] = sr
	}
	c.rec = rec
}

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

// expiry is the processing time at which state is forgotten for its age.
func (c *core) expiry() (int64, bool) {
	if r, ok := c.runner.(interface{ NextExpiry() (int64, bool) }); ok {
		return r.NextExpiry()
	}
	return 0, false
}

// nextTime is the processing time at which a step may be due without new rows; 0: never.
func (c *core) nextTime(now int64) int64 {
	next := int64(0)
	if ts, ok := c.runner.NextClose(); ok && c.procTime {
		next = max(ts, now+1)
	}
	if ts, ok := c.expiry(); ok && (next == 0 || ts < next) {
		next = max(ts, now+1)
	}
	ts, closes := c.runner.NextClose()
	for _, s := range c.sources {
		if s.asOf && closes && ts > now && (next == 0 || ts < next) {
			next = ts // the watermark never passes the clock of such a table
		}
		if at := c.rec.Watermark + clockStep; s.asOf && c.passes && c.behind && (next == 0 || at < next) {
			next = max(at, now+1)
		}
		if s.track == nil {
			continue
		}
		if ts := s.track.next(now); ts != 0 && (next == 0 || ts < next) {
			next = ts
		}
	}
	return next
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

func usesClock(n plan.Node) bool {
	if w, ok := n.(*plan.TimeWindow); ok && w.TimeIsProc {
		return true
	}
	for _, in := range n.Inputs() {
		if usesClock(in) {
			return true
		}
	}
	return false
}
