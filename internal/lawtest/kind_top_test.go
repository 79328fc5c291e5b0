package lawtest

import (
	"fmt"
)

// unique gives a relation with an id that identifies its rows.
func (g *gen) unique() source {
	r := g.rels[g.n(3)]
	a := g.alias()
	return source{text: r.name + " AS " + a, cols: g.columns(r, a)}
}

// limited makes ORDER BY over a total order, with LIMIT.
func (g *gen) limited() *query {
	src := g.unique()
	q := g.select0(src)
	g.add(q, src.cols[0].name, kInt)
	for range 1 + g.n(3) {
		k := g.anyKind()
		g.add(q, g.expr(k, src.cols, 1), k)
	}
	g.filter(q, src.cols)
	q.tail = fmt.Sprintf(" ORDER BY %s%s, %s LIMIT %d", g.expr(pick(g.rng, kInt, kText, kNum), src.cols, -1), pick(g.rng, "", " DESC", " NULLS FIRST", " DESC NULLS LAST"), src.cols[0].name, 1+g.n(6))
	if g.n(3) == 0 {
		q.tail += fmt.Sprintf(" OFFSET %d", g.n(4))
	}
	return q
}

// topN keeps the first n of each partition.
func (g *gen) topN() *query {
	src := g.unique()
	if g.on("join") && g.n(5) == 0 {
		src = g.from(1)
	}
	in := g.select0(src)
	total := src.cols[0].unique
	for _, c := range src.cols[:min(4, len(src.cols))] {
		g.add(in, c.name, c.kind)
	}
	fn := pick(g.rng, "row_number", "row_number", "rank", "dense_rank")
	if !total {
		fn = pick(g.rng, "rank", "dense_rank")
	}
	part := pick(g.rng, "PARTITION BY "+src.cols[min(1, len(src.cols)-1)].name+" ", "PARTITION BY "+src.cols[min(2, len(src.cols)-1)].name+" ", "")
	order := g.expr(pick(g.rng, kInt, kText, kNum, kTime), src.cols, 0) + pick(g.rng, "", " DESC")
	if total && fn == "row_number" {
		order += ", " + src.cols[0].name
	}
	g.add(in, fmt.Sprintf("%s() OVER (%sORDER BY %s)", fn, part, order), kInt)
	g.filter(in, src.cols)
	a := g.alias()
	q := &query{from: "($0) AS " + a, subs: []*query{in}, where: []string{fmt.Sprintf("%s.c%d <= %d", a, len(in.items)-1, 1+g.n(4))}}
	for i, c := range in.columns(a) {
		if i < len(in.items)-1 || g.n(2) == 0 {
			g.add(q, c.name, c.kind)
		}
	}
	return q
}

func (g *gen) distinctOn() *query {
	src := g.unique()
	q := g.select0(src)
	of := pick(g.rng, kInt, kText)
	k := g.expr(of, src.cols, 0)
	q.distinct = "DISTINCT ON (" + k + ")"
	g.add(q, k, of)
	for _, c := range src.cols[:2+g.n(len(src.cols)-2)] {
		g.add(q, c.name, c.kind)
	}
	g.filter(q, src.cols)
	q.tail = fmt.Sprintf(" ORDER BY %s, %s%s, %s", k, g.expr(pick(g.rng, kInt, kTime), src.cols, 0), pick(g.rng, "", " DESC"), src.cols[0].name)
	return q
}

// withTies makes FETCH FIRST ... WITH TIES, which needs no total order.
func (g *gen) withTies() *query {
	src := g.from(1)
	q := g.select0(src)
	for range 1 + g.n(3) {
		k := g.anyKind()
		g.add(q, g.expr(k, src.cols, 1), k)
	}
	g.filter(q, src.cols)
	q.tail = fmt.Sprintf(" ORDER BY %s%s FETCH FIRST %d ROWS WITH TIES", g.expr(pick(g.rng, kInt, kText, kNum, kBool), src.cols, 0), pick(g.rng, "", " DESC", " NULLS FIRST", " DESC NULLS LAST"), 1+g.n(5))
	q.loose = true
	return q
}
