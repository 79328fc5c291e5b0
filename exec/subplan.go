package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// subplan is an uncorrelated sub-select inside an expression: it runs once, before the query that uses it.
type subplan struct {
	expr  *expr.Subquery
	graph *Graph
	types []types.Type
	rows  *types.Batch
}

// collectSubs builds the sub-selects in the expressions of the plan.
func collectSubs(root plan.Node, cfg Config) ([]*subplan, error) {
	var subs []*subplan
	var err error
	seen := map[*expr.Subquery]bool{}
	plan.Walk(root, func(n plan.Node) {
		for _, x := range n.Exprs() {
			expr.Walk(x, func(e expr.Expr) bool {
				s, ok := e.(*expr.Subquery)
				if !ok || seen[s] || err != nil {
					return err == nil
				}
				seen[s] = true
				if cfg.Mode != plan.Batch {
					err = sqlerr.New(sqlerr.FeatureNotSupported, "a subquery inside an expression is not supported in a continuous query").
						At(n.Offset()).WithHint("Write it as a join.")
					return false
				}
				root := s.Plan.(plan.Node)
				var g *Graph
				if g, err = Build(root, cfg); err == nil {
					subs = append(subs, &subplan{expr: s, graph: g, types: root.Schema().Types()})
				}
				return err == nil
			})
		}
	})
	return subs, err
}

// runSubs runs the sub-selects and hands the recursive queries their inputs; in are those of both.
func (g *Graph) runSubs(ctx context.Context, st *Step, in []Input) error {
	at := len(g.scans)
	for _, s := range g.subs {
		n := len(s.graph.Scans())
		since := st.sinceFrom(at)
		at += n
		var parts []*types.Batch
		_, err := s.graph.Run(ctx, &Step{N: 1, Now: st.Now, WMStart: NoWatermark, Since: since, Last: true}, in[:n], func(b *types.Batch) error {
			parts = append(parts, b)
			return nil
		})
		if err != nil {
			return err
		}
		in = in[n:]
		if s.rows, err = concat(parts, s.types); err != nil {
			return err
		}
	}
	for _, r := range g.recs {
		n := len(r.scans())
		r.in, in = in[:n], in[n:]
	}
	return nil
}

func (g *Graph) subquery(x *expr.Subquery) (*types.Batch, error) {
	for _, s := range g.subs {
		if s.expr == x {
			return s.rows, nil
		}
	}
	return nil, sqlerr.New(sqlerr.InternalError, "unknown subquery")
}
