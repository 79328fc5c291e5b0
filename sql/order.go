package sql

import (
	"strconv"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// ordinal says whether a is the number of an output column, and gives its index.
func ordinal(a ast.Expr, n int, clause string) (int, bool, error) {
	lit, ok := a.(*ast.Literal)
	if !ok {
		return 0, false, nil
	}
	if lit.Kind != ast.LitInt {
		return 0, false, sqlerr.New(sqlerr.SyntaxError, "non-integer constant in %s", clause).At(lit.Offset())
	}
	i, err := strconv.Atoi(lit.Text)
	if err != nil || i < 1 || i > n {
		return 0, false, sqlerr.New(sqlerr.InvalidColumnReference, "%s position %s is not in select list", clause, lit.Text).At(lit.Offset())
	}
	return i - 1, true, nil
}

// visibleItems is how many items are not hidden.
func (k *block) visibleItems() int {
	n := 0
	for _, it := range k.items {
		if !it.hidden {
			n++
		}
	}
	return n
}

// byAlias finds the item with an output name; -1: none. Equal expressions of one name count as one.
func (k *block) byAlias(name, clause string, pos int) (int, error) {
	found := -1
	for i, it := range k.items {
		if it.hidden || it.col.Name != name {
			continue
		}
		if found >= 0 && !expr.Equal(k.items[found].x, it.x) {
			return -1, sqlerr.New(sqlerr.AmbiguousColumn, "%s %q is ambiguous", clause, name).At(pos)
		}
		if found < 0 {
			found = i
		}
	}
	return found, nil
}

// orderItem finds or makes the item that an expression of ORDER BY or DISTINCT ON means: a number, an output name, or an expression.
func (k *block) orderItem(a ast.Expr, clause string) (int, error) {
	if i, ok, err := ordinal(a, k.visibleItems(), clause); ok || err != nil {
		return i, err
	}
	if r, ok := a.(*ast.ColumnRef); ok && len(r.Names) == 1 && !r.Star {
		if i, err := k.byAlias(r.Names[0], clause, loc(a)); i >= 0 || err != nil {
			return i, err
		}
	}
	x, err := k.b.expr(a, k.s)
	if err != nil {
		return 0, err
	}
	for i, it := range k.items {
		if expr.Equal(it.x, x) {
			return i, nil
		}
	}
	k.items = append(k.items, item{x: x, pos: loc(a), hidden: true, col: plan.Col{Name: ColumnName(a)}})
	return len(k.items) - 1, nil
}

// orderBy binds ORDER BY to items; what is not in the select list becomes a hidden item.
func (k *block) orderBy() error {
	seen := map[int]bool{}
	for _, o := range k.q.OrderBy {
		if o.Using != "" && o.Using != "<" && o.Using != ">" {
			return sqlerr.New(sqlerr.WrongObjectType, "operator %s is not a valid ordering operator", o.Using).At(loc(o.X)).
				WithHint(`Ordering operators must be "<" or ">" members of btree operator families.`)
		}
		i, err := k.orderItem(o.X, "ORDER BY")
		if err != nil {
			return err
		}
		if k.items[i].hidden && k.sel.Distinct && len(k.sel.DistinctOn) == 0 {
			return sqlerr.New(sqlerr.InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list").At(loc(o.X))
		}
		if seen[i] {
			continue
		}
		if err := needsOrder(k.items[i].x.Type(), loc(o.X)); err != nil {
			return err
		}
		seen[i] = true
		key := sortKey(o)
		key.X = &expr.Column{Idx: i}
		k.order = append(k.order, key)
	}
	return nil
}

// needsOrder refuses what has no order to sort by (42883).
func needsOrder(t types.Type, pos int) error {
	if !incomparable(t) {
		return nil
	}
	return sqlerr.New(sqlerr.UndefinedFunction, "could not identify an ordering operator for type %s", t.Base()).At(pos).
		WithHint("Use an explicit ordering operator or modify the query.")
}

// needsEquality refuses what has no equality to group by (42883).
func needsEquality(t types.Type, pos int) error {
	if !incomparable(t) {
		return nil
	}
	return sqlerr.New(sqlerr.UndefinedFunction, "could not identify an equality operator for type %s", t.Base()).At(pos)
}

// incomparable says that values of a type have neither order nor equality.
func incomparable(t types.Type) bool {
	if t.IsArray() {
		t = t.Elem()
	}
	return t.Is(types.JSON) || t.Is(types.JSONPath)
}

// distinctOn binds DISTINCT ON; its expressions must be the first of ORDER BY.
func (k *block) distinctOn() error {
	want := map[int]bool{}
	for _, a := range k.sel.DistinctOn {
		i, err := k.orderItem(a, "DISTINCT ON")
		if err != nil {
			return err
		}
		if err := needsEquality(k.items[i].x.Type(), loc(a)); err != nil {
			return err
		}
		if !want[i] {
			want[i] = true
			k.on = append(k.on, i)
		}
	}
	if len(k.on) == 0 {
		return nil
	}
	missed := false
	for _, o := range k.order {
		i := o.X.(*expr.Column).Idx
		if !want[i] {
			missed = true
			continue
		}
		if missed {
			return k.notInitial(i)
		}
		delete(want, i)
	}
	if missed && len(want) > 0 {
		for n, i := range k.on {
			if want[i] {
				return sqlerr.New(sqlerr.InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions").At(loc(k.sel.DistinctOn[n]))
			}
		}
	}
	return nil
}

func (k *block) notInitial(i int) error {
	pos := k.items[i].pos
	for _, a := range k.sel.DistinctOn {
		if n, err := k.orderItem(a, "DISTINCT ON"); err == nil && n == i {
			pos = loc(a)
		}
	}
	return sqlerr.New(sqlerr.InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions").At(pos)
}
