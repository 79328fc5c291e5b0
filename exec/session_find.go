package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/types"
)

// assign puts the session of each row into sids.
func (a *sessionAgg) assign(b *types.Batch) error {
	a.gids, a.sids = scratch(a.gids, b.N), scratch(a.sids, b.N)
	a.keys.insert(b.Project(a.plan.win.By).Cols, a.gids)
	a.growKeys()
	if a.page != nil {
		if err := a.pageIn(a.gids); err != nil {
			return err
		}
	}
	gap, ts := a.plan.win.Gap, types.Int64s(b.Cols[a.plan.win.Col])
	for i, k := range a.gids {
		t := ts[i]
		if s := a.cur[k]; s != none && t >= a.start[s] && t <= a.last[s]+gap && (t <= a.last[s] || len(a.lists[k]) == 1) {
			if a.flags[s]&isDirty == 0 {
				a.touch(s)
			}
			a.last[s] = max(t, a.last[s])
			a.sids[i] = s
			continue
		}
		a.sids[i] = a.find(k, t)
	}
	for i, s := range a.sids {
		for a.into[s] != s {
			s = a.into[s]
		}
		a.sids[i] = s
	}
	return nil
}

func (a *sessionAgg) growKeys() {
	n, had := a.keys.cap(), len(a.cur)
	a.lists, a.cur, a.isSaved = resize(a.lists, n), resize(a.cur, n), resize(a.isSaved, n)
	for k := had; k < n; k++ {
		a.cur[k], a.isSaved[k] = none, true
	}
}

// find finds the session of key k for time t, makes it, or joins two.
func (a *sessionAgg) find(k uint32, t int64) uint32 {
	gap, list := a.plan.win.Gap, a.lists[k]
	at, _ := slices.BinarySearchFunc(list, t, func(s uint32, t int64) int {
		if a.start[s] <= t {
			return -1
		}
		return 1
	})
	var s uint32
	switch {
	case at > 0 && t <= a.last[list[at-1]]+gap:
		at--
		s = list[at]
		a.touch(s)
		a.last[s] = max(t, a.last[s])
	case at < len(list) && t >= a.start[list[at]]-gap:
		s = list[at]
		a.touch(s)
		a.start[s] = t
	default:
		s = a.make(k, t)
		a.lists[k] = slices.Insert(list, at, s)
	}
	a.cur[k] = s
	if list = a.lists[k]; at+1 < len(list) && a.start[list[at+1]] <= a.last[s]+gap {
		next := list[at+1]
		a.touch(next)
		a.last[s] = max(a.last[s], a.last[next])
		a.into[next] = s
		a.flags[next] |= isGone
		a.fresh = append(a.fresh, next)
		a.lists[k] = slices.Delete(list, at+1, at+2)
	}
	return s
}

// make makes a session.
func (a *sessionAgg) make(k uint32, t int64) uint32 {
	s := a.alloc(k, t)
	if a.page != nil {
		a.page.enter(s, k)
	}
	a.touch(s)
	return s
}

// alloc gives a session a number.
func (a *sessionAgg) alloc(k uint32, t int64) uint32 {
	var s uint32
	if n := len(a.free); n > 0 {
		s = a.free[n-1]
		a.free = a.free[:n-1]
	} else {
		s = uint32(len(a.start))
		a.start, a.last, a.key, a.into, a.flags = append(a.start, 0), append(a.last, 0), append(a.key, 0), append(a.into, 0), append(a.flags, 0)
	}
	a.start[s], a.last[s], a.key[s], a.into[s], a.flags[s] = t, t, k, s, 0
	a.live++
	return s
}

// touch marks a session as changed; it is called before the change.
func (a *sessionAgg) touch(s uint32) {
	f := a.flags[s]
	if f&isDirty != 0 {
		return
	}
	a.flags[s] = f | isDirty
	a.dirty = append(a.dirty, s)
	if f&isEmitted != 0 {
		a.old.ids, a.old.start, a.old.last = append(a.old.ids, s), append(a.old.start, a.start[s]), append(a.old.last, a.last[s])
	}
	if a.page != nil {
		a.page.note(s)
	}
	if k := a.key[s]; a.saving && a.isSaved[k] {
		a.isSaved[k] = false
		a.unsaved = append(a.unsaved, k)
	}
}

// over is the watermark at which a session is over.
func (a *sessionAgg) over(s uint32) int64 { return a.last[s] + a.plan.win.Gap + a.plan.win.Slack }
