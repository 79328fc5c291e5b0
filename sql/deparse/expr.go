package deparse

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// expr analyzes an expression. String literals and NULL come out with type Unknown.
func (a *analyzer) expr(x ast.Expr, s *scope) node {
	switch x := x.(type) {
	case *ast.Literal:
		return a.literal(x, x.Text)
	case *ast.ColumnRef:
		return a.column(x, s)
	case *ast.Param:
		return &words{typed{a.typeOf(x)}, "$" + itoa(x.N)}
	case *ast.Unary:
		return a.unary(x, s)
	case *ast.Binary:
		return a.binary(x, s)
	case *ast.IsTest:
		return a.isTest(x, s)
	case *ast.IsDistinct:
		return a.isDistinct(x, s)
	case *ast.Between:
		return a.between(x, s)
	case *ast.In:
		return a.in(x, s)
	case *ast.Like:
		return a.like(x, s)
	case *ast.Quantified:
		return a.quantified(x, s)
	case *ast.Case:
		return a.caseExpr(x, s)
	case *ast.Cast:
		return a.castExpr(x, s)
	case *ast.Call:
		return a.call(x, s)
	case *ast.Array:
		return a.array(x, s)
	case *ast.Subscript:
		return a.subscript(x, s)
	case *ast.Collate:
		in := a.known(a.expr(x.X, s))
		return &collate{typed{in.typ()}, in, x.Name[len(x.Name)-1]}
	case *ast.Subquery:
		q := a.query(x.Query, s, s.ctes, nil)
		return &sublink{typed: typed{q.targets[0].x.typ()}, kind: "scalar", q: q}
	case *ast.Exists:
		return &sublink{typed: typed{types.Bool}, kind: "exists", q: a.query(x.Query, s, s.ctes, nil)}
	case *ast.Row:
		t, ok := a.trace.Types[x]
		if !ok {
			t = types.Record
		}
		return &rowOf{typed{t}, a.rowItems(x, s)}
	case *ast.Field:
		return a.field(x, s)
	}
	a.fail("an expression")
	return nil
}

func (a *analyzer) exprs(xs []ast.Expr, s *scope) []node {
	out := make([]node, len(xs))
	for i, x := range xs {
		out[i] = a.expr(x, s)
	}
	return out
}

// typeOf is the type that the binder gave an expression.
func (a *analyzer) typeOf(x ast.Expr) types.Type {
	t, ok := a.trace.Types[x]
	if !ok {
		a.fail("an expression that was not bound")
	}
	return t
}

// under is the type below a domain.
func under(t types.Type) types.Type {
	if base, ok := t.Domain(); ok {
		return base
	}
	return t
}

func (a *analyzer) literal(x *ast.Literal, text string) node {
	switch x.Kind {
	case ast.LitNull:
		return &constant{typed: typed{types.Unknown}, null: true}
	case ast.LitBool:
		return &constant{typed: typed{types.Bool}, text: text}
	case ast.LitString:
		return &constant{typed: typed{types.Unknown}, text: text}
	case ast.LitBits:
		return a.typedConstant(types.Bit, text)
	}
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		if int64(int32(v)) == v {
			return &constant{typed: typed{types.Int4}, text: text}
		}
		return &constant{typed: typed{types.Int8}, text: text}
	}
	return a.typedConstant(types.Numeric, text)
}

// column finds a column, here or in a query around.
func (a *analyzer) column(r *ast.ColumnRef, s *scope) node {
	if s.free {
		return &words{typed{a.typeOf(r)}, dotted(r.Names)}
	}
	if !r.Star {
		for at := s; at != nil; at = at.parent {
			cols := at.cols
			if len(r.Names) > 1 {
				src := findSource(at, r.Names[:len(r.Names)-1])
				if src == nil {
					continue
				}
				cols = src.cols
			}
			name := r.Names[len(r.Names)-1]
			i := named(cols, name)
			if i >= 0 {
				return cols[i].x
			}
			if name == "tableoid" && len(r.Names) > 1 {
				return &words{typed{types.OID}, dotted(r.Names)}
			}
		}
	}
	for at := s; at != nil; at = at.parent {
		if src := findSource(at, r.Names); src != nil {
			if src.scalar {
				return src.cols[0].x
			}
			return &variable{typed: typed{a.typeOf(r)}, item: src.item, name: src.name, whole: true}
		}
	}
	a.fail("column " + strings.Join(r.Names, "."))
	return nil
}

func findSource(s *scope, names []string) *source {
	name := names[len(names)-1]
	for i := range s.srcs {
		src := &s.srcs[i]
		if src.name == name && (len(names) == 1 || src.schema == names[len(names)-2]) {
			return src
		}
	}
	return nil
}

func dotted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = expr.QuoteIdent(n)
	}
	return strings.Join(out, ".")
}

