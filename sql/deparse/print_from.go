package deparse

import (
	"strings"

	"github.com/streamsqld/streamsqld/expr"
)

func (p *printer) from(list []fromNode) {
	for i, f := range list {
		if i == 0 {
			p.keyword(" FROM ", -indentStd, indentStd, 2)
			p.fromNode(f)
			continue
		}
		p.put(", ")
		p.wrapped(p.aside(func() { p.fromNode(f) }), false, false)
	}
}

func (p *printer) fromNode(f fromNode) {
	if j, ok := f.(*join); ok {
		p.join(j)
		return
	}
	p.item(f.(*item))
}

func (p *printer) item(it *item) {
	if it.lateral {
		p.put("LATERAL ")
	}
	switch it.kind {
	case "relation", "cte":
		if it.kind == "cte" {
			p.put(expr.QuoteIdent(it.name))
		} else {
			p.put(it.name)
		}
	case "subquery":
		p.put("(")
		p.query(it.q, nil, true)
		p.put(")")
	case "function":
		p.functions(it)
	case "match":
		p.matchItem(it)
	default:
		p.put(it.kind + "(")
		p.source(it.src)
		for _, x := range it.args {
			p.put(", ")
			p.expr(x, true)
		}
		p.put(")")
	}
	if it.asOf != nil {
		p.put(" FOR SYSTEM_TIME AS OF ")
		p.expr(it.asOf, true)
	}
	p.alias(it)
	if it.sample != "" {
		p.put(" TABLESAMPLE " + it.sample + " (")
		p.list(len(it.args), func(i int) { p.expr(it.args[i], false) })
		p.put(")")
		if it.seed != nil {
			p.put(" REPEATABLE (")
			p.expr(it.seed, false)
			p.put(")")
		}
	}
}

// source is what a window or a pattern stands on.
func (p *printer) source(f fromNode) {
	it, ok := f.(*item)
	if !ok {
		p.fromNode(f)
		return
	}
	unique(&query{items: []*item{it}}, nil)
	p.item(it)
}

func (p *printer) functions(it *item) {
	unnest := len(it.calls) > 1
	for _, x := range it.calls {
		c, ok := x.(*call)
		unnest = unnest && ok && c.name == "unnest" && len(c.args) == 1
	}
	switch {
	case unnest:
		p.put("UNNEST(")
	case len(it.calls) > 1:
		p.put("ROWS FROM(")
	}
	p.list(len(it.calls), func(i int) {
		if unnest {
			p.expr(it.calls[i].(*call).args[0], true)
			return
		}
		if _, ok := it.calls[i].(*cast); ok {
			p.put("CAST(")
			p.expr(it.calls[i], false)
			p.put(" AS " + p.names.typ(it.calls[i].typ()) + ")")
			return
		}
		p.expr(it.calls[i], true)
	})
	if len(it.calls) > 1 {
		p.put(")")
	}
	if it.ordinal {
		p.put(" WITH ORDINALITY")
	}
}

// alias writes the name of an item where it needs one, and those of its columns.
func (p *printer) alias(it *item) {
	show := it.alias != "" || it.declared || it.refname != it.bare || it.kind == "function"
	if !show || it.refname == "" {
		return
	}
	p.put(" " + expr.QuoteIdent(it.refname))
	p.columns(it)
}

func (p *printer) columns(it *item) {
	switch {
	case it.types != nil:
		parts := make([]string, len(it.types))
		for i, t := range it.types {
			parts[i] = expr.QuoteIdent(it.shown[i]) + " " + t
		}
		p.put("(" + strings.Join(parts, ", ") + ")")
	case it.declared && len(it.shown) > 0:
		p.put("(" + identList(it.shown) + ")")
	}
}

func (p *printer) join(j *join) {
	bracket := !p.pretty || j.as != nil
	if bracket {
		p.put("(")
	}
	p.fromNode(j.l)
	word := " JOIN "
	switch {
	case j.asof && j.kind == "left":
		word = " ASOF LEFT JOIN "
	case j.asof:
		word = " ASOF JOIN "
	case j.kind == "left", j.kind == "right", j.kind == "full":
		word = " " + upper(j.kind) + " JOIN "
	case j.on == nil && len(j.using) == 0:
		word = " CROSS JOIN "
	}
	p.keyword(word, -indentStd, indentStd, indentJoin)
	in, nested := j.r.(*join)
	right := p.pretty && nested && in.as == nil
	if right {
		p.put("(")
	}
	p.fromNode(j.r)
	if right {
		p.put(")")
	}
	switch {
	case len(j.using) > 0:
		p.put(" USING (" + identList(j.using) + ")")
	case j.on != nil:
		p.put(" ON ")
		if !p.pretty {
			p.put("(")
		}
		p.expr(j.on, false)
		if !p.pretty {
			p.put(")")
		}
	case j.kind == "left", j.kind == "right", j.kind == "full":
		p.put(" ON TRUE")
	}
	if bracket {
		p.put(")")
	}
	if j.as != nil {
		p.put(" " + expr.QuoteIdent(j.as.refname))
		p.columns(j.as)
	}
}
