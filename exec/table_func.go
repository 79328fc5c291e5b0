package exec

import (
	"slices"

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
	cols, rows, err := callSet(sc.ec, b, plan.SetCall{Fn: f.plan.Fn, Args: f.plan.Args})
	if err != nil {
		return nil, err
	}
	for _, call := range f.plan.More {
		cs, rs, err := callSet(sc.ec, b, call)
		if err != nil {
			return nil, err
		}
		cols, rows = lockstep(cols, rows, cs, rs)
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

func callSet(ec *expr.Ctx, b *types.Batch, call plan.SetCall) ([]arrow.Array, []int32, error) {
	args := make([]expr.Vec, len(call.Args))
	for i, x := range call.Args {
		var err error
		if args[i], err = x.Eval(ec, b); err != nil {
			return nil, nil, err
		}
	}
	return call.Fn.Set(ec, b.N, args)
}

// lockstep puts the n-th results of two calls for the same input row side by side; the shorter one is filled with NULLs. ra and rb, ascending,
// are the input rows of the results.
func lockstep(a []arrow.Array, ra []int32, b []arrow.Array, rb []int32) (cols []arrow.Array, rows []int32) {
	if slices.Equal(ra, rb) {
		return append(a, b...), ra
	}
	var fromA, fromB []int32
	for i, j := 0, 0; i < len(ra) || j < len(rb); {
		var r int32
		switch {
		case j == len(rb), i < len(ra) && ra[i] < rb[j]:
			r = ra[i]
		default:
			r = rb[j]
		}
		pa, pb := int32(-1), int32(-1)
		if i < len(ra) && ra[i] == r {
			pa = int32(i)
			i++
		}
		if j < len(rb) && rb[j] == r {
			pb = int32(j)
			j++
		}
		rows, fromA, fromB = append(rows, r), append(fromA, pa), append(fromB, pb)
	}
	for _, c := range a {
		cols = append(cols, types.Take(c, fromA))
	}
	for _, c := range b {
		cols = append(cols, types.Take(c, fromB))
	}
	return cols, rows
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
