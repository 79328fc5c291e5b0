package optimizer

import (
	"math"
	"math/bits"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// orderJoinsByRows joins the inputs of a tree of inner joins in the order in which the fewest rows come of the joins within it, by what is known of the
// tables, and puts the smaller side of each on the right, where a batch builds its hash table (a continuous query keeps both sides). Up to maxExact inputs all trees are compared; of more, the
// two parts of which the fewest rows come are joined again and again. The tree stays where that does not clearly save work.
func orderJoinsByRows(stats Stats, continuous bool) func(root plan.Node) plan.Node {
	return func(root plan.Node) plan.Node {
		if stats == nil {
			return root
		}
		est := NewEstimator(stats)
		least := 2
		if continuous {
			least = 3
		}
		return eachJoinTree(root, least, func(t *joinTree, n plan.Node, out []int) plan.Node {
			if len(t.leaves) > maxJoined {
				return n
			}
			c := &joinCost{t: t, est: est, best: map[uint64]*joinPart{}, bySide: !continuous}
			if !c.measure() {
				return n
			}
			best, now := c.order(), c.asWritten(n)
			if best == nil || now == nil || best.crosses > now.crosses || best.cost*clearly >= now.cost {
				return n
			}
			return c.rebuild(n, out, best)
		})
	}
}

const (
	maxExact  = 8
	maxJoined = 40
	clearly   = 1.2 // so much better an order has to be
)

// joinCost compares orders of a tree's leaves. Sets of leaves are bits.
type joinCost struct {
	t     *joinTree
	est   *Estimator
	rows  []float64 // of the leaves
	conds []condCost
	best  map[uint64]*joinPart
	// bySide: the right side is kept, the left one only read; else both are kept.
	bySide bool
}

// condCost is a condition over more than one leaf: the leaves and the part of the pairs that it lets through.
type condCost struct {
	leaves uint64
	part   float64
}

// joinPart is a set of leaves joined in some order.
type joinPart struct {
	set        uint64
	rows, cost float64
	crosses    int       // joins in it that no condition ties
	l, r       *joinPart // nil: a leaf
}

// measure estimates leaves and conditions; false: of some leaf nothing is known.
func (c *joinCost) measure() bool {
	c.rows = make([]float64, len(c.t.leaves))
	for i, l := range c.t.leaves {
		rows, ok := c.est.Rows(l)
		if !ok {
			return false
		}
		c.rows[i] = math.Max(1, rows)
	}
	for _, x := range c.t.conds {
		cc := condCost{part: c.part(&x)}
		for _, l := range x.leaves {
			cc.leaves |= 1 << l
		}
		switch len(x.leaves) {
		case 0:
		case 1:
			c.rows[x.leaves[0]] = math.Max(1, c.rows[x.leaves[0]]*cc.part)
		default:
			c.conds = append(c.conds, cc)
		}
	}
	c.wholeKeys()
	return true
}

// part is the part of the rows, or pairs of rows, that a condition lets through.
func (c *joinCost) part(x *joinCond) float64 {
	leafOf := func(side expr.Expr) (leaf int, own expr.Expr, ok bool) {
		cols := expr.Columns(side)
		if len(cols) == 0 {
			return 0, nil, false
		}
		leaf = c.t.leafOf(cols[0])
		for _, k := range cols {
			if c.t.leafOf(k) != leaf {
				return 0, nil, false
			}
		}
		return leaf, expr.Remap(side, func(k int) int { return k - c.t.first[leaf] }), true
	}
	if len(x.leaves) == 1 {
		first := c.t.first[x.leaves[0]]
		return c.est.selectivity(expr.Remap(x.x, func(k int) int { return k - first }), c.t.leaves[x.leaves[0]])
	}
	if !x.equal || len(x.leaves) != 2 {
		return usualRange
	}
	call := x.x.(*expr.Call)
	d := 1.0
	for _, side := range call.Args {
		if l, own, ok := leafOf(side); ok {
			d = math.Max(d, c.est.distinct(c.t.leaves[l], own, c.rows[l]))
		}
	}
	return 1 / d
}

// wholeKeys corrects equalities that together name a row of a leaf by a key of several columns: one row matches, not a product of independent parts.
func (c *joinCost) wholeKeys() {
	for leaf, n := range c.t.leaves {
		k, _ := key(n)
		if len(k) < 2 {
			continue
		}
		matched := map[int]bool{}
		var at []int
		i := -1
		for _, x := range c.t.conds {
			if len(x.leaves) < 2 {
				continue
			}
			i++
			if !x.equal {
				continue
			}
			for _, a := range x.x.(*expr.Call).Args {
				if col := baseColumn(a); col >= 0 && c.t.leafOf(col) == leaf {
					matched[col-c.t.first[leaf]] = true
					at = append(at, i)
				}
			}
		}
		whole := true
		part := 1.0
		for _, col := range k {
			whole = whole && matched[col]
		}
		for _, a := range at {
			part *= c.conds[a].part
		}
		if least := 1 / c.rows[leaf]; whole && part < least {
			for _, a := range at {
				c.conds[a].part *= math.Pow(least/part, 1/float64(len(at)))
			}
		}
	}
}

// join is two parts joined: its work is reading both sides, keeping the smaller one, and giving the rows.
func (c *joinCost) join(l, r *joinPart) *joinPart {
	if l.rows < r.rows {
		l, r = r, l
	}
	set := l.set | r.set
	rows := l.rows * r.rows
	for _, x := range c.conds {
		if x.leaves&^set == 0 && x.leaves&^l.set != 0 && x.leaves&^r.set != 0 {
			rows *= x.part
		}
	}
	p := &joinPart{set, math.Max(1, rows), l.cost + r.cost + l.rows + 2*r.rows + rows, l.crosses + r.crosses, l, r}
	if !c.tied(l.set, r.set) {
		p.crosses++
	}
	return p
}

// better says whether p is the better way to join a set: cross products that no condition asks for come last.
func (p *joinPart) better(o *joinPart) bool {
	return o == nil || p.crosses < o.crosses || p.crosses == o.crosses && p.cost < o.cost
}

// tied says whether a condition reads both sides.
func (c *joinCost) tied(l, r uint64) bool {
	for _, x := range c.conds {
		if x.leaves&l != 0 && x.leaves&r != 0 && x.leaves&^(l|r) == 0 {
			return true
		}
	}
	return false
}

func (c *joinCost) order() *joinPart {
	parts := make([]*joinPart, len(c.rows))
	for i, rows := range c.rows {
		parts[i] = &joinPart{set: 1 << i, rows: rows}
		c.best[1<<i] = parts[i]
	}
	if len(parts) > maxExact {
		return c.greedy(parts)
	}
	all := uint64(1)<<len(parts) - 1
	for set := uint64(3); set <= all; set++ {
		if bits.OnesCount64(set) > 1 {
			c.best[set] = c.split(set)
		}
	}
	return c.best[all]
}

// split is the best way to join a set.
func (c *joinCost) split(set uint64) *joinPart {
	var best *joinPart
	low := set & -set // of the two halves the one with the first leaf is named
	for l := (set - 1) & set; l > 0; l = (l - 1) & set {
		if l&low == 0 {
			continue
		}
		if p := c.join(c.best[l], c.best[set&^l]); p.better(best) {
			best = p
		}
	}
	return best
}

// greedy joins the two parts that give the fewest rows, tied ones first, until one is left.
func (c *joinCost) greedy(parts []*joinPart) *joinPart {
	for len(parts) > 1 {
		var best *joinPart
		tied, at := false, [2]int{}
		for i := range parts {
			for j := i + 1; j < len(parts); j++ {
				is := c.tied(parts[i].set, parts[j].set)
				if tied && !is {
					continue
				}
				if p := c.join(parts[i], parts[j]); best == nil || is && !tied || p.rows < best.rows {
					best, tied, at = p, is, [2]int{i, j}
				}
			}
		}
		parts[at[0]] = best
		parts = append(parts[:at[1]], parts[at[1]+1:]...)
	}
	return parts[0]
}

// asWritten is the cost of the tree as it stands.
func (c *joinCost) asWritten(n plan.Node) *joinPart {
	leaf := 0
	var walk func(n plan.Node) *joinPart
	walk = func(n plan.Node) *joinPart {
		if leaf < len(c.t.leaves) && c.t.leaves[leaf] == n {
			leaf++
			return &joinPart{set: 1 << (leaf - 1), rows: c.rows[leaf-1]}
		}
		switch x := n.(type) {
		case *plan.Filter:
			return walk(x.In)
		case *plan.Project:
			return walk(x.In)
		case *plan.Join:
			l := walk(x.L)
			r := walk(x.R)
			if l == nil || r == nil {
				return nil
			}
			p := c.join(l, r)
			if c.bySide && p.l != l { // the greater side is built
				p.cost += r.rows - l.rows
			}
			return p
		}
		return nil
	}
	return walk(n)
}

// rebuild makes the tree of the best order. out are the columns that n has.
func (c *joinCost) rebuild(n plan.Node, out []int, best *joinPart) plan.Node {
	t := c.t
	b := &joinBuilder{t: t, used: make([]bool, len(t.conds)), at: make([]int, t.width)}
	var make func(p *joinPart) (plan.Node, []int)
	make = func(p *joinPart) (plan.Node, []int) {
		if p.l == nil {
			leaf := bits.TrailingZeros64(p.set)
			return b.join(nil, nil, t.leaves[leaf], []int{leaf})
		}
		l, ll := make(p.l)
		r, rl := make(p.r)
		return b.join(l, ll, r, rl)
	}
	b.node, b.leaves = make(best)
	return b.restore(n, out)
}
