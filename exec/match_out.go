package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// matchRows are the rows to hand on: of row k the match, the row of the input that it shows, and up to which row of the match (its place
// behind the first one) running values count.
type matchRows struct {
	hit, row, at []int32
	unmatched    bool // some rows are of no match
}

// result makes the output of the hits.
func (m *matcher) result() (*types.Batch, error) {
	r := m.list()
	n := len(r.hit)
	if n == 0 {
		return nil, nil
	}
	navs := &types.Batch{N: n, Cols: make([]arrow.Array, len(m.plan.Navs))}
	for k := range m.plan.Navs {
		var err error
		if navs.Cols[k], err = m.column(k, r); err != nil {
			return nil, err
		}
	}
	measures, err := evalCols(m.ec, m.plan.Measures, navs)
	if err != nil {
		return nil, err
	}
	out := &types.Batch{N: n, Cols: make([]arrow.Array, len(m.plan.Out))}
	for i, o := range m.plan.Out {
		switch {
		case o >= 0:
			out.Cols[i] = types.Take(m.cols[o], r.row)
		case r.unmatched:
			out.Cols[i] = types.Take(measures[-o-1], m.matchedOnly(r))
		default:
			out.Cols[i] = measures[-o-1]
		}
	}
	return out, nil
}

// matchedOnly gives the places of the rows, -1 where a row is of no match.
func (m *matcher) matchedOnly(r *matchRows) []int32 {
	out := make([]int32, len(r.hit))
	for i, h := range r.hit {
		out[i] = int32(i)
		if m.hits.list[h].end < m.hits.list[h].start {
			out[i] = -1
		}
	}
	return out
}

// list settles which rows are handed on.
func (m *matcher) list() *matchRows {
	r := &matchRows{}
	add := func(hit int, row, at int32) {
		r.hit, r.row, r.at = append(r.hit, int32(hit)), append(r.row, row), append(r.at, at)
	}
	for i, h := range m.hits.list {
		n := h.end - h.start
		switch {
		case n < 0:
			r.unmatched = true
			add(i, h.start, -1)
		case !m.plan.AllRows:
			add(i, h.start, n-1)
		case n == 0:
			if m.plan.Empty != "omit empty" {
				add(i, h.start, -1)
			}
		}
		if !m.plan.AllRows {
			continue
		}
		for k := int32(0); k < n; k++ {
			if m.hits.labels[h.label+k]&1 == 0 {
				add(i, h.start+k, k)
			}
		}
	}
	return r
}

// column is nav k for the rows.
func (m *matcher) column(k int, r *matchRows) (arrow.Array, error) {
	n := &m.plan.Navs[k]
	switch n.Kind {
	case "number":
		vals := make([]int64, len(r.hit))
		for i, h := range r.hit {
			vals[i] = m.hits.list[h].number
		}
		return types.Int64Array(vals, nil, 0), nil
	case "aggregate":
		if n.Final {
			return m.finalSums(k, r)
		}
		return m.runningSums(k, r)
	}
	found := m.find(k, r)
	if n.Kind == "value" {
		return types.Take(m.cols[n.Col], found), nil
	}
	vars := make([]int32, len(found))
	for i, row := range found {
		vars[i] = -1
		if h := &m.hits.list[r.hit[i]]; row >= h.start && row < h.end {
			vars[i] = m.hits.labels[h.label+row-h.start] >> 1
		}
	}
	return types.Take(textArray(m.plan.Vars), vars), nil
}

// rowsOf lists the places in a match of the rows that count for nav k.
func (m *matcher) rowsOf(k int, h *matchHit, dst []int32) []int32 {
	member := m.members[k]
	for i := int32(0); i < h.end-h.start; i++ {
		if (member == nil || member[m.hits.labels[h.label+i]>>1]) && m.passes(&m.plan.Navs[k], h.start+i) {
			dst = append(dst, i)
		}
	}
	return dst
}

