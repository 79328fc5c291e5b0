package deparse

import (
	"github.com/streamsqld/streamsqld/expr"
)

func (p *printer) call(c *call) {
	if c.special && p.specialCall(c) {
		return
	}
	p.put(c.name + "(")
	p.list(len(c.args), func(i int) {
		if c.variadic && i == len(c.args)-1 {
			p.put("VARIADIC ")
		}
		if c.names != nil && c.names[i] != "" {
			p.put(expr.QuoteIdent(c.names[i]) + " => ")
		}
		p.expr(c.args[i], true)
	})
	p.put(")")
}

// specialCall writes a function in the SQL standard's form; false where it has none.
func (p *printer) specialCall(c *call) bool {
	n, a := len(c.args), c.args
	word := func(i int) string {
		if k, ok := a[i].(*constant); ok {
			return k.text
		}
		return ""
	}
	parts := func(words ...string) {
		for i, w := range words {
			p.put(w)
			if i < n {
				p.expr(a[i], false)
			}
		}
	}
	switch name := c.name; {
	case name == "timezone" && n == 2:
		p.put("(")
		p.operand(a[1], c, false)
		p.put(" AT TIME ZONE ")
		p.operand(a[0], c, false)
		p.put(")")
	case name == `"overlaps"` && n == 4:
		parts("((", ", ", ") OVERLAPS (", ", ", "))")
	case name == `"extract"` && n == 2:
		p.put("EXTRACT(" + word(0) + " FROM ")
		p.expr(a[1], false)
		p.put(")")
	case name == "is_normalized" && n > 0:
		p.put("(")
		p.operand(a[0], c, false)
		p.put(" IS")
		if n == 2 {
			p.put(" " + word(1))
		}
		p.put(" NORMALIZED)")
	case name == `"normalize"` && n > 0:
		p.put("NORMALIZE(")
		p.expr(a[0], false)
		if n == 2 {
			p.put(", " + word(1))
		}
		p.put(")")
	case name == "pg_collation_for":
		parts("COLLATION FOR (", ")")
	case name == `"overlay"` && n == 3:
		parts("OVERLAY(", " PLACING ", " FROM ", ")")
	case name == `"overlay"` && n == 4:
		parts("OVERLAY(", " PLACING ", " FROM ", " FOR ", ")")
	case name == `"position"` && n == 2:
		p.put("POSITION((")
		p.expr(a[1], false)
		p.put(") IN (")
		p.expr(a[0], false)
		p.put("))")
	default:
		return p.specialString(c)
	}
	return true
}

// specialString is SUBSTRING and TRIM.
func (p *printer) specialString(c *call) bool {
	n, a := len(c.args), c.args
	trim := map[string]string{"btrim": "BOTH", "ltrim": "LEADING", "rtrim": "TRAILING"}[c.name]
	switch {
	case c.name == `"substring"` && n == 2 && !isNumeric(a[1]):
		return false
	case c.name == `"substring"` && n == 2:
		p.put("SUBSTRING(")
		p.expr(a[0], false)
		p.put(" FROM ")
		p.expr(a[1], false)
		p.put(")")
	case c.name == `"substring"` && n == 3:
		first, second := " FROM ", " FOR "
		if !isNumeric(a[1]) {
			first, second = " SIMILAR ", " ESCAPE "
		}
		p.put("SUBSTRING(")
		p.expr(a[0], false)
		p.put(first)
		p.expr(a[1], false)
		p.put(second)
		p.expr(a[2], false)
		p.put(")")
	case trim != "":
		p.put("TRIM(" + trim)
		if n == 2 {
			p.put(" ")
			p.expr(a[1], false)
		}
		p.put(" FROM ")
		p.expr(a[0], false)
		p.put(")")
	default:
		return false
	}
	return true
}

func isNumeric(x node) bool { return under(x.typ()).Category() == 'N' }

func (p *printer) aggregate(c *aggregate) {
	p.put(c.name + "(")
	if c.distinct {
		p.put("DISTINCT ")
	}
	if c.star {
		p.put("*")
	}
	p.exprs(c.args)
	if len(c.order) > 0 && !c.within {
		p.put(" ORDER BY ")
		p.orderBy(c.order, false)
	}
	p.put(")")
	if c.within {
		p.put(" WITHIN GROUP (ORDER BY ")
		p.orderBy(c.order, false)
		p.put(")")
	}
	if c.filter != nil {
		p.put(" FILTER (WHERE ")
		p.expr(c.filter, false)
		p.put(")")
	}
	switch {
	case c.overName != "":
		p.put(" OVER " + expr.QuoteIdent(c.overName))
	case c.over != nil:
		p.put(" OVER ")
		p.window(c.over)
	}
}
