package deparse

import (
	"strings"

	"github.com/streamsqld/streamsqld/expr"
)

// query writes a query; names are those of its columns where others are visible than its own, visible says whether they are seen at all.
func (p *printer) query(q *query, names []string, visible bool) {
	in := *p
	in.prefix, in.used = true, unique(q, p.used)
	in.with(q)
	ordinals := q.set != nil
	if q.set != nil {
		in.setOp(q.set, names, visible)
	} else {
		in.selectBlock(q, names, visible)
	}
	if len(q.order) > 0 {
		in.keyword(" ORDER BY ", -indentStd, indentStd, 1)
		in.orderBy(q.order, ordinals)
	}
	if q.offset != nil {
		in.keyword(" OFFSET ", -indentStd, indentStd, 0)
		in.expr(q.offset, false)
	}
	in.limit(q)
	for _, l := range q.locks {
		in.keyword(" "+l, -indentStd, indentStd, 0)
	}
	if q.emit {
		in.keyword(" EMIT ON WINDOW CLOSE", -indentStd, indentStd, 1)
	}
	p.b = in.b
}

func (p *printer) limit(q *query) {
	if q.limitAll {
		p.keyword(" LIMIT ALL", -indentStd, indentStd, 0)
	}
	if q.limit == nil {
		return
	}
	if q.ties {
		p.keyword(" FETCH FIRST ", -indentStd, indentStd, 0)
		p.put("(")
		p.expr(q.limit, false)
		p.put(")")
		p.put(" ROWS WITH TIES")
		return
	}
	p.keyword(" LIMIT ", -indentStd, indentStd, 0)
	p.expr(q.limit, false)
}

func (p *printer) with(q *query) {
	if len(q.with) == 0 {
		return
	}
	if p.lines {
		p.indent += indentStd
		p.put(" ")
	}
	word := "WITH "
	if q.recursive {
		word = "WITH RECURSIVE "
	}
	for _, w := range q.with {
		p.put(word + expr.QuoteIdent(w.name))
		if len(w.cols) > 0 {
			p.put("(" + identList(w.cols) + ")")
		}
		p.put(" AS ")
		if w.materialized != "" {
			p.put(upper(w.materialized) + " ")
		}
		p.put("(")
		if p.lines {
			p.keyword("", 0, 0, 0)
		}
		p.query(w.q, nil, true)
		if p.lines {
			p.keyword("", 0, 0, 0)
		}
		p.put(")")
		word = ", "
	}
	if p.lines {
		p.indent -= indentStd
		p.keyword("", 0, 0, 0)
		return
	}
	p.put(" ")
}

func identList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = expr.QuoteIdent(n)
	}
	return strings.Join(out, ", ")
}

func (p *printer) setOp(o *setOp, names []string, visible bool) {
	if o.q != nil {
		q := o.q
		bracket := len(q.with) > 0 || len(q.order) > 0 || len(q.locks) > 0 || q.limit != nil || q.offset != nil
		if bracket {
			p.put("(")
		}
		p.query(q, names, visible)
		if bracket {
			p.put(")")
		}
		return
	}
	sub := 0
	bracket := o.l.q == nil && (o.l.op != o.op || o.l.all != o.all)
	if bracket {
		sub = indentStd
		p.put("(")
		p.keyword("", sub, 0, 0)
	}
	p.setOp(o.l, names, visible)
	switch {
	case bracket:
		p.keyword(") ", -sub, 0, 0)
	case p.lines:
		p.keyword("", -sub, 0, 0)
	default:
		p.put(" ")
	}
	p.put(upper(o.op) + " ")
	if o.all {
		p.put("ALL ")
	}
	bracket, sub = o.r.q == nil, 0
	if bracket {
		p.put("(")
		sub = indentStd
	}
	p.keyword("", sub, 0, 0)
	p.setOp(o.r, names, false)
	if p.lines {
		p.indent -= sub
	}
	if bracket {
		p.keyword(")", 0, 0, 0)
	}
}

func (p *printer) selectBlock(q *query, names []string, visible bool) {
	if p.lines {
		p.indent += indentStd
		p.put(" ")
	}
	if q.values != nil {
		p.valuesList(q.values)
		return
	}
	p.put("SELECT")
	switch {
	case len(q.distinctOn) > 0:
		p.put(" DISTINCT ON (")
		p.list(len(q.distinctOn), func(i int) { p.clauseExpr(q.distinctOn[i]) })
		p.put(")")
	case q.distinct:
		p.put(" DISTINCT")
	}
	p.targets(q.targets, names, visible)
	p.from(q.from)
	if q.where != nil {
		p.keyword(" WHERE ", -indentStd, indentStd, 1)
		p.expr(q.where, false)
	}
	if len(q.group) > 0 {
		p.keyword(" GROUP BY ", -indentStd, indentStd, 1)
		if q.groupDistinct {
			p.put("DISTINCT ")
		}
		p.groups(q)
	}
	if q.having != nil {
		p.keyword(" HAVING ", -indentStd, indentStd, 0)
		p.expr(q.having, false)
	}
	for i, w := range q.windows {
		if i == 0 {
			p.keyword(" WINDOW ", -indentStd, indentStd, 1)
		} else {
			p.put(", ")
		}
		p.put(expr.QuoteIdent(w.name) + " AS ")
		p.window(w.w)
	}
}

