package lawtest

import "fmt"

// unnest makes functions that give several rows of one.
func (g *gen) unnest() *query {
	src := g.from(1)
	a := g.alias()
	ints := of(src.cols, kInt)
	if len(ints) == 0 {
		return g.plain(1)
	}
	x := ints[g.n(len(ints))].name
	call, k := fmt.Sprintf("generate_series(1, %s)", pick(g.rng, "least("+x+", 4)", "2", "abs("+x+") % 4")), kInt
	switch g.n(4) {
	case 0:
		call = fmt.Sprintf("unnest(ARRAY[%s, %s, NULL])", x, g.expr(kInt, src.cols, 0))
	case 1:
		call, k = fmt.Sprintf("unnest(string_to_array(%s, %s))", g.expr(kText, src.cols, 0), pick(g.rng, "'b'", "' '", "NULL")), kText
	case 2:
		call, k = fmt.Sprintf("unnest(ARRAY[%s, %s])", g.expr(kText, src.cols, 0), g.expr(kText, src.cols, 0)), kText
	}
	src.text += fmt.Sprintf(pick(g.rng, " CROSS JOIN %s AS %s(u)", " LEFT JOIN %s AS %s(u) ON true", " CROSS JOIN LATERAL %s AS %s(u)"), call, a)
	src.cols = append([]column{{name: a + ".u", kind: k}}, src.cols...)
	if g.n(3) == 0 {
		return g.group(src, 1+g.n(2), nil)
	}
	q := g.select0(src)
	g.add(q, a+".u", k)
	for range 1 + g.n(2) {
		k := g.anyKind()
		g.add(q, g.expr(k, src.cols, 1), k)
	}
	g.filter(q, src.cols)
	return q
}

// lateral makes a LATERAL sub-select: an aggregate, the first rows of an order, or rows.
func (g *gen) lateral() *query {
	l := g.single(1)
	r, a, b := g.rels[g.n(3)], g.alias(), g.alias()
	in := g.columns(r, a)
	outer := g.expr(kInt, l.cols, 0)
	cond := fmt.Sprintf("%s %s %s", in[1].name, pick(g.rng, "=", "=", "=", "<"), outer)
	if g.n(3) == 0 {
		cond += " AND " + g.expr(kBool, in, 1)
	}
	sub := &query{from: r.name + " AS " + a, where: []string{cond}}
	switch g.n(3) {
	case 0:
		for range 1 + g.n(2) {
			x, k := g.aggregate(in)
			g.add(sub, x, k)
		}
	case 1:
		g.add(sub, in[0].name, kInt)
		g.add(sub, g.expr(kText, in, 0), kText)
		sub.tail = fmt.Sprintf(" ORDER BY %s%s, %s LIMIT %d", g.expr(pick(g.rng, kInt, kText), in, 0), pick(g.rng, "", " DESC"), in[0].name, 1+g.n(3))
	default:
		k := g.anyKind()
		g.add(sub, g.expr(k, append(in, l.cols...), 1), k)
	}
	src := source{subs: append(append([]*query(nil), l.subs...), sub)}
	src.text = l.text + fmt.Sprintf(pick(g.rng, " CROSS JOIN LATERAL ($%d) AS %s", ", LATERAL ($%d) AS %s", " LEFT JOIN LATERAL ($%d) AS %s ON true"), len(l.subs), b)
	src.cols = append(sub.columns(b), l.cols...)
	for i := range src.cols {
		src.cols[i].unique = false
	}
	q := g.select0(src)
	for _, c := range sub.columns(b) {
		g.add(q, c.name, c.kind)
	}
	g.add(q, outer, kInt)
	g.filter(q, src.cols)
	return q
}