// find gives the row that nav k stands for, for each row handed on; -1: none.
func (m *matcher) find(k int, r *matchRows) []int32 {
	n := &m.plan.Navs[k]
	out := make([]int32, len(r.hit))
	var places []int32
	last, upTo := int32(-1), 0
	for i, hit := range r.hit {
		h := &m.hits.list[hit]
		if hit != last {
			places, last, upTo = m.rowsOf(k, h, places[:0]), hit, 0
		}
		for upTo < len(places) && (n.Final || places[upTo] <= r.at[i]) {
			upTo++
		}
		at := n.Offset
		if !n.First {
			at = upTo - 1 - n.Offset
		}
		out[i] = -1
		if at < 0 || at >= upTo {
			continue
		}
		if to := int(h.start+places[at]) + n.Shift; to >= int(h.lo) && to < int(h.hi) {
			out[i] = int32(to)
		}
	}
	return out
}

// finalSums are the values of an aggregate over whole matches.
func (m *matcher) finalSums(k int, r *matchRows) (arrow.Array, error) {
	n := &m.plan.Navs[k]
	acc := n.Agg.New(aggTypes(n, m.plan))
	acc.Grow(len(m.hits.list))
	var groups []uint32
	var rows, vars, places []int32
	all := make([]uint32, len(m.hits.list))
	for i := range m.hits.list {
		h := &m.hits.list[i]
		all[i] = uint32(i)
		places = m.rowsOf(k, h, places[:0])
		from := len(rows)
		for _, p := range places {
			rows, vars = append(rows, h.start+p), append(vars, m.hits.labels[h.label+p]>>1)
		}
		own, as := m.arrange(n, rows[from:], vars[from:])
		rows, vars = append(rows[:from], own...), append(vars[:from], as...)
		for range own {
			groups = append(groups, uint32(i))
		}
	}
	if len(rows) > 0 {
		if err := acc.Add(groups, m.aggArgs(n, rows, vars), nil); err != nil {
			return nil, err
		}
	}
	vals, err := acc.Result(all)
	if err != nil {
		return nil, err
	}
	return types.Take(vals, r.hit), nil
}

// runningSums are the values of an aggregate over matches up to each row.
func (m *matcher) runningSums(k int, r *matchRows) (arrow.Array, error) {
	n := &m.plan.Navs[k]
	acc := n.Agg.New(aggTypes(n, m.plan))
	acc.Grow(1)
	var vals []arrow.Array
	use := make([]int32, len(r.hit))
	var places []int32
	last, upTo := int32(-1), 0
	for i, hit := range r.hit {
		h := &m.hits.list[hit]
		fresh := hit != last
		if fresh {
			acc.Reset([]uint32{0})
			places, last, upTo = m.rowsOf(k, h, places[:0]), hit, 0
		}
		var rows, vars []int32
		for ; upTo < len(places) && places[upTo] <= r.at[i]; upTo++ {
			rows, vars = append(rows, h.start+places[upTo]), append(vars, m.hits.labels[h.label+places[upTo]]>>1)
		}
		more := len(rows) > 0
		if more && arranged(n) { // the rows before may come behind the new ones
			acc.Reset([]uint32{0})
			rows, vars = rows[:0], vars[:0]
			for _, p := range places[:upTo] {
				rows, vars = append(rows, h.start+p), append(vars, m.hits.labels[h.label+p]>>1)
			}
			rows, vars = m.arrange(n, rows, vars)
		}
		if more {
			if err := acc.Add(make([]uint32, len(rows)), m.aggArgs(n, rows, vars), nil); err != nil {
				return nil, err
			}
		}
		if fresh || more {
			v, err := acc.Result([]uint32{0})
			if err != nil {
				return nil, err
			}
			vals = append(vals, v)
		}
		use[i] = int32(len(vals) - 1)
	}
	all, err := types.Concat(vals)
	if err != nil {
		return nil, err
	}
	return types.Take(all, use), nil
}
