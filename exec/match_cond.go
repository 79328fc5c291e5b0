package exec

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// matchCond is the condition of a variable. What of it only reads the row itself and its neighbours is computed at once for all rows;
// the rest, row by row, when a row is tried.
type matchCond struct {
	fixed, rest, all expr.Expr // nil: true
	reads, readsAll  []int     // the navs of rest and of all
	known            []bool    // fixed, by row; nil: it failed for some row, so all is computed row by row
	ahead            int32     // how many rows behind the row must be there
}

// planConds splits the conditions and settles what must be kept in sight for them.
func (m *matcher) planConds() {
	m.conds, m.sets = make([]matchCond, len(m.plan.Vars)), make([]int, len(m.plan.Navs))
	for v, x := range m.plan.Defines {
		if x == nil {
			continue
		}
		c := &m.conds[v]
		c.all = x
		args := []expr.Expr{x}
		if and, ok := x.(*expr.And); ok {
			args = and.Args
		}
		var fixed, rest []expr.Expr
		for _, a := range args {
			if m.isFixed(a, v) {
				fixed = append(fixed, a)
			} else {
				rest = append(rest, a)
			}
		}
		c.fixed, c.rest = expr.Conjunction(fixed), expr.Conjunction(rest)
		for _, k := range expr.Columns(x) {
			c.ahead = max(c.ahead, int32(m.plan.Navs[k].Shift))
		}
		c.readsAll = expr.Columns(x)
		if c.rest != nil {
			c.reads = expr.Columns(c.rest)
			m.watch(c.rest)
		}
	}
	for _, x := range m.plan.Measures {
		for _, k := range expr.Columns(x) {
			m.look.behind = max(m.look.behind, int32(m.plan.Navs[k].Shift))
		}
	}
	for _, n := range m.plan.Navs {
		m.look.back = max(m.look.back, int32(-n.Shift))
	}
}

// isFixed says whether x, tried for variable v, only reads the row and its neighbours.
func (m *matcher) isFixed(x expr.Expr, v int) bool {
	for _, k := range expr.Columns(x) {
		n := &m.plan.Navs[k]
		if n.Kind != "value" || n.First || n.Offset > 0 || n.Vars != nil && !slices.Contains(n.Vars, v) {
			return false
		}
	}
	return true
}

// watch keeps in sight what x reads.
func (m *matcher) watch(x expr.Expr) {
	m.look.dynamic = true
	for _, k := range expr.Columns(x) {
		n := &m.plan.Navs[k]
		switch n.Kind {
		case "value":
			m.sets[k] = m.look.set(n, len(m.plan.Vars))
		case "classifier":
			m.look.path = true
			m.sets[k] = m.look.set(n, len(m.plan.Vars))
		case "aggregate":
			m.look.path = true
			m.aggs[k] = newMatchSum(n, m.plan)
		}
	}
}

// readTimes takes the first key, with WITHIN; a NULL is beyond every limit.
func (m *matcher) readTimes() {
	m.times = nil
	if m.plan.Within < 0 {
		return
	}
	c := m.cols[m.plan.Order[0].Col]
	m.times = types.Int64s(c)
	if c.NullN() == 0 {
		return
	}
	m.times = slices.Clone(m.times)
	for i := range m.times {
		if c.IsNull(i) {
			m.times[i] = math.MaxInt64
		}
	}
}

// evalStatic computes the fixed parts of the conditions for all rows.
func (m *matcher) evalStatic(parts []matchPart) {
	shifts := map[int][]int32{}
	for v := range m.conds {
		c := &m.conds[v]
		if c.all == nil {
			continue
		}
		c.known = resize(c.known, m.n)
		if c.fixed == nil {
			for i := range c.known {
				c.known[i] = true
			}
			continue
		}
		b := &types.Batch{N: m.n, Cols: make([]arrow.Array, len(m.plan.Navs))}
		for _, k := range expr.Columns(c.fixed) {
			n := &m.plan.Navs[k]
			b.Cols[k] = m.cols[n.Col]
			if n.Shift != 0 {
				if shifts[n.Shift] == nil {
					shifts[n.Shift] = shiftRows(m.n, parts, n.Shift)
				}
				b.Cols[k] = types.Take(m.cols[n.Col], shifts[n.Shift])
			}
		}
		x, err := c.fixed.Eval(m.ec, b)
		if err != nil {
			c.known = nil // the error counts only if the row is tried
			m.watch(c.all)
			m.memo.hashed, m.memo.stamps = true, nil
			continue
		}
		vals := x.Arr.(*array.Boolean)
		for i := range c.known {
			k := x.Idx(i)
			c.known[i] = vals.IsValid(k) && vals.Value(k)
		}
	}
}

