package deparse

import (
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// matchItem writes source MATCH_RECOGNIZE (...), a clause a line.
func (p *printer) matchItem(it *item) {
	m, t := it.match, it.match.t
	in := *p
	in.prefix = false
	in.source(it.src)
	in.put(" MATCH_RECOGNIZE (")
	clause := func(word string, n int, f func(i int)) {
		if n > 0 {
			in.keyword(word, 0, 0, 2)
			in.list(n, f)
		}
	}
	clause("PARTITION BY ", len(m.partition), func(i int) { in.expr(m.partition[i], true) })
	if len(m.order) > 0 {
		in.keyword("ORDER BY ", 0, 0, 2)
		in.orderBy(m.order, false)
	}
	clause("MEASURES ", len(m.measures), func(i int) {
		if s := t.Measures[i].Semantics; s != "" {
			in.put(upper(s) + " ")
		}
		in.expr(m.measures[i], true)
		in.put(" AS " + expr.QuoteIdent(t.Measures[i].Name))
	})
	in.keyword(rowsPerMatch(t), 0, 0, 2)
	skip := "AFTER MATCH SKIP " + upper(t.Skip)
	if t.SkipVar != "" {
		skip += " " + expr.QuoteIdent(t.SkipVar)
	}
	in.keyword(skip, 0, 0, 2)
	in.keyword("PATTERN ("+patternText(t.Pattern)+")", 0, 0, 2)
	if m.within != nil {
		in.keyword("WITHIN ", 0, 0, 2)
		in.expr(m.within, true)
	}
	clause("SUBSET ", len(t.Subsets), func(i int) {
		in.put(expr.QuoteIdent(t.Subsets[i].Name) + " = (" + identList(t.Subsets[i].Vars) + ")")
	})
	clause("DEFINE ", len(m.defines), func(i int) {
		in.put(expr.QuoteIdent(t.Defines[i].Name) + " AS ")
		in.expr(m.defines[i], true)
	})
	in.put(")")
	p.b = in.b
}

func rowsPerMatch(t *ast.Match) string {
	switch {
	case !t.AllRows:
		return "ONE ROW PER MATCH"
	case t.Empty == "with unmatched":
		return "ALL ROWS PER MATCH WITH UNMATCHED ROWS"
	case t.Empty != "":
		return "ALL ROWS PER MATCH " + upper(t.Empty) + " MATCHES"
	}
	return "ALL ROWS PER MATCH"
}

// patternText is a row pattern as text.
func patternText(x *ast.Pattern) string {
	parts := make([]string, len(x.Items))
	for i, in := range x.Items {
		parts[i] = patternText(in)
	}
	text := ""
	switch x.Kind {
	case "var":
		text = expr.QuoteIdent(x.Name)
	case "seq":
		text = strings.Join(parts, " ")
	case "alt":
		text = strings.Join(parts, " | ")
	case "permute":
		text = "PERMUTE(" + strings.Join(parts, ", ") + ")"
	case "group":
		text = "(" + strings.Join(parts, " ") + ")"
	case "exclude":
		text = "{- " + strings.Join(parts, " ") + " -}"
	case "start":
		text = "^"
	case "end":
		text = "$"
	}
	return text + quantifier(x)
}

func quantifier(x *ast.Pattern) string {
	text := ""
	switch {
	case x.Min == 1 && x.Max == 1:
		return ""
	case x.Min == 0 && x.Max == -1:
		text = "*"
	case x.Min == 1 && x.Max == -1:
		text = "+"
	case x.Min == 0 && x.Max == 1:
		text = "?"
	case x.Max == x.Min:
		text = "{" + itoa(x.Min) + "}"
	case x.Max < 0:
		text = "{" + itoa(x.Min) + ",}"
	default:
		text = "{" + itoa(x.Min) + "," + itoa(x.Max) + "}"
	}
	if x.Reluctant {
		text += "?"
	}
	return text
}
