package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// belowAggregate moves what varies out of an aggregation over rows that can go, into a projection below it, which is held.
func (b *builder) belowAggregate(n *plan.Aggregate) *plan.Aggregate {
	xs := slices.Clone(n.Exprs())
	if !b.holds(n.In, xs...) {
		return n
	}
	cols := slices.Clone(n.In.Schema())
	var items []expr.Expr
	for i, c := range cols {
		items = append(items, &expr.Column{Idx: i, Name: c.Name, Typ: c.Type})
	}
	for i, x := range xs {
		if x == nil || !expr.Varies(x) {
			continue
		}
		c := plan.Col{Name: x.String(), Type: x.Type()}
		xs[i] = &expr.Column{Idx: len(cols), Name: c.Name, Typ: c.Type}
		items, cols = append(items, x), append(cols, c)
	}
	out := *n.WithExprs(xs).(*plan.Aggregate)
	out.In = &plan.Project{In: n.In, Items: items, Cols: cols, Pos: n.Pos}
	return &out
}

// refuseVarying: the operators that can't hold what varies over rows that can go.
func (b *builder) refuseVarying(n plan.Node) error {
	e, ok := n.(interface{ Exprs() []expr.Expr })
	if !ok {
		return nil
	}
	for _, in := range n.Inputs() {
		if b.holds(in, e.Exprs()...) {
			return sqlerr.New(sqlerr.FeatureNotSupported, "functions that read the clock, or are volatile, are not supported here over rows that can change").At(n.Offset()).
				WithHint("Compute the value in a sub-select in FROM, as in FROM (SELECT *, now() AS at FROM t) AS t.")
		}
	}
	return nil
}
