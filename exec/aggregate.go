package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// aggregate groups rows. A group has a number; its key lies in keys, its input weight in weight, its aggregates in the calls. Per step the groups
// that got rows are listed in dirty, and what was handed on for them before is taken down before their first change (old), so
// that Finish can hand on the difference. See aggregate_emit.go, aggregate_close.go and aggregate_state.go.
type aggregate struct {
	*node
	plan     *plan.Aggregate
	sets     []groupSet
	calls    []*aggCall
	keys     *keyTable // the group keys, and with grouping sets the number of the set
	changing bool      // the input may carry weights
	batch    bool
	weight   []int64 // by group; only where changing
	flags    []uint8 // by group
	started  bool

	dirty   []uint32
	oldGids []uint32       // dirty groups that had been handed on, in the order of dirty
	oldRows []*types.Batch // their rows
	closing *closing       // nil: no group is ever closed
	saving  *aggSaving     // nil: the state is not saved in chunks
	page    *pages         // nil: all groups are in memory
	ttl     *ttl           // nil: no group is forgotten for its age
	shards  *shards        // nil: one table; else the groups are there, and the fields above are empty
	// rows of the last step and of this one, while shards is nil
	lastRows, stepRows int

	mayShard bool // every group has a key, and there is but one table

	cfg   Config
	spill bool        // rows of new groups may be spilled
	depth int         // how often its rows were spilled before
	parts []*spillSet // by grouping set: rows of groups that are not in memory; nil: all are

	mayPart  bool       // workers may group rows beforehand
	gathered *aggParts  // batch: how workers group rows beforehand
	late     *aggregate // groups that workers made when rows of groups which are not in memory went to files; nil: none

	gids []uint32
	ctx  func() *expr.Ctx // for Load
}

// groupSet is one grouping set: which keys it has.
type groupSet struct {
	has    []bool
	sticky bool // no keys: its group is there from the start
}

// Flags of a group.
const (
	isDirty   = 1 << iota // changed in this step
	isEmitted             // its row was handed on
	isSticky              // stays without rows
	isUnsaved             // changed since the state was last saved
	isLate                // during Push: closed before the step began
	isHot                 // with pages: used since the clock's hand passed
)

func newAggregate(n *node, p *plan.Aggregate, cfg Config, changing bool) *aggregate {
	a := &aggregate{node: n, plan: p, changing: changing, batch: cfg.Mode == plan.Batch, ctx: cfg.NewCtx, cfg: cfg}
	kts := make([]types.Type, 0, len(p.Group)+1)
	for _, g := range p.Group {
		kts = append(kts, g.Type())
	}
	for _, s := range p.Sets {
		set := groupSet{has: make([]bool, len(p.Group)), sticky: len(s) == 0}
		for _, k := range s {
			set.has[k] = true
		}
		a.sets = append(a.sets, set)
	}
	if p.Sets != nil {
		kts = append(kts, types.Int4)
	}
	a.keys = newKeyTable(kts)
	for i := range p.Aggs {
		a.calls = append(a.calls, newAggCall(&p.Aggs[i], changing))
	}
	shareTuples(a.calls)
	if !a.batch && !cfg.Ephemeral {
		a.saving = &aggSaving{}
	}
	if p.Close != nil && !p.Keep && !a.batch {
		a.closing = newClosing(p.Close)
	}
	return a
}

// Push adds rows to their groups. Where groups may have to be read the rows of several calls are taken together.
func (a *aggregate) Push(st *run, _ int, b *types.Batch) error {
	held, ready := a.page.hold(0, b)
	switch {
	case !held:
		return a.push(st, b)
	case ready:
		return a.drain(st)
	}
	return nil
}

