package sql

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// arrayAs is ARRAY[...]::t[]: the elements are cast one by one, or, where they are arrays, to t[] themselves.
func (b *binder) arrayAs(a *ast.Array, t types.Type, s *scope) (expr.Expr, error) {
	out := &expr.ArrayOf{Typ: t.Base()}
	nested := false
	for _, it := range a.Items {
		var x expr.Expr
		var err error
		if inner, ok := it.(*ast.Array); ok && inner.Query == nil {
			x, err = b.arrayAs(inner, t, s)
		} else {
			x, err = b.expr(it, s)
		}
		if err != nil {
			return nil, err
		}
		nested = nested || isArray(x.Type())
		out.Items = append(out.Items, x)
	}
	to := t.Elem()
	if nested {
		to = t
	}
	for k, x := range out.Items {
		var err error
		if out.Items[k], err = b.cast(x, to, 'e', loc(a.Items[k])); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// isArray says whether values of type t become dimensions of the array that they are put into.
func isArray(t types.Type) bool {
	return t.IsArray() && !t.Is(types.Int2Vector) && !t.Is(types.OIDVector)
}

func (b *binder) array(a *ast.Array, s *scope) (expr.Expr, error) {
	if a.Query != nil {
		return b.arraySubquery(a, s)
	}
	if len(a.Items) == 0 {
		return nil, sqlerr.New(sqlerr.IndeterminateDatatype, "cannot determine type of empty array").At(a.Offset()).
			WithHint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
	}
	items, err := b.exprs(a.Items, s)
	if err != nil {
		return nil, err
	}
	items, t, err := b.common(items, locs(a.Items), "ARRAY")
	if err != nil {
		return nil, err
	}
	if isArray(t) {
		return &expr.ArrayOf{Items: items, Typ: t.Base()}, nil
	}
	at, ok := t.Array()
	if !ok {
		return nil, sqlerr.New(sqlerr.UndefinedObject, "could not find array type for data type %s", t).At(a.Offset())
	}
	return &expr.ArrayOf{Items: items, Typ: at}, nil
}

func (b *binder) subscript(a *ast.Subscript, s *scope) (expr.Expr, error) {
	subs := []*ast.Subscript{a} // from the left to the right
	for in := a; in.Next; {
		in = in.X.(*ast.Subscript)
		subs = append([]*ast.Subscript{in}, subs...)
	}
	from := subs[0].X
	x, err := b.expr(from, s)
	if err != nil {
		return nil, err
	}
	if x.Type().Is(types.JSONB) {
		return b.jsonSubscripts(x, subs, s)
	}
	if !x.Type().IsArray() {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", x.Type().Base()).At(loc(from))
	}
	if len(subs) > types.MaxDims {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", len(subs), types.MaxDims).At(loc(from))
	}
	bounds, at, slice, err := b.subscripts(subs, s)
	if err != nil {
		return nil, err
	}
	name := "array_subscript"
	if slice {
		name = "array_slice"
	}
	return b.fn(name, append([]expr.Expr{x}, bounds...), append([]int{loc(from)}, at...), a.Offset())
}

// subscripts binds subscripts, which are all slices where one is: then there are two bounds of each, and a single one is the upper one.
func (b *binder) subscripts(subs []*ast.Subscript, s *scope) (bounds []expr.Expr, at []int, slice bool, err error) {
	for _, sub := range subs {
		slice = slice || sub.Slice
	}
	add := func(bound ast.Expr, pos int, missing int32) error {
		i := expr.Expr(expr.ConstInt4(missing))
		if bound != nil {
			pos = loc(bound)
			if i, err = b.expr(bound, s); err != nil {
				return err
			}
			if !isUnknown(i) && !expr.CanCast(i.Type(), types.Int4, 'a') {
				return sqlerr.New(sqlerr.DatatypeMismatch, "array subscript must have type integer").At(pos)
			}
			if i, err = b.cast(i, types.Int4, 'a', pos); err != nil {
				return err
			}
		}
		bounds, at = append(bounds, i), append(at, pos)
		return nil
	}
	for _, sub := range subs {
		lo, hi := sub.Lo, sub.Hi
		missing := int32(expr.NoLower)
		if slice && !sub.Slice {
			lo, hi, missing = nil, sub.Lo, 1
		}
		if err = add(lo, sub.Offset(), missing); err == nil && slice {
			err = add(hi, sub.Offset(), expr.NoUpper)
		}
		if err != nil {
			return nil, nil, false, err
		}
	}
	return bounds, at, slice, nil
}

// jsonSubscripts is j[...][...].
func (b *binder) jsonSubscripts(x expr.Expr, subs []*ast.Subscript, s *scope) (expr.Expr, error) {
	for _, sub := range subs {
		if sub.Slice {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "jsonb subscript does not support slices").At(sub.Offset())
		}
		i, err := b.expr(sub.Lo, s)
		if err != nil {
			return nil, err
		}
		if x, err = b.jsonSubscript(x, i, sub); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// jsonSubscript is j[i]: a text finds an element of an array too.
func (b *binder) jsonSubscript(x, i expr.Expr, a *ast.Subscript) (expr.Expr, error) {
	if i.Type().Is(types.Int2) || i.Type().Is(types.Int4) {
		return b.op("->", x, i, a.Offset(), loc(a.X), loc(a.Lo))
	}
	if !isUnknown(i) && i.Type().Info().Category != types.CatString {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "subscript type %s is not supported", i.Type().Base()).At(loc(a.Lo)).
			WithHint("jsonb subscript must be coercible to either integer or text.")
	}
	i, err := b.cast(i, types.Text, 'a', loc(a.Lo))
	if err != nil {
		return nil, err
	}
	path, _ := types.Text.Array()
	return b.op("#>", x, &expr.ArrayOf{Items: []expr.Expr{i}, Typ: path}, a.Offset(), loc(a.X), loc(a.Lo))
}
