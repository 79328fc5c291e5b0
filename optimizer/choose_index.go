package optimizer

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// chooseIndex asks an index for the rows of a scan whose filter says what the index's columns equal: the primary key, a unique key, or the
// index of which the most leading columns are given.
func chooseIndex(root plan.Node) plan.Node {
	return plan.Transform(root, func(n plan.Node) plan.Node {
		s, ok := n.(*plan.Scan)
		if !ok || s.Filter == nil || s.Lookup != nil || s.AsOf != "" {
			return n
		}
		l := bestIndex(s)
		if l == nil {
			return n
		}
		c := *s
		c.Lookup = l
		return &c
	})
}

func bestIndex(s *plan.Scan) *plan.Lookup {
	var values map[int]expr.Expr // by column of the relation
	lookup := func(name string, cols []int) *plan.Lookup {
		if len(cols) == 0 {
			return nil
		}
		if values == nil {
			values = equalValues(s)
		}
		l := &plan.Lookup{Index: name}
		for _, c := range cols {
			v := values[c]
			if v == nil {
				break
			}
			l.Cols, l.Values = append(l.Cols, c), append(l.Values, v)
		}
		return l
	}
	name, key := keptBy(s.Rel)
	if l := lookup(name, key); l != nil && len(l.Cols) == len(key) {
		l.Primary = true
		return l
	}
	for _, u := range s.Rel.Uniques {
		if l := lookup(u.Name, u.Cols); l != nil && len(l.Cols) == len(u.Cols) {
			return l
		}
	}
	var best *plan.Lookup
	for _, x := range s.Rel.Indexes {
		if l := lookup(x.Name, x.Cols); l != nil && len(l.Cols) > 0 && (best == nil || len(l.Cols) > len(best.Cols)) {
			best = l
		}
	}
	return best
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
			if col < 0 || expr.MaxVolatility(v) == expr.Volatile || len(expr.Columns(v)) > 0 || expr.HasSubquery(v) {
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