func (a *aggregate) push(st *run, b *types.Batch) error {
	if err := a.start(); err != nil {
		return err
	}
	if a.shards == nil && a.shardable(st, b.N) {
		if err := a.split(st); err != nil {
			return err
		}
	}
	if a.ttl != nil && len(a.dirty) == 0 {
		a.ttl.load(a.keys, st.Now)
		if err := a.expire(st); err != nil {
			return err
		}
	}
	if !a.changing {
		var err error
		if b, err = appendOnly(b); err != nil {
			return err
		}
	}
	if a.shards != nil {
		return a.shards.push(st, a, b)
	}
	a.stepRows += b.N
	keys, err := evalCols(st.ec, a.plan.Group, b)
	if err != nil {
		return err
	}
	if a.sets == nil {
		return a.pushSet(st, 0, b, keys)
	}
	for i, s := range a.sets {
		if err := a.pushSet(st, i, b, setKeys(keys, a.plan.Group, s, int32(i), b.N)); err != nil {
			return err
		}
	}
	return nil
}

// setKeys are the keys of a grouping set: NULL for those it lacks, and its number.
func setKeys(keys []arrow.Array, group []expr.Expr, s groupSet, num int32, n int) []arrow.Array {
	out := make([]arrow.Array, len(keys)+1)
	for k := range keys {
		out[k] = keys[k]
		if !s.has[k] {
			out[k] = types.Nulls(group[k].Type(), n)
		}
	}
	nums := make([]int32, n)
	for i := range nums {
		nums[i] = num
	}
	out[len(keys)] = types.Int32Array(nums, nil, 0)
	return out
}

// start makes the groups that are there without any row.
func (a *aggregate) start() error {
	if a.started {
		return nil
	}
	a.started = true
	var sticky [][]arrow.Array
	if len(a.plan.Group) == 0 && a.sets == nil {
		sticky = append(sticky, nil)
	}
	none := make([]arrow.Array, len(a.plan.Group))
	for k, g := range a.plan.Group {
		none[k] = types.Nulls(g.Type(), 1)
	}
	for i, s := range a.sets {
		if s.sticky {
			sticky = append(sticky, setKeys(none, a.plan.Group, s, int32(i), 1))
		}
	}
	for _, key := range sticky {
		gid := make([]uint32, 1)
		a.insert(key, gid)
		if a.closing != nil && len(a.keys.fresh) > 0 {
			a.closing.add(gid[0], never)
		}
		if a.page != nil {
			if err := a.pageIn(gid); err != nil {
				return err
			}
		}
		if a.flags[gid[0]]&isSticky == 0 {
			a.flags[gid[0]] |= isSticky
			a.touch(gid)
		}
	}
	return nil
}

// insert finds or makes the groups of keys.
func (a *aggregate) insert(keys []arrow.Array, gids []uint32) {
	a.keys.insert(keys, gids)
	if len(a.keys.fresh) == 0 {
		return
	}
	n := a.keys.cap()
	a.flags = resize(a.flags, n)
	if a.changing {
		a.weight = resize(a.weight, n)
	}
	for _, c := range a.calls {
		c.grow(n)
	}
}

func (a *aggregate) pushSet(st *run, set int, b *types.Batch, keys []arrow.Array) error {
	a.gids = scratch(a.gids, b.N)
	gids := a.gids
	switch {
	case len(keys) == 0:
		clear(gids)
	case a.parts != nil:
		var err error
		if b, gids, err = a.spillNew(st, set, b, keys, gids); err != nil {
			return err
		}
	default:
		a.insert(keys, gids)
		if a.closing != nil && len(a.keys.fresh) > 0 {
			late, err := a.register(st, a.keys.fresh)
			if err != nil {
				return err
			}
			if late {
				b, gids = a.dropLate(st, b, gids)
			}
		}
		if a.page != nil && len(a.keys.fresh) > 0 {
			if err := a.pageIn(slices.Clone(a.keys.fresh)); err != nil {
				return err
			}
		}
	}
	if b.N == 0 {
		return nil
	}
	if !a.batch {
		if err := a.touch(gids); err != nil {
			return err
		}
	}
	if a.changing {
		for i, g := range gids {
			a.weight[g] += b.Weight(i)
		}
	}
	for _, c := range a.calls {
		if err := c.add(st, b, gids); err != nil {
			return err
		}
	}
	for _, c := range a.calls {
		if c.set != nil {
			c.set.whole = tupleBatch{}
		}
	}
	switch {
	case st.spillDir == "" || !a.spill || a.changing:
		return st.budget.check(a)
	case a.keepsRows() && st.budget.over(a, a.depth):
		return a.sortCalls(st)
	case a.parts != nil || a.depth >= spillDepth:
		return st.budget.mayHold(a)
	case len(a.plan.Group) > 0 && st.budget.over(a, a.depth):
		a.startSpill()
		return nil
	}
	return st.budget.mayHold(a)
}

