package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// tableFunc calls a set-returning function for each row and appends its columns; with Outer a row without a result is given once,
// with NULLs.
type tableFunc struct {
	*node
	plan *plan.TableFunc
}

func (f *tableFunc) apply(sc *stageCtx, b *types.Batch) (*types.Batch, error) {
	args := make([]expr.Vec, len(f.plan.Args))
	for i, x := range f.plan.Args {
		var err error
		if args[i], err = x.Eval(sc.ec, b); err != nil {
			return nil, err
		}
	}
	cols, rows, err := f.plan.Fn.Set(sc.ec, b.N, args)
	if err != nil {
		return nil, err
	}
	var from []int32 // result row of the function, -1: none
	if f.plan.Outer {
		rows, from = padOuter(rows, b.N)
	}
	out := types.TakeBatch(b, rows)
	for _, c := range cols {
		if from != nil {
			c = types.Take(c, from)
		}
		out.Cols = append(out.Cols, c)
	}
	if f.plan.Ordinality {
		out.Cols = append(out.Cols, ordinals(rows, from))
	}
	return out, nil
}

// padOuter adds the rows of 0..n-1 that do not stand in rows.
func padOuter(rows []int32, n int) (padded, from []int32) {
	k := 0
	for i := range int32(n) {
		if k >= len(rows) || rows[k] != i {
			padded, from = append(padded, i), append(from, -1)
			continue
		}
		for ; k < len(rows) && rows[k] == i; k++ {
			padded, from = append(padded, i), append(from, int32(k))
		}
	}
	return padded, from
}

// ordinals numbers the result rows of each input row from 1; padded rows have NULL.
func ordinals(rows, from []int32) arrow.Array {
	ord := make([]int64, len(rows))
	for i := range rows {
		ord[i] = 1
		if i > 0 && rows[i] == rows[i-1] {
			ord[i] = ord[i-1] + 1
		}
	}
	if from == nil {
		return types.Int64Array(ord, nil, 0)
	}
	pos := make([]int32, len(rows))
	for i := range pos {
		pos[i] = int32(i)
		if from[i] < 0 {
			pos[i] = -1
		}
	}
	return types.Take(types.Int64Array(ord, nil, 0), pos)
}
