package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// perKey is how many rows of a table cost as much to read as it costs to look one key up.
const perKey = 20

// joinByIndex lets a join ask an index of its left side for the rows of the keys that its right side has, where these are few: the left side is not read as a whole. A left join whose left side is
// the small one is turned around. The rule is applied when all others are done, since the scan goes with its join from here.
func joinByIndex(stats Stats) func(root plan.Node) plan.Node {
	return func(root plan.Node) plan.Node {
		if stats == nil {
			return root
		}
		est := NewEstimator(stats)
		uses := useCounts(root)
		return plan.Transform(root, func(n plan.Node) plan.Node {
			j, ok := n.(*plan.Join)
			if !ok || len(j.LKeys) == 0 || j.ASOF || j.NotIn || j.Lookup != "" {
				return n
			}
			k := &keyedJoin{est: est, uses: uses, stats: stats}
			switch j.Kind {
			case "inner", "semi", "right":
				if l := k.asked(j.L, j.R, j.LKeys, j.RKeys); l != nil {
					return j.WithInputs([]plan.Node{l, j.R})
				}
			case "left":
				if r := k.asked(j.R, j.L, j.RKeys, j.LKeys); r != nil {
					return turned(j, r)
				}
			}
			return n
		})
	}
}

// keyedJoin looks for an index for a side of a join.
type keyedJoin struct {
	est   *Estimator
	uses  map[plan.Node]int
	stats Stats
}

// asked is the big side with a scan that looks for the keys of the small one; nil: there is no index, or it is no gain.
func (k *keyedJoin) asked(big, small plan.Node, keys, from []expr.Expr) plan.Node {
	scan, cols := k.scanBelow(big, keys)
	if scan == nil {
		return nil
	}
	few, known := k.est.Rows(small)
	all, sized := k.est.Rows(&plan.Scan{Rel: scan.Rel})
	if !known || !sized || all < smallTable || few*perKey > all {
		return nil
	}
	best := k.index(scan, cols)
	if best == nil {
		return nil
	}
	at := make([]expr.Expr, len(best.Cols))
	for i, c := range best.Cols {
		n := slices.Index(cols, c)
		best.By, best.ByText = append(best.By, n), append(best.ByText, from[n].String())
		at[i] = &expr.Column{Idx: i, Typ: scan.Rel.Columns[c].Type}
	}
	bare := &plan.Scan{Rel: scan.Rel, Cols: best.Cols}
	if few*all > indexPart*all*k.est.values(bare, at, all) {
		return nil
	}
	c := *scan
	c.Lookup = best
	return plan.Transform(big, func(n plan.Node) plan.Node {
		if n == plan.Node(scan) {
			return &c
		}
		return n
	})
}

// scanBelow follows keys down to a scan, and gives the columns of the relation that they are, -1 where one is none.
func (k *keyedJoin) scanBelow(n plan.Node, keys []expr.Expr) (*plan.Scan, []int) {
	at := make([]int, len(keys))
	for i, x := range keys {
		c, ok := x.(*expr.Column)
		if at[i] = -1; ok {
			at[i] = c.Idx
		}
	}
	for k.uses[n] < 2 {
		switch x := n.(type) {
		case *plan.Filter:
			n = x.In
		case *plan.Project:
			for i, c := range at {
				if c < 0 {
					continue
				}
				if at[i] = -1; c < len(x.Items) {
					if col, ok := x.Items[c].(*expr.Column); ok {
						at[i] = col.Idx
					}
				}
			}
			n = x.In
		case *plan.Scan:
			if x.Lookup != nil || x.AsOf != "" {
				return nil, nil
			}
			for i, c := range at {
				if c >= 0 {
					at[i] = x.Cols[c]
				}
			}
			return x, at
		default:
			return nil, nil
		}
	}
	return nil, nil
}

// index is the key or index of which the most leading columns are among cols: of the primary key all have to be.
func (k *keyedJoin) index(scan *plan.Scan, cols []int) (best *plan.Lookup) {
	use := func(name string, of []int, primary bool) {
		n := 0
		for n < len(of) && slices.Contains(cols, of[n]) && equalBytes[scan.Rel.Columns[of[n]].Type.OID] {
			n++
		}
		if n == 0 || primary && n < len(of) || best != nil && len(best.Cols) >= n {
			return
		}
		best = &plan.Lookup{Index: name, Primary: primary, Cols: slices.Clone(of[:n])}
	}
	if name, key := keptBy(scan.Rel); len(key) > 0 {
		use(name, key, true)
	}
	for _, u := range scan.Rel.Uniques {
		if u.Def.Plain() {
			use(u.Name, u.Cols, false)
		}
	}
	for _, x := range scan.Rel.Indexes {
		if x.Def.Plain() {
			use(x.Name, x.Cols, false)
		}
	}
	return best
}

// turned is a left join as a right one, whose left side is r.
func turned(j *plan.Join, r plan.Node) plan.Node {
	l, rest := len(j.L.Schema()), len(j.R.Schema())
	move := func(k int) int {
		if k < l {
			return k + rest
		}
		return k - l
	}
	c := *j
	c.Kind, c.L, c.R, c.LKeys, c.RKeys = "right", r, j.L, j.RKeys, j.LKeys
	c.LTime, c.RTime, c.LClose, c.RClose = -1, -1, 0, 0
	if c.Cond = nil; j.Cond != nil {
		c.Cond = expr.Remap(j.Cond, move)
	}
	if c.Rest = nil; j.Rest != nil {
		c.Rest = expr.Remap(j.Rest, move)
	}
	c.Cols = slices.Concat(j.Cols[l:], j.Cols[:l])
	items := make([]expr.Expr, len(j.Cols))
	for i, col := range j.Cols {
		items[i] = &expr.Column{Idx: move(i), Name: col.Name, Typ: col.Type}
	}
	return &plan.Project{In: &c, Items: items, Cols: j.Cols, Pos: j.Pos}
}
