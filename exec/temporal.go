package exec

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// temporal joins left rows with the version of a table that held at a time of theirs: FOR SYSTEM_TIME AS OF s.ts. The table's changes come with the clocks of
// their commits as a last column; history (temporal_history.go) keeps of each row when it came and went.
//
// In batch mode, and in append mode once the table's versions at its time are all known, a left row is looked up once and not kept; before that it waits. Else
// it is kept, and a commit at or before its time corrects what it gave. The watermark of the left time says which rows are late, which left rows no commit
// reaches any more, and which versions nobody asks for any more.
type temporal struct {
	*node
	plan    *plan.Join
	ctx     func() *expr.Ctx
	keys    *keyTable
	left    *joinSide // only what waits or may be corrected
	times   []int64   // by left row
	late    []int32
	right   []types.Type
	rkeys   []expr.Expr
	hist    *history
	rest    *joinRest
	outer   bool
	final   bool  // each left row is looked up once, when it is final
	bounded bool  // the left time has a watermark
	close   int64 // a left row of time t is late when t + close <= watermark
	since   int64 // versions before are not known
	saving  bool
	settled int64 // versions before are all known; of this step
	unsince bool  // since is to be saved

	complete bool // batch: the table was read
	held     []*types.Batch
	heldSize int64
	pairs    versionPairs
	gids     []uint32
	counts   []int64
}

func (b *builder) temporal(n *plan.Join) (Op, error) {
	batch := b.cfg.Mode == plan.Batch
	at := len(b.graph.phases)
	scan, ok := n.R.(*plan.Scan)
	if !ok || scan.AsOf != "time" || n.Kind != "inner" && n.Kind != "cross" && n.Kind != "left" {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF a time is only supported with JOIN and LEFT JOIN of a table").At(n.Pos)
	}
	r, err := b.build(scan)
	if err != nil {
		return nil, err
	}
	r.(*scanOp).types = append(scan.Schema().Types(), types.Int8)
	if batch {
		b.graph.phases = append(b.graph.phases, phase{scans: len(b.graph.scans), ops: len(b.graph.ops)})
	}
	l, err := b.build(n.L)
	if err != nil {
		return nil, err
	}
	t := newTemporal(b.node("temporal_join", n), n, b.cfg, b.changes.of(n.L))
	r.(*scanOp).versions = t
	if batch {
		b.graph.phases[at].then = t.rightDone
	}
	return b.link(t, l, r), nil
}

func newTemporal(n *node, p *plan.Join, cfg Config, changing bool) *temporal {
	batch := cfg.Mode == plan.Batch
	t := &temporal{node: n, plan: p, ctx: cfg.NewCtx, outer: p.Kind == "left", final: batch || p.OnClose, since: NoWatermark, settled: math.MinInt64}
	t.bounded = !batch && !p.Keep && p.LTime >= 0
	t.close = p.LClose
	t.saving = !batch && !cfg.Ephemeral
	keys, rest := joinCondition(p)
	t.left = &joinSide{types: p.L.Schema().Types(), keys: keys[0], changing: changing, tracked: true, time: -1, expiry: newExpiry()}
	t.left.rows = newRowStore(t.left.types, changing)
	t.right, t.rkeys = p.R.Schema().Types(), keys[1]
	kts := make([]types.Type, len(keys[0]))
	for k, x := range keys[0] {
		kts[k] = x.Type()
	}
	t.keys = newKeyTable(kts)
	t.hist = newHistory(t.right)
	if rest != nil {
		t.rest = newJoinRest(rest, len(t.left.types))
	}
	return t
}

// Push takes changes of the table (port 1) or left rows.
func (t *temporal) Push(st *run, port int, b *types.Batch) error {
	if port == 1 {
		return t.change(st, b)
	}
	if st.batch && !t.complete {
		t.held = append(t.held, b)
		t.heldSize += types.BatchBytes(b)
		return st.budget.check(t)
	}
	if !t.left.changing {
		b = expandWeights(b)
	}
	return t.arrive(st, b)
}

// rightDone is told, in batch mode, that the table was read.
func (t *temporal) rightDone(st *run) error {
	t.complete = true
	held := t.held
	t.held, t.heldSize = nil, 0
	for _, b := range held {
		if err := t.arrive(st, expandWeights(b)); err != nil {
			return err
		}
	}
	return nil
}

// begin is told the table's horizon, and up to where all its versions are known in this step.
func (t *temporal) begin(st *run, since int64, some bool) {
	if some && since > t.since {
		t.since, t.unsince = since, true
	}
	if !st.batch {
		t.settled = st.Settled
	}
}

// sinceFrom is Since for a graph whose scans begin at the given number.
func (s *Step) sinceFrom(at int) map[int]int64 {
	out := map[int]int64{}
	for k, ts := range s.Since {
		if k >= at {
			out[k-at] = ts
		}
	}
	return out
}

