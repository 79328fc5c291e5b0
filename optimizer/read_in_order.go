package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// readInOrder reads the rows for ORDER BY ... LIMIT in the order of an index that begins with columns that the filter gives and goes on with keys of the order,
// all ascending or all descending: the sort, which stays, then needs the first rows only.
func readInOrder(stats Stats) func(root plan.Node) plan.Node {
	return func(root plan.Node) plan.Node {
		uses := useCounts(root)
		est := NewEstimator(stats)
		return plan.Transform(root, func(n plan.Node) plan.Node {
			l, ok := n.(*plan.Limit)
			if !ok || l.Count == nil || l.WithTies {
				return n
			}
			s, ok := l.In.(*plan.Sort)
			if !ok || uses[s] > 1 {
				return n
			}
			o := &orderFinder{limit: l, est: est}
			for _, k := range s.Keys {
				col, ok := o.scanned(s.In, k.X, uses)
				if !ok || len(o.keys) > 0 && k.Desc != s.Keys[0].Desc || k.NullsFirst != k.Desc {
					break
				}
				o.keys = append(o.keys, col)
			}
			if len(o.keys) == 0 {
				return n
			}
			lookup := o.best(s.Keys[0].Desc)
			if lookup == nil {
				return n
			}
			return plan.Transform(n, func(n plan.Node) plan.Node {
				if n != plan.Node(o.scan) {
					return n
				}
				c := *o.scan
				c.Lookup = lookup
				return &c
			})
		})
	}
}

// orderFinder looks for an index that has the order of a limit's sort.
type orderFinder struct {
	limit *plan.Limit
	est   *Estimator
	scan  *plan.Scan
	keys  []int // the first keys of the order, columns of the relation
}

// scanned follows a key down to the scan, and gives its column of the relation.
func (o *orderFinder) scanned(n plan.Node, x expr.Expr, uses map[plan.Node]int) (int, bool) {
	for {
		c, ok := x.(*expr.Column)
		if !ok || uses[n] > 1 {
			return 0, false
		}
		switch at := n.(type) {
		case *plan.Project:
			n, x = at.In, at.Items[c.Idx]
		case *plan.Scan:
			if l := at.Lookup; at.AsOf != "" || l != nil && (l.Primary || l.Keys != nil || l.Sorted > 0) {
				return 0, false
			}
			o.scan = at
			return at.Cols[c.Idx], true
		default:
			return 0, false
		}
	}
}

// best is the index that has the most keys, nil: none, or reading all rows is quicker.
func (o *orderFinder) best(desc bool) (best *plan.Lookup) {
	if k := o.scan.Rel.Kind; k != catalog.Table && k != catalog.MatView {
		return nil
	}
	f := &indexFinder{scan: o.scan}
	if o.scan.Filter == nil {
		f.values = map[int]expr.Expr{}
	}
	use := func(l *plan.Lookup) {
		rest := l.Ordered[len(l.Cols):]
		n := 0
		for n < len(rest) && n < len(o.keys) && rest[n] == o.keys[n] {
			n++
		}
		if n == 0 || best != nil && best.Sorted >= n {
			return
		}
		c := *l
		c.Sorted, c.Desc = n, desc
		if o.quick(&c) {
			best = &c
		}
	}
	old := o.scan.Lookup
	if old != nil && old.Ordered != nil { // a range is read in order anyway
		use(old)
		return best
	}
	orderedIndexes(o.scan.Rel, func(name string, cols []int) {
		l := f.equal(name, cols)
		if l.Ordered = cols; old == nil || len(l.Cols) >= len(old.Cols) {
			use(l)
		}
	})
	return best
}

// quick says whether the first rows in order are found before a tenth of all are read.
func (o *orderFinder) quick(l *plan.Lookup) bool {
	if l.Low != nil || l.High != nil {
		return true
	}
	wanted := 100.0 // of a parameter
	if v, ok := constInt(o.limit.Count); ok {
		wanted = float64(v)
	}
	if v, ok := constInt(o.limit.Skip); ok {
		wanted += float64(v)
	}
	bare := *o.scan
	bare.Filter = nil
	all, known := o.est.Rows(&bare)
	var rest []expr.Expr // what the index does not say
	for _, c := range expr.Conjuncts(o.scan.Filter) {
		cols := expr.Columns(c)
		if len(cols) != 1 || !slices.Contains(l.Cols, o.scan.Cols[cols[0]]) {
			rest = append(rest, c)
		}
	}
	if !known {
		return len(rest) == 0
	}
	return all >= smallTable && wanted/max(o.est.selectivity(expr.Conjunction(rest), &bare), 1e-9) <= all*indexPart
}