// shiftRows gives for each row the one so many rows on in its partition; -1: none.
func shiftRows(n int, parts []matchPart, by int) []int32 {
	out := make([]int32, n)
	for _, p := range parts {
		for i := p.lo; i < p.hi; i++ {
			out[i] = -1
			if to := int(i) + by; to >= int(p.lo) && to < int(p.hi) {
				out[i] = int32(to)
			}
		}
	}
	return out
}

// holds says whether the condition is true for the row at pos tried as v.
func (m *matcher) holds(c *matchCond, pos, v int32) (bool, error) {
	if c.all == nil {
		return true, nil
	}
	x, reads := c.all, c.readsAll
	if c.known != nil {
		if !c.known[pos] || c.rest == nil {
			return c.known[pos], nil
		}
		x, reads = c.rest, c.reads
	}
	for _, k := range reads {
		var err error
		if m.one.Cols[k], err = m.value(k, pos, v); err != nil {
			return false, err
		}
	}
	r, err := x.Eval(m.ec, &m.one)
	if err != nil {
		return false, err
	}
	vals := r.Arr.(*array.Boolean)
	return vals.IsValid(0) && vals.Value(0), nil
}

// value is nav k, one row, when the row at pos is tried as v.
func (m *matcher) value(k int, pos, v int32) (arrow.Array, error) {
	n := &m.plan.Navs[k]
	switch n.Kind {
	case "number":
		return types.Int64Array([]int64{m.part.number + 1}, nil, 0), nil
	case "aggregate":
		return m.sum(m.aggs[k], pos, v)
	}
	r := m.resolve(n, m.sets[k], pos, v)
	if n.Kind == "value" {
		if c := &m.recent[k]; c.arr == nil || c.row != r {
			c.row, c.arr = r, types.Take(m.cols[n.Col], []int32{r})
		}
		return m.recent[k].arr, nil
	}
	switch {
	case r == pos:
		return m.names[v], nil
	case r >= m.start && r < pos:
		return m.names[m.labels[r-m.start]>>1], nil
	}
	return types.Nulls(types.Text, 1), nil
}

func textArray(vals []string) arrow.Array {
	b := types.NewBuilder(types.Text).(*array.StringBuilder)
	b.AppendValues(vals, nil)
	return b.NewArray()
}

// matchSum is an aggregate over the rows taken so far; upTo are how many of them it has in it.
type matchSum struct {
	nav    *plan.MatchNav
	member []bool // nil: all
	acc    expr.Accumulator
	upTo   int
	tried  int32 // the variable as which the last of them was tried
	stale  bool
}

func newMatchSum(n *plan.MatchNav, p *plan.Match) *matchSum {
	s := &matchSum{nav: n, member: matchMembers(n, len(p.Vars)), stale: true}
	s.acc = n.Agg.New(aggTypes(n, p))
	s.acc.Grow(1)
	return s
}

func aggTypes(n *plan.MatchNav, p *plan.Match) []types.Type {
	in := p.In.Schema()
	ts := make([]types.Type, len(n.Args))
	for i, a := range n.Args {
		ts[i] = types.Text
		if a >= 0 {
			ts[i] = in[a].Type
		}
	}
	return ts
}

// sum is the aggregate over the rows taken and the row at pos tried as v.
func (m *matcher) sum(s *matchSum, pos, v int32) (arrow.Array, error) {
	n := len(m.labels)
	if s.upTo > n || s.upTo > 0 && m.labels[s.upTo-1]>>1 != s.tried {
		s.stale = true
	}
	if s.stale || arranged(s.nav) {
		s.acc.Reset([]uint32{0})
		s.upTo, s.stale = 0, false
	}
	var rows, vars []int32
	add := func(row, v int32) {
		if (s.member == nil || s.member[v]) && m.passes(s.nav, row) {
			rows, vars = append(rows, row), append(vars, v)
		}
	}
	for i := s.upTo; i < n; i++ {
		add(m.start+int32(i), m.labels[i]>>1)
	}
	add(pos, v)
	s.upTo, s.tried = n+1, v
	if rows, vars = m.arrange(s.nav, rows, vars); len(rows) > 0 {
		if err := s.acc.Add(make([]uint32, len(rows)), m.aggArgs(s.nav, rows, vars), nil); err != nil {
			return nil, err
		}
	}
	return s.acc.Result([]uint32{0})
}

// aggArgs are the arguments of an aggregate over rows that were taken as these variables.
func (m *matcher) aggArgs(n *plan.MatchNav, rows, vars []int32) []arrow.Array {
	out := make([]arrow.Array, len(n.Args))
	for i, a := range n.Args {
		if a >= 0 {
			out[i] = types.Take(m.cols[a], rows)
			continue
		}
		names := make([]string, len(vars))
		for k, v := range vars {
			names[k] = m.plan.Vars[v]
		}
		out[i] = textArray(names)
	}
	return out
}