func (a *analyzer) caseExpr(x *ast.Case, s *scope) node {
	out := &caseOf{}
	if x.X != nil {
		out.x = a.known(a.expr(x.X, s))
	}
	var arms []node
	if x.Else != nil {
		arms = append(arms, a.expr(x.Else, s))
	} else {
		arms = append(arms, &constant{typed: typed{types.Unknown}, null: true})
	}
	for _, w := range x.Whens {
		cond := a.expr(w.Cond, s)
		if out.x == nil {
			cond = a.coerce(cond, types.Bool)
		} else {
			_, cond = a.operands("=", out.x, cond)
		}
		out.whens = append(out.whens, [2]node{cond})
		arms = append(arms, a.expr(w.Then, s))
	}
	arms, out.t = a.common(arms, "CASE")
	out.other = arms[0]
	for i := range out.whens {
		out.whens[i][1] = arms[i+1]
	}
	return out
}

// common converts nodes to the type they have in common.
func (a *analyzer) common(xs []node, what string) ([]node, types.Type) {
	ts := make([]types.Type, len(xs))
	for i, x := range xs {
		ts[i] = x.typ()
		if slices.ContainsFunc(xs, func(y node) bool { return !y.typ().Is(x.typ()) }) {
			ts[i] = under(ts[i])
		}
	}
	t := ts[0]
	if slices.ContainsFunc(ts, func(u types.Type) bool { return u != t }) || t.Is(types.Unknown) {
		var err error
		if t, err = expr.CommonType(ts, what); err != nil {
			a.fail(err.Error())
		}
	}
	out := make([]node, len(xs))
	for i, x := range xs {
		out[i] = a.coerce(x, t)
	}
	return out, t
}

func (a *analyzer) array(x *ast.Array, s *scope) node {
	if x.Query != nil {
		q := a.query(x.Query, s, s.ctes, nil)
		return &sublink{typed: typed{a.typeOf(x)}, kind: "array", q: q}
	}
	items, t := a.common(a.exprs(x.Items, s), "ARRAY")
	if !t.IsArray() {
		t, _ = t.Base().Array()
	}
	return &arrayOf{typed{t.Base()}, items}
}

// arrayAs is ARRAY[...]::t: its elements are converted one by one.
func (a *analyzer) arrayAs(x *ast.Array, t types.Type, s *scope) node {
	out := &arrayOf{typed: typed{t.Base()}}
	for _, it := range x.Items {
		if in, ok := it.(*ast.Array); ok && in.Query == nil {
			out.items = append(out.items, a.arrayAs(in, t, s))
			continue
		}
		e := a.expr(it, s)
		to := t.Elem()
		if e.typ().IsArray() {
			to = t
		}
		out.items = append(out.items, a.castTo(e, to))
	}
	return out
}

func (a *analyzer) subscript(x *ast.Subscript, s *scope) node {
	subs := []*ast.Subscript{x}
	for in := x; in.Next; {
		in = in.X.(*ast.Subscript)
		subs = append([]*ast.Subscript{in}, subs...)
	}
	out := &subscript{typed: typed{a.typeOf(x)}, x: a.known(a.expr(subs[0].X, s))}
	json := out.x.typ().Is(types.JSONB)
	one := func(e ast.Expr) node {
		if e == nil {
			return nil
		}
		n := a.expr(e, s)
		if json && n.typ().Category() != types.CatNumeric {
			return a.coerce(n, types.Text)
		}
		return a.coerce(n, types.Int4)
	}
	slice := slices.ContainsFunc(subs, func(u *ast.Subscript) bool { return u.Slice })
	for _, u := range subs {
		b := bound{lo: one(u.Lo), hi: one(u.Hi), slice: slice}
		if slice && !u.Slice {
			b.lo, b.hi = &constant{typed: typed{types.Int4}, text: "1"}, b.lo
		}
		out.bounds = append(out.bounds, b)
	}
	return out
}

func (a *analyzer) field(x *ast.Field, s *scope) node {
	in := a.expr(x.X, s)
	t, ok := a.trace.Types[x]
	if !ok {
		a.fail("a field")
	}
	return a.fieldOf(in, x.Name, t)
}

func (a *analyzer) fieldOf(in node, name string, t types.Type) node {
	if v, ok := in.(*variable); ok && v.whole && v.item != nil {
		if i := slices.Index(v.item.cols, name); i >= 0 {
			return &variable{typed: typed{t}, item: v.item, name: name, col: i}
		}
	}
	return &field{typed{t}, in, name}
}

// rowItems are the fields of ROW(...), with t.* written out.
func (a *analyzer) rowItems(x *ast.Row, s *scope) []node {
	var out []node
	for _, it := range x.Items {
		if r, ok := it.(*ast.ColumnRef); ok && r.Star {
			for _, t := range a.star(r, s) {
				out = append(out, t.x)
			}
			continue
		}
		out = append(out, a.expr(it, s))
	}
	return out
}
