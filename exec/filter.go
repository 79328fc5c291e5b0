package exec

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// filter keeps the rows for which cond is true; the others count as filtered.
type filter struct {
	*node
	cond expr.Expr
}

func (f *filter) apply(sc *stageCtx, b *types.Batch) (*types.Batch, error) {
	rows, err := expr.FilterRows(sc.ec, f.cond, b, nil)
	if err != nil {
		return nil, err
	}
	f.stats.dropped["filtered"].Add(int64(b.N - len(rows)))
	return types.Filter(b, rows), nil
}
