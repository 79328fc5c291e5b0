package lawtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// query is a SELECT in parts, so that it can be made smaller. Its columns are c0, c1, ...
type query struct {
	with     []*query // q0, q1, ...
	distinct string
	items    []string
	kinds    []kind
	from     string
	subs     []*query // $0, $1 ... of from
	where    []string
	group    []string
	having   []string
	set      string // UNION ALL ...
	right    *query
	tail     string // ORDER BY, LIMIT
}

func (q *query) columns(a string) []column {
	out := make([]column, len(q.items))
	for i := range out {
		out[i] = column{name: fmt.Sprintf("%s.c%d", a, i), kind: q.kinds[i]}
	}
	return out
}

func (q *query) sql() string {
	var b strings.Builder
	for i, w := range q.with {
		b.WriteString(pickText(i == 0, "WITH ", ", "))
		fmt.Fprintf(&b, "q%d AS (%s)", i, w.sql())
	}
	if len(q.with) > 0 {
		b.WriteString(" ")
	}
	b.WriteString("SELECT ")
	if q.distinct != "" {
		b.WriteString(q.distinct + " ")
	}
	for i, x := range q.items {
		fmt.Fprintf(&b, "%s%s AS c%d", pickText(i == 0, "", ", "), x, i)
	}
	from := q.from
	for i := len(q.subs) - 1; i >= 0; i-- {
		from = strings.ReplaceAll(from, fmt.Sprintf("$%d", i), q.subs[i].sql())
	}
	b.WriteString(" FROM " + from)
	clause(&b, " WHERE ", " AND ", q.where)
	clause(&b, " GROUP BY ", ", ", q.group)
	clause(&b, " HAVING ", " AND ", q.having)
	if q.right != nil {
		b.WriteString(" " + q.set + " " + q.right.sql())
	}
	b.WriteString(q.tail)
	return b.String()
}

func clause(b *strings.Builder, word, sep string, parts []string) {
	if len(parts) > 0 {
		b.WriteString(word + strings.Join(parts, sep))
	}
}

func pickText(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// gen makes queries over relations and earlier views.
type gen struct {
	rng     *rand.Rand
	rels    []*relation
	views   []*view
	aliases int
	tags    map[string]bool // what the query has
	deps    map[string]bool // the views it reads
	off     map[string]bool // productions that are off
	noTime  bool            // event times may be NULL: such rows are late wherever the time counts, so only windows name them
}

func (g *gen) n(k int) int { return g.rng.IntN(k) }

func (g *gen) on(tag string) bool { return !g.off[tag] }

// may decides with one in k for a production that is on.
func (g *gen) may(tag string, k int) bool {
	if g.n(k) != 0 || !g.on(tag) {
		return false
	}
	g.tag(tag)
	return true
}

// query makes a query of any shape.
func (g *gen) query() *query {
	type shape struct {
		tag  string
		make func() *query
	}
	shapes := []shape{
		{"plain", func() *query { return g.plain(2) }},
		{"group", func() *query { return g.grouped(2) }},
		{"group", func() *query { return g.grouped(1) }},
		{"windowgroup", g.windowGroup},
		{"windowgroup", g.windowGroup},
		{"distinct", g.distinctRows},
		{"setop", g.setOp},
		{"limit", g.limited},
		{"nested", g.nested},
		{"cte", g.cte},
		{"topn", g.topN},
		{"over", g.over},
		{"distincton", g.distinctOn},
		{"sets", g.groupingSets},
	}
	for {
		s := shapes[g.n(len(shapes))]
		if g.on(s.tag) {
			g.tag(s.tag)
			return s.make()
		}
	}
}

// simple makes a query to stand within another.
func (g *gen) simple(depth int) *query {
	switch g.n(5) {
	case 0, 1:
		return g.grouped(depth)
	case 2:
		if g.on("topn") && g.n(2) == 0 {
			g.tag("topn")
			return g.topN()
		}
		fallthrough
	default:
		return g.plain(depth)
	}
}

func (g *gen) select0(src source) *query {
	return &query{from: src.text, subs: src.subs}
}

func (g *gen) add(q *query, text string, k kind) {
	q.items, q.kinds = append(q.items, text), append(q.kinds, k)
}

func (g *gen) anyKind() kind {
	return pick(g.rng, kInt, kInt, kText, kText, kNum, kBool, kTime, kFloat, kDate)
}

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
		if i := strings.LastIndex(src.text, ",k)@"); i > 0 {
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
			g.add(q, g.expr(k, src.cols, 1), k)
		}
		g.filter(q, src.cols)
		return q
	}
	q := side()
	q.set = pick(g.rng, "UNION", "UNION ALL", "UNION ALL", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL")
	q.right = side()
	return q
}

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
	if k := in.kinds[len(ca)-1]; k == kBool {
		q.from = fmt.Sprintf("q0 AS %s JOIN q0 AS %s ON %s = %s", a, b, ca[0].name, cb[0].name)
	}
	for _, c := range ca {
		g.add(q, c.name, c.kind)
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

// over makes window functions.
func (g *gen) over() *query {
	src := g.unique()
	q := g.select0(src)
	g.add(q, src.cols[0].name, kInt)
	for range 1 + g.n(2) {
		part := pick(g.rng, "PARTITION BY "+src.cols[1].name+" ", "PARTITION BY "+src.cols[2].name+" ", "")
		order := fmt.Sprintf("ORDER BY %s%s, %s", g.expr(pick(g.rng, kInt, kText, kTime), src.cols, 0), pick(g.rng, "", " DESC"), src.cols[0].name)
		v := g.expr(kInt, src.cols, 0)
		call, k := "row_number()", kInt
		frame := pick(g.rng, "", "", " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " RANGE UNBOUNDED PRECEDING", " GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW")
		switch g.n(11) {
		case 0:
			call, frame = pick(g.rng, "rank()", "dense_rank()", "row_number()"), ""
		case 1:
			call, frame = pick(g.rng, "ntile(3)", "ntile(2)"), ""
		case 2:
			call, frame = fmt.Sprintf("%s(%s)", pick(g.rng, "lag", "lead"), v), ""
		case 3:
			call = fmt.Sprintf("%s(%s)", pick(g.rng, "first_value", "last_value"), v)
		case 4:
			call, k = fmt.Sprintf("sum(%s)", v), kNum
		case 5:
			call, k = fmt.Sprintf("avg(%s)", v), kNum
		case 6:
			call = fmt.Sprintf("%s(%s)", pick(g.rng, "min", "max", "count"), v)
		case 7:
			call, order, frame = "count(*)", "", ""
		case 8:
			call, k, frame = pick(g.rng, "percent_rank()", "cume_dist()"), kFloat, ""
		case 9:
			call = fmt.Sprintf("nth_value(%s, 2)", v)
		case 10:
			order = "ORDER BY " + src.cols[1].name
			call, k, frame = fmt.Sprintf("sum(%s)", v), kNum, pick(g.rng, "", " RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING", " GROUPS CURRENT ROW")
		}
		g.add(q, fmt.Sprintf("%s OVER (%s%s%s)", call, part, order, frame), k)
	}
	g.filter(q, src.cols)
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
