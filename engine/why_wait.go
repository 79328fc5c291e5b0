package engine

import (
	"fmt"

	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

const whyTime = "2006-01-02 15:04:05.999999Z07:00"

// until says what a row waits for that the watermark has to reach a time for; empty: it has reached it.
func (t *tracer) until(what string, at int64) string {
	mark := t.info.Watermark
	if at <= mark {
		return ""
	}
	now := "there is no watermark yet"
	if mark != exec.NoWatermark {
		now = "the watermark is at " + micros(mark).Format(whyTime)
	}
	return fmt.Sprintf("%s when the watermark reaches %s; %s", what, micros(at).Format(whyTime), now)
}

// untilClose is until for what closes at a time computed from keys; empty also where that is NULL.
func (t *tracer) untilClose(what string, close expr.Expr, by []expr.Expr, b *types.Batch) (string, error) {
	ec := t.sess.exprCtx(nil)
	keys := &types.Batch{N: b.N}
	for _, x := range by {
		a, err := expr.EvalArray(ec, x, b)
		if err != nil {
			return "", err
		}
		keys.Cols = append(keys.Cols, a)
	}
	at, err := expr.EvalArray(ec, close, keys)
	if err != nil || at.IsNull(0) {
		return "", err
	}
	return t.until(what, types.Int64s(at)[0]), nil
}

// held says for what a window function or DISTINCT ON that hands on final rows keeps a row.
func (t *tracer) held(n plan.Node, b *types.Batch) (string, error) {
	switch n := n.(type) {
	case *plan.Distinct:
		if n.OnClose && n.Close != nil {
			return t.untilClose("its window closes", n.Close, n.On, b)
		}
	case *plan.Over:
		switch {
		case n.OnClose && n.Close != nil:
			return t.untilClose("its window closes", n.Close, n.Partition, b)
		case n.ByTime:
			at, err := expr.EvalArray(t.sess.exprCtx(nil), n.Order[0].X, b)
			if err != nil || at.IsNull(0) {
				return "", err
			}
			return t.until("it is final", types.Int64s(at)[0]+n.Behind+n.Span+1), nil
		}
	}
	return "", nil
}

// lonely says for what a row of an outer join waits that has found no partner.
func (t *tracer) lonely(s step, n *plan.Join, b *types.Batch, schema plan.Schema) (string, error) {
	kinds := [2]map[string]string{
		{"left": "inner", "full": "inner", "anti": "semi"},
		{"right": "inner", "full": "inner"},
	}
	kind, outer := kinds[s.port][n.Kind]
	if !outer || !n.OnClose || n.LTime < 0 || n.RTime < 0 {
		return "", nil
	}
	c := *n
	c.Kind, c.OnClose = kind, false
	found, err := t.run1(step{&c, s.port}, b, schema)
	if err != nil || found != nil {
		return "", err
	}
	col, wait := n.LTime, n.RClose-n.Lo
	if s.port == 1 {
		col, wait = n.RTime, n.LClose+n.Hi
	}
	if b.Cols[col].IsNull(0) {
		return "", nil
	}
	return t.until("it has no partner, and none can come any more", types.Int64s(b.Cols[col])[0]+wait), nil
}
