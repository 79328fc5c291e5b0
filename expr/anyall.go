package expr

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// Type is boolean.
func (*AnyAll) Type() types.Type { return types.Bool }

// Eval applies the operator to X and every element at once, then joins each row's results by OR (ANY) or AND (ALL).
func (e *AnyAll) Eval(ctx *Ctx, b *types.Batch) (Vec, error) {
	x, err := e.X.Eval(ctx, b)
	if err != nil {
		return Vec{}, err
	}
	a, err := e.Array.Eval(ctx, b)
	if err != nil {
		return Vec{}, err
	}
	n := b.N
	once := x.Const && a.Const
	if once {
		n = 1
	}
	if a.Const && a.Arr.IsNull(0) {
		return nullVec(types.Bool), nil
	}
	l := readList(a)
	var xs, es []int32 // for each element the row of X and the row of the elements
	for i := range n {
		if a.IsNull(i) {
			continue
		}
		it := l(i)
		for k := it.from; k < it.to; k++ {
			xs, es = append(xs, int32(x.Idx(i))), append(es, int32(k))
		}
	}
	t, f, err := e.apply(ctx, types.Take(x.Arr, xs), types.Take(listElems(a), es))
	if err != nil {
		return Vec{}, err
	}
	r := e.reduce(a, l, n, t, f)
	r.Const = once
	return r, nil
}

// apply calls the operator for the pairs.
func (e *AnyAll) apply(ctx *Ctx, l, r arrow.Array) (t, f []byte, err error) {
	call := &Call{Fn: e.Op, Typ: types.Bool, Pos: -1, Args: []Expr{&Column{Idx: 0, Typ: e.X.Type()}, &Column{Idx: 1, Typ: e.Array.Type().Elem()}}}
	v, err := call.Eval(ctx, &types.Batch{Cols: []arrow.Array{l, r}, N: l.Len()})
	if err != nil {
		return nil, nil, err
	}
	t, f = truth(v, l.Len())
	return t, f, nil
}

// reduce joins the results of each row's elements, which lie one row after the other.
func (e *AnyAll) reduce(a Vec, l func(int) list, n int, t, f []byte) Vec {
	if e.All {
		t, f = f, t
	}
	rt, rf := newBits(n), newBits(n)
	k := 0
	for i := range n {
		if a.IsNull(i) {
			continue
		}
		it := l(i)
		all := true
		for range it.to - it.from {
			if bitSet(t, k) {
				setBit(rt, i)
			}
			all = all && bitSet(f, k)
			k++
		}
		if all {
			setBit(rf, i)
		}
	}
	if e.All {
		rt, rf = rf, rt
	}
	return boolVec(n, rt, rf)
}

func (e *AnyAll) String() string {
	word := "ANY"
	if e.All {
		word = "ALL"
	}
	return "(" + e.X.String() + " " + e.Op.Name + " " + word + " (" + e.Array.String() + "))"
}

// Children are X and the array.
func (e *AnyAll) Children() []Expr { return []Expr{e.X, e.Array} }

// WithChildren is the test over other operands.
func (e *AnyAll) WithChildren(x []Expr) Expr {
	return &AnyAll{X: x[0], Array: x[1], Op: e.Op, All: e.All}
}

// Type is the array type.
func (e *ArrayOf) Type() types.Type { return e.Typ }

// Eval puts the items of each row together.
func (e *ArrayOf) Eval(ctx *Ctx, b *types.Batch) (Vec, error) {
	items := make([]Vec, len(e.Items))
	once := true
	p := &pieces{}
	base := make([]int32, len(e.Items))
	for k, it := range e.Items {
		v, err := it.Eval(ctx, b)
		if err != nil {
			return Vec{}, err
		}
		items[k], base[k] = v, p.base
		p.add(v, nil, false)
		once = once && v.Const
	}
	n := b.N
	if once {
		n = 1
	}
	if e.nested() {
		r, err := e.nest(items, n)
		r.Const = once
		return r, err
	}
	offs := make([]int32, n+1)
	for i := range n {
		for k, v := range items {
			p.idx = append(p.idx, base[k]+int32(v.Idx(i)))
		}
		offs[i+1] = int32(len(p.idx))
	}
	elems, err := p.finish(e.Typ.Elem())
	if err != nil {
		return Vec{}, err
	}
	return Vec{Arr: newList(e.Typ.Arrow(), offs, elems, nil), Const: once}, nil
}

// nested says whether the items are arrays, so that the result has a dimension more than they.
func (e *ArrayOf) nested() bool { return len(e.Items) > 0 && e.Items[0].Type().Is(e.Typ) }

// nest puts the arrays of each row together.
func (e *ArrayOf) nest(items []Vec, n int) (Vec, error) {
	out := newLists(n)
	base := make([]int32, len(items))
	read := make([]func(int) list, len(items))
	rows := make([]int, len(items))
	for k, v := range items {
		base[k], read[k], rows[k] = out.source(Vec{Arr: listElems(v)}), readList(v), k
	}
	for i := range n {
		item := func(k int) list {
			it := read[k](i)
			it.from, it.to = it.from+int(base[k]), it.to+int(base[k])
			return it
		}
		null := func(k int) bool { return items[k].IsNull(i) }
		if err := nestArrays(item, null, rows, out, 0, unequalArrays); err != nil {
			return Vec{}, err
		}
	}
	return out.finish(e.Typ)
}

func (e *ArrayOf) String() string { return "ARRAY[" + join(e.Items) + "]" }

// Children are the items.
func (e *ArrayOf) Children() []Expr { return e.Items }

// WithChildren is the array of other items.
func (e *ArrayOf) WithChildren(x []Expr) Expr { return &ArrayOf{Items: x, Typ: e.Typ} }

// list is one array value: rows from (inclusive) to (exclusive) of elems.
type list struct {
	elems    arrow.Array
	from, to int
	shape    types.Shape
}

// readList reads an array column.
func readList(v Vec) func(int) list {
	l := v.Arr.(*array.List)
	elems := l.ListValues()
	if types.ShapeColumn(l) != nil {
		return func(i int) list {
			i = v.Idx(i)
			from, to := l.ValueOffsets(i)
			return list{elems, int(from), int(to), types.ShapeOf(l, i)}
		}
	}
	return func(i int) list {
		from, to := l.ValueOffsets(v.Idx(i))
		return list{elems, int(from), int(to), nil}
	}
}

// ArrayItems is how many elements a constant array has; false: a is no constant, or NULL.
func ArrayItems(a Expr) (int, bool) {
	c, ok := a.(*Const)
	if !ok || c.IsNull() {
		return 0, false
	}
	l := readList(Vec{Arr: c.Arr, Const: true})(0)
	return l.to - l.from, true
}

// Elements are the elements of the array in row i of a column of arrays.
func Elements(a arrow.Array, i int) arrow.Array {
	l := readList(Vec{Arr: a})(i)
	return array.NewSlice(l.elems, int64(l.from), int64(l.to))
}

// listElems are the elements that readList's ranges point into.
func listElems(v Vec) arrow.Array { return v.Arr.(*array.List).ListValues() }

// appendArrayItem appends a constant as it stands in an array's text.
func appendArrayItem(dst []byte, c *Const) []byte {
	if c.IsNull() {
		return append(dst, "NULL"...)
	}
	s := string(types.AppendText(nil, c.Arr, 0, c.Typ, types.UTCFormat(0)))
	if s == "" || strings.EqualFold(s, "null") || strings.ContainsAny(s, "{},\"\\ \t\n") {
		s = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	}
	return append(dst, s...)
}
