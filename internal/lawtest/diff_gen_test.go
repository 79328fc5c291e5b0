package lawtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// sqlTypes are the names of the types for casts.
var sqlTypes = map[string]string{"int4": "int4", "int8": "int8", "int2": "int2", "num": "numeric", "f8": "float8", "text": "text", "vc": "varchar", "ch": "char(3)", "bool": "bool",
	"date": "date", "ts": "timestamp", "tz": "timestamptz", "iv": "interval", "ia": "int[]", "ta": "text[]", "jb": "jsonb", "tm": "time", "by": "bytea", "bit": "varbit"}

var allTypes = []string{"int4", "int4", "int4", "int8", "int2", "num", "num", "f8", "text", "text", "vc", "ch", "bool", "bool", "date", "ts", "tz", "iv", "ia", "ta", "jb", "tm", "by", "bit"}

// field is a column that an expression may name.
type field struct{ text, typ string }

// level is what the expressions of one SELECT may name.
type level struct {
	fields []field
	ids    []string // together they tell all rows apart; nil: nothing does
	keys   []field  // of GROUP BY, where the query groups
	groups bool
	inAgg  bool
}

// diffGen makes SELECTs whose rows do not depend on the order of anything that has none.
type diffGen struct {
	rng    *rand.Rand
	n      int // aliases
	levels []*level
	ctes   []field // name, types
	subs   int     // sub-selects that may still come
}

func (g *diffGen) pick(list []string) string { return list[g.rng.IntN(len(list))] }

// either picks one of two tables for a type that has entries there.
func (g *diffGen) either(a, b map[string][]string, typ string) []string {
	if len(a[typ]) == 0 || len(b[typ]) > 0 && g.one(2) {
		return b[typ]
	}
	return a[typ]
}

func (g *diffGen) one(k int) bool { return g.rng.IntN(k) == 0 }

func (g *diffGen) alias(p string) string {
	g.n++
	return fmt.Sprintf("%s%d", p, g.n)
}

func (g *diffGen) top() *level { return g.levels[len(g.levels)-1] }

func leaf(cat, text string) *tree { return &tree{cat: cat, parts: []any{text}} }

func withType(fields []field, typ string) []field {
	var out []field
	for _, f := range fields {
		if f.typ == typ {
			out = append(out, f)
		}
	}
	return out
}

// fill makes a piece of a template of words.
func (g *diffGen) fill(typ, text string, depth int) *tree {
	t := &tree{cat: typ, simple: "NULL::" + sqlTypes[typ]}
	var first *tree
	for text != "" {
		i := strings.IndexAny(text, "$@")
		if i < 0 {
			break
		}
		j := i + 1
		for j < len(text) && (text[j] >= 'a' && text[j] <= 'z' || text[j] >= '0' && text[j] <= '9') {
			j++
		}
		name := text[i+1 : j]
		if strings.HasPrefix(text[i:], "@@") {
			t.parts, text = append(t.parts, text[:i+2]), text[i+2:]
			continue
		}
		if text[i] == '$' && sqlTypes[name] == "" || text[i] == '@' && (first == nil || strings.HasPrefix(text[i:], "@>") || strings.HasPrefix(text[i:], "@?") || i > 0 && (text[i-1] == '^' || text[i-1] == '<' || text[i-1] == '(')) {
			t.parts = append(t.parts, text[:i+1])
			text = text[i+1:]
			continue
		}
		t.parts = append(t.parts, text[:i])
		if text[i] == '@' {
			t.parts = append(t.parts, first)
		} else {
			k := g.expr(name, depth)
			if first == nil {
				first = k
			}
			t.parts = append(t.parts, k)
		}
		text = text[j:]
	}
	t.parts = append(t.parts, text)
	return t
}

// expr makes an expression of a type.
func (g *diffGen) expr(typ string, depth int) *tree {
	l := g.top()
	if l.groups && !l.inAgg {
		if keys := withType(l.keys, typ); len(keys) > 0 && g.rng.IntN(3) > 0 {
			return leaf(typ, keys[g.rng.IntN(len(keys))].text)
		}
		if depth <= 0 || g.one(2) {
			l.inAgg = true
			defer func() { l.inAgg = false }()
			return g.fill(typ, g.pick(g.either(totals, moreTotals, typ)), min(depth-1, 1))
		}
	}
	switch {
	case depth <= 0:
		return g.atom(typ)
	case g.subs > 0 && g.one(9):
		g.subs--
		return g.scalar(typ, depth)
	case g.subs > 0 && typ == "bool" && g.one(6):
		g.subs--
		return g.condition(depth)
	case g.one(4):
		return g.atom(typ)
	}
	return g.fill(typ, g.pick(g.either(words, moreWords, typ)), depth-1)
}

