package exec

import (
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

func (b *builder) join(n *plan.Join) (Op, error) {
	if err := b.checkJoin(n); err != nil {
		return nil, err
	}
	if n.Lookup == "time" {
		return b.temporal(n)
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
		a, err := newAsof(n)
		if err != nil {
			return nil, err
		}
		j.setAsof(a)
	}
	if b.cfg.Mode == plan.Batch {
		j.spill = !b.changes.of(n.L) && !b.changes.of(n.R)
		b.graph.phases[at].then = j.rightDone
		if scan := b.keyedScan(n.L); scan != nil {
			scan.keysOf = j
		}
	}
	return b.link(j, l, r), nil
}

func (b *builder) checkJoin(n *plan.Join) error {
	switch {
	case n.ASOF && n.OnClose:
		return sqlerr.New(sqlerr.FeatureNotSupported, "output mode append is not possible: a later row may be the nearest of ASOF JOIN").At(n.Pos).
			WithHint("Use output_mode = 'update'; or keep the right side in a table or materialized view and join it FOR SYSTEM_TIME AS OF PROCTIME().")
	case n.Lookup == "proctime" && b.changes.of(n.L):
		return sqlerr.New(sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF PROCTIME() needs rows on the left that never change").At(n.Pos).
			WithHint("Join the table plainly: a change in it then corrects earlier results.")
	}
	return nil
}

func newJoin(n *node, p *plan.Join, cfg Config, changing [2]bool) *join {
	j := &join{node: n, plan: p, semi: p.Kind == "semi", pairs: p.Kind != "semi" && p.Kind != "anti", ctx: cfg.NewCtx, cfg: cfg}
	batch := cfg.Mode == plan.Batch
	j.streamed = batch || p.Lookup != ""
	j.outer = p.Kind == "left"
	j.bounded = !j.streamed && !p.ASOF && !p.Keep && p.LTime >= 0 && p.RTime >= 0
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
		if !p.NotIn {
			j.owned(rest)
		}
		j.rest = newJoinRest(rest, len(j.side[0].types))
		j.banded(rest, !batch)
	}
	j.byRow = (rest != nil || j.bounded && (p.Lo != 0 || p.Hi != 0 || p.LClose == math.MaxInt64 || p.RClose == math.MaxInt64)) && (tracked[0] || tracked[1])
	return j
}

// bound sets the sides' times. No right row with time v comes any more once v + RClose <= watermark, and the partners of a left row with time t have times in
// [t - Hi, t - Lo]; those of a right row lie in [t + Lo, t + Hi]. Rows of a side whose range is open, or whose partners come without a watermark, are kept.
func (j *join) bound() {
	p, l, r := j.plan, j.side[0], j.side[1]
	l.time, l.close, r.time, r.close = p.LTime, p.LClose, p.RTime, p.RClose
	if p.Lo != math.MinInt64 && p.RClose != math.MaxInt64 {
		l.done, l.expiry = plusTime(p.RClose, -p.Lo), newExpiry()
	}
	if p.Hi != math.MaxInt64 && p.LClose != math.MaxInt64 {
		r.done, r.expiry = plusTime(p.LClose, p.Hi), newExpiry()
	}
	if p.Lo == 0 && p.Hi == 0 && l.expiry != nil && r.expiry != nil { // both sides of a window go together
		l.done = max(l.done, r.done)
		r.done = l.done
	}
}

// owned gives each waiting side the parts of the condition that read it alone, and always give the same.
func (j *join) owned(rest expr.Expr) {
	l, r, split := j.side[0], j.side[1], len(j.side[0].types)
	var own [2][]expr.Expr
	for _, c := range expr.Conjuncts(rest) {
		cols := expr.Columns(c)
		switch {
		case len(cols) == 0 || expr.MaxVolatility(c) != expr.Immutable || expr.HasSubquery(c):
		case l.waiting && slices.Max(cols) < split:
			own[0] = append(own[0], c)
		case r.waiting && slices.Min(cols) >= split:
			own[1] = append(own[1], expr.Remap(c, func(k int) int { return k - split }))
		}
	}
	l.own, r.own = expr.Conjunction(own[0]), expr.Conjunction(own[1])
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
