package lawtest

import (
	"fmt"
	"slices"
	"strings"
)

// source is a FROM clause: its text, where $0, $1 ... stand for sub-selects, and what can be named of it.
type source struct {
	text string
	subs []*query
	cols []column
}

func (g *gen) alias() string {
	g.aliases++
	return fmt.Sprintf("a%d", g.aliases)
}

func (g *gen) tag(t string) { g.tags[t] = true }

// from makes a FROM clause of one relation or a join.
func (g *gen) from(depth int) source {
	if depth > 0 && g.may("join", 4) {
		return g.join(depth)
	}
	return g.single(depth)
}

// single makes one item of a FROM clause.
func (g *gen) single(depth int) source {
	a := g.alias()
	switch {
	case depth > 0 && g.may("subselect", 6):
		q := g.simple(depth - 1)
		return source{text: "($0) AS " + a, subs: []*query{q}, cols: q.columns(a)}
	case len(g.views) > 0 && g.may("cascade", 5):
		v := g.views[g.n(len(g.views))]
		cols := v.query.columns(a)
		g.deps[v.name] = true
		return source{text: v.name + " AS " + a, cols: cols}
	case g.may("window", 4):
		return g.windowed(a)
	}
	r := g.rels[g.n(len(g.rels))]
	return source{text: r.name + " AS " + a, cols: g.columns(r, a)}
}

// columns names a relation's columns.
func (g *gen) columns(r *relation, a string) []column {
	cols := qualify(r.cols, a)
	if g.noTime {
		cols = slices.DeleteFunc(cols, func(c column) bool { return c.kind == kTime })
	}
	return cols
}

func qualify(cols []column, a string) []column {
	out := make([]column, len(cols))
	for i, c := range cols {
		out[i] = c
		out[i].name = a + "." + c.name
	}
	return out
}

// join makes a join of two items, the left of which may be a join.
func (g *gen) join(depth int) source {
	l := g.single(depth - 1)
	if g.n(4) == 0 {
		l = g.join(depth - 1)
	}
	r := g.single(depth - 1)
	g.tag("join")
	text := r.text
	for i := len(r.subs) - 1; i >= 0; i-- {
		text = strings.ReplaceAll(text, fmt.Sprintf("$%d", i), fmt.Sprintf("$%d", i+len(l.subs)))
	}
	out := source{subs: append(append([]*query(nil), l.subs...), r.subs...), cols: append(append([]column(nil), l.cols...), r.cols...)}
	for i := range out.cols {
		out.cols[i].unique = false
	}
	how := pick(g.rng, "JOIN", "JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
	if how == "CROSS JOIN" {
		out.text = l.text + " CROSS JOIN " + text
		return out
	}
	g.tag(strings.ToLower(strings.Fields(how)[0]) + "join")
	if g.may("using", 2) && hasKey(l.cols) && hasKey(r.cols) {
		out.text = fmt.Sprintf("%s %s %s USING (%s)", l.text, how, text, pick(g.rng, "k", "k", "g", "k, g"))
		return out
	}
	out.text = fmt.Sprintf("%s %s %s ON %s", l.text, how, text, strings.Join(g.on2(l.cols, r.cols, how), " AND "))
	return out
}

// hasKey says whether the columns are of one relation, not of sub-selects.
func hasKey(cols []column) bool {
	n := 0
	for _, c := range cols {
		if strings.HasSuffix(c.name, ".k") {
			n++
		}
	}
	return n == 1
}

// on2 makes the conditions of a join: an equality, and perhaps more.
func (g *gen) on2(l, r []column, how string) []string {
	k := pick(g.rng, kInt, kInt, kText)
	ls, rs := of(l, k), of(r, k)
	if len(ls) == 0 || len(rs) == 0 {
		k = kInt
		ls, rs = of(l, k), of(r, k)
	}
	var conds []string
	if len(ls) > 0 && len(rs) > 0 {
		conds = append(conds, fmt.Sprintf("%s = %s", ls[g.n(min(2, len(ls)))].name, rs[g.n(min(2, len(rs)))].name))
	} else {
		conds = append(conds, "true")
	}
	lt, rt := of(l, kTime), of(r, kTime)
	if len(lt) > 0 && len(rt) > 0 && g.n(2) == 0 {
		g.tag("timebound")
		a, b := lt[0].name, rt[0].name
		if g.n(2) == 0 {
			a, b = b, a
		}
		conds = append(conds, pick(g.rng,
			fmt.Sprintf("%s BETWEEN %s - INTERVAL '10 seconds' AND %s + INTERVAL '5 seconds'", a, b, b),
			fmt.Sprintf("%s BETWEEN %s AND %s + INTERVAL '20 seconds'", a, b, b),
			fmt.Sprintf("%s > %s - INTERVAL '5 seconds' AND %s <= %s", a, b, a, b),
			fmt.Sprintf("%s = %s", a, b)))
	}
	if g.n(4) == 0 {
		conds = append(conds, g.expr(kBool, append(append([]column(nil), l...), r...), 1))
	}
	return conds
}
