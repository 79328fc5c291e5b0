package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// passes says whether a row counts for an aggregate by its FILTER.
func (m *matcher) passes(n *plan.MatchNav, row int32) bool {
	if n.Kind != "aggregate" || n.Filter < 0 {
		return true
	}
	c := m.cols[n.Filter].(*array.Boolean)
	return c.IsValid(int(row)) && c.Value(int(row))
}

// arranged says whether an aggregate takes its rows in an order of its own, or each only once.
func arranged(n *plan.MatchNav) bool { return n.Distinct || len(n.OrderBy) > 0 }

// arrange gives the rows, taken as vars, that an aggregate takes, in its order: by ORDER BY, with DISTINCT then by the arguments, of which equal ones
// count once.
func (m *matcher) arrange(n *plan.MatchNav, rows, vars []int32) (outRows, outVars []int32) {
	if !arranged(n) || len(rows) == 0 {
		return rows, vars
	}
	var keys []plan.SortKey
	var cols []arrow.Array
	in := m.plan.In.Schema()
	for _, k := range n.OrderBy {
		keys = append(keys, plan.SortKey{X: &expr.Column{Idx: k.Col, Typ: in[k.Col].Type}, Desc: k.Desc, NullsFirst: k.NullsFirst})
		cols = append(cols, types.Take(m.cols[k.Col], rows))
	}
	args := len(keys)
	if n.Distinct {
		ts := aggTypes(n, m.plan)
		for i, c := range m.aggArgs(n, rows, vars) {
			keys, cols = append(keys, plan.SortKey{X: &expr.Column{Idx: i, Typ: ts[i]}}), append(cols, c)
		}
	}
	order := sortedRows(len(rows), cols, keys, nil)
	if n.Distinct {
		same := newRowOrder(keys[args:])
		order = slices.CompactFunc(order, func(a, b int32) bool { return same.compare(cols[args:], int(a), cols[args:], int(b)) == 0 })
	}
	for _, i := range order {
		outRows, outVars = append(outRows, rows[i]), append(outVars, vars[i])
	}
	return outRows, outVars
}
