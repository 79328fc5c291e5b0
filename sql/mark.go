package sql

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// markKind says what a mark stands for.
type markKind uint8

const (
	markOuter    markKind = iota // a column of an outer query
	markAgg                      // an aggregate of the SELECT block
	markGrouping                 // a grouping() call
	markOver                     // a window function
	markSet                      // a set-returning function
	markSub                      // a correlated sub-select
)

// mark is what a negative parameter number stands for until the stage that computes it.
type mark struct {
	kind  markKind
	scope *scope
	x     expr.Expr // outer: the column, over the node of the scope
	idx   int       // agg, grouping, over, set: its place in the lists of the scope
	sub   *subselect
	pos   int
}

func (b *binder) newMark(m mark, t types.Type) expr.Expr {
	b.marks = append(b.marks, m)
	return &expr.Param{N: -len(b.marks), Typ: t}
}

// markOf is the mark that x is; nil where x is something else.
func (b *binder) markOf(x expr.Expr) *mark {
	if p, ok := x.(*expr.Param); ok && p.N < 0 {
		return &b.marks[-p.N-1]
	}
	return nil
}

// outerRef gives the mark of a column of an outer scope, the same one for the same column.
func (b *binder) outerRef(s *scope, x expr.Expr, pos int) expr.Expr {
	for i := range b.marks {
		if m := &b.marks[i]; m.kind == markOuter && m.scope == s && expr.Equal(m.x, x) {
			return &expr.Param{N: -(i + 1), Typ: x.Type()}
		}
	}
	return b.newMark(mark{kind: markOuter, scope: s, x: x, pos: pos}, x.Type())
}

// subst rebuilds e from the top down: where f has an answer it replaces the whole node.
func subst(e expr.Expr, f func(expr.Expr) (expr.Expr, bool, error)) (expr.Expr, error) {
	if out, ok, err := f(e); ok || err != nil {
		return out, err
	}
	kids := e.Children()
	var next []expr.Expr
	for i, k := range kids {
		n, err := subst(k, f)
		if err != nil {
			return nil, err
		}
		if n != k && next == nil {
			next = append([]expr.Expr{}, kids...)
		}
		if next != nil {
			next[i] = n
		}
	}
	if next == nil {
		return e, nil
	}
	return e.WithChildren(next), nil
}

// hasMark says whether x has a mark of one of the kinds in it.
func (b *binder) hasMark(x expr.Expr, kinds ...markKind) bool {
	found := false
	expr.Walk(x, func(e expr.Expr) bool {
		if m := b.markOf(e); m != nil {
			for _, k := range kinds {
				found = found || m.kind == k
			}
		}
		return !found
	})
	return found
}

// noSubMarks refuses correlated sub-selects where no stage can join them.
func (b *binder) noSubMarks(x expr.Expr) error {
	var err error
	expr.Walk(x, func(e expr.Expr) bool {
		if m := b.markOf(e); m != nil && m.kind == markSub {
			err = notYet(m.pos, "a correlated subquery is not supported here")
		}
		return err == nil
	})
	return err
}

// outerMarks lists the outer columns of scope s that a plan reads, also in sub-selects inside its expressions.
func (b *binder) outerMarks(n plan.Node, s *scope) []int {
	seen := map[int]bool{}
	var out []int
	var inPlan func(plan.Node)
	inExpr := func(x expr.Expr) {
		expr.Walk(x, func(e expr.Expr) bool {
			if m := b.markOf(e); m != nil && m.kind == markOuter && (s == nil || m.scope == s) {
				if n := e.(*expr.Param).N; !seen[n] {
					seen[n] = true
					out = append(out, n)
				}
			}
			if q, ok := e.(*expr.Subquery); ok {
				inPlan(q.Plan.(plan.Node))
			}
			return true
		})
	}
	inPlan = func(n plan.Node) {
		plan.Walk(n, func(n plan.Node) {
			for _, x := range n.Exprs() {
				inExpr(x)
			}
			if r, ok := n.(*plan.Recursive); ok {
				inPlan(r.Base)
				inPlan(r.Step)
			}
		})
	}
	inPlan(n)
	return out
}
