package lawtest

import (
	"fmt"
	"strings"
)

// windowGroup groups by a window or by a function of the event time.
func (g *gen) windowGroup() *query {
	a := g.alias()
	if g.noTime || g.n(3) > 0 {
		g.tag("window")
		src := g.windowed(a)
		fixed := []string{a + ".window_start"}
		if g.n(2) == 0 || strings.Contains(src.text, "@session") || strings.Contains(src.text, "@cumulate") {
			fixed = append(fixed, a+".window_end")
		}
		keys := g.n(2)
		if i := strings.LastIndex(src.text, "¦k)@"); i > 0 {
			fixed = append(fixed, a+".k")
		}
		return g.group(src, keys, fixed)
	}
	r := g.rels[g.n(2)]
	src := source{text: r.name + " AS " + a, cols: g.columns(r, a)}
	ts := a + ".ts"
	x := pick(g.rng, "date_trunc('minute', "+ts+")", "date_bin('10 seconds', "+ts+", TIMESTAMPTZ '2026-01-01 00:00:00Z')", "date_trunc('hour', "+ts+")", ts)
	return g.group(src, g.n(2), []string{x})
}

// windowed makes a window function over a stream.
func (g *gen) windowed(a string) source {
	r := g.rels[g.n(2)]
	cols := append(g.columns(r, a), column{name: a + ".window_start", kind: kTime}, column{name: a + ".window_end", kind: kTime})
	for i := range cols {
		cols[i].unique = false
	}
	return source{text: g.window(r.name, "ts", "k", "k", "g") + " AS " + a, cols: cols}
}

// window makes a window function over a source by its time column; sessions also by one of the others. No time is just where a session ends: the watermark
// that reaches the end of a session ends it, though a row of just that time, which is not late, would have gone on with it.
func (g *gen) window(src, ts string, by ...string) string {
	switch g.n(4) {
	case 0, 1:
		return fmt.Sprintf("@tumble(%s¦%s¦%d)@", src, ts, pick(g.rng, 5, 10, 10, 60))
	case 2:
		g.tag("hop")
		return fmt.Sprintf("@hop(%s¦%s¦%d¦%d)@", src, ts, 5, pick(g.rng, 10, 15, 12, 20))
	}
	if g.n(2) == 0 || !g.on("session") {
		g.tag("cumulate")
		return fmt.Sprintf("@cumulate(%s¦%s¦%d¦%d)@", src, ts, 5, pick(g.rng, 10, 20))
	}
	g.tag("session")
	return fmt.Sprintf("@session(%s¦%s¦%s¦%s)@", src, ts, pick(g.rng, "1.0005", "2.0005", "5.0005"), pick(g.rng, append(by, "")...))
}

// windowChain makes windows of windows.
func (g *gen) windowChain() *query {
	a, b := g.alias(), g.alias()
	in := g.group(g.windowed(a), g.n(2), []string{a + ".window_start", a + ".window_end"})
	size := pick(g.rng, 20, 30, 60)
	call := fmt.Sprintf("@tumble(($0)¦c%d¦%d)@", g.n(2), size)
	if g.n(3) == 0 {
		call = fmt.Sprintf("@hop(($0)¦c%d¦%d¦%d)@", g.n(2), 10, size)
	}
	src := source{text: call + " AS " + b, subs: []*query{in}, cols: in.columns(b)}
	return g.group(src, g.n(2), []string{b + ".window_start", b + ".window_end"})
}
