package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// matchPart is a partition: rows lo to hi of the matcher's columns, in order.
type matchPart struct {
	lo, hi int32
	next   int32 // where the next match is looked for
	// covered: rows before it are part of a match or were handed on as unmatched.
	covered int32
	number  int64 // of the last match
	cut     bool  // rows before lo were forgotten
	open    bool  // rows may still come behind hi
	waits   bool  // set by run: what starts at next cannot be decided yet
	// marks are set by run, with mark: places from which the search can go on when rows behind them change.
	mark  bool
	seen  int32 // attempts before next looked at rows before it
	marks []matchMark
}

// matchMark is the state of the search before an attempt. No attempt before it has looked at row reach or beyond it.
type matchMark struct {
	next, covered, reach int32
	number               int64
}

// markEvery is how many attempts lie between two marks.
var markEvery = 32

// matcher finds the matches of a pattern: by backtracking, so that the first one found is the preferred one, and with a memory of the states that
// led nowhere, so that it does not try them again. A state is a place in the program and in the rows, and what the conditions can see of
// the rows taken so far.
type matcher struct {
	plan    *plan.Match
	prog    []matchInst
	conds   []matchCond
	names   []arrow.Array // by variable: its name, one row
	look    matchLook
	memo    matchMemo
	sets    []int             // by nav: its set in look
	members [][]bool          // by nav: the variables that count, nil: all
	aggs    map[int]*matchSum // by nav

	one    types.Batch   // what a condition reads, one row
	recent []matchRecent // by nav

	ec  *expr.Ctx
	ctx context.Context
	wm  int64

	cols  []arrow.Array
	n     int
	times []int64 // the first key, with WITHIN

	part   *matchPart
	start  int32
	labels []int32 // of the rows taken since start: variable<<1, plus 1 inside an exclusion
	stack  []matchChoice
	steps  int
	reach  int32 // one behind the last row that was looked at in the partition
	hits   matchHits
	out    func(*types.Batch) error
}

// matchRecent is the row that a nav last stood for, as a column.
type matchRecent struct {
	row int32
	arr arrow.Array
}

// matchChoice is where to go on when all else fails.
type matchChoice struct{ pc, pos int32 }

// matchHit is a match, or a row without one (end < start).
type matchHit struct {
	start, end int32
	label      int32 // where its labels begin
	number     int64
	lo, hi     int32 // of its partition
}

type matchHits struct {
	list   []matchHit
	labels []int32
}

type matchState uint8

const (
	matchNone matchState = iota
	matchFound
	matchWaits
)

func newMatcher(n *plan.Match) (*matcher, error) {
	prog, err := compileMatch(n.Pattern)
	if err != nil {
		return nil, err
	}
	m := &matcher{plan: n, prog: prog, aggs: map[int]*matchSum{}}
	for _, v := range n.Vars {
		m.names = append(m.names, textArray([]string{v}))
	}
	for i := range n.Navs {
		m.members = append(m.members, matchMembers(&n.Navs[i], len(n.Vars)))
	}
	m.one, m.recent = types.Batch{N: 1, Cols: make([]arrow.Array, len(n.Navs))}, make([]matchRecent, len(n.Navs))
	m.planConds()
	m.memo.init(prog, &m.look)
	return m, nil
}

// run finds the matches of the partitions, whose rows are cols, and hands them on to m.out.
func (m *matcher) run(cols []arrow.Array, n int, parts []matchPart) error {
	m.cols, m.n = cols, n
	clear(m.recent)
	m.hits.list, m.hits.labels = m.hits.list[:0], m.hits.labels[:0]
	m.readTimes()
	m.evalStatic(parts)
	for i := range parts {
		m.part, m.reach = &parts[i], parts[i].seen
		m.memo.reset(int(m.part.hi - m.part.lo))
		if err := m.partition(); err != nil {
			return err
		}
	}
	return m.flush()
}

// matchFlush is how many matches, or rows of matches, are collected before they are handed on.
const matchFlush = 1 << 16

// flush hands on the matches found.
func (m *matcher) flush() error {
	b, err := m.result()
	m.hits.list, m.hits.labels = m.hits.list[:0], m.hits.labels[:0]
	if err != nil || b == nil {
		return err
	}
	return m.out(b)
}

// partition finds the matches of one partition, from its next row on.
func (m *matcher) partition() error {
	p := m.part
	for n := 0; p.next < p.hi; n++ {
		if p.mark && n%markEvery == 0 {
			p.marks = append(p.marks, matchMark{p.next, p.covered, m.reach, p.number})
		}
		if len(m.hits.list) >= matchFlush || len(m.hits.labels) >= 4*matchFlush {
			if err := m.flush(); err != nil {
				return err
			}
		}
		s := p.next
		state, err := m.try(s)
		if err != nil {
			return err
		}
		switch {
		case state == matchWaits:
			p.waits = true
			return nil
		case state == matchNone:
			if m.plan.Empty == "with unmatched" && s >= p.covered {
				m.hits.list = append(m.hits.list, matchHit{start: s, end: s - 1, lo: p.lo, hi: p.hi})
			}
			p.next++
			continue
		}
		end := s + int32(len(m.labels))
		if end > s && p.open && end-1+m.look.behind >= p.hi {
			p.waits = true // a measure looks further
			return nil
		}
		m.reach = max(m.reach, end+m.look.behind)
		p.number++
		m.hits.list = append(m.hits.list, matchHit{s, end, int32(len(m.hits.labels)), p.number, p.lo, p.hi})
		m.hits.labels = append(m.hits.labels, m.labels...)
		p.covered = max(p.covered, end)
		if p.next, err = m.skip(s, end); err != nil {
			return err
		}
	}
	return nil
}