// atom is a column or a constant.
func (g *diffGen) atom(typ string) *tree {
	l := g.top()
	fields := l.fields
	if l.groups && !l.inAgg {
		fields = l.keys
	}
	if len(g.levels) > 1 && g.one(3) && (!l.inAgg || g.one(12)) {
		outer := g.levels[g.rng.IntN(len(g.levels)-1)]
		fields = outer.fields
		if outer.groups && !outer.inAgg {
			fields = outer.keys
		}
	}
	if fs := withType(fields, typ); len(fs) > 0 && g.rng.IntN(5) > 0 {
		return &tree{cat: typ, parts: []any{fs[g.rng.IntN(len(fs))].text}, simple: "NULL::" + sqlTypes[typ]}
	}
	t := leaf(typ, g.pick(g.either(literals, moreLiterals, typ)))
	t.constant = true
	return t
}

// scalar is a sub-select of one value.
func (g *diffGen) scalar(typ string, depth int) *tree {
	var q *tree
	if g.one(4) && slices.Contains(exact, typ) {
		q = g.core([]string{typ}, depth-1, shape{plain: true})
		q = &tree{cat: q.cat, parts: []any{q, " ORDER BY 1", g.direction(), " LIMIT 1"}}
	} else {
		q = g.core([]string{typ}, depth-1, shape{total: true})
	}
	return &tree{cat: typ, parts: []any{"(", q, ")"}, simple: "NULL::" + sqlTypes[typ]}
}

// condition is a condition with a sub-select.
func (g *diffGen) condition(depth int) *tree {
	t := &tree{cat: "bool", simple: "true"}
	typ := g.pick([]string{"int4", "int4", "text", "num", "date", "int8"})
	switch g.rng.IntN(6) {
	case 0, 1:
		t.parts = []any{g.pick([]string{"", "NOT "}) + "EXISTS (", g.query([]string{typ}, depth-1), ")"}
	case 2, 3:
		t.parts = []any{"(", g.expr(typ, depth-1), g.pick([]string{" IN (", " NOT IN ("}), g.query([]string{typ}, depth-1), "))"}
	case 4:
		t.parts = []any{"(", g.expr(typ, depth-1), g.pick([]string{" = ", " < ", " >= ", " <> "}), g.pick([]string{"ANY (", "ALL ("}), g.query([]string{typ}, depth-1), "))"}
	default:
		t.parts = []any{"((", g.expr(typ, depth-1), ", ", g.expr("int4", depth-1), ") IN (", g.query([]string{typ, "int4"}, depth-1), "))"}
	}
	return t
}

