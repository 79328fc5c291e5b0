package lawtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// diffTables are the tables: name, and columns as name, type of a piece, type of SQL.
var diffTables = []struct {
	name string
	cols [][3]string
}{
	{"t1", [][3]string{{"id", "int4", "int PRIMARY KEY"}, {"a", "int4", "int"}, {"b", "int8", "bigint"}, {"n", "num", "numeric(8,2)"}, {"s", "text", "text"}, {"v", "vc", "varchar(10)"}, {"d", "date", "date"}, {"ts", "ts", "timestamp"}, {"f", "f8", "float8"}, {"bo", "bool", "bool"}, {"tm", "tm", "time"}, {"by", "by", "bytea"}, {"bi", "bit", "varbit"}}},
	{"t2", [][3]string{{"id", "int4", "int PRIMARY KEY"}, {"a", "int4", "int"}, {"i", "int2", "smallint"}, {"n", "num", "numeric"}, {"s", "text", "text"}, {"c", "ch", "char(3)"}, {"tz", "tz", "timestamptz"}, {"iv", "iv", "interval"}, {"ia", "ia", "int[]"}, {"j", "jb", "jsonb"}}},
	{"t3", [][3]string{{"id", "int4", "int"}, {"a", "int4", "int"}, {"s", "text", "text"}, {"ta", "ta", "text[]"}, {"d", "date", "date"}, {"bo", "bool", "bool"}, {"tm", "tm", "time"}, {"by", "by", "bytea"}, {"bi", "bit", "varbit"}}},
	{"t4", [][3]string{{"id", "int4", "int"}, {"a", "int4", "int"}, {"s", "text", "text"}}},
}

// diffData makes the tables with random rows; t4 is empty.
func diffData(rng *rand.Rand) []string {
	var out []string
	for i, t := range diffTables {
		var cols []string
		for _, c := range t.cols {
			cols = append(cols, c[0]+" "+c[2])
		}
		out = append(out, fmt.Sprintf("DROP TABLE IF EXISTS %s", t.name), fmt.Sprintf("CREATE TABLE %s (%s)", t.name, strings.Join(cols, ", ")))
		if i == 3 {
			continue
		}
		var rows []string
		for id := range []int{9, 8, 4}[i] {
			row := []string{fmt.Sprint(id + 1)}
			for _, c := range t.cols[1:] {
				x := pick(rng, slices.Concat(literals[c[1]], moreLiterals[c[1]])...)
				switch {
				case rng.IntN(5) == 0:
					x = "NULL"
				case c[0] == "n" && i == 0:
					x = fmt.Sprintf("%d.%02d", rng.IntN(20)-5, rng.IntN(4)*25)
				case c[0] == "a":
					x = fmt.Sprint(rng.IntN(4))
				case c[0] == "s":
					x = "'" + pick(rng, "a", "b", "ab", "ba", "", "B") + "'"
				case c[0] == "n" || c[0] == "f":
					x = pick(rng, "0.5", "1.5", "2", "-1", "0")
				}
				row = append(row, x)
			}
			rows = append(rows, "("+strings.Join(row, ", ")+")")
		}
		out = append(out, fmt.Sprintf("INSERT INTO %s VALUES %s", t.name, strings.Join(rows, ", ")))
	}
	return out
}

// from makes FROM and says in l what may be named.
func (g *diffGen) from(l *level, depth int) *tree {
	t := &tree{cat: "from"}
	if g.one(15) {
		return t // SELECT without FROM
	}
	list := g.source(l, depth)
	joins := []int{0, 0, 0, 1, 1, 2}[g.rng.IntN(6)]
	for range joins {
		list = g.join(l, list, depth)
	}
	t.parts = []any{" FROM ", list}
	return t
}

