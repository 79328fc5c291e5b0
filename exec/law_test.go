package exec

import (
	"fmt"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

var lawTypes = []types.Type{types.Int4, types.Text, types.Int8, types.Float8, types.Numeric}

var lawValues = [][]string{
	{"1", "2", "3"}, {"a", "b", "", "long text"}, {"1", "-5", "100", "9000000000000000000"}, {"0.1", "2.5", "-7", "NaN"}, {"1.5", "2.25", "-3", "12345678901234567890.123"},
}

// lawCases make a plan over a scan of lawTypes.
func lawCases(t *testing.T) map[string]func(s plan.Node) plan.Node {
	group := func(keys []int, calls func(s plan.Node) []plan.AggCall) func(s plan.Node) plan.Node {
		return func(s plan.Node) plan.Node {
			var ks []expr.Expr
			for _, k := range keys {
				ks = append(ks, col(s, k))
			}
			return aggregateOf(s, ks, calls(s)...)
		}
	}
	one := func(name string, c int) func(s plan.Node) []plan.AggCall {
		return func(s plan.Node) []plan.AggCall { return []plan.AggCall{agg(t, name, col(s, c))} }
	}
	cases := map[string]func(s plan.Node) plan.Node{
		"count":       group([]int{0}, func(s plan.Node) []plan.AggCall { return []plan.AggCall{agg(t, "count"), agg(t, "count", col(s, 1))} }),
		"global":      group(nil, func(s plan.Node) []plan.AggCall { return []plan.AggCall{agg(t, "count"), agg(t, "sum", col(s, 2))} }),
		"no aggs":     group([]int{1, 0}, func(plan.Node) []plan.AggCall { return nil }),
		"two ints":    group([]int{0, 2}, func(s plan.Node) []plan.AggCall { return []plan.AggCall{agg(t, "count")} }),
		"numeric key": group([]int{4}, func(s plan.Node) []plan.AggCall { return []plan.AggCall{agg(t, "count")} }),
		"float key":   group([]int{3}, func(s plan.Node) []plan.AggCall { return []plan.AggCall{agg(t, "count")} }),
		"filtered": group([]int{1}, func(s plan.Node) []plan.AggCall {
			c := agg(t, "sum", col(s, 0))
			c.Filter = op(t, col(s, 0), ">", expr.ConstInt4(1))
			return []plan.AggCall{c}
		}),
		"string_agg": group([]int{0}, func(s plan.Node) []plan.AggCall {
			c := agg(t, "string_agg", col(s, 1), constText(","))
			c.OrderBy = []plan.SortKey{{X: col(s, 1), Desc: true}}
			d := c
			d.Distinct = true
			return []plan.AggCall{c, d}
		}),
		"shared distinct": group([]int{1}, func(s plan.Node) []plan.AggCall {
			all, some, other, sum := agg(t, "count", col(s, 2)), agg(t, "count", col(s, 2)), agg(t, "count", col(s, 2)), agg(t, "sum", col(s, 2))
			for _, c := range []*plan.AggCall{&all, &some, &other, &sum} {
				c.Distinct = true
			}
			some.Filter, sum.Filter = op(t, col(s, 0), ">", expr.ConstInt4(1)), op(t, col(s, 0), "<", expr.ConstInt4(3))
			other.Filter = op(t, col(s, 0), "<", expr.ConstInt4(2))
			return []plan.AggCall{some, all, other, sum}
		}),
		"array_agg": group([]int{0}, func(s plan.Node) []plan.AggCall {
			c := agg(t, "array_agg", col(s, 2))
			c.OrderBy = []plan.SortKey{{X: col(s, 2), NullsFirst: true}}
			return []plan.AggCall{c}
		}),
		"distinct": func(s plan.Node) plan.Node {
			p := &plan.Project{In: s, Items: []expr.Expr{col(s, 0), col(s, 1)}, Cols: s.Schema()[:2]}
			return &plan.Distinct{In: p}
		},
		"nested": func(s plan.Node) plan.Node {
			a := aggregateOf(s, []expr.Expr{col(s, 0), col(s, 1)}, agg(t, "count"), agg(t, "max", col(s, 2)))
			return aggregateOf(a, []expr.Expr{col(a, 2)}, agg(t, "count"), agg(t, "max", col(a, 1)), agg(t, "min", col(a, 3)))
		},
		"having": func(s plan.Node) plan.Node {
			a := aggregateOf(s, []expr.Expr{col(s, 0), col(s, 1)}, agg(t, "count"))
			return &plan.Filter{In: a, Cond: op(t, col(a, 2), ">", expr.ConstInt8(2))}
		},
		"top": func(s plan.Node) plan.Node {
			k := []plan.SortKey{{X: col(s, 2), Desc: true, NullsFirst: true}, {X: op(t, col(s, 0), "+", expr.ConstInt4(1))}}
			return &plan.Limit{In: &plan.Sort{In: s, Keys: k}, Count: expr.ConstInt8(5), Skip: expr.ConstInt8(2)}
		},
		"top with ties": func(s plan.Node) plan.Node {
			return &plan.Limit{In: &plan.Sort{In: s, Keys: []plan.SortKey{{X: col(s, 0)}}}, Count: expr.ConstInt8(3), WithTies: true}
		},
		"shared": func(s plan.Node) plan.Node {
			a := aggregateOf(s, []expr.Expr{col(s, 0)}, agg(t, "count"))
			return &plan.SetOp{Op: "union", All: true, L: a, R: a, Cols: a.Schema()}
		},
		"sets": func(s plan.Node) plan.Node {
			a := aggregateOf(s, []expr.Expr{col(s, 0), col(s, 1)}, agg(t, "count"), agg(t, "min", col(s, 2)))
			a.Sets, a.Grouping = [][]int{{0, 1}, {0}, {}}, [][]int{{0, 1}}
			a.Cols = append(a.Cols, plan.Col{Type: types.Int4})
			return a
		},
	}
	for _, a := range []struct {
		name string
		cols []int
	}{{"sum", []int{0, 2, 3, 4}}, {"avg", []int{0, 2, 3, 4}}, {"min", []int{0, 1, 2, 3, 4}}, {"max", []int{0, 1, 2, 3, 4}}, {"stddev", []int{0, 2, 4}}, {"var_pop", []int{0}},
		{"bit_and", []int{0}}, {"bit_xor", []int{2}}} {
		for _, c := range a.cols {
			cases[fmt.Sprintf("%s(%s)", a.name, lawTypes[c])] = group([]int{1}, one(a.name, c))
		}
	}
	for _, c := range []int{0, 1, 4} {
		cases[fmt.Sprintf("count(distinct %s)", lawTypes[c])] = group([]int{0}, func(s plan.Node) []plan.AggCall {
			x := agg(t, "count", col(s, c))
			x.Distinct = true
			return []plan.AggCall{x, agg(t, "max", col(s, c))}
		})
	}
	for _, o := range []string{"union", "intersect", "except"} {
		for _, all := range []bool{false, true} {
			cases[fmt.Sprintf("%s all=%v", o, all)] = func(s plan.Node) plan.Node {
				l := &plan.Project{In: s, Items: []expr.Expr{col(s, 0), col(s, 1)}, Cols: s.Schema()[:2]}
				f := &plan.Filter{In: s, Cond: op(t, col(s, 2), ">", expr.ConstInt8(0))}
				r := &plan.Project{In: f, Items: []expr.Expr{col(s, 0), col(s, 1)}, Cols: s.Schema()[:2]}
				return &plan.SetOp{Op: o, All: all, L: l, R: r, Cols: l.Cols}
			}
		}
	}
	return cases
}

func constText(s string) expr.Expr {
	c, err := expr.ConstOf(types.Text, s, types.UTCFormat(0))
	if err != nil {
		panic(err)
	}
	return c
}

// TestLaw holds the law for every operator, over append-only and over changing input.
func TestLaw(t *testing.T) {
	for name, mk := range lawCases(t) {
		t.Run(name, func(t *testing.T) {
			rnd := seeded(t)
			for _, n := range []int{0, 1, 12, 60} {
				checkLaw(t, mk(table(catalog.Stream, -1, lawTypes...)), randomRows(rnd, n, lawValues, false))
				checkLaw(t, mk(table(catalog.Table, -1, lawTypes...)), randomRows(rnd, n, lawValues, true))
			}
		})
	}
}
