package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// groupKey is a grouping expression.
type groupKey struct {
	x    expr.Expr
	name string
}

const maxSets = 4096

// groupBy binds GROUP BY to keys and, where there are any, grouping sets.
func (k *block) groupBy() error {
	k.s.clause = "GROUP BY"
	defer func() { k.s.clause = "" }()
	sets := [][]int{{}}
	special := false
	for i := range k.sel.GroupBy {
		g := &k.sel.GroupBy[i]
		special = special || g.Kind != ""
		more, err := k.groupSets(g)
		if err != nil {
			return err
		}
		var next [][]int
		for _, a := range sets {
			for _, c := range more {
				next = append(next, union(a, c))
			}
		}
		if sets = next; len(sets) > maxSets {
			return sqlerr.New(sqlerr.StatementTooComplex, "too many grouping sets present (maximum %d)", maxSets).At(g.Pos.Offset())
		}
	}
	if k.sel.GroupDistinct {
		sets = distinctSets(sets)
	}
	k.agg = len(k.sel.GroupBy) > 0
	if special && (len(sets) != 1 || len(sets[0]) != len(k.keys)) {
		k.sets = sets
	}
	return nil
}

// distinctSets leaves out sets of the same keys.
func distinctSets(sets [][]int) [][]int {
	var out [][]int
	for _, s := range sets {
		same := func(o []int) bool { return len(o) == len(s) && len(union(o, s)) == len(s) }
		if !slices.ContainsFunc(out, same) {
			out = append(out, s)
		}
	}
	return out
}

