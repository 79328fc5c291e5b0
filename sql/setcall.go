package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// setReturning puts the set-returning functions of the select list that are left over the node.
func (k *block) setReturning() error {
	var which []int
	for i := range k.s.sets {
		if !k.s.sets[i].placed {
			which = append(which, i)
		}
	}
	return k.placeSets(which)
}

// placeSets puts set-returning functions over the node and columns in place of their marks. Those that read nothing of each other run side by side; those whose
// arguments call others stand above them.
func (k *block) placeSets(which []int) error {
	if len(which) == 0 {
		return k.setColumns()
	}
	for len(which) > 0 {
		var now, later []int
		for _, i := range which {
			if slices.ContainsFunc(k.s.sets[i].call.Args, func(x expr.Expr) bool { return k.b.hasMark(x, markSet) }) {
				later = append(later, i)
			} else {
				now = append(now, i)
			}
		}
		if len(now) == 0 {
			return sqlerr.New(sqlerr.InternalError, "set-returning functions read each other")
		}
		if err := k.placeLevel(now); err != nil {
			return err
		}
		which = later
	}
	return nil
}

func (k *block) placeLevel(which []int) error {
	in := k.node.Schema()
	first := k.s.sets[which[0]]
	n := &plan.TableFunc{In: k.node, Fn: first.call.Fn, Args: first.call.Args, Cols: slices.Clone(in), Pos: first.pos}
	for _, i := range which {
		u := &k.s.sets[i]
		if i != which[0] {
			n.More = append(n.More, plan.SetCall{Fn: u.call.Fn, Args: u.call.Args})
		}
		u.col = len(n.Cols)
		if cols := setCols(u.call); len(cols) > 1 {
			for _, c := range cols {
				n.Cols = append(n.Cols, plan.Col{Name: c.Name, Type: c.Type})
			}
		} else {
			n.Cols = append(n.Cols, plan.Col{Name: u.name, Type: u.call.Typ})
		}
		u.placed = true
	}
	k.node = n
	return k.setColumns()
}

// setColumns puts columns in place of the marks of the functions that are placed.
func (k *block) setColumns() error {
	var err error
	var column func(e expr.Expr) (expr.Expr, bool, error)
	column = func(e expr.Expr) (expr.Expr, bool, error) {
		m := k.b.markOf(e)
		if m != nil && m.kind == markSub {
			x, err := k.b.withRefs(e, m, func(x expr.Expr, _ int) (expr.Expr, error) { return subst(x, column) })
			return x, true, err
		}
		if m == nil || m.kind != markSet || m.scope != k.s || !k.s.sets[m.idx].placed {
			return e, false, nil
		}
		u := &k.s.sets[m.idx]
		if cols := setCols(u.call); len(cols) > 1 {
			xs := make([]expr.Expr, len(cols))
			for i, c := range cols {
				xs[i] = &expr.Column{Idx: u.col + i, Name: c.Name, Typ: c.Type}
			}
			return expr.NewRow(xs, e.Type(), true, u.pos), true, nil
		}
		return &expr.Column{Idx: u.col, Name: u.name, Typ: e.Type()}, true, nil
	}
	k.eachExpr(func(x *expr.Expr) {
		if err == nil {
			*x, err = subst(*x, column)
		}
	})
	return err
}

// groupedSets puts the set-returning functions of a grouping expression below the aggregate and gives the expression over their columns.
func (k *block) groupedSets(x expr.Expr) (expr.Expr, error) {
	var which []int
	for todo := []expr.Expr{x}; len(todo) > 0; todo = todo[1:] {
		expr.Walk(todo[0], func(e expr.Expr) bool {
			m := k.b.markOf(e)
			if m != nil && m.kind == markSet && m.scope == k.s && !slices.Contains(which, m.idx) {
				which = append(which, m.idx)
				todo = append(todo, k.s.sets[m.idx].call.Args...)
			}
			return true
		})
	}
	if len(which) == 0 {
		return x, nil
	}
	for _, i := range which {
		for _, a := range k.s.sets[i].call.Args {
			if err := k.plainItem(item{x: a}); err != nil {
				return nil, err
			}
			if err := k.b.noSubMarks(a); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(which)
	which = slices.DeleteFunc(which, func(i int) bool { return k.s.sets[i].placed })
	hold := len(k.items)
	k.items = append(k.items, item{x: x})
	err := k.placeSets(which)
	x = k.items[hold].x
	k.items = k.items[:hold]
	return x, err
}

// noSets refuses set-returning functions where a value is computed only sometimes.
func (b *binder) noSets(xs []expr.Expr, pos []int, what string) error {
	for i, x := range xs {
		if b.hasMark(x, markSet) {
			return sqlerr.New(sqlerr.FeatureNotSupported, "set-returning functions are not allowed in %s", what).At(pos[i]).
				WithHint("You might be able to move the set-returning function into a LATERAL FROM item.")
		}
	}
	return nil
}