func (g *diffGen) direction() string {
	return g.pick([]string{"", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"})
}

// query makes a query of columns of these types.
func (g *diffGen) query(types []string, depth int) *tree {
	cat := "query " + strings.Join(types, ",")
	switch k := g.rng.IntN(12); {
	case k == 0 && depth > 0:
		op := g.pick([]string{" UNION ", " UNION ALL ", " INTERSECT ", " INTERSECT ALL ", " EXCEPT ", " EXCEPT ALL "})
		return &tree{cat: cat, parts: []any{"(", g.core(types, depth-1, shape{}), ")", op, "(", g.core(types, depth-1, shape{}), ")"}}
	case k == 1 && depth > 0 && len(g.ctes) < 2:
		inner := make([]string, 1+g.rng.IntN(3))
		for i := range inner {
			inner[i] = g.pick(allTypes)
		}
		name := g.alias("w")
		with := &tree{cat: "with", parts: []any{name + g.pick([]string{" AS (", " AS MATERIALIZED (", " AS NOT MATERIALIZED ("}), g.core(inner, depth-1, shape{named: true}), ")"}}
		g.ctes = append(g.ctes, field{name, strings.Join(inner, ",")})
		q := g.core(types, depth-1, shape{})
		g.ctes = g.ctes[:len(g.ctes)-1]
		return &tree{cat: cat, parts: []any{"WITH ", with, " ", q}}
	case k == 2 && !slices.ContainsFunc(types, func(t string) bool { return !slices.Contains(exact, t) }):
		return g.cut(g.core(types, depth, shape{}), types)
	}
	switch k := g.rng.IntN(16); {
	case k == 0 && depth > 1 && len(g.ctes) < 2:
		return g.recursive(types, depth)
	case k < 3 && depth > 0:
		return g.mixed(types, depth)
	case k == 3:
		return g.values(types)
	}
	return g.core(types, depth, shape{})
}

// cut orders a query by all its columns and cuts it.
func (g *diffGen) cut(q *tree, types []string) *tree {
	t := &tree{cat: q.cat, parts: []any{q, " ORDER BY "}}
	for i := range types {
		t.parts = append(t.parts, pickText(i == 0, "", ", ")+fmt.Sprint(i+1)+g.direction())
	}
	if g.rng.IntN(3) > 0 {
		t.parts = append(t.parts, &tree{cat: "limit", parts: []any{fmt.Sprintf(g.pick([]string{" LIMIT %d", " FETCH FIRST %d ROWS ONLY", " FETCH FIRST %d ROWS WITH TIES"}), g.rng.IntN(5))}, drop: true})
	}
	if g.one(3) {
		t.parts = append(t.parts, &tree{cat: "offset", parts: []any{fmt.Sprintf(" OFFSET %d", g.rng.IntN(3))}, drop: true})
	}
	return t
}

// shape says what a SELECT must be.
type shape struct {
	plain bool // no grouping
	total bool // one row: aggregates without GROUP BY
	named bool // columns c0, c1, ...
	free  bool // names as they come
}

// core makes a SELECT.
func (g *diffGen) core(types []string, depth int, sh shape) *tree {
	l := &level{}
	g.levels = append(g.levels, l)
	defer func() { g.levels = g.levels[:len(g.levels)-1] }()
	from := g.from(l, depth)
	t := &tree{cat: "query " + strings.Join(types, ","), parts: []any{"SELECT "}}
	where := &tree{cat: "where", drop: true}
	if g.one(2) {
		where.parts = []any{" WHERE ", g.expr("bool", depth)}
	}
	var group, having *tree
	if sh.total || !sh.plain && g.one(3) {
		group, having = g.grouping(l, depth, sh.total)
	}
	if !sh.total && g.one(7) {
		t.parts = append(t.parts, &tree{cat: "distinct", parts: []any{"DISTINCT "}, drop: true})
	}
	for i, typ := range types {
		x := g.item(l, typ, depth, group == nil)
		it := &tree{cat: "item", drop: sh.free, parts: []any{pickText(i == 0, "", ", "), x}}
		switch {
		case sh.named:
			it.parts = append(it.parts, fmt.Sprintf(" AS c%d", i))
		case sh.free && g.one(3):
			it.parts = append(it.parts, g.alias(" AS n"))
		}
		t.parts = append(t.parts, it)
	}
	t.parts = append(t.parts, from, where)
	if group != nil {
		t.parts = append(t.parts, group, having)
	}
	return t
}

// grouping makes GROUP BY and HAVING; from then on expressions are over groups.
func (g *diffGen) grouping(l *level, depth int, total bool) (group, having *tree) {
	group, having = &tree{cat: "group", drop: true}, &tree{cat: "having", drop: true}
	if !total {
		var keys []*tree
		for range 1 + g.rng.IntN(3) {
			typ := g.pick([]string{"int4", "text", "bool", "date", "int8", "num", "vc"})
			x := g.atom(typ)
			if g.one(3) {
				x = g.expr(typ, 1)
			}
			if !slices.ContainsFunc(l.fields, func(f field) bool { return strings.Contains(x.String(), f.text) }) || strings.Contains(x.String(), "SELECT") {
				continue
			}
			keys = append(keys, x)
			l.keys = append(l.keys, field{x.String(), typ})
		}
		if len(keys) > 0 {
			group.parts = g.groupText(keys)
		}
	}
	l.groups = true
	if g.one(4) {
		having.parts = []any{" HAVING ", g.expr("bool", depth-1)}
	}
	return group, having
}

// groupText writes the keys, perhaps as grouping sets.
func (g *diffGen) groupText(keys []*tree) []any {
	list := []any{}
	for i, k := range keys {
		list = append(list, pickText(i == 0, "", ", "), k)
	}
	sets := g.rng.IntN(6)
	if slices.ContainsFunc(keys, func(k *tree) bool { return strings.ContainsAny(k.String(), "(: ") }) {
		sets = 9 // PostgreSQL 15 forgets what it groups by where an expression is a key
	}
	switch sets {
	case 0:
		return slices.Concat([]any{" GROUP BY ROLLUP ("}, list, []any{")"})
	case 1:
		return slices.Concat([]any{" GROUP BY CUBE ("}, list, []any{")"})
	case 2:
		return slices.Concat([]any{" GROUP BY GROUPING SETS (("}, list, []any{"), (", keys[0], "), ())"})
	}
	return append([]any{" GROUP BY "}, list...)
}

// item is an expression of the select list, perhaps a window function.
func (g *diffGen) item(l *level, typ string, depth int, plain bool) *tree {
	if plain && g.one(6) {
		if t := g.window(l, typ, depth); t != nil {
			return t
		}
	}
	return g.expr(typ, depth)
}

// ranks are window functions whose value is the same for rows that are equal in the order.
var ranks = map[string][]string{
	"int8": {"rank()", "dense_rank()", "count(*)", "sum($int4)", "count($text)", "count(*) FILTER (WHERE $bool)"},
	"int4": {"max($int4)", "min($int4)"},
	"num":  {"sum($num)", "avg($int4)", "sum($int8)", "max(trim_scale($num))"},
	"f8":   {"percent_rank()", "cume_dist()"},
	"text": {"min($text)", "max($text)"},
	"bool": {"bool_or($bool)"},
	"date": {"max($date)"},
	"ts":   {"min($ts)"},
}

// places are those that need an order of all rows.
var places = map[string][]string{
	"int8": {"row_number()", "first_value($int8)"},
	"int4": {"lag($int4)", "lead($int4, 2)", "first_value($int4)", "last_value($int4)", "nth_value($int4, 2)", "ntile(3)", "lag($int4, 1, 0)"},
	"text": {"lag($text)", "last_value($text)", "string_agg($text, ',')", "lead($text, 1, '-')"},
	"num":  {"first_value($num)", "lead($num)"},
	"bool": {"lag($bool)"},
	"date": {"nth_value($date, 1)", "lag($date)"},
	"ia":   {"array_agg($int4)"},
}

// window makes a window function; nil: there is none of this type.
func (g *diffGen) window(l *level, typ string, depth int) *tree {
	names, total := ranks[typ], false
	if l.ids != nil && (g.one(2) || names == nil) {
		names, total = places[typ], true
	}
	if names == nil {
		return nil
	}
	t := &tree{cat: typ, simple: "NULL::" + sqlTypes[typ]}
	t.parts = append(t.parts, g.fill(typ, g.pick(names), depth-1), " OVER (")
	if g.one(2) {
		t.parts = append(t.parts, &tree{cat: "partition", parts: []any{"PARTITION BY ", g.expr(g.pick([]string{"int4", "text", "bool"}), 1)}, drop: true})
	}
	key := g.pick([]string{"int4", "text", "num", "date"})
	frame := ""
	if total || g.rng.IntN(3) > 0 {
		t.parts = append(t.parts, " ORDER BY ", g.expr(key, 1), g.direction())
		frame = g.pick([]string{"", "", " GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", " GROUPS BETWEEN 2 PRECEDING AND 1 PRECEDING"})
		if !total && (key == "int4" || key == "num") && g.one(3) {
			frame = g.pick([]string{" RANGE BETWEEN 1 PRECEDING AND 2 FOLLOWING", " RANGE BETWEEN 3 PRECEDING AND 1 PRECEDING", " RANGE 2 PRECEDING"})
		}
	}
	if total {
		t.parts = append(t.parts, ", "+strings.Join(l.ids, ", "))
		if g.one(2) {
			frame = g.pick([]string{" ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " ROWS UNBOUNDED PRECEDING", " ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING", " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", " ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING"})
		}
	}
	if frame != "" && g.one(3) {
		frame += g.pick([]string{" EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE NO OTHERS"})
	}
	t.parts = append(t.parts, &tree{cat: "frame", parts: []any{frame}, drop: true}, ")")
	return t
}
