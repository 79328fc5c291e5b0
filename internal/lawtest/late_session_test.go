package lawtest

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// lateGap is the gap of the sessions in lateKinds.
const lateGap = 6 * time.Second

// sessionModel is what sessions come to, computed by their definition trigger by trigger.
type sessionModel struct {
	here []modelSession // those that rows may still touch
	over []modelSession // those that are done with
	late int
}

type modelSession struct {
	k           string
	first, last time.Time
	n, sum, max int
	fresh       bool // one row of this trigger
}

// trigger takes the rows that a trigger read, with the watermarks at its begin and its end (zero: none).
func (m *sessionModel) trigger(mode string, rows []lateRow, begin, end time.Time) {
	all := m.here
	for _, r := range rows {
		if r.ts.IsZero() {
			m.late++
			continue
		}
		var id, v int
		var k int
		if _, err := fmt.Sscanf(r.values, "%d, %d, %d", &id, &k, &v); err != nil {
			continue // the row that closes all
		}
		all = append(all, modelSession{k: strconv.Itoa(k), first: r.ts, last: r.ts, n: 1, sum: v, max: id, fresh: true})
	}
	slices.SortStableFunc(all, func(a, b modelSession) int {
		if a.k != b.k {
			return int(a.k[0]) - int(b.k[0])
		}
		return a.first.Compare(b.first)
	})
	m.here = nil
	for len(all) > 0 {
		n, last := 1, all[0].last
		for n < len(all) && all[n].k == all[0].k && !all[n].first.After(last.Add(lateGap)) {
			if all[n].last.After(last) {
				last = all[n].last
			}
			n++
		}
		m.take(all[:n], mode != "complete" && !begin.IsZero() && !last.Add(lateGap).After(begin))
		all = all[n:]
	}
	if mode == "complete" || end.IsZero() {
		return
	}
	keep := lateGap
	if mode == "append" {
		keep = 0
	}
	open := m.here[:0]
	for _, s := range m.here {
		if s.last.Add(lateGap + keep).After(end) {
			open = append(open, s)
		} else {
			m.over = append(m.over, s)
		}
	}
	m.here = open
}

// take makes one session of what touches, or if that was over before leaves out the rows that are new.
func (m *sessionModel) take(ss []modelSession, over bool) {
	var one modelSession
	for i, s := range ss {
		switch {
		case over && s.fresh:
			m.late++
		case over:
			m.here = append(m.here, s)
		case i == 0:
			one = s
			one.fresh = false
		default:
			one.n, one.sum, one.max = one.n+s.n, one.sum+s.sum, max(one.max, s.max)
			if s.last.After(one.last) {
				one.last = s.last
			}
		}
	}
	if !over {
		m.here = append(m.here, one)
	}
}

// rows is the query's result.
func (m *sessionModel) rows() *result {
	out := &result{oids: make([]uint32, 6)}
	for _, s := range append(slices.Clone(m.over), m.here...) {
		at := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999999-07") }
		out.rows = append(out.rows, []string{s.k, at(s.first), at(s.last.Add(lateGap)), strconv.Itoa(s.n), strconv.Itoa(s.sum), strconv.Itoa(s.max)})
	}
	return out
}
