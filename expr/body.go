package expr

import (
	"github.com/streamsqld/streamsqld/types"
)

// BodyKernel is the kernel of a function whose body is an expression over the columns of its arguments. Of a strict one the body is only evaluated
// for the rows without a NULL argument.
func BodyKernel(body Expr, strict bool) Kernel {
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		b := &types.Batch{N: n}
		for _, a := range args {
			b.Cols = append(b.Cols, a.Array(n))
		}
		if !strict {
			return body.Eval(ctx, b)
		}
		var rows []int32
		for i := range n {
			if !anyNull(args, i) {
				rows = append(rows, int32(i))
			}
		}
		if len(rows) == n {
			return body.Eval(ctx, b)
		}
		v, err := body.Eval(ctx, types.Filter(b, rows))
		if err != nil {
			return Vec{}, err
		}
		at := make([]int32, n) // row i of the result among the rows evaluated, -1: NULL
		for i := range at {
			at[i] = -1
		}
		for k, r := range rows {
			at[r] = int32(k)
		}
		return Vec{Arr: types.Take(v.Array(len(rows)), at)}, nil
	}
}
