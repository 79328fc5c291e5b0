package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// How an aggregate keeps its state.
type callKind int

const (
	direct     callKind = iota // the accumulator takes the rows
	onceEach                   // the accumulator takes each distinct tuple once; set has the tuples
	extreme                    // min, max over changing input: the accumulator has the extreme; set has the values, for when it goes
	recomputed                 // set has the tuples; the accumulator is filled anew for changed groups
	sorted                     // batch: runs has the tuples; the accumulator is filled for some groups after the other
)

// aggCall is one aggregate of an aggregate operator, with its state for all groups.
type aggCall struct {
	call *plan.AggCall
	acc  expr.Accumulator
	kind callKind
	set  *multiset   // nil: kind direct
	xs   []expr.Expr // what is evaluated for a row: the arguments of the accumulator, then the order keys
	args int         // so many of xs are arguments
	lost []uint32    // extreme: groups that may have lost it in this step
	runs *aggRuns    // nil: kind is not sorted
}

func newAggCall(p *plan.AggCall, changing bool) *aggCall {
	if p.Distinct && p.Fn.Ordered {
		p = inOrder(p)
	}
	c := &aggCall{call: p, xs: slices.Clone(p.Args)}
	c.args = len(c.xs)
	for _, k := range p.OrderBy {
		c.xs = append(c.xs, k.X)
	}
	ts := make([]types.Type, len(c.xs))
	for i, x := range c.xs {
		ts[i] = x.Type()
	}
	c.acc = p.Fn.New(ts[:c.args])
	isExtreme := p.Fn.Name == "min" || p.Fn.Name == "max"
	switch {
	case isExtreme && !changing:
		c.kind = direct
	case isExtreme:
		c.kind = extreme
		ts, c.xs, c.args = ts[:1], c.xs[:1], 1
	case len(p.OrderBy) > 0 || p.Fn.Whole || changing && !p.Fn.Invertible:
		c.kind = recomputed
	case p.Distinct:
		c.kind = onceEach
	}
	if c.kind != direct {
		c.set = newMultiset(ts, p.Distinct)
		c.set.once = c.kind == onceEach && !changing
	}
	return c
}

// inOrder is a DISTINCT call whose result depends on the order: what its ORDER BY leaves open is settled by its arguments, as PostgreSQL sorts them.
func inOrder(p *plan.AggCall) *plan.AggCall {
	c := *p
	c.OrderBy = slices.Clone(p.OrderBy)
	for _, x := range p.Args {
		if !slices.ContainsFunc(p.OrderBy, func(k plan.SortKey) bool { return expr.Equal(k.X, x) }) {
			c.OrderBy = append(c.OrderBy, plan.SortKey{X: x})
		}
	}
	return &c
}

func (c *aggCall) grow(n int) {
	c.acc.Grow(n)
	if c.set != nil {
		c.set.grow(n)
	}
}

// add takes the rows of b, row i belonging to group gids[i].
func (c *aggCall) add(st *run, b *types.Batch, gids []uint32) error {
	ec := st.ec
	if c.kind == onceEach && c.call.Filter == nil && len(c.set.sets) > 1 {
		return c.addWhole(ec, b, gids)
	}
	var rows []int32 // nil: all
	if c.call.Filter != nil {
		var err error
		if rows, err = expr.FilterRows(ec, c.call.Filter, b, nil); err != nil || len(rows) == 0 {
			return err
		}
		if len(rows) == b.N {
			rows = nil
		} else {
			gids = takeGids(gids, rows)
		}
	}
	if c.kind == onceEach && c.set.whole.ids != nil {
		return c.addPart(b, gids, rows)
	}
	cols, w, err := c.inputs(ec, b, rows)
	if err != nil {
		return err
	}
	switch c.kind {
	case direct:
		return c.acc.Add(gids, cols, w)
	case onceEach:
		return c.addDistinct(gids, cols, w)
	case extreme:
		return c.addExtreme(gids, cols, w)
	case sorted:
		return c.runs.add(st, gids, cols)
	}
	c.set.add(gids, cols, w)
	return nil
}

// inputs evaluates xs for rows of b (nil: all) and gives the rows' weights. Columns that xs does not read are not touched where xs are columns.
func (c *aggCall) inputs(ec *expr.Ctx, b *types.Batch, rows []int32) (cols []arrow.Array, w []int64, err error) {
	if rows != nil && !slices.ContainsFunc(c.xs, isComputed) {
		for _, x := range c.xs {
			cols = append(cols, types.Take(b.Cols[x.(*expr.Column).Idx], rows))
		}
		if b.W != nil {
			w = takeWeights(b.W, rows)
		}
		return cols, w, nil
	}
	if rows != nil {
		b = types.Filter(b, rows)
	}
	cols, err = evalCols(ec, c.xs, b)
	return cols, b.W, err
}

