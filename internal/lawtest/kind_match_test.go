package lawtest

import (
	"fmt"
	"strings"
)

// match makes MATCH_RECOGNIZE, over a stream or a table. PostgreSQL has none: it is held against the batch SELECT only.
func (g *gen) match() *query {
	r := g.rels[g.n(3)]
	cols := r.cols
	order := "id"
	if r.stream && !g.noTime {
		order = pick(g.rng, "ts", "ts", "ts, id")
	}
	part, all := pick(g.rng, "", "k", "k", "g"), g.n(3) == 0
	pattern := pick(g.rng, "A B", "A B+ C", "A+", "A B*? C", "A+? B", "(A | B) C", "PERMUTE(A, B)", "A{2} B?", "A B{1,2} C*", "(A B)+", "A (B | C)+?", "A B C", "A+ B+")
	vars := []string{}
	for _, v := range []string{"A", "B", "C"} {
		if strings.Contains(pattern, v) {
			vars = append(vars, v)
		}
	}
	var define []string
	for _, v := range vars {
		if g.n(4) > 0 {
			define = append(define, v+" AS "+g.condition(v, vars[0]))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s MATCH_RECOGNIZE (", r.name)
	if part != "" {
		fmt.Fprintf(&b, "PARTITION BY %s ", part)
	}
	q := &query{ours: true}
	fmt.Fprintf(&b, "ORDER BY %s MEASURES MATCH_NUMBER() AS e0", order)
	kinds := []kind{kInt}
	for i := range 1 + g.n(3) {
		m, k := g.measure(vars)
		fmt.Fprintf(&b, ", %s AS e%d", m, i+1)
		kinds = append(kinds, k)
	}
	b.WriteString(pickText(all, " ALL ROWS PER MATCH", pick(g.rng, "", " ONE ROW PER MATCH")))
	skip := pick(g.rng, "", " AFTER MATCH SKIP PAST LAST ROW", " AFTER MATCH SKIP TO NEXT ROW")
	if pattern == "A B" || pattern == "A B C" {
		skip = pick(g.rng, skip, " AFTER MATCH SKIP TO B", " AFTER MATCH SKIP TO LAST B")
	}
	fmt.Fprintf(&b, "%s PATTERN (%s)", skip, pattern)
	q.ahead = true
	if q.open = order == "id" || g.n(3) == 0; !q.open {
		b.WriteString(" WITHIN " + pick(g.rng, "INTERVAL '5 seconds'", "INTERVAL '20 seconds'", "INTERVAL '1 minute'"))
	}
	if len(define) > 0 {
		b.WriteString(" DEFINE " + strings.Join(define, ", "))
	}
	q.open = q.open && endless(pattern, define)
	a := g.alias()
	q.from = b.String() + ") AS " + a
	if part != "" {
		g.add(q, a+"."+part, of2kind(cols, part))
	}
	for i, k := range kinds {
		g.add(q, fmt.Sprintf("%s.e%d", a, i), k)
	}
	if all {
		g.add(q, a+".v", kInt)
	}
	return q
}

// endless says whether a match without WITHIN may go on over rows without v for ever: where what a loop repeats may hold for them.
func endless(pattern string, define []string) bool {
	holds := func(v string) bool {
		for _, d := range define {
			if x, ok := strings.CutPrefix(d, v+" AS "); ok {
				return strings.Contains(x, ".k <>") || strings.Contains(x, "count(") || strings.Contains(x, "sum(") || strings.Contains(x, " IS ")
			}
		}
		return true
	}
	switch pattern {
	case "A B+ C", "A B*? C":
		return holds("B")
	case "A+", "A+? B":
		return holds("A")
	case "A B{1,2} C*":
		return holds("C")
	case "(A B)+":
		return holds("A") && holds("B")
	case "A (B | C)+?":
		return holds("B") || holds("C")
	case "A+ B+":
		return holds("A") || holds("B")
	}
	return false
}

// condition makes a condition for a variable of a pattern.
func (g *gen) condition(v, first string) string {
	return pick(g.rng, v+".v > PREV("+v+".v)", v+".v < PREV("+v+".v)", v+".v > 5", v+".v <= 8", "v % 2 = 0", v+".k <> 1", "v >= FIRST("+first+".v)", "v <> LAST("+v+".v, 1)",
		"count("+v+".v) <= 2", "sum("+v+".v) < 30", v+".g IS NOT NULL", "PREV(v, 2) IS NULL OR v > 0", v+".v < avg("+first+".v)", "NEXT(v) > v",
		"count(DISTINCT "+v+".k) < 3", "sum("+v+".v) FILTER (WHERE "+v+".v > 0) < 40 OR count("+v+".*) = 1")
}

// measure makes an expression over a match.
func (g *gen) measure(vars []string) (string, kind) {
	v := vars[g.n(len(vars))]
	switch g.n(11) {
	case 8:
		return fmt.Sprintf("%s count(DISTINCT %s.v)", pick(g.rng, "", "FINAL", "RUNNING"), v), kInt
	case 9:
		return fmt.Sprintf("%s array_agg(%s.id ORDER BY %s.v %s)::text", pick(g.rng, "FINAL", "RUNNING"), v, v, pick(g.rng, "", "DESC", "NULLS FIRST")), kText
	case 10:
		return fmt.Sprintf("%s sum(%s.v) FILTER (WHERE %s.v > 3)", pick(g.rng, "", "FINAL", "RUNNING"), v, v), kNum
	case 0:
		return v + ".v", kInt
	case 1:
		return fmt.Sprintf("%s(%s.v)", pick(g.rng, "FIRST", "LAST"), v), kInt
	case 2:
		return fmt.Sprintf("%s sum(%s.v)", pick(g.rng, "", "FINAL", "RUNNING"), v), kNum
	case 3:
		return fmt.Sprintf("count(%s.id)", v), kInt
	case 4:
		return "CLASSIFIER()", kText
	case 5:
		return fmt.Sprintf("%s %s(%s.id)", pick(g.rng, "FINAL", "RUNNING"), pick(g.rng, "FIRST", "LAST"), v), kInt
	case 6:
		return fmt.Sprintf("%s(%s.v)", pick(g.rng, "min", "max"), v), kInt
	}
	return "count(*)", kInt
}

func of2kind(cols []column, name string) kind {
	for _, c := range cols {
		if c.name == name {
			return c.kind
		}
	}
	return kInt
}
