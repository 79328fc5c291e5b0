package optimizer

import (
	"maps"
	"slices"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// chooseIndex asks an index for the rows of a scan whose filter says what the index's columns equal: the primary key, a unique key, or the
// index of which the most leading columns are given, of the last one perhaps a list (choose_list.go); an index over expressions or a part of the rows where the filter gives all its keys and says its condition;
// and where the filter bounds the next column of an index (choose_range.go).
func chooseIndex(stats Stats) func(root plan.Node) plan.Node {
	return func(root plan.Node) plan.Node {
		var est *Estimator
		return plan.Transform(root, func(n plan.Node) plan.Node {
			s, ok := n.(*plan.Scan)
			if !ok || s.Filter == nil || s.Lookup != nil || s.AsOf != "" {
				return n
			}
			f := &indexFinder{scan: s, stats: stats}
			l := f.whole()
			if l == nil {
				l = f.keyed()
			}
			if est == nil {
				est = NewEstimator(stats)
			}
			if l == nil {
				l = f.listed(est, true)
			}
			if l == nil {
				l = f.ranged(est)
			}
			if l == nil {
				l = f.leading()
			}
			if list := f.listed(est, false); list != nil && (l == nil || l.Ordered == nil && !l.Primary && l.Keys == nil && !l.List && len(list.Cols) > len(l.Cols)) {
				l = list
			}
			if l == nil {
				return n
			}
			c := *s
			c.Lookup = l
			return &c
		})
	}
}

// indexFinder looks for an index for a scan.
type indexFinder struct {
	scan   *plan.Scan
	stats  Stats
	values map[int]expr.Expr // what the filter says columns of the relation equal; nil: not looked for
}

// equal asks an index for the values of its leading columns.
func (f *indexFinder) equal(name string, cols []int) *plan.Lookup {
	if f.values == nil {
		f.values = equalValues(f.scan)
	}
	l := &plan.Lookup{Index: name}
	for _, c := range cols {
		v := f.values[c]
		if v == nil {
			break
		}
		l.Cols, l.Values = append(l.Cols, c), append(l.Values, v)
	}
	return l
}

// whole is the primary or a unique key that the filter gives.
func (f *indexFinder) whole() *plan.Lookup {
	name, key := keptBy(f.scan.Rel)
	if len(key) > 0 {
		if l := f.equal(name, key); len(l.Cols) == len(key) {
			l.Primary = true
			return l
		}
	}
	for _, u := range f.scan.Rel.Uniques {
		if len(u.Cols) == 0 || !u.Def.Plain() {
			continue
		}
		if l := f.equal(u.Name, u.Cols); len(l.Cols) == len(u.Cols) {
			return l
		}
	}
	return nil
}

// leading is the index of which the filter gives the most leading columns.
func (f *indexFinder) leading() (best *plan.Lookup) {
	for _, x := range f.scan.Rel.Indexes {
		if len(x.Cols) == 0 || !x.Def.Plain() {
			continue
		}
		if l := f.equal(x.Name, x.Cols); len(l.Cols) > 0 && (best == nil || len(l.Cols) > len(best.Cols)) {
			best = l
		}
	}
	return best
}

// keyed is an index over expressions or a part of the rows.
func (f *indexFinder) keyed() *plan.Lookup {
	rel := f.scan.Rel
	some := slices.ContainsFunc(rel.Uniques, func(u catalog.Unique) bool { return !u.Def.Plain() }) ||
		slices.ContainsFunc(rel.Indexes, func(x catalog.Index) bool { return !x.Def.Plain() })
	ix, ok := f.stats.(Indexes)
	if !some || !ok {
		return nil
	}
	said, equal := f.conditions()
	keys := ix.IndexKeys(rel)
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		k := keys[name]
		l := &plan.Lookup{Index: name, Keys: k.Keys}
		for _, x := range k.Keys {
			if v := equal[bare(x)]; v != nil {
				l.Values = append(l.Values, v)
			}
		}
		implied := !slices.ContainsFunc(expr.Conjuncts(k.Where), func(c expr.Expr) bool { return !said[bare(c)] })
		if len(l.Values) == len(k.Keys) && implied {
			return l
		}
	}
	return nil
}