// join joins another item to those of l.
func (g *diffGen) join(l *level, left *tree, depth int) *tree {
	t := &tree{cat: "source"}
	lateral := depth > 0 && g.one(6)
	if lateral {
		kind := g.pick([]string{"CROSS JOIN LATERAL ", "LEFT JOIN LATERAL ", "JOIN LATERAL "})
		types := []string{g.pick(allTypes), g.pick(allTypes)}
		q := g.derived(types, depth-1)
		a := g.alias("l")
		for i, typ := range types {
			l.fields = append(l.fields, field{fmt.Sprintf("%s.c%d", a, i), typ})
		}
		l.ids = nil
		t.parts = []any{left, " " + kind + "(", q, ") AS " + a}
		if !strings.HasPrefix(kind, "CROSS") {
			t.parts = append(t.parts, " ON ", g.expr("bool", 1))
		}
		return t
	}
	r := &level{}
	g.levels[len(g.levels)-1] = r // what stands before cannot be seen
	right := g.source(r, depth)
	g.levels[len(g.levels)-1] = l
	was := len(l.fields)
	lf := l.fields[:was:was]
	l.fields = append(lf, r.fields...)
	if l.ids != nil && r.ids != nil {
		l.ids = append(l.ids[:len(l.ids):len(l.ids)], r.ids...)
	} else {
		l.ids = nil
	}
	kind := g.pick([]string{", ", " JOIN ", " JOIN ", " LEFT JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ", " CROSS JOIN "})
	if kind == ", " {
		kind = " CROSS JOIN "
	}
	t.parts = []any{left, kind, right}
	if kind == " CROSS JOIN " {
		return t
	}
	typ := g.pick([]string{"int4", "int4", "text", "date"})
	a, b := withType(lf, typ), withType(r.fields, typ)
	if len(a) == 0 || len(b) == 0 {
		a, b = []field{{"1", ""}}, []field{{"1", ""}}
		if kind == " FULL JOIN " {
			t.parts[1] = " LEFT JOIN "
		}
	}
	eq := fmt.Sprintf("%s = %s", a[g.rng.IntN(len(a))].text, b[g.rng.IntN(len(b))].text)
	t.parts = append(t.parts, " ON ")
	switch {
	case g.one(3) && kind != " FULL JOIN ":
		t.parts = append(t.parts, g.expr("bool", 1))
	case g.one(3):
		t.parts = append(t.parts, eq+" AND ", g.expr("bool", 1))
	default:
		t.parts = append(t.parts, eq)
	}
	return t
}

// derived makes a sub-select of FROM.
func (g *diffGen) derived(types []string, depth int) *tree {
	if g.one(5) && depth > 0 {
		op := g.pick([]string{" UNION ALL ", " UNION ", " EXCEPT ", " INTERSECT ALL "})
		q := g.core(types, depth-1, shape{named: true})
		return &tree{cat: q.cat, parts: []any{"(", q, ")", op, "(", g.core(types, depth-1, shape{}), ")"}}
	}
	return g.core(types, depth, shape{named: true})
}

// source makes an item of FROM.
func (g *diffGen) source(l *level, depth int) *tree {
	t := &tree{cat: "source"}
	a := g.alias("r")
	named := func(types []string) {
		for i, typ := range types {
			l.fields = append(l.fields, field{fmt.Sprintf("%s.c%d", a, i), typ})
		}
	}
	switch k := g.rng.IntN(12); {
	case k < 2 && depth > 0:
		types := make([]string, 1+g.rng.IntN(3))
		for i := range types {
			types[i] = g.pick(allTypes)
		}
		hold := g.levels
		g.levels = slices.Clone(hold[:len(hold)-1]) // not LATERAL
		q := g.derived(types, depth-1)
		g.levels = hold
		t.parts = []any{"(", q, ") AS " + a}
		named(types)
	case k == 2 && len(g.ctes) > 0:
		c := g.ctes[g.rng.IntN(len(g.ctes))]
		t.parts = []any{c.text + " AS " + a}
		named(strings.Split(c.typ, ","))
	case k == 3:
		t.parts = []any{fmt.Sprintf("(VALUES (1, 'a'), (2, NULL), (NULL, 'b'), (2, 'ab')) AS %s (c0, c1)", a)}
		named([]string{"int4", "text"})
	case k == 4:
		t.parts = []any{fmt.Sprintf("generate_series(%d, %d) WITH ORDINALITY AS %s (c0, c1)", g.rng.IntN(3), g.rng.IntN(5), a)}
		named([]string{"int4", "int8"})
		l.ids = []string{a + ".c1"}
	default:
		d := diffTables[[]int{0, 0, 0, 1, 1, 1, 2, 2, 3}[g.rng.IntN(9)]]
		t.parts = []any{d.name + " AS " + a}
		for _, c := range d.cols {
			l.fields = append(l.fields, field{a + "." + c[0], c[1]})
		}
		l.ids = []string{a + ".id"}
	}
	return t
}
