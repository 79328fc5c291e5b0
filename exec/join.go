package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// join is a symmetric hash join: each change of one side is matched at once with the rows that the other side has by then. Both sides' rows are
// kept by their keys; without keys all rows have the same one. Rows that stand in the result for their own sake (those without a partner of outer and
// anti joins, those with one of semi joins) are settled at the end of a step, or, in append mode, when no partner can come any more. See join_probe.go, join_settle.go, join_state.go;
// join_stream.go has the joins that keep the right side only.
type join struct {
	*node
	plan     *plan.Join
	semi     bool // a left row stands for itself where it has a partner, else where it has none
	pairs    bool // matching pairs are in the result
	nullSafe bool // NOT IN: NULLs are keys too
	byRow    bool // partners are counted by row; else by key
	saving   bool
	bounded  bool
	keys     *keyTable
	side     [2]*joinSide
	rest     *joinRest
	probe    joinProbe
	ctx      func() *expr.Ctx // for Load
	gids     []uint32

	turned []uint32 // keys whose weights changed in this step
	isTurn []bool
	notIn  notInState

	streamed bool // only the right side is kept: batch and lookup joins
	asof     *asof
	complete bool // batch: the right side is
	held     []*types.Batch
	heldSize int64 // bytes
}

func (b *builder) join(n *plan.Join) (Op, error) {
	if err := b.checkJoin(n); err != nil {
		return nil, err
	}
	streamed := b.cfg.Mode == plan.Batch || n.Lookup != ""
	var l, r Op
	var err error
	at := len(b.graph.phases)
	if streamed { // the right side's rows come first
		if r, err = b.build(n.R); err != nil {
			return nil, err
		}
		at = len(b.graph.phases)
		if b.cfg.Mode == plan.Batch {
			b.graph.phases = append(b.graph.phases, phase{scans: len(b.graph.scans), ops: len(b.graph.ops)})
		}
	}
	if l, err = b.build(n.L); err != nil {
		return nil, err
	}
	if r == nil {
		if r, err = b.build(n.R); err != nil {
			return nil, err
		}
	}
	j := newJoin(b.node("join", n), n, b.cfg, [2]bool{b.changes.of(n.L), b.changes.of(n.R)})
	if n.ASOF {
		if j.asof, err = newAsof(n); err != nil {
			return nil, err
		}
		j.rest, j.byRow = nil, false
	}
	if b.cfg.Mode == plan.Batch {
		b.graph.phases[at].then = j.rightDone
	}
	return b.link(j, l, r), nil
}

