package lawtest

import (
	"fmt"
	"slices"
	"strings"
)

// natural makes NATURAL joins, and the merged column of a FULL one.
func (g *gen) natural() *query {
	side := func(name, k string) (string, []column) {
		r, a := g.rels[g.n(len(g.rels))], g.alias()
		return fmt.Sprintf("(SELECT id AS %s, k, %s FROM %s) AS %s", name, k, r.name, a), []column{{name: a + "." + name, kind: kInt}}
	}
	both := pick(g.rng, "g", "k + 1 AS n")
	l, lc := side("i", both)
	r, rc := side("j", pick(g.rng, both, "v"))
	join := pick(g.rng, "NATURAL JOIN", "NATURAL LEFT JOIN", "NATURAL RIGHT JOIN", "NATURAL FULL JOIN")
	src := source{text: l + " " + join + " " + r, cols: slices.Concat([]column{{name: "k", kind: kInt}}, lc, rc)}
	if g.n(3) == 0 {
		return g.group(src, 1+g.n(2), nil)
	}
	q := g.select0(src)
	for _, c := range src.cols {
		g.add(q, c.name, c.kind)
	}
	g.filter(q, src.cols)
	return q
}

// overGroup makes window functions over groups.
func (g *gen) overGroup() *query {
	q := g.grouped(1)
	if len(q.group) == 0 || len(q.having) > 0 {
		return q
	}
	var keys []string
	for i := range q.group {
		keys = append(keys, q.items[i])
	}
	order := strings.Join(keys, ", ")
	for range 1 + g.n(2) {
		call := pick(g.rng, "rank()", "dense_rank()", "sum(count(*))", "row_number()", "lag(count(*))", "max(count(*))", "first_value(count(*))")
		part, by := pick(g.rng, "", "PARTITION BY count(*) ", "PARTITION BY "+keys[0]+" "), order
		if call == "rank()" || call == "dense_rank()" {
			by = pick(g.rng, "count(*) DESC", order)
		}
		g.add(q, fmt.Sprintf("%s OVER (%sORDER BY %s)", call, part, by), kNum)
	}
	return q
}

// call reads a function that gives rows.
func (g *gen) call() *query {
	src := g.single(1)
	ints := of(src.cols, kInt)
	if len(ints) == 0 {
		return g.plain(1)
	}
	a := g.alias()
	src.text += fmt.Sprintf(pick(g.rng, " CROSS JOIN law_r(%s) AS %s", " LEFT JOIN law_r(%s) AS %s ON true", ", law_r(%s) AS %s"), ints[g.n(len(ints))].name, a)
	src.cols = append(slices.Clone(src.cols), column{name: a + ".u", kind: kInt})
	for i := range src.cols {
		src.cols[i].unique = false
	}
	if g.n(3) == 0 {
		return g.group(src, 1+g.n(2), nil)
	}
	q := g.select0(src)
	g.add(q, a+".u", kInt)
	g.add(q, ints[0].name, kInt)
	g.filter(q, src.cols)
	return q
}

// lookup joins with the table as of the time of arrival; that table never changes.
func (g *gen) lookup() *query {
	l := g.single(1)
	ints := of(l.cols, kInt)
	if len(ints) == 0 {
		return g.plain(1)
	}
	r, a := g.rels[4], g.alias()
	cols := g.columns(r, a)
	src := source{subs: l.subs, cols: slices.Concat(l.cols, cols)}
	src.text = fmt.Sprintf("%s %s %s @now()@ AS %s ON %s = %s.%s", l.text, pick(g.rng, "JOIN", "LEFT JOIN"), r.name, a, ints[g.n(min(2, len(ints)))].name, a, pick(g.rng, "id", "id", "k"))
	for i := range src.cols {
		src.cols[i].unique = false
	}
	if g.n(3) == 0 {
		return g.group(src, g.n(3), nil)
	}
	q := g.select0(src)
	g.add(q, ints[0].name, kInt)
	for range 1 + g.n(3) {
		k := g.anyKind()
		g.add(q, g.expr(k, src.cols, 1), k)
	}
	g.filter(q, src.cols)
	return q
}

// setOp3 joins the rows of three SELECTs, in brackets.
func (g *gen) setOp3() *query {
	k := pick(g.rng, kInt, kText)
	side := func() *query {
		src := g.single(0)
		q := g.select0(src)
		g.add(q, g.expr(k, src.cols, 1), k)
		g.filter(q, src.cols)
		return q
	}
	op := func() string {
		return pick(g.rng, "UNION", "UNION ALL", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL")
	}
	a := g.alias()
	q := &query{from: fmt.Sprintf("(($0 %s $1) %s $2) AS %s", op(), op(), a), subs: []*query{side(), side(), side()}}
	g.add(q, a+".c0", k)
	if g.n(2) == 0 {
		q.group = []string{a + ".c0"}
		g.add(q, "count(*)", kInt)
	}
	return q
}

// correlated makes sub-selects that read the outer row, as values and as conditions.
func (g *gen) correlated() *query {
	src := g.single(1)
	ints := of(src.cols, kInt)
	if len(ints) == 0 {
		return g.plain(1)
	}
	q := g.select0(src)
	x := ints[g.n(len(ints))].name
	g.add(q, x, kInt)
	for range 1 + g.n(2) {
		r, a := g.rels[g.n(len(g.rels))], g.alias()
		in := g.columns(r, a)
		cond := fmt.Sprintf("%s = %s", in[1].name, x)
		if g.n(3) == 0 {
			cond += " AND " + g.expr(kBool, in, 1)
		}
		from := fmt.Sprintf("FROM %s AS %s", r.name, a)
		switch g.n(6) {
		case 0:
			agg, k := g.aggregate(in)
			g.add(q, fmt.Sprintf("(SELECT %s %s WHERE %s)", agg, from, cond), k)
		case 1:
			g.add(q, fmt.Sprintf("EXISTS (SELECT 1 %s WHERE %s)", from, cond), kBool)
		case 2:
			g.add(q, fmt.Sprintf("%s IN (SELECT %s %s)", x, in[1].name, from), kBool)
		case 3:
			q.where = append(q.where, fmt.Sprintf("%s %s (SELECT %s %s WHERE %s)", x, pick(g.rng, "> ALL", "= ANY", "<= ANY", "<> ALL"), in[0].name, from, cond))
		case 4:
			q.where = append(q.where, fmt.Sprintf("(EXISTS (SELECT 1 %s WHERE %s) OR %s > 3)", from, cond, x))
		case 5:
			g.add(q, fmt.Sprintf("ARRAY(SELECT %s %s WHERE %s ORDER BY 1)::text", in[0].name, from, cond), kText)
		}
	}
	return q
}
