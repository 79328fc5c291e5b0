package exec

import (
	"math"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// sessions adds the session of each row. When a session grows or two become one, all their rows are handed on anew. A session is over when the watermark
// reaches its end, the last time plus the gap; a row is late whose session is over at the start of the step. A row can be in time, with what would be a session
// of its own, and yet touch one that is over: in append mode that was handed on, and the row begins another; elsewhere the session goes on, for which it is kept.
type sessions struct {
	*over
	plan    *plan.TimeWindow
	closing *closing // by partition: when its first session ends; nil: never
	wmStart int64
	judges  bool  // rows can be late
	keep    int64 // how long sessions are kept when they are over: no row in time touches them then
	late    []uint32
}

func (b *builder) session(n *plan.TimeWindow) (Op, error) {
	in, err := b.build(n.In)
	if err != nil {
		return nil, err
	}
	var by []expr.Expr
	for _, c := range n.By {
		by = append(by, &expr.Column{Idx: c, Typ: n.In.Schema()[c].Type})
	}
	s := &sessions{over: b.newOver(b.node("session", n), n.In, by, nil), plan: n}
	s.onClose = n.OnClose && b.cfg.Mode != plan.Batch
	s.store(n.In, []plan.SortKey{{X: &expr.Column{Idx: n.Col, Typ: n.In.Schema()[n.Col].Type}}})
	s.calc = &sessionCalc{n}
	if b.cfg.Mode != plan.Batch && !n.Keep {
		s.closing, s.judges = newClosing(nil), true
		if !s.onClose {
			s.keep = n.Gap
		}
	}
	s.settled, s.entered, s.first = s.afterMerge, s.afterMerge, s.firstChanged
	return b.link(s, in), nil
}

// sessionCalc computes window_start and window_end.
type sessionCalc struct{ plan *plan.TimeWindow }

func (c *sessionCalc) calc(_ *expr.Ctx, rows *slots, ids []uint32, starts, _ []int32) ([]arrow.Array, error) {
	ts := rows.cols[c.plan.Col].ints
	start, end := make([]int64, len(ids)), make([]int64, len(ids))
	for p := range len(starts) - 1 {
		for i := starts[p]; i < starts[p+1]; {
			to := i + int32(sessionLen(ts, ids[i:starts[p+1]], c.plan.Gap))
			from, last := ts[ids[i]], ts[ids[to-1]]
			for ; i < to; i++ {
				start[i], end[i] = from, last+c.plan.Gap
			}
		}
	}
	dt := rows.cols[c.plan.Col].typ.Arrow()
	return []arrow.Array{types.NewFixed(dt, start, nil, 0), types.NewFixed(dt, end, nil, 0)}, nil
}

func (c *sessionCalc) reach() reach { return reach{unbounded, unbounded, true} }

// sessionLen is how many of the rows, sorted by time, belong to the first session.
func sessionLen(ts []int64, ids []uint32, gap int64) int {
	for i := 1; i < len(ids); i++ {
		if ts[ids[i]]-ts[ids[i-1]] > gap {
			return i
		}
	}
	return len(ids)
}

// firstChanged is where the first session begins that the rows which came to partition p may change.
func (s *sessions) firstChanged(p uint32) int {
	ts, list := s.rows.cols[s.plan.Col].ints, s.lists[p]
	t := ts[s.come[p][0]]
	i := sort.Search(len(list), func(i int) bool { return ts[list[i]] >= t })
	for ; i > 0 && t-ts[list[i-1]] <= s.plan.Gap; i-- {
		t = ts[list[i-1]]
	}
	return i
}

// ended is how many of partition p's rows belong to sessions that are done with at wm, and when the next one is.
func (s *sessions) ended(p uint32, wm int64) (n int, next int64) {
	ts, list := s.rows.cols[s.plan.Col].ints, s.lists[p]
	for n < len(list) {
		k := n + sessionLen(ts, list[n:], s.plan.Gap)
		if end := ts[list[k-1]] + s.plan.Gap + s.plan.Slack + s.keep; end > wm {
			return n, end
		}
		n = k
	}
	return n, never
}

// afterMerge notes when the first session of a partition is done with.
func (s *sessions) afterMerge(p uint32) {
	if s.judges {
		_, next := s.ended(p, NoWatermark)
		s.closing.add(p, next)
	}
}

// judge takes the late ones out of the rows that came to partition p: they and what they touch had ended before the step.
func (s *sessions) judge(p uint32) {
	s.sortCome(p)
	ts, come, list := s.rows.cols[s.plan.Col].ints, s.come[p], s.lists[p]
	w := lateWalk{gap: s.plan.Gap, over: s.plan.Gap + s.plan.Slack, wm: s.wmStart}
	if len(come) == 0 || s.wmStart == NoWatermark || ts[come[0]]+w.over > w.wm {
		return
	}
	for i := 0; i < len(list); {
		n := sessionLen(ts, list[i:], s.plan.Gap)
		w.sessions = append(w.sessions, [2]int64{ts[list[i]], ts[list[i+n-1]]})
		i += n
	}
	isLate := w.late(len(come), func(i int) int64 { return ts[come[i]] })
	keep := come[:0]
	for i, e := range come {
		if isLate[i] {
			s.late = append(s.late, e)
		} else {
			keep = append(keep, e)
		}
	}
	s.come[p] = keep
}

// lateWalk finds the rows of a key that are late: with the sessions that they touch and the rows that these touch they make no session that was not over at wm.
type lateWalk struct {
	gap, over, wm int64      // a session is over at its last time plus over
	sessions      [][2]int64 // the first and the last time of those there are, by time
}

// late judges n rows, by time.
func (w *lateWalk) late(n int, at func(i int) int64) []bool {
	out := make([]bool, n)
	from, last := 0, int64(math.MinInt64)
	begin := func(t int64, i int) {
		if last != math.MinInt64 && t-last > w.gap {
			for ; from < i; from++ {
				out[from] = last+w.over <= w.wm
			}
		}
	}
	ss := w.sessions
	for i := 0; i < n || len(ss) > 0; {
		if i == n || len(ss) > 0 && ss[0][0] <= at(i) {
			begin(ss[0][0], i)
			last = max(last, ss[0][1])
			ss = ss[1:]
			continue
		}
		begin(at(i), i)
		last = max(last, at(i))
		i++
	}
	for ; from < n; from++ {
		out[from] = last+w.over <= w.wm
	}
	return out
}

// Push stores rows; those without a time are late.
func (s *sessions) Push(st *run, port int, b *types.Batch) error {
	sc := &stageCtx{keep: st.Dropped != nil}
	b = timedRows(sc, s.node, b, s.plan.Col)
	deliver(st, sc)
	if b.N == 0 {
		return nil
	}
	return s.over.Push(st, port, b)
}

// Finish hands on the rows whose session changed, or whose session ended.
func (s *sessions) Finish(st *run) error {
	if err := s.drain(st); err != nil {
		return err
	}
	s.wmStart = st.WMStart
	if st.batch || !s.judges {
		return s.over.Finish(st)
	}
	for _, p := range s.touched {
		s.judge(p)
	}
	s.note()
	if s.onClose {
		s.settle()
	} else if err := s.emitChanges(st); err != nil {
		return err
	}
	if len(s.late) > 0 {
		s.drop(st, "late", len(s.late), &types.Batch{Cols: s.rows.gather(s.late, s.width), N: len(s.late)})
	}
	s.rows.dropAll(s.late)
	s.late = s.late[:0]
	return s.page.eachDue(st.wmEnd, s.reader(st), func() error { return s.close(st) })
}

// close lets the sessions in memory go that are done with.
func (s *sessions) close(st *run) error {
	closed := s.closing.pop(st.wmEnd, func(p uint32) bool { return s.parts.keys.live[p] })
	if s.onClose {
		upTo := func(p uint32) int {
			n, _ := s.ended(p, st.wmEnd)
			return n
		}
		if err := s.emitWhole(st, closed, upTo); err != nil {
			return err
		}
	}
	s.evict(closed, st.wmEnd)
	if len(closed) > 0 {
		s.noteClose(st.wmEnd)
	}
	return nil
}

// evict drops the sessions of partitions that are done with at wm.
func (s *sessions) evict(ps []uint32, wm int64) {
	for _, p := range ps {
		n, next := s.ended(p, wm)
		s.rows.dropAll(s.lists[p][:n])
		s.lists[p] = slices.Delete(s.lists[p], 0, n)
		if len(s.lists[p]) == 0 {
			s.lists[p] = nil
			s.parts.keys.remove(p)
			continue
		}
		s.closing.add(p, next)
	}
}

// pages makes the operator keep its rows in c.
func (s *sessions) pages(c Cold, prefix []byte, stored bool) error {
	return s.pagesUntil(c, prefix, stored, s.closing)
}

// Load takes a chunk.
func (s *sessions) Load(c Chunk) error {
	if c.Tag != "c" || !s.judges {
		return s.over.Load(c)
	}
	s.settle()
	wm := types.Int64s(c.Batch.Cols[0])[0]
	s.evict(s.closing.pop(wm, func(p uint32) bool { return s.parts.keys.live[p] }), wm)
	return nil
}

func (s *sessions) nextClose() (int64, bool) {
	if !s.onClose {
		return 0, false
	}
	return s.page.nextDue(s.closing)
}