// skip is the row at which the search goes on after the match of rows start to end.
func (m *matcher) skip(start, end int32) (int32, error) {
	if end == start || m.plan.Skip == "to next row" {
		return start + 1, nil
	}
	if m.plan.Skip == "past last row" {
		return end, nil
	}
	is := func(l int32) bool { return slices.Contains(m.plan.SkipVars, int(l>>1)) }
	at := slices.IndexFunc(m.labels, is)
	if m.plan.Skip == "to last" {
		for i := len(m.labels) - 1; i > at; i-- {
			if is(m.labels[i]) {
				at = i
				break
			}
		}
	}
	switch at {
	case -1:
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "AFTER MATCH SKIP failed: pattern variable %q is not present in the match", m.plan.SkipName).At(m.plan.Pos).
			WithHint("Skip to a variable that every match has, or use SKIP PAST LAST ROW.")
	case 0:
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "AFTER MATCH SKIP failed: cannot skip to the first row of the match").At(m.plan.Pos).
			WithHint("Skip to a variable behind the first row, or use SKIP TO NEXT ROW.")
	}
	return start + int32(at), nil
}

// try looks for the preferred match that starts at row start; its labels are left in m.labels.
func (m *matcher) try(start int32) (matchState, error) {
	m.begin(start)
	pc, pos := int32(0), start
	for {
		if m.steps++; m.steps&1023 == 0 {
			if err := m.check(pos); err != nil {
				return matchNone, err
			}
		}
		in := &m.prog[pc]
		ok := true
		switch in.op {
		case matchVar:
			state, err := m.take(pos, in.x)
			if err != nil || state == matchWaits {
				return state, err
			}
			if ok = state == matchFound; ok {
				m.push(pos, in.x, in.y)
				pc, pos = pc+1, pos+1
			}
		case matchSplit:
			if ok = m.memo.visit(pc, pos-m.part.lo, m.seen()); ok {
				m.stack = append(m.stack, matchChoice{in.y, pos})
				pc = in.x
			}
		case matchJump:
			pc = in.x
		case matchStart:
			ok = pos == m.part.lo && !m.part.cut
			pc++
		case matchEnd:
			ok = pos == m.part.hi
			m.reach = max(m.reach, pos+1)
			pc++
		case matchDone:
			m.memo.forget()
			return matchFound, nil
		}
		if ok {
			continue
		}
		last := len(m.stack) - 1
		if last < 0 {
			return matchNone, nil
		}
		c := m.stack[last]
		m.stack = m.stack[:last]
		pc, pos = c.pc, c.pos
		m.cut(pos)
	}
}

// begin prepares an attempt.
func (m *matcher) begin(start int32) {
	m.start, m.steps = start, 0
	m.stack = m.stack[:0]
	m.cut(start)
	for _, a := range m.aggs {
		a.stale = true
	}
	if m.plan.Within >= 0 || m.look.dynamic {
		m.memo.forget()
	}
}

// matchSteps bounds the work on one attempt whose conditions depend on the way taken.
const matchSteps = 10_000_000

// check stops an attempt that was interrupted or takes too long.
func (m *matcher) check(pos int32) error {
	if err := m.ctx.Err(); err != nil {
		return err
	}
	if m.look.dynamic && m.steps > matchSteps+100*int(pos-m.start) {
		return sqlerr.New(sqlerr.StatementTooComplex, "the row pattern needs too many steps: %d for one match", m.steps).At(m.plan.Pos).
			WithHint("Let the conditions in DEFINE depend on fewer earlier rows, use narrower quantifiers, or bound the match with WITHIN INTERVAL '...'.")
	}
	return nil
}

// take says whether the row at pos can be variable v.
func (m *matcher) take(pos, v int32) (matchState, error) {
	p := m.part
	c := &m.conds[v]
	m.reach = max(m.reach, pos+1+c.ahead)
	if pos >= p.hi {
		if p.open && !m.expired() {
			return matchWaits, nil
		}
		return matchNone, nil
	}
	if m.times != nil {
		if d := m.times[pos] - m.times[m.start]; d < 0 || d > m.plan.Within { // d < 0: an overflow
			return matchNone, nil
		}
	}
	if p.open && pos+c.ahead >= p.hi {
		return matchWaits, nil
	}
	ok, err := m.holds(c, pos, v)
	if err != nil || !ok {
		return matchNone, err
	}
	return matchFound, nil
}

// expired says that no row within the limit of this attempt can come any more.
func (m *matcher) expired() bool {
	return m.times != nil && m.times[m.start]+m.plan.Within+m.plan.Close <= m.wm
}

// push notes that the row at pos was taken as v.
func (m *matcher) push(pos, v, hidden int32) {
	m.labels = append(m.labels, v<<1|hidden)
	m.look.push(pos, v)
}

// cut goes back to where pos is the next row.
func (m *matcher) cut(pos int32) {
	n := int(pos - m.start)
	if n > len(m.labels) {
		n = 0
	}
	m.labels = m.labels[:n]
	m.look.cut(pos, n)
	for _, a := range m.aggs {
		a.stale = a.stale || a.upTo > n
	}
}
