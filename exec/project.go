package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// project computes columns.
type project struct {
	*node
	items []expr.Expr
}

func (p *project) apply(sc *stageCtx, b *types.Batch) (*types.Batch, error) {
	cols, err := evalCols(sc.ec, p.items, b)
	if err != nil {
		return nil, err
	}
	return &types.Batch{Cols: cols, N: b.N, W: b.W}, nil
}

// evalCols evaluates expressions to full columns.
func evalCols(ec *expr.Ctx, xs []expr.Expr, b *types.Batch) ([]arrow.Array, error) {
	out := make([]arrow.Array, len(xs))
	for i, x := range xs {
		v, err := x.Eval(ec, b)
		if err != nil {
			return nil, err
		}
		out[i] = v.Arr
		if v.Const {
			out[i] = types.Repeat(v.Arr, b.N)
		}
	}
	return out, nil
}
