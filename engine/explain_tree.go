package engine

import (
	"math"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// nodeGroup says of an operator and those below it what clients of PostgreSQL read: under PostgreSQL's names where it has such an operator.
func (x *explained) nodeGroup(n plan.Node, opt explainOptions, extra ...entry) group {
	g := x.kind(n, opt)
	g = append(g[:1], append(append([]entry{}, extra...), g[1:]...)...)
	if c, ok := x.cost(n); ok {
		g.add("Startup Cost", decimal{0, 2})
		g.add("Total Cost", decimal{c.total, 2})
		g.add("Plan Rows", int64(c.rows))
		g.add("Plan Width", int64(c.width))
	}
	if s, ok := x.stats[n]; ok {
		if opt.timing != "off" {
			g.add("Actual Startup Time", decimal{0, 3})
			g.add("Actual Total Time", decimal{millis(x.total(n)), 3})
		}
		g.add("Actual Rows", s.Rows)
		g.add("Actual Loops", int64(1))
	}
	if opt.verbose {
		var out []string
		for _, c := range n.Schema() {
			out = append(out, c.Name)
		}
		g.add("Output", out)
	}
	g = append(g, x.conditions(n)...)
	if s, ok := x.stats[n]; ok && opt.buffers && s.Bytes > 0 {
		g.add("Peak Memory Usage", (s.Bytes+1023)/1024)
	}
	g.add("Operator", n.Explain())
	var plans []group
	for _, in := range n.Inputs() {
		plans = append(plans, x.nodeGroup(in, opt, entry{"Parent Relationship", relationship(n, in)}))
	}
	for _, e := range n.Exprs() {
		expr.Walk(e, func(e expr.Expr) bool {
			if s, ok := e.(*expr.Subquery); ok {
				plans = append(plans, x.nodeGroup(s.Plan.(plan.Node), opt, entry{"Parent Relationship", "InitPlan"}))
			}
			return true
		})
	}
	if len(plans) > 0 {
		g.add("Plans", plans)
	}
	return g
}

func relationship(n, in plan.Node) string {
	if ins := n.Inputs(); len(ins) > 1 {
		if _, union := n.(*plan.SetOp); union {
			return "Member"
		}
		if ins[0] != in {
			return "Inner"
		}
	}
	return "Outer"
}

// kind names an operator.
func (x *explained) kind(n plan.Node, opt explainOptions) group {
	g := group{{"Node Type", nodeType(n)}}
	switch n := n.(type) {
	case *plan.Aggregate:
		strategy := "Hashed"
		if len(n.Group) == 0 {
			strategy = "Plain"
		}
		g.add("Strategy", strategy)
		g.add("Partial Mode", "Simple")
	case *plan.Join:
		g.add("Join Type", strings.ToUpper(n.Kind[:1])+n.Kind[1:])
		if n.Kind == "cross" {
			g[len(g)-1].val = "Inner"
		}
	case *plan.Scan:
		if n.Lookup != nil {
			g.add("Scan Direction", "Forward")
			g.add("Index Name", n.Lookup.Index)
		}
		g.add("Relation Name", n.Rel.Name)
		if opt.verbose {
			g.add("Schema", n.Rel.Schema)
		}
		alias := n.Alias
		if alias == "" {
			alias = n.Rel.Name
		}
		g.add("Alias", alias)
	case *plan.SetOp:
		if nodeType(n) == "SetOp" {
			g.add("Command", strings.ToUpper(n.Op[:1])+n.Op[1:])
		}
	}
	g.add("Parallel Aware", false)
	g.add("Async Capable", false)
	return g
}

func nodeType(n plan.Node) string {
	switch n := n.(type) {
	case *plan.Scan:
		if n.Lookup != nil {
			return "Index Scan"
		}
		return "Seq Scan"
	case *plan.Values:
		if len(n.Schema()) > 0 {
			return "Values Scan"
		}
		return "Result"
	case *plan.Aggregate:
		return "Aggregate"
	case *plan.Sort:
		return "Sort"
	case *plan.Limit:
		return "Limit"
	case *plan.Distinct:
		return "Unique"
	case *plan.SetOp:
		if n.Op == "union" && n.All {
			return "Append"
		}
		return "SetOp"
	case *plan.Join:
		if len(n.LKeys) > 0 {
			return "Hash Join"
		}
		return "Nested Loop"
	case *plan.Over:
		return "WindowAgg"
	case *plan.TableFunc:
		return "ProjectSet"
	case *plan.Recursive:
		return "Recursive Union"
	case *plan.WorkTable:
		return "WorkTable Scan"
	case *plan.TimeWindow:
		return "Time Window"
	case *plan.Match:
		return "Match Recognize"
	}
	return "Result" // a projection or a filter of its own
}

// conditions are the keys and filters of an operator.
func (x *explained) conditions(n plan.Node) (g group) {
	filter := func(key string, e expr.Expr) {
		if e != nil {
			g.add(key, e.String())
		}
	}
	switch n := n.(type) {
	case *plan.Scan:
		if n.Lookup != nil {
			g.add("Index Cond", "("+n.Lookup.Text(n.Rel)+")")
		}
		filter("Filter", n.Filter)
	case *plan.Filter:
		filter("Filter", n.Cond)
	case *plan.Aggregate:
		if len(n.Group) > 0 {
			g.add("Group Key", exprTexts(n.Group))
		}
	case *plan.Sort:
		g.add("Sort Key", keyTexts(n.Keys))
	case *plan.Join:
		if len(n.LKeys) > 0 {
			parts := make([]string, len(n.LKeys))
			for i := range n.LKeys {
				parts[i] = "(" + n.LKeys[i].String() + " = " + n.RKeys[i].String() + ")"
			}
			g.add("Hash Cond", strings.Join(parts, " AND "))
			filter("Join Filter", n.Rest)
		} else {
			filter("Join Filter", n.Cond)
		}
	}
	if s, ok := x.stats[n]; ok && (s.Removed > 0 || len(g) > 0 && g[len(g)-1].key == "Filter") {
		g.add("Rows Removed by Filter", s.Removed)
	}
	return g
}

func exprTexts(xs []expr.Expr) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = x.String()
	}
	return out
}

