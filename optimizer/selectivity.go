package optimizer

import (
	"math"
	"slices"
	"sort"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// What is taken of conditions of which nothing is known, as in PostgreSQL.
const (
	usualRange = 1.0 / 3
	usualLike  = 0.005
	usualBool  = 0.5
)

// selectivity is about which part of n's rows fulfil x; nil: all.
func (e *Estimator) selectivity(x expr.Expr, n plan.Node) float64 {
	if x == nil {
		return 1
	}
	s := e.unknownRanges(x, n)
	ranges := map[int][2]float64{} // by column: the parts of the rows below and above which its comparisons ask for
	for _, c := range expr.Conjuncts(x) {
		if col, part, upper, ok := e.rangePart(c, n); ok {
			r, has := ranges[col]
			if !has {
				r = [2]float64{0, 1}
			}
			if upper {
				r[1] = math.Min(r[1], part)
			} else {
				r[0] = math.Max(r[0], part)
			}
			ranges[col] = r
			continue
		}
		s *= e.conjunct(c, n)
	}
	for col, r := range ranges {
		i, _ := e.column(n, col)
		s *= math.Max(r[1]-r[0], 1/math.Max(1, i.base)) * (1 - i.stats.NullFrac)
	}
	return math.Min(1, math.Max(0, s))
}

func (e *Estimator) conjunct(x expr.Expr, n plan.Node) float64 {
	switch x := x.(type) {
	case *expr.Const:
		if b, ok := types.Number(x.Arr, 0, x.Typ); ok {
			return b
		}
		return 0
	case *expr.Not:
		return 1 - e.selectivity(x.X, n)
	case *expr.And:
		return e.selectivity(x, n)
	case *expr.Or:
		none := 1.0
		for _, a := range x.Args {
			none *= 1 - e.selectivity(a, n)
		}
		return 1 - none
	case *expr.IsTest:
		return e.isTest(x, n)
	case *expr.InList:
		s := 0.0
		for _, v := range x.List {
			s += e.equal(x.X, v, n)
		}
		if s = math.Min(1, s); x.Not {
			return 1 - s
		}
		return s
	case *expr.AnyAll:
		if x.All || x.Op.Name != "=" {
			break
		}
		items, ok := expr.ArrayItems(x.Array)
		if !ok {
			items = paramItems
		}
		return math.Min(1, float64(items)*e.equal(x.X, x.Array, n))
	case *expr.Call:
		return e.compared(x, n)
	case *expr.Column:
		if i, ok := e.column(n, x.Idx); ok && i.stats != nil {
			return i.frequency("t")
		}
	}
	return usualBool
}

func (e *Estimator) isTest(x *expr.IsTest, n plan.Node) float64 {
	s := usualLike
	if c, is := x.X.(*expr.Column); is && x.Test == "null" {
		if i, ok := e.column(n, c.Idx); ok && i.stats != nil {
			s = i.stats.NullFrac
		}
	} else if x.Test == "true" {
		s = e.selectivity(x.X, n)
	}
	if x.Not {
		return 1 - s
	}
	return s
}

func (e *Estimator) compared(x *expr.Call, n plan.Node) float64 {
	if len(x.Args) != 2 {
		return usualRange
	}
	switch x.Fn.Name {
	case "=":
		return e.equal(x.Args[0], x.Args[1], n)
	case "<>":
		return 1 - e.equal(x.Args[0], x.Args[1], n)
	case "~~", "~~*", "~", "~*":
		return usualLike
	case "!~~", "!~~*", "!~", "!~*":
		return 1 - usualLike
	}
	return usualRange
}

// usualBetween is the part of the rows between two values of a column of which nothing is known.
const usualBetween = 0.005

// unknownRanges corrects what two bounds of a column are taken for where nothing is known of its values.
func (e *Estimator) unknownRanges(x expr.Expr, n plan.Node) float64 {
	sides := map[int]int{} // by column: 1: a lower bound, 2: an upper one
	s := 1.0
	for _, c := range expr.Conjuncts(x) {
		col, _, lower, _, ok := columnBound(c)
		if !ok {
			continue
		}
		if _, _, _, known := e.rangePart(c, n); known {
			continue
		}
		side := 2
		if lower {
			side = 1
		}
		if sides[col]|side == 3 && sides[col] != 3 {
			s *= usualBetween / usualRange / usualRange
		}
		sides[col] |= side
	}
	return s
}

// equal is the part of the rows in which l and r are equal.
func (e *Estimator) equal(l, r expr.Expr, n plan.Node) float64 {
	rows, ok := e.Rows(n)
	if scan, is := n.(*plan.Scan); is { // its filter is what is asked for
		if s := e.table(scan.Rel); s != nil {
			rows, ok = s.Rows, true
		}
	}
	if !ok {
		return usualLike
	}
	at := func(x expr.Expr) int { return baseColumn(x) }
	if at(l) < 0 {
		l, r = r, l
	}
	if c := at(l); c >= 0 {
		if k, is := r.(*expr.Const); is {
			if i, ok := e.column(n, c); ok && i.stats != nil && len(i.stats.Common) > 0 && k.Arr.IsValid(0) {
				return i.frequency(string(types.AppendText(nil, k.Arr, 0, k.Typ, types.UTCFormat(0))))
			}
		}
	}
	d := 1.0
	for _, x := range []expr.Expr{l, r} {
		if len(expr.Columns(x)) > 0 {
			d = math.Max(d, e.distinct(n, x, rows))
		}
	}
	return 1 / d
}

// frequency is the part of the rows that have a value, given as text.
func (i *colInfo) frequency(v string) float64 {
	if k := slices.Index(i.stats.Common, v); k >= 0 {
		return i.stats.Freqs[k]
	}
	rest := 1 - i.stats.NullFrac
	for _, f := range i.stats.Freqs {
		rest -= f
	}
	return math.Max(0, rest) / math.Max(1, i.distinct()-float64(len(i.stats.Common)))
}

// rangePart says of a comparison of an analysed column with a constant which part of the column's values is below the constant.
func (e *Estimator) rangePart(x expr.Expr, n plan.Node) (col int, part float64, upper, ok bool) {
	c, is := x.(*expr.Call)
	if !is || len(c.Args) != 2 {
		return 0, 0, false, false
	}
	op := c.Fn.Name
	l, r := c.Args[0], c.Args[1]
	if _, is := l.(*expr.Const); is {
		l, r, op = r, l, plan.Mirrored(op)
	}
	if op != "<" && op != "<=" && op != ">" && op != ">=" {
		return 0, 0, false, false
	}
	k, is := r.(*expr.Const)
	at, isCol := l.(*expr.Column)
	if !is || !isCol {
		return 0, 0, false, false
	}
	i, known := e.column(n, at.Idx)
	v, placed := types.Number(k.Arr, 0, k.Typ)
	if !known || i.stats == nil || len(i.stats.Numbers) < 2 || !placed || k.Typ.Base() != i.typ.Base() {
		return 0, 0, false, false
	}
	return at.Idx, below(i.stats.Numbers, v), op[0] == '<', true
}

// below is which part of values cut into equal parts by bounds is below v.
func below(bounds []float64, v float64) float64 {
	k := sort.SearchFloat64s(bounds, v)
	switch {
	case k == 0:
		return 0
	case k == len(bounds):
		return 1
	}
	inside := 0.5
	if w := bounds[k] - bounds[k-1]; w > 0 {
		inside = (v - bounds[k-1]) / w
	}
	return (float64(k-1) + inside) / float64(len(bounds)-1)
}