// conditions are the parts of the filter as text over the relation's columns, and what expressions of these are equal to. What is equal to something is not NULL.
func (f *indexFinder) conditions() (said map[string]bool, equal map[string]expr.Expr) {
	said, equal = map[string]bool{}, map[string]expr.Expr{}
	over := func(x expr.Expr) expr.Expr { return expr.Remap(x, func(k int) int { return f.scan.Cols[k] }) }
	for _, c := range expr.Conjuncts(f.scan.Filter) {
		said[bare(over(c))] = true
		x, ok := c.(*expr.Call)
		if !ok || len(x.Args) != 2 {
			continue
		}
		if slices.Contains([]string{"=", "<", "<=", ">", ">="}, x.Fn.Name) {
			for _, a := range x.Args {
				said[bare(&expr.IsTest{X: over(a), Test: "null", Not: true})] = true
			}
		}
		if x.Fn.Name != "=" {
			continue
		}
		for i, a := range x.Args {
			v := x.Args[1-i]
			if given(v) && len(expr.Columns(a)) > 0 && v.Type().Base() == a.Type().Base() && equalBytes[v.Type().OID] {
				equal[bare(over(a))] = v
			}
		}
	}
	return said, equal
}

// bare prints x by the numbers of its columns, whatever they are called.
func bare(x expr.Expr) string {
	return expr.Transform(x, func(e expr.Expr) expr.Expr {
		if c, ok := e.(*expr.Column); ok {
			return &expr.Column{Idx: c.Idx, Name: "#" + strconv.Itoa(c.Idx), Typ: c.Typ}
		}
		return e
	}).String()
}

// given says that x has a value before the scan runs.
func given(x expr.Expr) bool {
	return expr.MaxVolatility(x) != expr.Volatile && len(expr.Columns(x)) == 0 && !expr.HasSubquery(x)
}

// keptBy is the key by which a relation's rows are kept; nil: it has none.
func keptBy(rel *catalog.Relation) (name string, cols []int) {
	switch rel.Kind {
	case catalog.Table:
		if name = rel.PrimaryName; name == "" {
			name = rel.Name + "_pkey"
		}
		return name, rel.Primary
	case catalog.MatView:
		return "its key", rel.Key
	}
	return "", nil
}

// equalValues are what the scan's filter says columns of the relation are equal to.
func equalValues(s *plan.Scan) map[int]expr.Expr {
	out := map[int]expr.Expr{}
	for _, c := range expr.Conjuncts(s.Filter) {
		x, ok := c.(*expr.Call)
		if !ok || x.Fn.Name != "=" || len(x.Args) != 2 {
			continue
		}
		for i, a := range x.Args {
			col, v := baseColumn(a), x.Args[1-i]
			if col < 0 || !given(v) {
				continue
			}
			if at := s.Cols[col]; out[at] == nil && v.Type().Base() == a.Type().Base() && equalBytes[v.Type().OID] {
				out[at] = v
			}
		}
	}
	return out
}

// equalBytes are the types, by OID, of which two equal values lie in the index as the same bytes.
var equalBytes = map[uint32]bool{
	types.Bool.OID: true, types.Int2.OID: true, types.Int4.OID: true, types.Int8.OID: true, types.OID.OID: true, types.Numeric.OID: true, types.Text.OID: true,
	types.Varchar.OID: true, types.Bytea.OID: true, types.UUID.OID: true, types.Date.OID: true, types.Time.OID: true, types.Timestamp.OID: true, types.TimestampTZ.OID: true,
}

// baseColumn is the column that x is, perhaps as text of a varchar; -1: it is none.
func baseColumn(x expr.Expr) int {
	if c, ok := x.(*expr.Cast); ok && c.Typ.Base() == types.Text && c.X.Type().Base() == types.Varchar {
		x = c.X
	}
	if c, ok := x.(*expr.Column); ok {
		return c.Idx
	}
	return -1
}