func (b *builder) checkJoin(n *plan.Join) error {
	switch {
	case n.ASOF && b.cfg.Mode != plan.Batch:
		return sqlerr.New(sqlerr.FeatureNotSupported, "ASOF JOIN is not supported in a continuous query").At(n.Pos).
			WithHint("Join with a time bound, or use FOR SYSTEM_TIME AS OF PROCTIME().")
	case n.Lookup == "time":
		return sqlerr.New(sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF a time is not supported here").At(n.Pos).
			WithHint("Use FOR SYSTEM_TIME AS OF PROCTIME(), or join the table plainly.")
	case n.Lookup != "" && b.changes.of(n.L):
		return sqlerr.New(sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF PROCTIME() needs rows on the left that never change").At(n.Pos).
			WithHint("Join the table plainly: a change in it then corrects earlier results.")
	}
	return nil
}

func newJoin(n *node, p *plan.Join, cfg Config, changing [2]bool) *join {
	j := &join{node: n, plan: p, semi: p.Kind == "semi", pairs: p.Kind != "semi" && p.Kind != "anti", ctx: cfg.NewCtx}
	batch := cfg.Mode == plan.Batch
	j.streamed = batch || p.Lookup != ""
	j.bounded = !j.streamed && !p.Keep && p.LTime >= 0 && p.RTime >= 0
	j.saving = !batch && !cfg.Ephemeral
	keys, rest := joinCondition(p)
	j.nullSafe = p.NotIn && rest == nil && len(keys[0]) == 1
	tracked := [2]bool{p.Kind != "inner" && p.Kind != "cross" && p.Kind != "right", p.Kind == "right" || p.Kind == "full"}
	for i, in := range []plan.Node{p.L, p.R} {
		s := &joinSide{types: in.Schema().Types(), keys: keys[i], changing: changing[i], tracked: tracked[i], time: -1}
		s.waiting = tracked[i] && p.OnClose && !j.semi
		s.rows = newRowStore(s.types, s.changing)
		j.side[i] = s
	}
	if j.bounded {
		j.bound()
	}
	kts := make([]types.Type, len(keys[0]))
	for k, x := range keys[0] {
		kts[k] = x.Type()
	}
	j.keys = newKeyTable(kts)
	if rest != nil {
		j.rest = newJoinRest(rest, len(j.side[0].types))
	}
	j.byRow = (rest != nil || j.bounded && (p.Lo != 0 || p.Hi != 0)) && (tracked[0] || tracked[1])
	return j
}

// bound sets the sides' times. No right row with time v comes any more once v + RClose <= watermark, and the partners of a left row with time t have times in
// [t - Hi, t - Lo]; those of a right row lie in [t + Lo, t + Hi].
func (j *join) bound() {
	p, l, r := j.plan, j.side[0], j.side[1]
	l.time, l.close, l.done, l.expiry = p.LTime, p.LClose, plusTime(p.RClose, -p.Lo), newExpiry()
	r.time, r.close, r.done, r.expiry = p.RTime, p.RClose, plusTime(p.LClose, p.Hi), newExpiry()
	if p.Lo == 0 && p.Hi == 0 { // both sides of a window go together
		l.done = max(l.done, r.done)
		r.done = l.done
	}
}

// joinCondition is the condition in two parts: keys that are equal, over the left and over the right side, and the rest over both.
func joinCondition(p *plan.Join) (keys [2][]expr.Expr, rest expr.Expr) {
	if len(p.LKeys) > 0 {
		return [2][]expr.Expr{p.LKeys, p.RKeys}, p.Rest
	}
	if !p.NotIn {
		return keys, p.Cond
	}
	if l, r, ok := notInKey(p.Cond, len(p.L.Schema())); ok {
		return [2][]expr.Expr{{l}, {r}}, nil
	}
	return keys, &expr.IsTest{X: p.Cond, Test: "false", Not: true}
}

// notInKey takes left = right apart.
func notInKey(cond expr.Expr, split int) (l, r expr.Expr, ok bool) {
	c, is := cond.(*expr.Call)
	if !is || c.Fn.Name != "=" || len(c.Args) != 2 || c.Args[0].Type().Base() != c.Args[1].Type().Base() {
		return nil, nil, false
	}
	l, r = c.Args[0], c.Args[1]
	for _, k := range expr.Columns(l) {
		ok = ok || k >= split
	}
	for _, k := range expr.Columns(r) {
		ok = ok || k < split
	}
	return l, expr.Remap(r, func(k int) int { return k - split }), !ok
}

// Push matches rows with the other side, and keeps them.
func (j *join) Push(st *run, port int, b *types.Batch) error {
	s := j.side[port]
	if !s.changing {
		b = expandWeights(b)
	}
	if j.streamed && port == 0 {
		if st.batch && !j.complete {
			j.held = append(j.held, b)
			j.heldSize += batchBytes(b)
			return st.budget.check(j)
		}
		return j.stream(st, b)
	}
	b, keys, err := j.prepare(st, port, b)
	if err != nil || b.N == 0 {
		return err
	}
	j.gids = scratch(j.gids, b.N)
	j.keys.insert(keys, j.gids)
	j.growKeys()
	var counts []int64
	if !j.streamed && (j.pairs || j.byRow) {
		if counts, err = j.match(st, port, b, j.gids); err != nil {
			return err
		}
	}
	j.keep(st, port, b, j.gids, counts)
	return st.budget.check(j)
}

// prepare drops late rows, computes the keys, and takes out the rows that can have no partner since a key (or the time) is NULL: those of tracked sides
// go straight into the result.
func (j *join) prepare(st *run, port int, b *types.Batch) (*types.Batch, []arrow.Array, error) {
	s := j.side[port]
	if j.bounded {
		b = j.dropLate(st, s, b)
	}
	keys, err := evalCols(st.ec, s.keys, b)
	if err != nil || j.nullSafe {
		return b, keys, err
	}
	cols := keys
	if s.time >= 0 {
		cols = append(cols[:len(cols):len(cols)], b.Cols[s.time])
	}
	full, null := splitNulls(cols, b.N)
	if len(null) == 0 {
		return b, keys, nil
	}
	if s.tracked && !j.semi {
		rows := types.Filter(b, null)
		if err := j.emitAlone(st, port, rows.Cols, rows.N, rows.W); err != nil {
			return nil, nil, err
		}
	}
	return types.Filter(b, full), takeCols(keys, full), nil
}

// splitNulls parts the rows without a NULL from the others.
func splitNulls(cols []arrow.Array, n int) (full, null []int32) {
	some := false
	for _, c := range cols {
		some = some || c.NullN() > 0
	}
	if !some {
		return nil, nil
	}
	for i := range n {
		isNull := false
		for _, c := range cols {
			isNull = isNull || c.IsNull(i)
		}
		if isNull {
			null = append(null, int32(i))
		} else {
			full = append(full, int32(i))
		}
	}
	return full, null
}

// dropLate is b without the rows that came too late.
func (j *join) dropLate(st *run, s *joinSide, b *types.Batch) *types.Batch {
	var late, keep []int32
	a := b.Cols[s.time]
	for i, t := range types.Int64s(a) {
		if st.late(plusTime(t, s.close)) && a.IsValid(i) {
			late = append(late, int32(i))
		} else {
			keep = append(keep, int32(i))
		}
	}
	if len(late) == 0 {
		return b
	}
	j.drop(st, "late", len(late), types.Filter(b, late))
	return types.Filter(b, keep)
}

func (j *join) growKeys() {
	n := j.keys.cap()
	j.side[0].growKeys(n)
	j.side[1].growKeys(n)
	j.isTurn = resize(j.isTurn, n)
}

// keep stores rows of a side.
func (j *join) keep(st *run, port int, b *types.Batch, gids []uint32, counts []int64) {
	s := j.side[port]
	ids, fresh := s.rows.add(b)
	s.growRows()
	other := j.side[1-port]
	k := 0
	for i, e := range ids {
		g := gids[i]
		if k < len(fresh) && e == fresh[k] {
			k++
			s.link(e, g)
			if s.tracked {
				s.out[e], s.partners[e] = 0, 0
				if counts != nil {
					s.partners[e] = counts[i]
				}
			}
			if s.expiry != nil {
				s.expiry.add(e, plusTime(s.timeOf(e), s.done))
			}
		}
		s.weight[g] += b.Weight(i)
		if (s.tracked || s.changing) && !st.batch {
			s.touch(e)
		}
		if j.saving {
			s.unsave(e)
		}
		if other.tracked && !j.byRow && !j.streamed {
			j.turn(g)
		}
	}
	if j.nullSafe && port == 1 {
		for i, g := range gids {
			j.notIn.rows += b.Weight(i)
			if j.isNullKey(g) {
				j.notIn.nulls += b.Weight(i)
			}
		}
	}
}

// turn notes that the weight of a key's rows changed.
func (j *join) turn(g uint32) {
	if !j.isTurn[g] {
		j.isTurn[g] = true
		j.turned = append(j.turned, g)
	}
}
