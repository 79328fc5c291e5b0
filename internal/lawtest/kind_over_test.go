package lawtest

import (
	"fmt"
	"strings"
)

// over makes window functions.
func (g *gen) over() *query {
	src := g.unique()
	q := g.select0(src)
	q.ahead = true
	g.add(q, src.cols[0].name, kInt)
	for range 1 + g.n(2) {
		part := pick(g.rng, "PARTITION BY "+src.cols[1].name+" ", "PARTITION BY "+src.cols[2].name+" ", "")
		order := fmt.Sprintf("ORDER BY %s%s, %s", g.expr(pick(g.rng, kInt, kText, kTime), src.cols, 0), pick(g.rng, "", " DESC"), src.cols[0].name)
		v := g.expr(kInt, src.cols, 0)
		call, k := "row_number()", kInt
		frame := pick(g.rng, "", "", " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " RANGE UNBOUNDED PRECEDING", " GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW")
		switch g.n(11) {
		case 0:
			call, frame = pick(g.rng, "rank()", "dense_rank()", "row_number()"), ""
		case 1:
			call, frame = pick(g.rng, "ntile(3)", "ntile(2)"), ""
		case 2:
			call, frame = fmt.Sprintf("%s(%s)", pick(g.rng, "lag", "lead"), v), ""
		case 3:
			call = fmt.Sprintf("%s(%s)", pick(g.rng, "first_value", "last_value"), v)
		case 4:
			call, k = fmt.Sprintf("sum(%s)", v), kNum
		case 5:
			call, k = fmt.Sprintf("avg(%s)", v), kNum
		case 6:
			call = fmt.Sprintf("%s(%s)", pick(g.rng, "min", "max", "count"), v)
		case 7:
			call, order, frame = "count(*)", "", ""
		case 8:
			call, k, frame = pick(g.rng, "percent_rank()", "cume_dist()"), kFloat, ""
		case 9:
			call = fmt.Sprintf("nth_value(%s, 2)", v)
		case 10:
			order = "ORDER BY " + src.cols[1].name
			call, k, frame = fmt.Sprintf("sum(%s)", v), kNum, pick(g.rng, "", " RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING", " GROUPS CURRENT ROW")
		}
		g.add(q, fmt.Sprintf("%s OVER (%s%s%s)", call, part, order, frame), k)
	}
	g.filter(q, src.cols)
	q.open = waits(q)
	return q
}

// overFrames makes aggregates over frames by value and by group, and what EXCLUDE takes out of them. They do not depend on the order of equal rows.
func (g *gen) overFrames() *query {
	src := g.unique()
	q := g.select0(src)
	q.ahead = true
	g.add(q, src.cols[0].name, kInt)
	part := pick(g.rng, "PARTITION BY "+src.cols[1].name+" ", "PARTITION BY "+src.cols[2].name+" ", "")
	k := pick(g.rng, kInt, kTime, kDate, kNum, kFloat)
	if len(of(src.cols, k)) == 0 {
		k = kInt
	}
	by := g.expr(k, src.cols, 0)
	near, far := "1", "3"
	switch k {
	case kTime:
		near, far = "INTERVAL '2 seconds'", "INTERVAL '20 seconds'"
	case kDate:
		near, far = "INTERVAL '1 day'", "INTERVAL '2 days'"
	}
	window := part + "ORDER BY " + by + pick(g.rng, "", " DESC", " NULLS FIRST", " DESC NULLS LAST")
	for range 1 + g.n(3) {
		v := g.expr(kInt, src.cols, 0)
		call, kind := fmt.Sprintf("%s(%s)", pick(g.rng, "min", "max", "count"), v), kInt
		switch g.n(5) {
		case 0, 1:
			call, kind = fmt.Sprintf("%s(%s)", pick(g.rng, "sum", "avg"), v), kNum
		case 2:
			call, kind = fmt.Sprintf("%s(%s)", pick(g.rng, "bool_and", "bool_or"), g.expr(kBool, src.cols, 1)), kBool
		}
		if g.n(4) == 0 {
			call += fmt.Sprintf(" FILTER (WHERE %s)", g.expr(kBool, src.cols, 0))
		}
		frame := fmt.Sprintf(pick(g.rng, "RANGE BETWEEN %s PRECEDING AND CURRENT ROW", "RANGE BETWEEN %s PRECEDING AND %s FOLLOWING", "RANGE BETWEEN %[2]s PRECEDING AND %[1]s PRECEDING", "RANGE BETWEEN CURRENT ROW AND %s FOLLOWING", "RANGE BETWEEN %s FOLLOWING AND UNBOUNDED FOLLOWING"), near, far)
		if i := strings.Index(frame, "%!"); i > 0 {
			frame = frame[:i]
		}
		if g.n(2) == 0 {
			frame = pick(g.rng, "GROUPS BETWEEN 1 PRECEDING AND 2 FOLLOWING", "GROUPS BETWEEN 2 PRECEDING AND 1 PRECEDING", "GROUPS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "GROUPS UNBOUNDED PRECEDING")
		}
		frame += pick(g.rng, "", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE NO OTHERS")
		g.add(q, fmt.Sprintf("%s OVER (%s %s)", call, window, frame), kind)
	}
	g.filter(q, src.cols)
	q.open = waits(q)
	return q
}

// waits says whether the last rows of partitions may wait for ever for the rows behind them, as a condition may leave those out.
func waits(q *query) bool {
	items := strings.Join(q.items, " ")
	return len(q.where) > 0 && (strings.Contains(items, "lead(") || strings.Contains(items, "FOLLOWING"))
}