func isComputed(x expr.Expr) bool {
	_, plain := x.(*expr.Column)
	return !plain
}

func takeGids(gids []uint32, rows []int32) []uint32 {
	out := make([]uint32, len(rows))
	for i, r := range rows {
		out[i] = gids[r]
	}
	return out
}

// addWhole is add where other calls may need the same tuples for some of the rows: they are looked for once.
func (c *aggCall) addWhole(ec *expr.Ctx, b *types.Batch, gids []uint32) error {
	cols, err := evalCols(ec, c.xs, b)
	if err != nil {
		return err
	}
	ids := c.set.find(gids, cols)
	c.set.whole = tupleBatch{ids, cols}
	came, went := c.set.change(ids, b.W)
	return c.addChanged(gids, cols, came, went)
}

// addPart is add where addWhole found the tuples; gids are the groups of the rows (nil: all).
func (c *aggCall) addPart(b *types.Batch, gids []uint32, rows []int32) error {
	ids, w := c.set.whole.ids, b.W
	if rows != nil {
		if ids = takeGids(ids, rows); w != nil {
			w = takeWeights(w, rows)
		}
	}
	came, went := c.set.change(ids, w)
	groups := [2][]uint32{takeGids(gids, came), takeGids(gids, went)}
	for k, part := range [2][]int32{came, went} {
		if len(part) == 0 {
			continue
		}
		for i, r := range part {
			if rows != nil {
				part[i] = rows[r]
			}
		}
		var weights []int64
		if k == 1 {
			weights = constWeights(len(part), -1)
		}
		if err := c.acc.Add(groups[k], takeCols(c.set.whole.cols, part), weights); err != nil {
			return err
		}
	}
	return nil
}

// addDistinct gives the accumulator the tuples that came, and takes back those that went.
func (c *aggCall) addDistinct(gids []uint32, cols []arrow.Array, w []int64) error {
	came, went := c.set.add(gids, cols, w)
	return c.addChanged(gids, cols, came, went)
}

func (c *aggCall) addChanged(gids []uint32, cols []arrow.Array, came, went []int32) error {
	if len(came) > 0 {
		if err := c.acc.Add(takeGids(gids, came), takeCols(cols, came), nil); err != nil {
			return err
		}
	}
	if len(went) > 0 {
		return c.acc.Add(takeGids(gids, went), takeCols(cols, went), constWeights(len(went), -1))
	}
	return nil
}

// addExtreme gives the accumulator the values that came; groups from which values went are looked at by settle.
func (c *aggCall) addExtreme(gids []uint32, cols []arrow.Array, w []int64) error {
	came, went := c.set.add(gids, cols, w)
	for _, r := range went {
		c.lost = append(c.lost, gids[r])
	}
	if len(came) == 0 {
		return nil
	}
	return c.acc.Add(takeGids(gids, came), takeCols(cols, came), nil)
}

// settle makes the accumulator right for the groups that changed.
func (c *aggCall) settle(dirty []uint32) error {
	switch c.kind {
	case recomputed:
		return c.recompute(dirty)
	case extreme:
		lost := c.lost
		c.lost = nil
		if len(lost) == 0 {
			return nil
		}
		slices.Sort(lost)
		lost = slices.Compact(lost)
		now, err := c.acc.Result(lost)
		if err != nil {
			return err
		}
		has := c.set.has(lost, []arrow.Array{now})
		k := 0
		for i, g := range lost {
			if !has[i] {
				lost[k] = g
				k++
			}
		}
		return c.recompute(lost[:k])
	}
	return nil
}

// recompute fills the accumulator anew for the groups.
func (c *aggCall) recompute(gids []uint32) error {
	if len(gids) == 0 {
		return nil
	}
	c.acc.Reset(gids)
	entries, place := c.set.collect(gids, c.call.Distinct || c.kind == extreme)
	if len(entries) == 0 {
		return nil
	}
	cols := c.set.values(entries)
	groups := make([]uint32, len(place))
	for i, p := range place {
		groups[i] = gids[p]
	}
	if len(c.call.OrderBy) > 0 && c.kind == recomputed {
		rows := sortedRows(len(entries), cols[c.args:], c.call.OrderBy, place)
		cols, groups = takeCols(cols[:c.args], rows), takeGids(groups, rows)
	}
	return c.acc.Add(groups, cols[:c.args], nil)
}

// forget puts the groups back into the initial state.
func (c *aggCall) forget(gids []uint32) {
	c.acc.Reset(gids)
	if c.set != nil {
		c.set.forget(gids)
	}
}

func (c *aggCall) memory() int64 {
	if c.set != nil {
		return c.acc.Bytes() + c.set.memory()
	}
	return c.acc.Bytes()
}
