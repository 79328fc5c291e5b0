package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// orderJoins joins the inputs of a tree of inner joins in another order where the order of FROM makes cross products that the conditions do not ask
// for: each next input is the first one in FROM that a condition, best an equality, ties to those before. Where no cross product can be spared the tree
// stays as it is.
func orderJoins(root plan.Node) plan.Node {
	return eachJoinTree(root, 3, (*joinTree).reorder)
}

// eachJoinTree rewrites the trees of inner joins of root that have so many leaves; fn gets a tree, its node and the column of the tree for each of the node's columns.
func eachJoinTree(root plan.Node, leaves int, fn func(t *joinTree, n plan.Node, cols []int) plan.Node) plan.Node {
	uses := useCounts(root)
	return plan.Transform(root, func(n plan.Node) plan.Node {
		if !joinBelow(n) {
			return n
		}
		t := &joinTree{uses: uses}
		cols, ok := t.flatten(n, true)
		if !ok || len(t.leaves) < leaves {
			return n
		}
		return fn(t, n, cols)
	})
}

// joinTree is a tree of inner joins taken apart. Its columns are those of all leaves, in the order of FROM.
type joinTree struct {
	uses   map[plan.Node]int
	leaves []plan.Node
	first  []int // of each leaf: its first column
	width  int
	spans  [][2]int // of each join: its leaves [from, to)
	conds  []joinCond
	join   *plan.Join // one of the joins, as a pattern for new ones
}

type joinCond struct {
	x      expr.Expr
	leaves []int // that it reads, ascending
	equal  bool
}

// flatten takes n apart and gives the column of the tree for each of n's columns; false: n is no join, only a leaf.
func (t *joinTree) flatten(n plan.Node, top bool) (cols []int, ok bool) {
	if !top && t.uses[n] > 1 {
		return t.leaf(n), false
	}
	switch n := n.(type) {
	case *plan.Join:
		if !plainInner(n) || !movable(expr.Conjuncts(n.Cond)) {
			break
		}
		from := len(t.leaves)
		l, _ := t.flatten(n.L, false)
		r, _ := t.flatten(n.R, false)
		t.spans = append(t.spans, [2]int{from, len(t.leaves)})
		t.join = n
		cols = slices.Concat(l, r)
		t.add(expr.Conjuncts(n.Cond), cols)
		return cols, true
	case *plan.Filter:
		if cs := expr.Conjuncts(n.Cond); joinBelow(n.In) && movable(cs) {
			cols, ok = t.flatten(n.In, false)
			t.add(cs, cols)
			return cols, ok
		}
	case *plan.Project:
		if !top && joinBelow(n.In) && !slices.ContainsFunc(n.Items, func(x expr.Expr) bool { _, is := x.(*expr.Column); return !is }) {
			in, ok := t.flatten(n.In, false)
			for _, x := range n.Items {
				cols = append(cols, in[x.(*expr.Column).Idx])
			}
			return cols, ok
		}
	}
	return t.leaf(n), false
}

func movable(conds []expr.Expr) bool {
	return !slices.ContainsFunc(conds, func(c expr.Expr) bool { return expr.MaxVolatility(c) == expr.Volatile || expr.HasSubquery(c) })
}

func joinBelow(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Join:
		return plainInner(n)
	case *plan.Filter:
		return joinBelow(n.In)
	case *plan.Project:
		return joinBelow(n.In)
	}
	return false
}

func (t *joinTree) leaf(n plan.Node) []int {
	t.leaves, t.first = append(t.leaves, n), append(t.first, t.width)
	cols := make([]int, plan.Width(n))
	for i := range cols {
		cols[i] = t.width + i
	}
	t.width += len(cols)
	return cols
}

func (t *joinTree) add(cs []expr.Expr, cols []int) {
	for _, c := range cs {
		x := expr.Remap(c, func(k int) int { return cols[k] })
		call, is := x.(*expr.Call)
		jc := joinCond{x: x, equal: is && call.Fn.Name == "="}
		for _, k := range expr.Columns(x) {
			if l := t.leafOf(k); !slices.Contains(jc.leaves, l) {
				jc.leaves = append(jc.leaves, l)
			}
		}
		slices.Sort(jc.leaves)
		t.conds = append(t.conds, jc)
	}
}

func (t *joinTree) leafOf(col int) int {
	i, found := slices.BinarySearch(t.first, col)
	if found {
		for i+1 < len(t.first) && t.first[i+1] == col { // leaves without columns begin at the same one
			i++
		}
		return i
	}
	return i - 1
}

// qualifier is what stands before the names of a leaf's columns where they are printed.
func (t *joinTree) qualifier(leaf int) string {
	for n := t.leaves[leaf]; ; {
		switch x := n.(type) {
		case *plan.Filter:
			n = x.In
			continue
		case *plan.Scan:
			return x.Alias + "."
		}
		return ""
	}
}

