package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// rowLocks binds FOR UPDATE and the like: it adds the keys of the tables that are locked as hidden items.
func (k *block) rowLocks() error {
	for i := range k.q.Locks {
		l := &k.q.Locks[i]
		if err := k.lockable(l); err != nil {
			return err
		}
		of := k.s.srcs
		if l.Of != nil {
			of = nil
			for j, name := range l.Of {
				src := k.s.source([]string{name})
				switch {
				case src == nil:
					return sqlerr.New(sqlerr.UndefinedTable, "relation %q in %s clause not found in FROM clause", name, l.Clause()).At(l.OfPos[j].Offset())
				case src.join:
					return sqlerr.New(sqlerr.FeatureNotSupported, "%s cannot be applied to a join", l.Clause()).At(l.OfPos[j].Offset())
				case src.rel == nil:
					return sqlerr.New(sqlerr.FeatureNotSupported, "%s cannot be applied to %q, which is no table", l.Clause(), name).At(l.OfPos[j].Offset())
				}
				of = append(of, src)
			}
		}
		for _, src := range of {
			if err := k.lockSource(l, src); err != nil {
				return err
			}
		}
	}
	return nil
}

// lockable refuses a locking clause where the rows of the result are not rows of tables.
func (k *block) lockable(l *ast.RowLock) error {
	what := ""
	switch {
	case k.q.WithTies && l.Wait == "skip locked":
		return sqlerr.New(sqlerr.SyntaxError, "SKIP LOCKED and WITH TIES options cannot be used together")
	case k.b.env.Continuous:
		return notYet(l.Pos.Offset(), "%s is not supported in a continuous query", l.Clause())
	case k.sel.Distinct || len(k.sel.DistinctOn) > 0:
		what = "DISTINCT clause"
	case len(k.sel.GroupBy) > 0:
		what = "GROUP BY clause"
	case k.sel.Having != nil:
		what = "HAVING clause"
	case len(k.s.aggs) > 0 || len(k.s.grouping) > 0:
		what = "aggregate functions"
	case len(k.s.overs) > 0:
		what = "window functions"
	case len(k.s.sets) > 0:
		what = "set-returning functions in the target list"
	default:
		return nil
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "%s is not allowed with %s", l.Clause(), what)
}

// lockSource locks the rows of an item of FROM that is a table; others have no rows to lock.
func (k *block) lockSource(l *ast.RowLock, src *source) error {
	if src.rel == nil {
		return nil
	}
	switch src.rel.Kind {
	case catalog.Table:
	case catalog.MatView:
		return sqlerr.New(sqlerr.WrongObjectType, "cannot lock rows in materialized view %q", src.rel.Name)
	case catalog.Sequence:
		return sqlerr.New(sqlerr.WrongObjectType, "cannot lock rows in sequence %q", src.rel.Name)
	default:
		return nil
	}
	if src.nullable {
		return sqlerr.New(sqlerr.FeatureNotSupported, "%s cannot be applied to the nullable side of an outer join", l.Clause())
	}
	lock := plan.RowLock{Rel: src.rel, Mode: l.Mode, Wait: l.Wait}
	for i := range src.cols {
		c := &src.cols[i]
		if len(src.rel.Primary) == 0 || slices.Contains(src.rel.Primary, int(c.att)-1) {
			lock.Key = append(lock.Key, len(k.items))
			k.items = append(k.items, item{x: c.x, hidden: true, pos: l.Pos.Offset(), col: plan.Col{Name: c.name}})
		}
	}
	k.locks = append(k.locks, lock)
	return nil
}

// lockNode locks the rows of n, as many as LIMIT and OFFSET need.
func (k *block) lockNode(n plan.Node, parent *scope) (plan.Node, error) {
	if len(k.locks) == 0 {
		return n, nil
	}
	out := &plan.LockRows{In: n, Locks: k.locks, Pos: k.q.Locks[0].Pos.Offset()}
	bounded, err := k.b.limit(n, k.q, parent)
	if err != nil {
		return nil, err
	}
	if l, ok := bounded.(*plan.Limit); ok {
		if s, ok := n.(*plan.Sort); ok && l.WithTies {
			out.Ties = s.Keys
		}
		out.Count, err = k.b.rowsRead(l)
	}
	return out, err
}

// rowsRead is how many rows a LIMIT reads: OFFSET and the count; nil: all.
func (b *binder) rowsRead(l *plan.Limit) (expr.Expr, error) {
	if l.Count == nil || l.Skip == nil {
		return l.Count, nil
	}
	skip := &expr.Case{Typ: types.Int8, Else: l.Skip, Whens: []expr.When{{Cond: &expr.IsTest{X: l.Skip, Test: "null"}, Then: expr.ConstInt8(0)}}}
	return b.op("+", l.Count, skip, l.Pos, l.Pos, l.Pos)
}