// change takes changes of the table, and corrects what left rows gave.
func (t *temporal) change(st *run, b *types.Batch) error {
	n := len(t.right)
	clock := types.Int64s(b.Cols[n])
	rows := &types.Batch{Cols: b.Cols[:n:n], N: b.N, W: b.W}
	keys, err := evalCols(st.ec, t.rkeys, rows)
	if err != nil {
		return err
	}
	if full, null := splitNulls(keys, b.N); len(null) > 0 { // they never match
		at := make([]int64, len(full))
		for i, r := range full {
			at[i] = clock[r]
		}
		clock, rows, keys = at, types.Filter(rows, full), takeCols(keys, full)
	}
	if rows.N == 0 {
		return nil
	}
	t.gids = scratch(t.gids, rows.N)
	t.keys.insert(keys, t.gids)
	t.growKeys()
	ids, err := t.hist.add(rows, t.gids, clock)
	if err != nil {
		return err
	}
	if !t.final {
		for i, e := range ids {
			t.correct(t.gids[i], e, clock[i], rows.Weight(i))
			if len(t.pairs.rows) >= outBatch {
				if err := t.flushStored(st); err != nil {
					return err
				}
			}
		}
		if err := t.flushStored(st); err != nil {
			return err
		}
	}
	t.hist.sweep(t.keys, t.left)
	return st.budget.check(t)
}

// correct pairs the kept left rows of a key whose time is not before a commit with a row that came or went in it.
func (t *temporal) correct(g, row uint32, at, w int64) {
	for e := t.left.head[g]; e != none; e = t.left.next[e] {
		if t.times[e] >= at && t.left.rows.w[e] != 0 {
			t.pairs.add(int32(e), row, w)
		}
	}
}

func (t *temporal) growKeys() {
	n := t.keys.cap()
	t.left.growKeys(n)
	t.hist.growKeys(n)
}

// arrive takes left rows: what is late goes, what has no time or no key has no partner.
func (t *temporal) arrive(st *run, b *types.Batch) error {
	ts, err := evalCols(st.ec, []expr.Expr{t.plan.AsOfTime}, b)
	if err != nil {
		return err
	}
	keys, err := evalCols(st.ec, t.left.keys, b)
	if err != nil {
		return err
	}
	if b, keys, ts, err = t.withoutNulls(st, b, keys, ts); err != nil || b.N == 0 {
		return err
	}
	if b, keys, ts, err = t.dropLate(st, b, keys, ts); err != nil || b.N == 0 {
		return err
	}
	times := types.Int64s(ts[0])
	t.gids = scratch(t.gids, b.N)
	if !t.final {
		t.keys.insert(keys, t.gids)
		t.growKeys()
		if err := t.lookUp(st, b, t.gids, times); err != nil {
			return err
		}
		t.keep(b, t.gids, times, t.counts)
		return nil
	}
	var now, wait []int32
	for i, x := range times {
		if st.batch || x < t.settled {
			now = append(now, int32(i))
		} else {
			wait = append(wait, int32(i))
		}
	}
	if len(wait) > 0 {
		later := types.Filter(b, wait)
		gids := make([]uint32, later.N)
		t.keys.insert(takeCols(keys, wait), gids)
		t.growKeys()
		t.keep(later, gids, types.Int64s(types.Take(ts[0], wait)), nil)
		b, keys, times = types.Filter(b, now), takeCols(keys, now), types.Int64s(types.Take(ts[0], now))
		t.gids = scratch(t.gids, b.N)
	}
	t.keys.find(keys, t.gids)
	if err := t.lookUp(st, b, t.gids, times); err != nil {
		return err
	}
	return t.alone(st, b, t.counts)
}

func (t *temporal) withoutNulls(st *run, b *types.Batch, keys, ts []arrow.Array) (*types.Batch, []arrow.Array, []arrow.Array, error) {
	full, null := splitNulls(append(keys[:len(keys):len(keys)], ts...), b.N)
	if len(null) == 0 {
		return b, keys, ts, nil
	}
	if t.outer {
		rows := types.Filter(b, null)
		if err := t.emitAlone(st, rows.Cols, rows.N, rows.W); err != nil {
			return nil, nil, nil, err
		}
	}
	return types.Filter(b, full), takeCols(keys, full), takeCols(ts, full), nil
}

// dropLate drops the rows whose versions are not kept any more. A batch query that needs those is an error.
func (t *temporal) dropLate(st *run, b *types.Batch, keys, ts []arrow.Array) (*types.Batch, []arrow.Array, []arrow.Array, error) {
	t.late = t.late[:0]
	var keep []int32
	for i, x := range types.Int64s(ts[0]) {
		switch {
		case st.batch && x < t.since:
			return nil, nil, nil, t.tooOld(x)
		case x < t.since || t.bounded && st.late(plusTime(x, t.close)):
			t.late = append(t.late, int32(i))
		default:
			keep = append(keep, int32(i))
		}
	}
	if len(t.late) == 0 {
		return b, keys, ts, nil
	}
	t.drop(st, "late", len(t.late), types.Filter(b, t.late))
	return types.Filter(b, keep), takeCols(keys, keep), takeCols(ts, keep), nil
}

func (t *temporal) tooOld(ts int64) error {
	text := func(x int64) string {
		at := types.NewFixed(types.TimestampTZ.Arrow(), []int64{x}, nil, 0)
		return string(types.AppendText(nil, at, 0, types.TimestampTZ, types.UTCFormat(0)))
	}
	name := t.plan.R.(*plan.Scan).Rel.Name
	return sqlerr.New(sqlerr.SnapshotTooOld, "the version of table %q at %s is not known any more", name, text(ts)).At(t.plan.Pos).
		WithHint("Versions are known from %s on.", text(t.since))
}
