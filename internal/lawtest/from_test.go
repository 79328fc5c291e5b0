package lawtest

import (
	"fmt"
	"regexp"
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

// windowed makes a window function over a stream. render knows what stands between the marks. No time is just where a session ends: the watermark that
// reaches the end of a session ends it, though a row of just that time, which is not late, would have gone on with it.
func (g *gen) windowed(a string) source {
	r := g.rels[g.n(2)]
	cols := append(g.columns(r, a), column{name: a + ".window_start", kind: kTime}, column{name: a + ".window_end", kind: kTime})
	for i := range cols {
		cols[i].unique = false
	}
	var call string
	switch g.n(4) {
	case 0, 1:
		call = fmt.Sprintf("@tumble(%s,ts,%d)@", r.name, pick(g.rng, 5, 10, 10, 60))
	case 2:
		slide, size := 5, pick(g.rng, 10, 15, 12, 20)
		g.tag("hop")
		call = fmt.Sprintf("@hop(%s,ts,%d,%d)@", r.name, slide, size)
	default:
		if g.n(2) == 0 || !g.on("session") {
			g.tag("cumulate")
			call = fmt.Sprintf("@cumulate(%s,ts,%d,%d)@", r.name, 5, pick(g.rng, 10, 20))
		} else {
			g.tag("session")
			call = fmt.Sprintf("@session(%s,ts,%s,%s)@", r.name, pick(g.rng, "1.0005", "2.0005", "5.0005"), pick(g.rng, "", "k", "k", "g"))
		}
	}
	return source{text: call + " AS " + a, cols: cols}
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
	out.text = fmt.Sprintf("%s %s %s ON %s", l.text, how, text, strings.Join(g.on2(l.cols, r.cols, how), " AND "))
	return out
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

var marks = regexp.MustCompile(`@(\w+)\(([^@]*)\)@`)

// render gives the text for streamsqld or for PostgreSQL, where windows are sub-selects.
func render(text string, postgres bool) string {
	return marks.ReplaceAllStringFunc(text, func(m string) string {
		p := marks.FindStringSubmatch(m)
		arg := strings.Split(p[2], ",")
		if !postgres {
			return ourWindow(p[1], arg)
		}
		return pgWindow(p[1], arg)
	})
}

func seconds(s string) string { return "INTERVAL '" + s + " seconds'" }

func ourWindow(name string, arg []string) string {
	src := arg[0]
	switch name {
	case "hop", "cumulate":
		return fmt.Sprintf("%s(%s, %s, %s, %s)", name, src, arg[1], seconds(arg[2]), seconds(arg[3]))
	case "session":
		if arg[3] != "" {
			return fmt.Sprintf("session(%s, %s, %s, %s)", src, arg[1], seconds(arg[2]), arg[3])
		}
	}
	return fmt.Sprintf("%s(%s, %s, %s)", name, src, arg[1], seconds(arg[2]))
}

func pgWindow(name string, arg []string) string {
	src, ts := arg[0], arg[1]
	bin := func(n string) string {
		return fmt.Sprintf("date_bin(%s, x.%s, TIMESTAMPTZ '1970-01-01 00:00:00Z')", seconds(n), ts)
	}
	switch name {
	case "tumble":
		return fmt.Sprintf("(SELECT x.*, y.s AS window_start, y.s + %s AS window_end FROM %s x, LATERAL (SELECT %s AS s) y WHERE x.%s IS NOT NULL)", seconds(arg[2]), src, bin(arg[2]), ts)
	case "hop":
		return fmt.Sprintf("(SELECT x.*, y.s AS window_start, y.s + %[1]s AS window_end FROM %[2]s x, LATERAL (SELECT %[3]s - i * %[4]s AS s FROM generate_series(0, 20) i) y WHERE x.%[5]s IS NOT NULL AND y.s + %[1]s > x.%[5]s)",
			seconds(arg[3]), src, bin(arg[2]), seconds(arg[2]), ts)
	case "cumulate":
		return fmt.Sprintf("(SELECT x.*, y.s AS window_start, y.e AS window_end FROM %[1]s x, LATERAL (SELECT %[2]s AS s, %[2]s + i * %[3]s AS e FROM generate_series(1, 20) i) y WHERE x.%[4]s IS NOT NULL AND y.e > x.%[4]s AND y.e <= y.s + %[5]s)",
			src, bin(arg[3]), seconds(arg[2]), ts, seconds(arg[3]))
	}
	over := "ORDER BY x." + ts
	part := ""
	if arg[3] != "" {
		over, part = "PARTITION BY x."+arg[3]+" "+over, "x."+arg[3]+", "
	}
	return fmt.Sprintf(`(SELECT x.*, min(x.%[1]s) OVER (PARTITION BY %[5]sx._g) AS window_start, max(x.%[1]s) OVER (PARTITION BY %[5]sx._g) + %[2]s AS window_end FROM
 (SELECT x.*, sum(x._n) OVER (%[3]s) AS _g FROM
  (SELECT x.*, CASE WHEN x.%[1]s <= lag(x.%[1]s) OVER (%[3]s) + %[2]s THEN 0 ELSE 1 END AS _n FROM %[4]s x WHERE x.%[1]s IS NOT NULL) x) x)`, ts, seconds(arg[2]), over, src, part)
}
