package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// paramItems is how many elements an array is taken to have that is not known yet.
const paramItems = 10

// listed is a key, or an index, of which the filter gives some leading columns (or none) and of the next one a list: column IN (...), = ANY (array), or equalities joined by OR. whole: only
// keys that are given as a whole, of which each element finds one row at most.
func (f *indexFinder) listed(est *Estimator, whole bool) (best *plan.Lookup) {
	rel := f.scan.Rel
	lists := map[int]*valueList{} // by column of the relation
	for _, c := range expr.Conjuncts(f.scan.Filter) {
		if col, l := listOf(c); l != nil && lists[f.scan.Cols[col]] == nil {
			lists[f.scan.Cols[col]] = l
		}
	}
	if len(lists) == 0 {
		return nil
	}
	use := func(name string, cols []int, primary, unique bool) {
		l := f.equal(name, cols)
		n := len(l.Cols)
		if n == len(cols) || lists[cols[n]] == nil || best != nil && len(best.Cols) > n || (primary || whole) && n+1 < len(cols) {
			return
		}
		list := lists[cols[n]]
		if unique && n+1 == len(cols) && !f.worth(est, list) || !(unique && n+1 == len(cols)) && !f.selective(est, append(l.Cols, cols[n])) {
			return
		}
		l.Cols, l.Values, l.List, l.Primary = append(l.Cols, cols[n]), append(l.Values, list.array), true, primary
		best = l
	}
	if name, key := keptBy(rel); len(key) > 0 {
		use(name, key, true, true)
	}
	for _, u := range rel.Uniques {
		if len(u.Cols) > 0 && u.Def.Plain() {
			use(u.Name, u.Cols, false, true)
		}
	}
	if whole {
		return best
	}
	for _, x := range rel.Indexes {
		if len(x.Cols) > 0 && x.Def.Plain() {
			use(x.Name, x.Cols, false, false)
		}
	}
	return best
}

// worth says whether it is quicker to look each element of a list up than to read all rows.
func (f *indexFinder) worth(est *Estimator, l *valueList) bool {
	all, known := est.Rows(&plan.Scan{Rel: f.scan.Rel})
	return !known || float64(l.n) <= all*indexPart
}

// selective says whether few rows come of what the filter says of columns of the relation alone.
func (f *indexFinder) selective(est *Estimator, cols []int) bool {
	return f.few(est, &plan.Lookup{Cols: cols, Ordered: cols})
}

// valueList is what a column has to be equal to one of.
type valueList struct {
	array expr.Expr
	n     int // about how many elements
}

// listOf reads a condition that lists the values of a column; nil: it does not.
func listOf(c expr.Expr) (col int, l *valueList) {
	switch x := c.(type) {
	case *expr.InList:
		if col = baseColumn(x.X); col >= 0 && !x.Not {
			return col, listFrom(x.X.Type(), x.List)
		}
	case *expr.AnyAll:
		elem := x.Array.Type().Elem()
		if col = baseColumn(x.X); col >= 0 && !x.All && x.Op.Name == "=" && given(x.Array) && elem.Base() == x.X.Type().Base() && equalBytes[elem.OID] {
			n := paramItems
			if a, ok := expr.ArrayItems(x.Array); ok {
				n = a
			}
			return col, &valueList{x.Array, n}
		}
	case *expr.Or:
		var items []expr.Expr
		var of expr.Expr
		for i, a := range x.Args {
			e, v := equality(a)
			if e == nil || i > 0 && !expr.Equal(e, of) {
				return 0, nil
			}
			of, items = e, append(items, v)
		}
		return baseColumn(of), listFrom(of.Type(), items)
	}
	return 0, nil
}

// equality reads column = value.
func equality(c expr.Expr) (column, v expr.Expr) {
	x, ok := c.(*expr.Call)
	if !ok || x.Fn.Name != "=" || len(x.Args) != 2 {
		return nil, nil
	}
	for i, a := range x.Args {
		if baseColumn(a) >= 0 {
			return a, x.Args[1-i]
		}
	}
	return nil, nil
}

// listFrom makes a list of items that are to be compared with a column of type t; nil: that cannot be.
func listFrom(t types.Type, items []expr.Expr) *valueList {
	at, ok := t.Base().Array()
	if !ok || !equalBytes[t.Base().OID] {
		return nil
	}
	for _, x := range items {
		if !given(x) || x.Type().Base() != t.Base() {
			return nil
		}
	}
	a := expr.Expr(&expr.ArrayOf{Items: items, Typ: at})
	if c, err := expr.Fold(&expr.Ctx{Format: types.UTCFormat(0)}, a); err == nil {
		a = c
	}
	return &valueList{a, len(items)}
}
