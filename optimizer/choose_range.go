package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// Below smallTable rows a table is read as a whole; an index gives at most the part indexPart of the rows, or reading all in columns is quicker.
const (
	smallTable = 500
	indexPart  = 0.1
)

// orderedTypes are the types, by OID, of columns that an ordered index serves.
var orderedTypes = map[uint32]bool{
	types.Int2.OID: true, types.Int4.OID: true, types.Int8.OID: true, types.Float4.OID: true, types.Float8.OID: true, types.Numeric.OID: true, types.Text.OID: true,
	types.Varchar.OID: true, types.UUID.OID: true, types.Date.OID: true, types.Time.OID: true, types.Timestamp.OID: true, types.TimestampTZ.OID: true, types.Bool.OID: true,
}

// columnBound reads column op value: lower tells a lower bound from an upper one, out that the value itself does not count.
func columnBound(x expr.Expr) (col int, v expr.Expr, lower, out, ok bool) {
	c, is := x.(*expr.Call)
	if !is || len(c.Args) != 2 {
		return 0, nil, false, false, false
	}
	op, l, v := c.Fn.Name, c.Args[0], c.Args[1]
	if baseColumn(l) < 0 {
		op, l, v = plan.Mirrored(op), v, l
	}
	if col = baseColumn(l); col < 0 || !slices.Contains([]string{"<", "<=", ">", ">="}, op) || !given(v) || v.Type().Base() != l.Type().Base() {
		return 0, nil, false, false, false
	}
	return col, v, op[0] == '>', len(op) == 1, true
}

// ordered lists the indexes of a relation that can be read in order: their names and columns.
func orderedIndexes(rel *catalog.Relation, f func(name string, cols []int)) {
	if rel.Kind != catalog.Table && rel.Kind != catalog.MatView {
		return
	}
	use := func(name string, cols []int) {
		if len(cols) > 0 && !slices.ContainsFunc(cols, func(c int) bool { return !orderedTypes[rel.Columns[c].Type.OID] }) {
			f(name, cols)
		}
	}
	use(keptBy(rel))
	for _, u := range rel.Uniques {
		if u.Def.Plain() {
			use(u.Name, u.Cols)
		}
	}
	for _, x := range rel.Indexes {
		if x.Def.Plain() {
			use(x.Name, x.Cols)
		}
	}
}

// ranged is an index of which the filter gives some leading columns (or none) and bounds the next one, where few rows come of it; nil: there is none.
func (f *indexFinder) ranged(est *Estimator) (best *plan.Lookup) {
	bounds := map[int]*plan.Lookup{} // by column of the relation
	for _, c := range expr.Conjuncts(f.scan.Filter) {
		col, v, lower, out, ok := columnBound(c)
		if !ok {
			continue
		}
		at := f.scan.Cols[col]
		b := bounds[at]
		if b == nil {
			b = &plan.Lookup{}
			bounds[at] = b
		}
		if lower && b.Low == nil {
			b.Low, b.LowOut = v, out
		} else if !lower && b.High == nil {
			b.High, b.HighOut = v, out
		}
	}
	if len(bounds) == 0 {
		return nil
	}
	orderedIndexes(f.scan.Rel, func(name string, cols []int) {
		l := f.equal(name, cols)
		if len(l.Cols) == len(cols) {
			return
		}
		b := bounds[cols[len(l.Cols)]]
		if b == nil || best != nil && len(best.Cols) >= len(l.Cols) {
			return
		}
		l.Ordered, l.Low, l.High, l.LowOut, l.HighOut = cols, b.Low, b.High, b.LowOut, b.HighOut
		if f.few(est, l) {
			best = l
		}
	})
	return best
}

// few says whether few enough rows come of an ordered index.
func (f *indexFinder) few(est *Estimator, l *plan.Lookup) bool {
	all, known := est.Rows(&plan.Scan{Rel: f.scan.Rel})
	if !known { // two bounds are taken to leave little
		return len(l.Cols) > 0 || l.Low != nil && l.High != nil
	}
	if all < smallTable {
		return false
	}
	var used []expr.Expr
	for _, c := range expr.Conjuncts(f.scan.Filter) {
		for _, k := range expr.Columns(c) {
			if at := slices.Index(l.Ordered, f.scan.Cols[k]); at >= 0 && at <= len(l.Cols) {
				used = append(used, c)
				break
			}
		}
	}
	bare := *f.scan
	bare.Filter = nil
	return est.selectivity(expr.Conjunction(used), &bare) <= indexPart
}
