package lawtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
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
	loose    bool   // ORDER BY leaves the order of some rows open
	ours     bool   // PostgreSQL has no such query
	open     bool   // no watermark makes all its rows final
	ahead    bool   // may look at later rows of a partition: its last rows are not final
}

// foreign says whether PostgreSQL can't say the query.
func (q *query) foreign() bool {
	parts := slices.Concat(q.with, q.subs)
	if q.right != nil {
		parts = append(parts, q.right)
	}
	return q.ours || slices.ContainsFunc(parts, (*query).foreign)
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

// kinds are the kinds of queries, each with its tag; one that is more often wanted stands more often.
func (g *gen) kindsOf() []struct {
	tag  string
	make func() *query
} {
	return []struct {
		tag  string
		make func() *query
	}{
		{"plain", func() *query { return g.plain(2) }},
		{"group", func() *query { return g.grouped(2) }},
		{"group", func() *query { return g.grouped(1) }},
		{"windowgroup", g.windowGroup},
		{"windowgroup", g.windowGroup},
		{"distinct", g.distinctRows},
		{"setop", g.setOp},
		{"limit", g.limited},
		{"ties", g.withTies},
		{"nested", g.nested},
		{"cte", g.cte},
		{"topn", g.topN},
		{"over", g.over},
		{"overframe", g.overFrames},
		{"distincton", g.distinctOn},
		{"sets", g.groupingSets},
		{"asof", g.asof},
		{"match", g.match},
		{"match", g.match},
		{"unnest", g.unnest},
		{"lateral", g.lateral},
		{"windowchain", g.windowChain},
		{"natural", g.natural},
		{"overgroup", g.overGroup},
		{"call", g.call},
		{"lookup", g.lookup},
		{"setop3", g.setOp3},
		{"correlated", g.correlated},
	}
}

// query makes a query of any kind.
func (g *gen) query() *query {
	kinds := g.kindsOf()
	for {
		s := kinds[g.n(len(kinds))]
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