// dropLate takes the rows of late groups out of b, and the groups away.
func (a *aggregate) dropLate(st *run, b *types.Batch, gids []uint32) (*types.Batch, []uint32) {
	keep, gone, left := a.takeLate(gids)
	a.drop(st, "late", len(gone), types.Filter(b, gone))
	return types.Filter(b, keep), left
}

// takeLate takes the late groups away; keep and gone are the rows of the others and theirs, left the groups of keep.
func (a *aggregate) takeLate(gids []uint32) (keep, gone []int32, left []uint32) {
	left = make([]uint32, 0, len(gids))
	for i, g := range gids {
		if a.flags[g]&isLate != 0 {
			gone = append(gone, int32(i))
			continue
		}
		keep = append(keep, int32(i))
		left = append(left, g)
	}
	for _, g := range a.keys.fresh {
		if a.flags[g]&isLate != 0 {
			a.flags[g] &= isUnsaved
			a.keys.remove(g)
		}
	}
	return keep, gone, left
}

// touch marks groups as changed in this step; of those that were not yet and had been handed on it takes the row down.
func (a *aggregate) touch(gids []uint32) error {
	first := len(a.oldGids)
	for _, g := range gids {
		f := a.flags[g]
		if f&isDirty != 0 {
			continue
		}
		a.dirty = append(a.dirty, g)
		if f&isEmitted != 0 {
			a.oldGids = append(a.oldGids, g)
		}
		a.flags[g] = f | isDirty | isHot
		if f&isUnsaved != 0 {
			continue
		}
		switch {
		case a.page != nil:
			a.flags[g] |= isUnsaved
			a.page.dirty = append(a.page.dirty, cell{a.closeAt(g), a.keys.hashes[g]})
		case a.saving != nil:
			a.flags[g] |= isUnsaved
			a.saving.unsaved = append(a.saving.unsaved, g)
		}
	}
	if first == len(a.oldGids) {
		return nil
	}
	rows, err := a.rows(a.oldGids[first:])
	a.oldRows = append(a.oldRows, rows)
	return err
}

// rows gives the groups' result rows.
func (a *aggregate) rows(gids []uint32) (*types.Batch, error) {
	cols := a.keys.gather(gids)
	var setNum []int32
	if a.sets != nil {
		setNum = types.Int32s(cols[len(cols)-1])
		cols = cols[:len(cols)-1]
	}
	for _, c := range a.calls {
		r, err := c.acc.Result(gids)
		if err != nil {
			return nil, err
		}
		cols = append(cols, r)
	}
	for _, args := range a.plan.Grouping {
		masks := make([]int32, len(gids))
		for i := range masks {
			masks[i] = a.groupingMask(args, setNum, i)
		}
		cols = append(cols, types.Int32Array(masks, nil, 0))
	}
	return &types.Batch{Cols: cols, N: len(gids)}, nil
}

// groupingMask is grouping(args): a bit for each argument, the last one lowest, 1 where the row's set lacks it.
func (a *aggregate) groupingMask(args []int, setNum []int32, i int) int32 {
	m := int32(0)
	for _, k := range args {
		m <<= 1
		if setNum != nil && !a.sets[setNum[i]].has[k] {
			m |= 1
		}
	}
	return m
}

// present says whether group g has a row in the result.
func (a *aggregate) present(g uint32) bool {
	return !a.changing || a.weight[g] > 0 || a.flags[g]&isSticky != 0
}