func (p *printer) valuesList(rows [][]node) {
	p.put("VALUES ")
	p.list(len(rows), func(r int) {
		p.put("(")
		for i, x := range rows[r] {
			if i > 0 {
				p.put(",")
			}
			p.top(x, false)
		}
		p.put(")")
	})
}

func (p *printer) targets(ts []target, names []string, visible bool) {
	sep, multi := " ", false
	for i, t := range ts {
		p.put(sep)
		sep = ", "
		name := t.name
		if i < len(names) {
			name = names[i]
		}
		text := p.aside(func() {
			known := "?column?"
			if visible {
				known = ""
			}
			if v, ok := t.x.(*variable); ok {
				known = p.variable(v, true)
			} else {
				p.expr(t.x, true)
			}
			if name != "" && known != name {
				p.put(" AS " + expr.QuoteIdent(name))
			}
		})
		p.wrapped(text, i == 0, multi)
		multi = strings.Contains(strings.TrimPrefix(text, "\n"), "\n")
	}
}

func (p *printer) groups(q *query) {
	p.list(len(q.group), func(i int) {
		if g := q.group[i]; !q.sets && g.kind == "" {
			p.clauseExpr(g.x)
		} else {
			p.groupSet(g, q.sets, true)
		}
	})
}

// groupSet writes a member of GROUP BY. bare: a single expression needs no brackets.
func (p *printer) groupSet(g group, sets, bare bool) {
	switch {
	case g.kind == "" && !sets:
		p.clauseExpr(g.x)
		return
	case g.kind == "":
		g = group{kind: "list", items: []group{g}}
	}
	if g.kind == "list" {
		bracket := len(g.items) != 1 || !bare
		if !sets && len(g.items) > 1 {
			bracket = false
		}
		if bracket {
			p.put("(")
		}
		p.list(len(g.items), func(i int) { p.clauseExpr(g.items[i].x) })
		if bracket {
			p.put(")")
		}
		return
	}
	p.put(map[string]string{"rollup": "ROLLUP(", "cube": "CUBE(", "sets": "GROUPING SETS ("}[g.kind])
	p.list(len(g.items), func(i int) { p.groupSet(g.items[i], sets, g.kind != "sets") })
	p.put(")")
}

// clauseExpr is an expression of GROUP BY, ORDER BY and the like, which must not be read as something else.
func (p *printer) clauseExpr(x node) {
	bracket := p.pretty
	switch x := x.(type) {
	case *constant:
		p.constant(x, 1)
		return
	case *variable:
		p.expr(x, true)
		return
	case *words:
		if strings.HasPrefix(x.text, `"*VALUES*"`) {
			p.put(x.text)
			return
		}
	case *call, *aggregate:
		bracket = true
	case *cast:
		bracket = bracket || !x.relabel
	}
	if bracket {
		p.put("(")
	}
	p.expr(x, true)
	if bracket {
		p.put(")")
	}
}

func (p *printer) orderBy(items []sortItem, ordinals bool) {
	p.list(len(items), func(i int) {
		it := items[i]
		if ordinals {
			p.put(itoa(it.col))
		} else {
			p.clauseExpr(it.x)
		}
		switch {
		case it.using != "":
			p.put(" USING " + it.using)
		case it.desc:
			p.put(" DESC")
		}
		switch {
		case it.desc && !it.nullsFirst:
			p.put(" NULLS LAST")
		case !it.desc && it.nullsFirst:
			p.put(" NULLS FIRST")
		}
	})
}

func (p *printer) window(w *window) {
	p.put("(")
	sep := ""
	part := func(s string) {
		p.put(sep + s)
		sep = " "
	}
	if w.ref != "" {
		part(expr.QuoteIdent(w.ref))
	}
	if len(w.partition) > 0 {
		part("PARTITION BY ")
		p.list(len(w.partition), func(i int) { p.clauseExpr(w.partition[i]) })
	}
	if len(w.order) > 0 {
		part("ORDER BY ")
		p.orderBy(w.order, false)
	}
	if f := w.frame; f != nil {
		part(upper(f.mode) + " ")
		bound := func(word string, x node) {
			if x != nil {
				p.expr(x, false)
				p.put(" ")
			}
			p.put(upper(word))
		}
		if !f.between {
			bound(f.start, f.lo)
		} else {
			p.put("BETWEEN ")
			bound(f.start, f.lo)
			p.put(" AND ")
			bound(f.end, f.hi)
		}
		if f.exclude != "" && f.exclude != "no others" {
			p.put(" EXCLUDE " + upper(f.exclude))
		}
	}
	p.put(")")
}
