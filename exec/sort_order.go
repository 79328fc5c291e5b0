package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// sortedInput tells a sorter below a Limit that the rows come in the order of its first keys, so that it need not see all of them.
type sortedInput struct {
	scan  *scanOp
	keys  []plan.SortKey
	order *rowOrder
	last  []arrow.Array // the keys of the last row that may count; nil: more rows are needed
	done  bool
}

// sortedBelow finds out whether the scan below gives rows in order; nil: it does not.
func (s *sorter) sortedBelow(in Op) *sortedInput {
	scan, ok := in.(*scanOp)
	if !ok || s.top == nil || scan.plan.Lookup == nil || scan.plan.Lookup.Sorted == 0 {
		return nil
	}
	l := scan.plan.Lookup
	keys := s.plan.Keys[:min(l.Sorted, len(s.plan.Keys))]
	for i, k := range keys {
		c, ok := scanColumn(s.plan.In, k.X)
		if !ok || scan.plan.Cols[c.Idx] != l.Ordered[len(l.Cols)+i] || k.Desc != l.Desc || k.NullsFirst != k.Desc {
			return nil
		}
	}
	return &sortedInput{scan: scan, keys: keys, order: newRowOrder(keys)}
}

// ended notes that no later row can count: enough are there, and b ends with one behind the last of them.
func (s *sorter) ended(st *run, b *types.Batch) error {
	o := s.given
	n, limited := s.first()
	if o == nil || o.done || !o.scan.sorted || !limited || int64(s.rows) < n {
		return nil
	}
	if n == 0 {
		o.done = true
		return nil
	}
	var err error
	if o.last == nil { // the n-th row is in b
		at := b.N - 1 - int(int64(s.rows)-n)
		if o.last, err = evalCols(st.ec, o.exprs(), b.Slice(at, at+1)); err != nil {
			return err
		}
	}
	end, err := evalCols(st.ec, o.exprs(), b.Slice(b.N-1, b.N))
	if err != nil {
		return err
	}
	o.done = o.order.compare(end, 0, o.last, 0) > 0
	return nil
}

func (o *sortedInput) exprs() []expr.Expr { return keyExprs(o.keys) }

// satisfied says that the sorter needs no more rows.
func (s *sorter) satisfied() bool { return s.given != nil && s.given.done }
