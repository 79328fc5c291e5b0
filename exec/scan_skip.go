package exec

import (
	"math"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// A skipper says of a range of values of a column of a scan that none of the rows matters. Only a batch query may pass over rows unread: the steps of a
// continuous one count them and take their event times.
type skipper interface {
	column() int
	skips(types.Range) bool
}

// columnTest is a condition of the scan's filter: the column compared with a constant.
type columnTest struct {
	col int
	op  string
	val int64
}

func (t columnTest) column() int { return t.col }

func (t columnTest) skips(r types.Range) bool {
	switch t.op {
	case "<":
		return r.Min >= t.val
	case "<=":
		return r.Min > t.val
	case ">":
		return r.Max <= t.val
	case ">=":
		return r.Max < t.val
	}
	return t.val < r.Min || t.val > r.Max // =
}

// columnTests finds the comparisons among the parts of a condition that must all be true.
func columnTests(cond expr.Expr) []skipper {
	var out []skipper
	for _, c := range expr.Conjuncts(cond) {
		call, ok := c.(*expr.Call)
		if !ok || len(call.Args) != 2 {
			continue
		}
		op, x, y := call.Fn.Name, call.Args[0], call.Args[1]
		if _, ok := x.(*expr.Const); ok {
			op, x, y = plan.Mirrored(op), y, x
		}
		col, ok := x.(*expr.Column)
		if !ok || !slices.Contains([]string{"<", "<=", "=", ">=", ">"}, op) {
			continue
		}
		if v, ok := rangeValue(y, col.Typ); ok {
			out = append(out, columnTest{col.Idx, op, v})
		}
	}
	return out
}

// rangeValue is a constant as a column of type t holds it, where that is compared like an 8-byte integer.
func rangeValue(x expr.Expr, t types.Type) (v int64, ok bool) {
	c, ok := x.(*expr.Const)
	if !ok || c.IsNull() {
		return 0, false
	}
	switch a := c.Arr.(type) {
	case *array.Int16:
		return int64(a.Value(0)), t.Is(types.Int8)
	case *array.Int32:
		return int64(a.Value(0)), t.Is(types.Int8)
	case *array.Int64:
		return a.Value(0), t.Is(types.Int8)
	case *array.Timestamp:
		return int64(a.Value(0)), c.Typ.Is(t.Base()) && isTimestamp(t)
	}
	return 0, false
}

func isTimestamp(t types.Type) bool { return t.Is(types.Timestamp) || t.Is(types.TimestampTZ) }

// topBound is the first key of the last row that a sorter below a Limit holds: rows whose key lies beyond it do not count. It is set while the scan runs.
type topBound struct {
	col  int
	desc bool
	set  atomic.Bool
	val  atomic.Int64
}

func (t *topBound) column() int { return t.col }

func (t *topBound) skips(r types.Range) bool {
	switch {
	case !t.set.Load():
		return false
	case t.desc:
		return r.Max < t.val.Load()
	}
	return r.Min > t.val.Load()
}

// take notes the key of the bound, which is a column of one row.
func (t *topBound) take(key arrow.Array, nullsFirst bool) {
	switch {
	case key.IsValid(0):
		t.val.Store(types.Int64s(key)[0])
	case !nullsFirst:
		return // a NULL comes after all values
	case t.desc:
		t.val.Store(math.MaxInt64)
	default:
		t.val.Store(math.MinInt64)
	}
	t.set.Store(true)
}

// limitScan lets the scan below the sorter pass over rows that cannot be among the first: where the first key is a column of a scan that only this sorter
// reads.
func (s *sorter) limitScan(in Op) {
	scan, ok := in.(*scanOp)
	if !ok || s.top == nil || len(s.plan.Keys) == 0 {
		return
	}
	key := s.plan.Keys[0]
	col, ok := scanColumn(s.plan.In, key.X)
	if !ok || !col.Typ.Is(types.Int8) && !isTimestamp(col.Typ) {
		return
	}
	s.beyond = &topBound{col: col.Idx, desc: key.Desc}
	scan.skips = append(scan.skips, s.beyond)
}

// scanColumn follows a column of n's output down to the scan.
func scanColumn(n plan.Node, x expr.Expr) (*expr.Column, bool) {
	c, ok := x.(*expr.Column)
	if !ok {
		return nil, false
	}
	switch n := n.(type) {
	case *plan.Scan:
		return c, true
	case *plan.Filter:
		return scanColumn(n.In, c)
	case *plan.Project:
		return scanColumn(n.In, n.Items[c.Idx])
	}
	return nil, false
}
