package lawtest

import "strings"

// recursive makes a query over a recursive WITH item: a number that grows to a limit, and columns of any types that each step makes of the last.
func (g *diffGen) recursive(types []string, depth int) *tree {
	cols := []string{"int4"}
	for range 1 + g.rng.IntN(2) {
		if typ := g.pick(allTypes); typ != "bit" { // PostgreSQL has no hash of it, and so no recursive UNION
			cols = append(cols, typ)
		}
	}
	name := g.alias("w")
	union := g.pick([]string{" UNION ALL ", " UNION ", " UNION "})
	first := &tree{cat: "recursive", parts: []any{"SELECT coalesce(x.c0, 0) % 4" + strings.Join([]string{"", ", x.c1", ", x.c2"}[:len(cols)], "")}}
	first.parts = append(first.parts, " FROM (", g.core(cols, depth-1, shape{named: true}), ") AS x")

	a, l := g.alias("r"), &level{}
	for i, typ := range cols {
		l.fields = append(l.fields, field{a + "." + "c" + string(rune('0'+i)), typ})
	}
	step := &tree{cat: "step", parts: []any{"SELECT " + a + ".c0 + 1"}}
	from := " FROM " + name + " AS " + a
	if union == " UNION " && g.one(3) {
		b := g.alias("r")
		l.fields = append(l.fields, field{b + ".a", "int4"}, field{b + ".s", "text"})
		from += g.pick([]string{" JOIN t1 AS ", " LEFT JOIN t1 AS "}) + b + " ON " + b + ".id = " + a + ".c0"
	}
	g.levels = append(g.levels, l)
	for _, typ := range cols[1:] {
		step.parts = append(step.parts, ", ", g.expr(typ, 1))
	}
	step.parts = append(step.parts, from+" WHERE "+a+".c0 < 3")
	if g.one(3) {
		step.parts = append(step.parts, &tree{cat: "where", parts: []any{" AND ", g.expr("bool", 1)}, drop: true})
	}
	g.levels = g.levels[:len(g.levels)-1]

	names := strings.Join([]string{"c0", "c1", "c2"}[:len(cols)], ", ")
	g.ctes = append(g.ctes, field{name, strings.Join(cols, ",")})
	q := g.core(types, depth-1, shape{})
	g.ctes = g.ctes[:len(g.ctes)-1]
	return &tree{cat: "query " + strings.Join(types, ","), parts: []any{"WITH RECURSIVE " + name + " (" + names + ") AS (", first, union, step, ") ", q}}
}
