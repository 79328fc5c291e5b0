package exec

import (
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// ttl knows which keys of an operator have not been touched for so long, in processing time, that their state is forgotten. Times are counted in
// periods of a sixteenth of that, so that a key that is touched often costs little; it stays up to a period longer. What is loaded after a restart counts as
// touched then.
type ttl struct {
	every  int64 // µs
	period int64
	last   []int64 // by key: the period in which it was touched last, 0: never
	queue  []touched
	loaded bool
}

// touched are the keys that were touched first in a period.
type touched struct {
	period int64
	keys   []uint32
}

func newTTL(d time.Duration) *ttl {
	return &ttl{every: d.Microseconds(), period: max(1, d.Microseconds()/16)}
}

// touch notes keys at processing time now; there are n numbers of keys.
func (t *ttl) touch(keys []uint32, n int, now int64) {
	p := now / t.period
	t.last = resize(t.last, n)
	for _, k := range keys {
		if t.last[k] == p {
			continue
		}
		t.last[k] = p
		if q := len(t.queue); q == 0 || t.queue[q-1].period != p {
			t.queue = append(t.queue, touched{period: p})
		}
		last := &t.queue[len(t.queue)-1]
		last.keys = append(last.keys, k)
	}
}

// load touches the keys that were there before the first step.
func (t *ttl) load(tab *keyTable, now int64) {
	if !t.loaded {
		t.touch(tab.all(), tab.cap(), now)
		t.loaded = true
	}
}

// due is when the keys of a period are forgotten.
func (t *ttl) due(p int64) int64 { return (p+1)*t.period + t.every }

// pop takes the keys that are due at processing time now.
func (t *ttl) pop(tab *keyTable, now int64) []uint32 {
	var out []uint32
	for len(t.queue) > 0 && t.due(t.queue[0].period) <= now {
		for _, k := range t.queue[0].keys {
			if t.last[k] != t.queue[0].period {
				continue
			}
			if t.last[k] = 0; tab.live[k] {
				out = append(out, k)
			}
		}
		t.queue = t.queue[1:]
	}
	return out
}

// next is when a key is due, if none is touched before.
func (t *ttl) next(tab *keyTable) (int64, bool) {
	if t == nil {
		return 0, false
	}
	if !t.loaded && tab.n > 0 {
		return 0, true // a step notes what was loaded
	}
	for len(t.queue) > 0 {
		for _, k := range t.queue[0].keys {
			if t.last[k] == t.queue[0].period {
				return t.due(t.queue[0].period), true
			}
		}
		t.queue = t.queue[1:]
	}
	return 0, false
}

// Forget makes the operators forget the state of keys that were not touched for d, in processing time, before a step takes rows and at its end: a group's row goes with it; a row of DISTINCT
// stays, and comes again when it is there again after that. State that the watermark bounds is left to it. Operators that can't are 0A000.
func (g *Graph) Forget(d time.Duration) error {
	for _, o := range g.ops {
		s, ok := o.(Stateful)
		if !ok {
			continue
		}
		switch o := s.(type) {
		case *aggregate:
			if o.closing == nil {
				o.ttl = newTTL(d)
			}
		case *distinct:
			if o.closing == nil {
				o.ttl = newTTL(d)
			}
		case *firstRows:
			if o.parts.closing == nil {
				o.ttl = newTTL(d)
			}
		case *hopClose:
		default:
			kind, _, _ := strings.Cut(o.base().name, "-")
			return sqlerr.New(sqlerr.FeatureNotSupported, "option \"state_ttl\" is not supported with the operator %s yet", kind).
				WithHint("It works with GROUP BY, DISTINCT, and DISTINCT ON without an order. Bound the state of other operators by a watermark.")
		}
	}
	for _, s := range g.subs {
		if err := s.graph.Forget(d); err != nil {
			return err
		}
	}
	return nil
}

// NextExpiry is the processing time at which state is forgotten next, if nothing touches it, or a row that waited for it is final; ok is false where none is.
func (g *Graph) NextExpiry() (ts int64, ok bool) {
	note := func(t int64, has bool) {
		if has && (!ok || t < ts) {
			ts, ok = t, true
		}
	}
	for _, o := range g.ops {
		switch o := o.(type) {
		case *aggregate:
			note(o.ttl.next(o.keys))
		case *distinct:
			note(o.ttl.next(o.set.tab))
		case *firstRows:
			note(o.ttl.next(o.parts.keys))
		case *temporal:
			note(o.nextTime())
		case *clockFilter:
			note(o.next())
		}
	}
	for _, s := range g.subs {
		note(s.graph.NextExpiry())
	}
	return ts, ok
}

// expire takes back the rows of groups that were not touched for long, and forgets the groups.
func (a *aggregate) expire(st *run) error {
	gone := a.ttl.pop(a.keys, st.Now)
	expired := gone[:0]
	var shown []uint32
	for _, g := range gone {
		if a.flags[g]&isSticky != 0 {
			continue
		}
		expired = append(expired, g)
		if a.flags[g]&isEmitted != 0 {
			shown = append(shown, g)
		}
	}
	if len(expired) == 0 {
		return nil
	}
	if len(shown) > 0 {
		rows, err := a.rows(shown)
		if err != nil {
			return err
		}
		rows.W = constWeights(len(shown), -1)
		if err := a.emitSlices(st, rows); err != nil {
			return err
		}
	}
	a.drop(st, "expired", len(expired), nil)
	if a.saving != nil {
		a.saving.log = append(a.saving.log, Chunk{a.name, "x", &types.Batch{Cols: a.keys.gather(expired), N: len(expired)}})
	}
	a.forget(expired)
	return nil
}

// expire forgets rows that did not come for long; what was given stays given.
func (d *distinct) expire(st *run) {
	gone := d.ttl.pop(d.set.tab, st.Now)
	if len(gone) == 0 {
		return
	}
	for p := range d.set.w {
		for _, e := range gone {
			d.set.w[p][e] = 0
		}
	}
	d.drop(st, "expired", len(gone), nil)
	if d.set.saving {
		d.set.log = append(d.set.log, d.set.chunk(gone))
	}
	for _, e := range gone {
		d.set.tab.remove(e)
	}
}