func union(a, c []int) []int {
	out := slices.Clone(a)
	for _, i := range c {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

// groupSets lists the grouping sets that one item of GROUP BY stands for.
func (k *block) groupSets(g *ast.GroupItem) ([][]int, error) {
	if g.Kind == "" {
		set, err := k.groupExprs([]ast.Expr{g.X})
		return [][]int{set}, err
	}
	var members [][]int
	var out [][]int
	for _, m := range g.Sets {
		if m.Nested != nil {
			sub, err := k.groupSets(m.Nested)
			if err != nil {
				return nil, err
			}
			out = append(out, sub...)
			continue
		}
		set, err := k.groupExprs(m.Exprs)
		if err != nil {
			return nil, err
		}
		members = append(members, set)
		if g.Kind == "sets" {
			out = append(out, set)
		}
	}
	switch g.Kind {
	case "rollup":
		for n := len(members); n >= 0; n-- {
			out = append(out, union(nil, slices.Concat(members[:n]...)))
		}
	case "cube":
		if len(members) > 12 {
			return nil, sqlerr.New(sqlerr.TooManyColumns, "CUBE is limited to 12 elements").At(g.Pos.Offset())
		}
		for mask := 1<<len(members) - 1; mask >= 0; mask-- {
			set := []int{}
			for i, m := range members {
				if mask>>(len(members)-1-i)&1 == 1 {
					set = union(set, m)
				}
			}
			out = append(out, set)
		}
	}
	return out, nil
}

// groupExprs binds grouping expressions to keys.
func (k *block) groupExprs(list []ast.Expr) ([]int, error) {
	set := []int{}
	for _, a := range list {
		if row, ok := a.(*ast.Row); ok {
			sub, err := k.groupExprs(row.Items)
			if err != nil {
				return nil, err
			}
			set = union(set, sub)
			continue
		}
		x, name, err := k.groupExpr(a)
		if err == nil {
			err = needsEquality(x.Type(), loc(a))
		}
		if err != nil {
			return nil, err
		}
		set = union(set, []int{k.key(x, name)})
	}
	return set, nil
}

// key finds or adds a grouping key.
func (k *block) key(x expr.Expr, name string) int {
	i := slices.IndexFunc(k.keys, func(g groupKey) bool { return expr.Equal(g.x, x) })
	if i < 0 {
		i = len(k.keys)
		k.keys = append(k.keys, groupKey{x, name})
	}
	return i
}

// groupExpr is a number of an output column, a column of FROM, an output name, or an expression.
func (k *block) groupExpr(a ast.Expr) (expr.Expr, string, error) {
	i, ok, err := ordinal(a, k.visibleItems(), "GROUP BY")
	if err != nil {
		return nil, "", err
	}
	if r, isRef := a.(*ast.ColumnRef); isRef && len(r.Names) == 1 && !r.Star && !ok {
		c, err := k.s.find(r)
		if err != nil {
			return nil, "", err
		}
		if c == nil {
			if i, err = k.byAlias(r.Names[0], "GROUP BY", loc(a)); err != nil {
				return nil, "", err
			}
			ok = i >= 0
		}
	}
	if ok {
		it := k.items[i]
		if err := k.plainItem(it); err != nil {
			return nil, "", err
		}
		x, err := k.b.known(it.x, it.pos)
		if err != nil {
			return nil, "", err
		}
		k.items[i].x = x
		_, err = k.groupedSets(x)
		return k.items[i].x, it.col.Name, err
	}
	x, err := k.b.expr(a, k.s)
	if err == nil {
		x, err = k.b.known(x, loc(a))
	}
	if err == nil {
		x, err = k.groupedSets(x)
	}
	return x, ColumnName(a), err
}

// plainItem refuses to group by an output column that is computed after grouping.
func (k *block) plainItem(it item) error {
	var err error
	expr.Walk(it.x, func(e expr.Expr) bool {
		m := k.b.markOf(e)
		switch {
		case m == nil || m.scope != k.s && m.kind != markSub:
		case m.kind == markAgg:
			err = sqlerr.New(sqlerr.GroupingError, "aggregate functions are not allowed in GROUP BY").At(m.pos)
		case m.kind == markOver:
			err = sqlerr.New(sqlerr.WindowingError, "window functions are not allowed in GROUP BY").At(m.pos)
		}
		return err == nil
	})
	return err
}

// aggregate puts the Aggregate over the node, where there is something to group or to aggregate, and rewrites all that comes after.
func (k *block) aggregate() error {
	if !k.agg && len(k.s.aggs) == 0 && k.having == nil && len(k.s.grouping) == 0 {
		return nil
	}
	n := &plan.Aggregate{Sets: k.sets, Pos: k.aggPos()}
	rw := &regroup{k: k}
	var err error
	k.eachExpr(func(x *expr.Expr) {
		if err == nil {
			*x, err = rw.rewrite(*x)
		}
	})
	if err == nil {
		err = k.directArgs(rw)
	}
	if err == nil {
		err = k.joinAggInputs()
	}
	if err != nil {
		return err
	}
	in := k.node.Schema()
	n.In = k.node
	for _, g := range k.keys {
		col := plan.Col{Name: g.name, Type: g.x.Type()}
		if c, ok := g.x.(*expr.Column); ok {
			col = in[c.Idx]
			col.Hidden = false
		}
		n.Group, n.Cols = append(n.Group, g.x), append(n.Cols, col)
	}
	for _, u := range k.s.aggs {
		n.Aggs = append(n.Aggs, u.call)
		n.Cols = append(n.Cols, plan.Col{Name: u.call.Fn.Name, Type: u.call.Typ})
	}
	for _, u := range k.s.grouping {
		args, err := k.groupingArgs(u)
		if err != nil {
			return err
		}
		n.Grouping = append(n.Grouping, args)
		n.Cols = append(n.Cols, plan.Col{Name: "grouping", Type: types.Int4})
	}
	k.node = n
	return k.placeAggs(len(k.keys))
}

// placeAggs replaces the marks by the columns that follow the keys, now that their number is known.
func (k *block) placeAggs(keys int) error {
	err := k.replaceMarks(markAgg, func(i int, t types.Type) expr.Expr {
		return &expr.Column{Idx: keys + i, Name: k.s.aggs[i].call.Fn.Name, Typ: t}
	})
	if err != nil {
		return err
	}
	return k.replaceMarks(markGrouping, func(i int, t types.Type) expr.Expr {
		return &expr.Column{Idx: keys + len(k.s.aggs) + i, Name: "grouping", Typ: t}
	})
}

func (k *block) aggPos() int {
	if len(k.sel.GroupBy) > 0 {
		return k.sel.GroupBy[0].Pos.Offset()
	}
	if len(k.s.aggs) > 0 {
		return k.s.aggs[0].pos
	}
	return k.sel.Pos.Offset()
}

// joinAggInputs joins the sub-selects that the keys and the aggregates' arguments read.
func (k *block) joinAggInputs() error {
	var err error
	put := func(x *expr.Expr) {
		if err == nil && *x != nil {
			xs := []expr.Expr{*x}
			k.node, err = k.b.attach(k.node, xs)
			*x = xs[0]
		}
	}
	for i := range k.keys {
		put(&k.keys[i].x)
	}
	for i := range k.s.aggs {
		c := &k.s.aggs[i].call
		for j := range c.Args {
			put(&c.Args[j])
		}
		put(&c.Filter)
		for j := range c.OrderBy {
			put(&c.OrderBy[j].X)
		}
	}
	return err
}

func (k *block) groupingArgs(u groupingUse) ([]int, error) {
	var out []int
	for i, x := range u.args {
		g := slices.IndexFunc(k.keys, func(g groupKey) bool { return expr.Equal(g.x, x) })
		if g < 0 {
			return nil, sqlerr.New(sqlerr.GroupingError, "arguments to GROUPING must be grouping expressions of the associated query level").At(u.pos[i])
		}
		out = append(out, g)
	}
	return out, nil
}
