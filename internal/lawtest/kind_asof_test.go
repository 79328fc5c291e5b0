package lawtest

import "fmt"

// asof makes an ASOF JOIN. Its right side has no two rows of equal order, so that PostgreSQL can say it with LATERAL.
func (g *gen) asof() *query {
	l := g.single(1)
	r, a := g.rels[g.n(3)], g.alias()
	cols := g.columns(r, a)
	side := pick(g.rng, "", "LEFT")
	ls := of(l.cols, kInt)
	for len(ls) == 0 {
		l = g.single(0)
		ls = of(l.cols, kInt)
	}
	conds := ""
	if g.n(4) > 0 {
		conds = fmt.Sprintf("%s = %s AND ", ls[g.n(min(2, len(ls)))].name, cols[1].name)
	}
	op := pick(g.rng, ">=", ">", "<=", "<")
	order := fmt.Sprintf("%s %s %s", g.expr(kInt, l.cols, g.n(2)), op, cols[0].name)
	src := source{text: fmt.Sprintf("%s @asof(%s¦%s¦%s¦%s%s¦%s %s)@", l.text, side, r.name, a, conds, order, cols[0].name, pickText(op[0] == '>', "DESC", "ASC")), subs: l.subs}
	for _, c := range append(append([]column(nil), l.cols...), cols...) {
		c.unique = false
		src.cols = append(src.cols, c)
	}
	if g.n(3) == 0 {
		return g.group(src, g.n(3), nil)
	}
	q := g.select0(src)
	g.add(q, cols[0].name, kInt)
	g.add(q, ls[0].name, kInt)
	for range g.n(3) {
		k := g.anyKind()
		g.add(q, g.expr(k, src.cols, 1), k)
	}
	g.filter(q, src.cols)
	return q
}

// asofText is the join of what stands before it with the relation arg[1] under the alias arg[2] on arg[3], the first by the order arg[4].
func asofText(arg []string, postgres bool) string {
	if !postgres {
		return fmt.Sprintf("ASOF %s JOIN %s AS %s ON %s", arg[0], arg[1], arg[2], arg[3])
	}
	return fmt.Sprintf("%s JOIN LATERAL (SELECT * FROM %s AS %s WHERE %s ORDER BY %s LIMIT 1) AS %s ON true", arg[0], arg[1], arg[2], arg[3], arg[4], arg[2])
}
