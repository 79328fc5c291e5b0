package stream

import (
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
)

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

func usesClock(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.TimeWindow:
		if n.TimeIsProc {
			return true
		}
	case *plan.Over:
		if n.TimeIsProc {
			return true
		}
	}
	for _, in := range n.Inputs() {
		if usesClock(in) {
			return true
		}
	}
	return false
}
