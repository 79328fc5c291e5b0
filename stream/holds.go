package stream

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
)

// infos tells where the query stands in its sources at processing time now, and which of them hold its watermark back.
func (c *core) infos(query *catalog.Relation, now int64) []SourceInfo {
	next := int64(exec.NoWatermark)
	if ts, ok := c.runner.NextClose(); ok && !c.procTime {
		next = ts
	}
	least := c.slowest(now)
	var out []SourceInfo
	for _, s := range c.sources {
		list := s.infos(query, now)
		for i := range list {
			list[i].NextClose = next
		}
		if (s.timed() || s.asOf) && !list[0].Idle && s.mark(now) == least {
			holdBack(list, s.track)
		}
		out = append(out, list...)
	}
	return out
}

// slowest is the least watermark of the sources that are not idle.
func (c *core) slowest(now int64) int64 {
	least, any := int64(exec.NoWatermark), false
	for _, s := range c.sources {
		if !s.timed() && !s.asOf || s.track != nil && s.track.isIdle(now) {
			continue
		}
		if m := s.mark(now); !any || m < least {
			least, any = m, true
		}
	}
	return least
}

// mark is the source's own watermark at processing time now.
func (s *source) mark(now int64) int64 {
	switch {
	case s.asOf:
		return now
	case s.track != nil:
		return s.track.at(now)
	case s.pos != nil:
		return s.in.watermark(s.pos)
	}
	return exec.NoWatermark
}

// holdBack marks a source and those of its partitions that its watermark waits for.
func holdBack(list []SourceInfo, t *tracker) {
	list[0].Holds = true
	least, any := int64(exec.NoWatermark), false
	for _, i := range list[1:] {
		if !i.Idle && (!any || i.MaxTime < least) {
			least, any = i.MaxTime, true
		}
	}
	for k := range list[1:] {
		i := &list[k+1]
		if i.Holds = any && !i.Idle && i.MaxTime == least && list[0].Watermark <= i.Watermark; i.Holds {
			list[0].Since = i.Since
		}
	}
}

// infos gives the source's own row, then those of its named partitions.
func (s *source) infos(query *catalog.Relation, now int64) []SourceInfo {
	i := SourceInfo{Query: query, Source: s.rel, Position: s.in.describe(s.pos), Lag: s.in.lag(s.pos), Watermark: exec.NoWatermark, MaxTime: exec.NoWatermark}
	if s.asOf { // its clock
		i.Watermark = now
		return []SourceInfo{i}
	}
	if s.track == nil {
		if in, ok := s.in.(tableInput); ok && s.rel.Watermark != nil && s.pos != nil {
			i.Watermark, i.Since = in.watermark(s.pos), in.t.At(number(s.pos))
		}
		return []SourceInfo{i}
	}
	i.Watermark, i.Idle = s.track.Mark, s.track.isIdle(now)
	var names []string
	for name, p := range s.track.Parts {
		i.MaxTime, i.Since = max(i.MaxTime, p.Max), max(i.Since, p.Grew)
		if name != "" {
			names = append(names, name)
		}
	}
	out := []SourceInfo{i}
	slices.Sort(names)
	for _, name := range names {
		p := s.track.Parts[name]
		out = append(out, SourceInfo{Query: query, Source: s.rel, Partition: name, Lag: -1, Watermark: p.Max - s.track.delay, MaxTime: p.Max,
			Idle: s.track.isQuiet(p, now), Since: p.Grew, NextClose: exec.NoWatermark})
	}
	return out
}
