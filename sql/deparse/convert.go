package deparse

import (
	"strconv"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

func itoa(n int) string { return strconv.Itoa(n) }

// known gives a literal without a type the type text.
func (a *analyzer) known(x node) node { return a.coerceUnknown(x, types.Text) }

func (a *analyzer) coerceUnknown(x node, t types.Type) node {
	if x.typ().Is(types.Unknown) {
		return a.coerce(x, t)
	}
	return x
}

// coerce is an implicit conversion.
func (a *analyzer) coerce(x node, t types.Type) node {
	from := x.typ()
	if c, ok := x.(*constant); ok && from.Is(types.Unknown) {
		if c.null {
			return &constant{typed: typed{t.Base()}, null: true}
		}
		return a.typedConstant(t.Base(), c.text)
	}
	if from.Is(t) || t.Is(types.Unknown) || pseudo(t) || from.IsRow() {
		return x
	}
	return &cast{typed{t.Base()}, x, true, expr.CastMethod(under(from), under(t)) != 'f'}
}

func pseudo(t types.Type) bool { return t.Category() == types.CatPseudo }

// castTo is an explicit conversion.
func (a *analyzer) castTo(x node, t types.Type) node {
	from := x.typ()
	base, domain := t.Domain()
	if c, ok := x.(*constant); ok && from.Is(types.Unknown) {
		switch {
		case domain:
			return &cast{typed{t}, a.coerce(x, base), false, true}
		case c.null:
			return &constant{typed: typed{t}, null: true}
		}
		return a.typedConstant(t, c.text)
	}
	if from.Is(t) && from.Mod == t.Mod || from.IsRow() && t.Is(types.Record) {
		return x
	}
	relabel := expr.CastMethod(under(from), under(t)) != 'f'
	if t.Mod >= 0 && !domain { // first the type, then its modifier
		if !from.Is(t) {
			x = &cast{typed{t.Base()}, x, true, relabel}
		}
		relabel = t.IsArray()
	}
	return &cast{typed{t}, x, false, relabel}
}

func (a *analyzer) castExpr(x *ast.Cast, s *scope) node {
	t := a.typeName(x.Type)
	if arr, ok := x.X.(*ast.Array); ok && t.IsArray() && arr.Query == nil {
		out := a.arrayAs(arr, t, s)
		if t.Mod >= 0 {
			return &cast{typed{t}, out, false, true}
		}
		return out
	}
	return a.castTo(a.expr(x.X, s), t)
}

// typeName resolves a type; a domain keeps its own.
func (a *analyzer) typeName(n ast.TypeName) types.Type {
	t, err := sql.ResolveTypeName(n, a.env)
	if err != nil {
		a.fail("type " + n.Name[len(n.Name)-1])
	}
	return t
}

// typedConstant is a literal read as a value of a type, and written as the type writes it.
func (a *analyzer) typedConstant(t types.Type, text string) node {
	out := &constant{typed: typed{t}, text: text}
	if name, ok := a.names.registered(t, text); ok {
		out.text = name
		return out
	}
	read := t.Base()
	if t.Is(types.Interval) && t.Mod >= 0 { // its fields say what the text means
		b := types.NewBuilder(t)
		if types.ParseText(b, text, t, a.env.Format) == nil {
			out.text = string(types.AppendText(nil, b.NewArray(), 0, t, a.env.Format))
		}
		return out
	}
	if c, err := expr.ConstOf(read, text, a.env.Format); err == nil {
		out.text = string(types.AppendText(nil, c.Arr, 0, read, a.env.Format))
	}
	return out
}
