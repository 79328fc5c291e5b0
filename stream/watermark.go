package stream

import (
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
)

// tracker makes one source's watermark out of the event times that a query has seen. All times are µs. It is stored with each commit.
type tracker struct {
	Parts map[string]*partition `json:",omitempty"`
	Mark  int64                 // the watermark; exec.NoWatermark: none yet

	delay, idle, quiet int64 // idle, quiet: 0: never
}

type partition struct {
	Max  int64 // greatest event time seen
	Last int64 // processing time of the last step that brought rows
	Grew int64 // processing time of the step in which Max was reached
}

func newTracker(rel *catalog.Relation) *tracker {
	t := &tracker{Mark: exec.NoWatermark}
	t.configure(rel)
	return t
}

func (t *tracker) configure(rel *catalog.Relation) {
	t.delay = rel.Watermark.Delay
	t.idle = micros(rel.Options, "watermark_idle_timeout")
	t.quiet = micros(rel.Options, "close_after_quiet")
	if t.Parts == nil {
		t.Parts = map[string]*partition{}
	}
}

// micros is an interval option, 0 where it is not there or not an interval.
func micros(o catalog.Options, key string) int64 {
	s, _ := o.Get(key)
	d, _ := ParseInterval(s)
	return int64(d / time.Microsecond)
}

// see takes the greatest event time of a partition in the step at now.
func (t *tracker) see(part string, ts, now int64) {
	p := t.Parts[part]
	if p == nil {
		p = &partition{Max: ts, Grew: now}
		t.Parts[part] = p
	}
	if ts > p.Max {
		p.Max, p.Grew = ts, now
	}
	p.Last = max(p.Last, now)
}

// at is the watermark at processing time now: the least over the partitions that are not idle; once the whole source has been
// quiet for long enough, the greatest time seen. It never goes back.
func (t *tracker) at(now int64) int64 {
	mark := int64(exec.NoWatermark)
	greatest, last, active := int64(exec.NoWatermark), int64(exec.NoWatermark), 0
	for _, p := range t.Parts {
		greatest, last = max(greatest, p.Max), max(last, p.Last)
		if t.isQuiet(p, now) {
			continue
		}
		if w := p.Max - t.delay; active == 0 || w < mark {
			mark = w
		}
		active++
	}
	if t.quiet > 0 && len(t.Parts) > 0 && now-last >= t.quiet {
		mark = greatest
	}
	return max(mark, t.Mark)
}

// isIdle says that no partition of the source holds a query's watermark back.
func (t *tracker) isIdle(now int64) bool {
	if t.idle == 0 || len(t.Parts) == 0 {
		return false
	}
	for _, p := range t.Parts {
		if !t.isQuiet(p, now) {
			return false
		}
	}
	return true
}

// isQuiet says that a partition has been idle for so long that it does not hold the source's watermark back.
func (t *tracker) isQuiet(p *partition, now int64) bool { return t.idle > 0 && now-p.Last >= t.idle }

// next is the processing time after now at which at may change by itself; 0: never.
func (t *tracker) next(now int64) int64 {
	best, last := int64(0), int64(exec.NoWatermark)
	earlier := func(ts int64) {
		if ts > now && (best == 0 || ts < best) {
			best = ts
		}
	}
	for _, p := range t.Parts {
		last = max(last, p.Last)
		if t.idle > 0 {
			earlier(p.Last + t.idle)
		}
	}
	if t.quiet > 0 && len(t.Parts) > 0 {
		earlier(last + t.quiet)
	}
	return best
}
