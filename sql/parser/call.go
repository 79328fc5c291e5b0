package parser

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// call writes name(args) with everything that PostgreSQL lets follow; the current token is the bracket.
func (p *parser) call(names []string, pos ast.Pos) {
	x := &ast.Call{Pos: pos, Name: names, Semantics: p.semantics}
	p.semantics = ""
	p.need("(")
	w := p.open()
	nargs, order := p.callArgs(w, x)
	p.need(")")
	within := []sortSpec(nil)
	if p.opt("within", "group") {
		p.need("(", "order", "by")
		within = p.sortList(w)
		p.need(")")
	}
	filter := p.opt("filter", "(")
	if filter {
		p.need("where")
		w.expr()
		p.need(")")
	}
	var over *windowSpec
	if p.at("over") {
		over = p.over(w)
	}
	w.close(build(func(a *operands) ast.Expr {
		x.Args = a.take(nargs)
		x.OrderBy = readSort(order, a)
		x.Within = readSort(within, a)
		if filter {
			x.Filter = a.next()
		}
		if over != nil {
			x.Over = over.read(a)
		}
		return x
	}))
}

// callArgs writes what stands between the brackets of a call.
func (p *parser) callArgs(w *writer, x *ast.Call) (nargs int, order []sortSpec) {
	if p.at(")") {
		return 0, nil
	}
	if p.at("*") {
		p.i++
		x.Star = true
		return 0, nil
	}
	if p.opt("distinct") {
		x.Distinct = true
	} else {
		p.opt("all")
	}
	for {
		if p.opt("variadic") {
			x.Variadic = true
		}
		p.callArg(w, x, nargs)
		nargs++
		if x.Variadic || !p.opt(",") {
			break
		}
	}
	if p.opt("order", "by") {
		order = p.sortList(w)
	}
	return nargs, order
}

// callArg writes one argument: x, or name => x.
func (p *parser) callArg(w *writer, x *ast.Call, n int) {
	name := ""
	if t := p.peek(1); t.is("=>") || t.is(":=") {
		t := p.cur()
		if t.kind != tQuoted && (t.kind != tIdent || keywords[t.text].class == reserved) {
			p.fail()
		}
		name = p.label()
		p.i++
		if x.ArgNames == nil {
			x.ArgNames = make([]string, n, n+1)
		}
	} else if x.ArgNames != nil {
		p.refuse(p.pos(), sqlerr.SyntaxError, "positional argument cannot follow named argument")
	}
	if x.ArgNames != nil {
		x.ArgNames = append(x.ArgNames, name)
	}
	w.expr()
}

// sortSpec is an ORDER BY item without its expression, which is an operand.
type sortSpec struct {
	desc         bool
	nulls, using string
}

// sortList writes x [ASC|DESC|USING op] [NULLS FIRST|LAST], ...
func (p *parser) sortList(w *writer) []sortSpec {
	var list []sortSpec
	for {
		w.expr()
		list = append(list, p.sortSpec())
		if !p.opt(",") {
			return list
		}
	}
}

func (p *parser) sortSpec() (s sortSpec) {
	switch {
	case p.opt("desc"):
		s.desc = true
	case p.opt("asc"):
	case p.opt("using"):
		if p.at("operator") {
			s.using = p.namedOperator()
		} else {
			if p.cur().kind != tOp {
				p.fail()
			}
			s.using = p.cur().text
			p.i++
		}
	}
	if p.opt("nulls") {
		s.nulls = p.oneOf("first", "last")
	}
	return s
}

func readSort(list []sortSpec, a *operands) []ast.SortItem {
	var items []ast.SortItem
	for _, s := range list {
		items = append(items, ast.SortItem{X: a.next(), Desc: s.desc, Nulls: s.nulls, Using: s.using})
	}
	return items
}

// windowSpec is a window definition without its expressions, which are operands.
type windowSpec struct {
	def       ast.WindowDef
	partition int
	order     []sortSpec
}

// over takes OVER name or OVER (...).
func (p *parser) over(w *writer) *windowSpec {
	p.need("over")
	if !p.at("(") {
		return &windowSpec{def: ast.WindowDef{Pos: p.pos(), Ref: p.name(), OnlyRef: true}}
	}
	return p.windowSpec(w)
}

// windowSpec takes ([name] [PARTITION BY ...] [ORDER BY ...] [frame]).
func (p *parser) windowSpec(w *writer) *windowSpec {
	s := &windowSpec{def: ast.WindowDef{Pos: p.pos()}}
	p.need("(")
	if p.atName() && !p.at("partition", "by") && !p.atAny("rows", "range", "groups") {
		s.def.Ref = p.name()
	}
	if p.opt("partition", "by") {
		s.partition = w.exprs()
	}
	if p.opt("order", "by") {
		s.order = p.sortList(w)
	}
	if p.atAny("rows", "range", "groups") {
		s.def.Frame = p.frame(w)
	}
	p.need(")")
	return s
}

func (s *windowSpec) read(a *operands) *ast.WindowDef {
	d := s.def
	d.PartitionBy = a.take(s.partition)
	d.OrderBy = readSort(s.order, a)
	if f := d.Frame; f != nil {
		if f.Start == "preceding" || f.Start == "following" {
			f.StartExpr = a.next()
		}
		if f.End == "preceding" || f.End == "following" {
			f.EndExpr = a.next()
		}
	}
	return &d
}

// frame takes ROWS|RANGE|GROUPS bound | BETWEEN bound AND bound, and EXCLUDE.
func (p *parser) frame(w *writer) *ast.Frame {
	f := &ast.Frame{Mode: p.label(), End: "current row"}
	between := p.opt("between")
	f.Between = between
	pos := p.pos()
	if between {
		f.Start = p.frameBound(w)
		p.need("and")
		f.End = p.frameBound(w)
	} else {
		f.Start = p.frameBound(w)
	}
	switch {
	case f.Start == "unbounded following":
		p.refuse(pos, sqlerr.WindowingError, "frame start cannot be UNBOUNDED FOLLOWING")
	case f.End == "unbounded preceding":
		p.refuse(pos, sqlerr.WindowingError, "frame end cannot be UNBOUNDED PRECEDING")
	case f.Start == "current row" && f.End == "preceding":
		p.refuse(pos, sqlerr.WindowingError, "frame starting from current row cannot have preceding rows")
	case f.Start == "following" && f.End == "current row":
		p.refuse(pos, sqlerr.WindowingError, "frame starting from following row cannot end with current row")
	case f.Start == "following" && f.End == "preceding":
		p.refuse(pos, sqlerr.WindowingError, "frame starting from following row cannot have preceding rows")
	}
	if p.opt("exclude") {
		switch {
		case p.opt("current", "row"):
			f.Exclude = "current row"
		case p.opt("no", "others"):
			f.Exclude = "no others"
		default:
			f.Exclude = p.oneOf("group", "ties")
		}
	}
	return f
}

func (p *parser) frameBound(w *writer) string {
	switch {
	case p.opt("current", "row"):
		return "current row"
	case p.opt("unbounded"):
		return "unbounded " + p.oneOf("preceding", "following")
	}
	w.expr()
	return p.oneOf("preceding", "following")
}
