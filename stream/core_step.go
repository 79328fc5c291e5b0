package stream

import (
	"context"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

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
