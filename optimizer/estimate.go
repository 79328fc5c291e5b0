package optimizer

import (
	"math"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// Estimator says about how many rows the operators of plans give.
type Estimator struct {
	stats Stats
	known map[plan.Node]float64
	of    map[*catalog.Relation]*catalog.TableStats
}

// NewEstimator makes an estimator over what is known; stats may be nil.
func NewEstimator(stats Stats) *Estimator {
	return &Estimator{stats: stats, known: map[plan.Node]float64{}, of: map[*catalog.Relation]*catalog.TableStats{}}
}

const unknownRows = -1

// Rows is about how many rows n gives; false: it reads something of which nothing is known.
func (e *Estimator) Rows(n plan.Node) (float64, bool) {
	if e.stats == nil {
		return 0, false
	}
	v, done := e.known[n]
	if !done {
		e.known[n] = unknownRows // for conditions over n itself
		v = e.count(n)
		if v != unknownRows {
			v = math.Max(v, 0)
		}
		e.known[n] = v
	}
	return v, v != unknownRows
}

func (e *Estimator) table(rel *catalog.Relation) *catalog.TableStats {
	s, done := e.of[rel]
	if !done && e.stats != nil {
		s = e.stats.Of(rel)
		e.of[rel] = s
	}
	return s
}

// count is Rows, unknownRows where that is not known.
func (e *Estimator) count(n plan.Node) float64 {
	var in []float64
	for _, x := range n.Inputs() {
		r, ok := e.Rows(x)
		if !ok {
			return unknownRows
		}
		in = append(in, r)
	}
	switch n := n.(type) {
	case *plan.Scan:
		s := e.table(n.Rel)
		if s == nil {
			return unknownRows
		}
		return s.Rows * e.selectivity(n.Filter, n)
	case *plan.Values:
		return float64(len(n.Rows))
	case *plan.Filter:
		return in[0] * e.selectivity(n.Cond, n.In)
	case *plan.Aggregate:
		return e.groups(n, in[0])
	case *plan.Distinct:
		if n.On != nil {
			return e.values(n.In, n.On, in[0])
		}
		return e.values(n.In, allColumns(n.In.Schema()), in[0])
	case *plan.TimeWindow:
		if n.Func != "session" && n.Slide > 0 && n.Slide < n.Size {
			return in[0] * float64(n.Size) / float64(n.Slide)
		}
		return in[0]
	case *plan.Limit:
		return limited(n, in[0])
	case *plan.SetOp:
		return setOpRows(n.Op, in[0], in[1])
	case *plan.Join:
		return e.joined(n, in[0], in[1])
	case *plan.Over:
		if n.TopN > 0 {
			return math.Min(in[0], float64(n.TopN)*e.values(n.In, n.Partition, in[0]))
		}
		return in[0]
	case *plan.TableFunc:
		return in[0] * 100
	case *plan.Match:
		return in[0] / 10
	case *plan.Project, *plan.Sort:
		return in[0]
	}
	return unknownRows
}

func allColumns(s plan.Schema) []expr.Expr {
	out := make([]expr.Expr, len(s))
	for i, c := range s {
		out[i] = &expr.Column{Idx: i, Name: c.Name, Typ: c.Type}
	}
	return out
}

func (e *Estimator) groups(n *plan.Aggregate, in float64) float64 {
	if n.Sets == nil {
		if len(n.Group) == 0 {
			return 1
		}
		return e.values(n.In, n.Group, in)
	}
	sum := 0.0
	for _, s := range n.Sets {
		var by []expr.Expr
		for _, k := range s {
			by = append(by, n.Group[k])
		}
		sum += e.values(n.In, by, in)
	}
	return sum
}

// values is how many different values the expressions have together, over n's rows.
func (e *Estimator) values(n plan.Node, xs []expr.Expr, rows float64) float64 {
	v := math.Min(1, rows)
	for _, x := range xs {
		if !expr.IsConst(x) {
			v *= e.distinct(n, x, rows)
		}
	}
	return math.Min(v, rows)
}

func limited(n *plan.Limit, in float64) float64 {
	if v, ok := constInt(n.Skip); ok {
		in = math.Max(0, in-float64(v))
	}
	if v, ok := constInt(n.Count); ok {
		in = math.Min(in, float64(v))
	}
	return in
}

func setOpRows(op string, l, r float64) float64 {
	switch op {
	case "intersect":
		return math.Min(l, r)
	case "except":
		return l
	}
	return l + r
}

// joined is how many rows a join of l and r rows gives.
func (e *Estimator) joined(n *plan.Join, l, r float64) float64 {
	inner := l * r
	for _, c := range expr.Conjuncts(n.Cond) {
		inner *= e.joinSelectivity(n, c, l, r)
	}
	switch n.Kind {
	case "semi":
		return math.Min(l, inner)
	case "anti":
		return math.Max(l-inner, l/10)
	case "left":
		return math.Max(inner, l)
	case "right":
		return math.Max(inner, r)
	case "full":
		return math.Max(inner, l+r-math.Min(l, r))
	}
	if n.ASOF || n.Lookup == "time" {
		return l
	}
	return inner
}

func (e *Estimator) joinSelectivity(n *plan.Join, c expr.Expr, l, r float64) float64 {
	split := plan.Width(n.L)
	if x, y, ok := equiKey(c, split); ok {
		y = expr.Remap(y, func(k int) int { return k - split })
		return 1 / math.Max(1, math.Max(e.distinct(n.L, x, l), e.distinct(n.R, y, r)))
	}
	return e.selectivity(c, n)
}

// colInfo is what is known of a column of a plan's node.
type colInfo struct {
	stats  *catalog.ColStats // nil: it was not analysed
	base   float64           // rows of its relation
	unique bool
	typ    types.Type
}

// column follows a column of n's output to the relation that it comes from; false: it is computed, or nothing is known.
func (e *Estimator) column(n plan.Node, col int) (colInfo, bool) {
	for {
		switch x := n.(type) {
		case *plan.Scan:
			return e.scanned(x, x.Cols[col])
		case *plan.Filter, *plan.Sort, *plan.Limit, *plan.Distinct:
			n = x.Inputs()[0]
		case *plan.Over, *plan.TimeWindow, *plan.TableFunc:
			if n = x.Inputs()[0]; col >= plan.Width(n) {
				return colInfo{}, false
			}
		case *plan.Project:
			c, ok := x.Items[col].(*expr.Column)
			if !ok {
				return colInfo{}, false
			}
			n, col = x.In, c.Idx
		case *plan.Aggregate:
			if col >= len(x.Group) {
				return colInfo{}, false
			}
			c, ok := x.Group[col].(*expr.Column)
			if !ok {
				return colInfo{}, false
			}
			n, col = x.In, c.Idx
		case *plan.Join:
			if split := plan.Width(x.L); col >= split {
				n, col = x.R, col-split
			} else {
				n = x.L
			}
		default:
			return colInfo{}, false
		}
	}
}

func (e *Estimator) scanned(n *plan.Scan, c int) (colInfo, bool) {
	s := e.table(n.Rel)
	if s == nil || c >= len(n.Rel.Columns) {
		return colInfo{}, false
	}
	i := colInfo{stats: s.Cols[c], base: s.Rows, typ: n.Rel.Columns[c].Type}
	_, key := keptBy(n.Rel)
	i.unique = len(key) == 1 && key[0] == c
	for _, u := range n.Rel.Uniques {
		i.unique = i.unique || len(u.Cols) == 1 && u.Cols[0] == c && u.Def.Plain()
	}
	return i, true
}

// usualDistinct is how many values a column is taken to have of which nothing is known, as in PostgreSQL.
const usualDistinct = 200

// distinct is how many values x has among the rows rows of n.
func (e *Estimator) distinct(n plan.Node, x expr.Expr, rows float64) float64 {
	for {
		c, is := x.(*expr.Cast)
		if !is {
			break
		}
		x = c.X
	}
	v := 0.0
	if c, is := x.(*expr.Column); is {
		if i, ok := e.column(n, c.Idx); ok {
			v = i.distinct()
		}
	}
	if v == 0 {
		if cols := expr.Columns(x); len(cols) == 1 { // a function of one column has as many values at most
			if i, ok := e.column(n, cols[0]); ok {
				v = i.distinct()
			}
		}
	}
	if v == 0 {
		v = usualDistinct
	}
	return math.Max(1, math.Min(v, rows))
}

func (i *colInfo) distinct() float64 {
	switch {
	case i.unique:
		return i.base
	case i.stats != nil:
		return math.Max(1, i.stats.DistinctOf(i.base))
	case i.typ.Base() == types.Bool:
		return 2
	}
	return math.Min(usualDistinct, i.base)
}