// crossProducts counts the joins of the tree as it stands that no condition can be given to.
func (t *joinTree) crossProducts() int {
	tied := make([]bool, len(t.spans))
	for _, c := range t.conds {
		best := -1
		for i, s := range t.spans {
			if len(c.leaves) > 1 && c.leaves[0] >= s[0] && c.leaves[len(c.leaves)-1] < s[1] && (best < 0 || s[1]-s[0] < t.spans[best][1]-t.spans[best][0]) {
				best = i
			}
		}
		if best >= 0 {
			tied[best] = true
		}
	}
	n := 0
	for _, is := range tied {
		if !is {
			n++
		}
	}
	return n
}

// order lists the leaves as they are best joined, in groups between which nothing ties.
func (t *joinTree) order() (groups [][]int) {
	taken := make([]bool, len(t.leaves))
	for {
		next := slices.Index(taken, false)
		if next < 0 {
			return groups
		}
		var g []int
		for ; next >= 0; next = t.tied(g, taken) {
			g, taken[next] = append(g, next), true
		}
		groups = append(groups, g)
	}
}

// tied is the first leaf that is tied to the group by an equality, or by another condition; -1: none.
func (t *joinTree) tied(group []int, taken []bool) int {
	best, bestEqual := -1, false
	for _, c := range t.conds {
		out := -1
		for _, l := range c.leaves {
			if !slices.Contains(group, l) {
				if out >= 0 || taken[l] {
					out = -2
					break
				}
				out = l
			}
		}
		if out < 0 || len(c.leaves) < 2 {
			continue
		}
		if best < 0 || c.equal && !bestEqual || c.equal == bestEqual && out < best {
			best, bestEqual = out, c.equal
		}
	}
	return best
}

// reorder builds the tree anew where that spares cross products. out are the columns that n has.
func (t *joinTree) reorder(n plan.Node, out []int) plan.Node {
	groups := t.order()
	if len(groups)-1 >= t.crossProducts() {
		return n
	}
	b := &joinBuilder{t: t, used: make([]bool, len(t.conds)), at: make([]int, t.width)}
	for _, g := range groups {
		var part plan.Node
		var leaves []int
		for _, l := range g {
			part, leaves = b.join(part, leaves, t.leaves[l], []int{l})
		}
		b.node, b.leaves = b.join(b.node, b.leaves, part, leaves)
	}
	return b.restore(n, out)
}

// joinBuilder puts leaves together again.
type joinBuilder struct {
	t      *joinTree
	used   []bool // conditions that stand already
	at     []int  // of each column of the tree: where it is now
	node   plan.Node
	leaves []int
}

// restore gives the columns of the new tree in n's order; out are the columns that n has.
func (b *joinBuilder) restore(n plan.Node, out []int) plan.Node {
	b.locate(b.leaves)
	items := make([]expr.Expr, len(out))
	for i, col := range out {
		c := n.Schema()[i]
		items[i] = &expr.Column{Idx: b.at[col], Name: b.t.qualifier(b.t.leafOf(col)) + c.Name, Typ: c.Type}
	}
	return &plan.Project{In: b.node, Items: items, Cols: n.Schema(), Pos: b.t.join.Pos}
}

// locate fills at for the leaves in this order.
func (b *joinBuilder) locate(leaves []int) {
	n := 0
	for _, l := range leaves {
		for i := range b.t.leaves[l].Schema() {
			b.at[b.t.first[l]+i] = n
			n++
		}
	}
}

// ready takes the conditions that the leaves suffice for.
func (b *joinBuilder) ready(leaves []int) (conds []expr.Expr) {
	b.locate(leaves)
	for i, c := range b.t.conds {
		if !b.used[i] && !slices.ContainsFunc(c.leaves, func(l int) bool { return !slices.Contains(leaves, l) }) {
			b.used[i] = true
			conds = append(conds, expr.Remap(c.x, func(k int) int { return b.at[k] }))
		}
	}
	return conds
}

// join joins two parts; the left one may be none. A condition over one leaf filters it before.
func (b *joinBuilder) join(l plan.Node, ll []int, r plan.Node, rl []int) (plan.Node, []int) {
	if own := b.ready(rl); len(own) > 0 {
		r = &plan.Filter{In: r, Cond: expr.Conjunction(own), Pos: b.t.join.Pos}
	}
	if l == nil {
		return r, rl
	}
	leaves := slices.Concat(ll, rl)
	j := withCondition(b.t.join, b.ready(leaves))
	j.L, j.R, j.Cols, j.Kind = l, r, slices.Concat(l.Schema(), r.Schema()), "cross"
	if j.Cond != nil {
		j.Kind = "inner"
	}
	return j, leaves
}

func plainInner(j *plan.Join) bool {
	return (j.Kind == "inner" || j.Kind == "cross") && !j.ASOF && j.Lookup == ""
}
