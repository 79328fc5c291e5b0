package lawtest

import (
	"fmt"
	"strings"
)

// filter adds conditions, some with sub-selects.
func (g *gen) filter(q *query, cols []column) {
	for range g.n(3) {
		if g.may("wheresub", 4) {
			q.where = append(q.where, g.subCondition(cols))
			continue
		}
		q.where = append(q.where, g.expr(kBool, cols, 2))
	}
}

// subCondition makes IN, EXISTS, a comparison with a scalar sub-select and so on.
func (g *gen) subCondition(cols []column) string {
	r, a := g.rels[g.n(len(g.rels))], g.alias()
	in := g.columns(r, a)
	cond := ""
	if g.n(2) == 0 {
		cond = " WHERE " + g.expr(kBool, in, 1)
	}
	outer := g.expr(kInt, cols, 0)
	inner := of(in, kInt)[g.n(2)].name
	switch g.n(6) {
	case 0, 1:
		g.tag("in")
		return fmt.Sprintf("%s IN (SELECT %s FROM %s AS %s%s)", outer, inner, r.name, a, cond)
	case 2:
		g.tag("notin")
		return fmt.Sprintf("%s NOT IN (SELECT %s FROM %s AS %s%s)", outer, inner, r.name, a, cond)
	case 3, 4:
		g.tag("exists")
		if cond == "" {
			cond = " WHERE true"
		}
		return fmt.Sprintf("%sEXISTS (SELECT 1 FROM %s AS %s%s AND %s = %s)", pick(g.rng, "", "NOT "), r.name, a, cond, inner, outer)
	default:
		g.tag("scalar")
		return fmt.Sprintf("%s %s (SELECT %s(%s) FROM %s AS %s%s)", outer, pick(g.rng, "<", ">=", "<>"), pick(g.rng, "max", "min", "count", "avg"), inner, r.name, a, cond)
	}
}

// plain makes SELECT expressions FROM ... WHERE.
func (g *gen) plain(depth int) *query {
	src := g.from(depth)
	q := g.select0(src)
	for _, c := range src.cols {
		if g.n(3) == 0 {
			g.add(q, c.name, c.kind)
		}
	}
	for range 1 + g.n(2) {
		k := g.anyKind()
		g.add(q, g.expr(k, src.cols, 2), k)
	}
	g.filter(q, src.cols)
	return q
}

// grouped makes GROUP BY with up to two keys.
func (g *gen) grouped(depth int) *query {
	src := g.from(depth)
	return g.group(src, g.n(3), nil)
}

func (g *gen) group(src source, keys int, fixed []string) *query {
	q := g.select0(src)
	for _, f := range fixed {
		g.add(q, f, kTime)
		q.group = append(q.group, f)
	}
	for range keys {
		k := pick(g.rng, kInt, kText, kBool, kNum, kInt, kText, kTime, kDate)
		x := g.expr(k, src.cols, g.n(2))
		if !strings.ContainsAny(x, "a.") {
			continue
		}
		g.add(q, x, k)
		q.group = append(q.group, fmt.Sprint(len(q.items)))
	}
	for range 1 + g.n(3) {
		x, k := g.aggregate(src.cols)
		g.add(q, x, k)
	}
	g.filter(q, src.cols)
	if g.n(4) == 0 {
		x, k := g.aggregate(src.cols)
		g.tag("having")
		if k == kInt || k == kNum {
			q.having = append(q.having, fmt.Sprintf("%s > %d", x, g.n(5)))
		} else {
			q.having = append(q.having, "count(*) > 1")
		}
	}
	return q
}

func (g *gen) distinctRows() *query {
	q := g.plain(1)
	q.distinct = "DISTINCT"
	q.items = q.items[:1+g.n(len(q.items))]
	q.kinds = q.kinds[:len(q.items)]
	return q
}

// setOp joins two SELECTs of equal kinds.
func (g *gen) setOp() *query {
	kinds := []kind{pick(g.rng, kInt, kText), pick(g.rng, kInt, kText, kNum)}
	side := func() *query {
		src := g.single(1)
		q := g.select0(src)
		for _, k := range kinds {
			x := g.expr(k, src.cols, 1)
			if k == kNum {
				x = "round(" + x + ", 6)" // of equal rows any may be shown, and 1 = 1.00
			}
			g.add(q, x, k)
		}
		g.filter(q, src.cols)
		return q
	}
	q := side()
	q.set = pick(g.rng, "UNION", "UNION ALL", "UNION ALL", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL")
	q.right = side()
	return q
}

// nested aggregates an aggregate.
func (g *gen) nested() *query {
	in := g.grouped(1)
	a := g.alias()
	src := source{text: "($0) AS " + a, subs: []*query{in}, cols: in.columns(a)}
	return g.group(src, g.n(2), nil)
}

// cte reads a WITH query twice.
func (g *gen) cte() *query {
	in := g.grouped(1)
	a, b := g.alias(), g.alias()
	ca, cb := in.columns(a), in.columns(b)
	if !g.on("join") {
		q := &query{with: []*query{in}, from: "q0 AS " + a}
		g.add(q, ca[0].name, ca[0].kind)
		g.add(q, "(SELECT count(*) FROM q0)", kInt)
		return q
	}
	q := &query{with: []*query{in}, from: fmt.Sprintf("q0 AS %s JOIN (SELECT max(c%d) AS m FROM q0) AS %s ON %s.c%d = %s.m", a, len(ca)-1, b, a, len(ca)-1, b)}
	if k := in.kinds[len(ca)-1]; k == kBool || k == kFloat { // bool has no maximum; the last bit of a float depends on the order of the rows
		q.from = fmt.Sprintf("q0 AS %s JOIN q0 AS %s ON %s = %s", a, b, ca[0].name, cb[0].name)
	}
	for _, c := range ca {
		g.add(q, c.name, c.kind)
	}
	return q
}

func (g *gen) groupingSets() *query {
	src := g.from(1)
	q := g.select0(src)
	a, b := src.cols[min(1, len(src.cols)-1)], src.cols[min(2, len(src.cols)-1)]
	g.add(q, a.name, a.kind)
	g.add(q, b.name, b.kind)
	q.group = []string{fmt.Sprintf(pick(g.rng, "ROLLUP (%s, %s)", "CUBE (%s, %s)", "GROUPING SETS ((%s), (%s), ())", "%s, ROLLUP (%s)"), a.name, b.name)}
	g.add(q, fmt.Sprintf("grouping(%s, %s)", a.name, b.name), kInt)
	x, k := g.aggregate(src.cols)
	g.add(q, x, k)
	g.filter(q, src.cols)
	return q
}