func keyTexts(ks []plan.SortKey) []string {
	out := make([]string, len(ks))
	for i, k := range ks {
		out[i] = k.String()
	}
	return out
}

func millis(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// total is the time of an operator with those below it.
func (x *explained) total(n plan.Node) time.Duration {
	d := x.stats[n].Own
	for _, in := range n.Inputs() {
		d += x.total(in)
	}
	return d
}

// nodeCost is what is estimated of an operator.
type nodeCost struct {
	total, rows float64
	width       int
}

// The parts of a cost, as PostgreSQL's: of a row read and of one given.
const (
	readCost = 0.01
	giveCost = 0.0025
)

// cost estimates an operator with those below it; false: it is not asked for, or nothing is known.
func (x *explained) cost(n plan.Node) (c nodeCost, ok bool) {
	if x.est == nil {
		return c, false
	}
	rows, ok := x.est.Rows(n)
	if !ok {
		return c, false
	}
	c.rows = math.Max(1, math.Round(rows))
	c.total = rows * giveCost
	for _, in := range n.Inputs() {
		i, ok := x.cost(in)
		if !ok {
			return c, false
		}
		c.total += i.total + i.rows*readCost
	}
	if s, is := n.(*plan.Scan); is {
		if base, ok := x.est.Rows(&plan.Scan{Rel: s.Rel}); ok && s.Lookup == nil {
			c.total += base * readCost
		}
	}
	for _, col := range n.Schema() {
		c.width += typeWidth(col.Type.Arrow())
	}
	return c, true
}

// typeWidth is what a value of a column takes, 32 bytes where that varies.
func typeWidth(t arrow.DataType) int {
	if f, ok := t.(arrow.FixedWidthDataType); ok {
		return (f.BitWidth() + 7) / 8
	}
	return 32
}
