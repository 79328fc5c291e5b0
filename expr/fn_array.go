package expr

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// arrayFuncs are the functions and operators of arrays.
func arrayFuncs() []*Func {
	A, E, I, X := types.AnyArray, types.AnyElement, types.Int4, types.Text
	iv, _ := types.Int4.Array()
	bound := func(name string, f func(d types.Dim) int32, doc string) *Func {
		return f2(name, A, I, I, func(_ *Ctx, l list, dim int32) (int32, error) {
			dims := l.dims()
			if dim < 1 || int(dim) > len(dims) {
				return 0, errNull
			}
			return f(dims[dim-1]), nil
		}, doc)
	}
	poly := func(name string, as []types.Type, ret types.Type, null bool, doc string, bind func(ts []types.Type, ret types.Type) Kernel) *Func {
		return &Func{Name: name, Args: as, Ret: ret, CalledOnNull: null, Vol: Immutable, Doc: doc, Bind: bind}
	}
	unify := func(name string, as []types.Type, ret types.Type, null bool, doc string, bind func(ts []types.Type, ret types.Type) Kernel) *Func {
		f := poly(name, as, ret, null, doc, bind)
		f.Unify = true
		return f
	}
	many := func(f *Func) *Func {
		f.Variadic = true
		return f
	}
	cat := func(ts []types.Type, ret types.Type) Kernel { return arrayCat(ts, ret) }
	return []*Func{
		bound("array_upper", func(d types.Dim) int32 { return d.Lower + d.Len - 1 }, "last subscript of a dimension"),
		bound("array_lower", func(d types.Dim) int32 { return d.Lower }, "first subscript of a dimension"),
		bound("array_length", func(d types.Dim) int32 { return d.Len }, "length of a dimension"),
		f1("array_ndims", A, I, func(_ *Ctx, l list) (int32, error) {
			if l.from == l.to {
				return 0, errNull
			}
			return int32(len(l.dims())), nil
		}, "number of dimensions"),
		p1("cardinality", A, I, func(l list) int32 { return int32(l.to - l.from) }, "number of elements"),
		many(poly("array_subscript", args(A, I), E, false, "element at a subscript for each dimension", func(_ []types.Type, ret types.Type) Kernel { return arraySubscript(ret) })),
		many(poly("array_slice", args(A, I), A, false, "elements between two subscripts for each dimension", func(_ []types.Type, ret types.Type) Kernel { return arraySlice(ret) })),
		unify("array_append", args(A, E), A, true, "element added at the end", cat),
		unify("array_prepend", args(E, A), A, true, "element added in front", cat),
		unify("array_cat", args(A, A), A, true, "arrays one after the other", cat),
		unify("||", args(A, A), A, true, "arrays one after the other", cat),
		unify("||", args(A, E), A, true, "element added at the end", cat),
		unify("||", args(E, A), A, true, "element added in front", cat),
		unify("array_position", args(A, E), I, true, "first subscript of an element", func(ts []types.Type, _ types.Type) Kernel { return arrayPosition(ts[1]) }),
		unify("array_position", args(A, E, I), I, true, "first subscript of an element from a subscript on", func(ts []types.Type, _ types.Type) Kernel { return arrayPosition(ts[1]) }),
		unify("array_remove", args(A, E), A, true, "without the elements equal to a value", func(ts []types.Type, ret types.Type) Kernel { return arrayRemove(ts[1], ret) }),
		unify("array_positions", args(A, E), iv, true, "subscripts of all elements equal to a value", func(ts []types.Type, _ types.Type) Kernel { return arrayPositions(ts[1]) }),
		poly("@>", args(A, A), types.Bool, false, "left has all elements of right", func(ts []types.Type, _ types.Type) Kernel { return arrayHas(ts[0], false, true) }),
		poly("<@", args(A, A), types.Bool, false, "right has all elements of left", func(ts []types.Type, _ types.Type) Kernel { return arrayHas(ts[0], true, true) }),
		poly("&&", args(A, A), types.Bool, false, "an element in common", func(ts []types.Type, _ types.Type) Kernel { return arrayHas(ts[0], false, false) }),
		{Name: "array_to_string", Args: args(A, X), Ret: X, Vol: Stable, Doc: "elements joined", Bind: func(ts []types.Type, _ types.Type) Kernel { return arrayToString(ts[0]) }},
		{Name: "array_to_string", Args: args(A, X, X), Ret: X, CalledOnNull: true, Vol: Stable, Doc: "elements joined, NULLs by a text",
			Bind: func(ts []types.Type, _ types.Type) Kernel { return arrayToString(ts[0]) }},
		{Name: "string_to_array", Args: args(X, X), Ret: textArray(), CalledOnNull: true, Vol: Immutable, Kernel: stringToArray, Doc: "text parted by a separator"},
		{Name: "string_to_array", Args: args(X, X, X), Ret: textArray(), CalledOnNull: true, Vol: Immutable, Kernel: stringToArray, Doc: "text parted, a text standing for NULL"},
		f1("array_dims", A, X, func(_ *Ctx, l list) (string, error) {
			if l.from == l.to {
				return "", errNull
			}
			return string(types.DimsText(nil, l.dims())), nil
		}, "dimensions as text"),
	}
}

func textArray() types.Type {
	t, _ := types.Text.Array()
	return t
}

// lists collects a column of arrays whose elements are rows of given columns.
type lists struct {
	p     *pieces
	offs  []int32
	valid []byte

	shapes []types.Shape // of the rows so far; nil: none has one
}

func newLists(n int) *lists {
	return &lists{p: &pieces{}, offs: make([]int32, 1, n+1), valid: allBits(n)}
}

// source adds a column of elements; what it gives is to be added to its row numbers.
func (o *lists) source(v Vec) int32 {
	base := o.p.base
	o.p.add(v, nil, false)
	return base
}

func (o *lists) add(row int32) { o.p.idx = append(o.p.idx, row) }

func (o *lists) endRow(null bool) {
	if null {
		clearBit(o.valid, len(o.offs)-1)
	}
	o.offs = append(o.offs, int32(len(o.p.idx)))
}

// endShaped ends a row that has a shape.
func (o *lists) endShaped(s types.Shape) {
	if s != nil {
		for len(o.shapes) < len(o.offs)-1 {
			o.shapes = append(o.shapes, nil)
		}
		o.shapes = append(o.shapes, s)
	}
	o.endRow(false)
}

func (o *lists) finish(t types.Type) (Vec, error) {
	elems, err := o.p.finish(t.Elem())
	if err != nil {
		return Vec{}, err
	}
	l := newList(t.Arrow(), o.offs, retype(elems, t.Elem().Arrow()), o.valid)
	for o.shapes != nil && len(o.shapes) < l.Len() {
		o.shapes = append(o.shapes, nil)
	}
	return Vec{Arr: types.WithShapes(l, o.shapes)}, nil
}

// sameElement compares an element with a value, NULL with NULL being the same.
func sameElement(t types.Type) func(a arrow.Array, i int, b arrow.Array, j int) bool {
	compare := types.NewComparer(t)
	return func(a arrow.Array, i int, b arrow.Array, j int) bool {
		if a.IsNull(i) || b.IsNull(j) {
			return a.IsNull(i) && b.IsNull(j)
		}
		return compare(a, i, b, j) == 0
	}
}

// lower is the first subscript of an array of one dimension.
func (l list) lower() int32 {
	if l.shape == nil {
		return 1
	}
	return l.shape[0].Lower
}

func manyDims(what string) error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "%s elements in multidimensional arrays is not supported", what)
}

func arrayPosition(t types.Type) Kernel {
	same := sameElement(t)
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		l := readList(vs[0])
		return write(types.Int4, n, andValid(n, vs[0]), func(i int) (int32, error) {
			it := l(i)
			if len(it.shape) > 1 {
				return 0, manyDims("searching for")
			}
			from := it.from
			if len(vs) > 2 && from < it.to {
				if vs[2].IsNull(i) {
					return 0, sqlerr.New(sqlerr.NullValueNotAllowed, "initial position must not be null")
				}
				from += max(0, int(read[int32](vs[2])(i))-int(it.lower()))
			}
			for k := from; k < it.to; k++ {
				if same(it.elems, k, vs[1].Arr, vs[1].Idx(i)) {
					return int32(k-it.from) + it.lower(), nil
				}
			}
			return 0, errNull
		})
	}
}

func arrayPositions(t types.Type) Kernel {
	same := sameElement(t)
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		l := readList(vs[0])
		offs, out := make([]int32, 1, n+1), []int32(nil)
		for i := range n {
			if !vs[0].IsNull(i) {
				it := l(i)
				if len(it.shape) > 1 {
					return Vec{}, manyDims("searching for")
				}
				for k := it.from; k < it.to; k++ {
					if same(it.elems, k, vs[1].Arr, vs[1].Idx(i)) {
						out = append(out, int32(k-it.from)+it.lower())
					}
				}
			}
			offs = append(offs, int32(len(out)))
		}
		t, _ := types.Int4.Array()
		return Vec{Arr: newList(t.Arrow(), offs, newFixed(types.Int4.Arrow(), out, nil), andValid(n, vs[0]))}, nil
	}
}

func arrayRemove(t, ret types.Type) Kernel {
	same := sameElement(t)
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		out := newLists(n)
		base := out.source(Vec{Arr: listElems(vs[0])})
		l := readList(vs[0])
		for i := range n {
			if vs[0].IsNull(i) {
				out.endRow(true)
				continue
			}
			it := l(i)
			if len(it.shape) > 1 {
				return Vec{}, sqlerr.New(sqlerr.FeatureNotSupported, "removing elements from multidimensional arrays is not supported")
			}
			kept := int32(0)
			for k := it.from; k < it.to; k++ {
				if !same(it.elems, k, vs[1].Arr, vs[1].Idx(i)) {
					out.add(base + int32(k))
					kept++
				}
			}
			s, err := types.NewShape([]types.Dim{{Len: kept, Lower: it.lower()}})
			if err != nil {
				return Vec{}, err
			}
			out.endShaped(s)
		}
		return out.finish(ret)
	}
}

// arrayHas is @> (all), <@ (swap, all) and && (any); NULL elements match nothing.
func arrayHas(t types.Type, swap, all bool) Kernel {
	compare := types.NewComparer(t.Elem())
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		a, b := readList(vs[0]), readList(vs[1])
		if swap {
			a, b = b, a
		}
		return write(types.Bool, n, andValid(n, vs...), func(i int) (bool, error) {
			x, y := a(i), b(i)
			for k := y.from; k < y.to; k++ {
				hit := false
				for j := x.from; j < x.to && !hit; j++ {
					hit = !x.elems.IsNull(j) && !y.elems.IsNull(k) && compare(x.elems, j, y.elems, k) == 0
				}
				if hit != all {
					return !all, nil
				}
			}
			return all, nil
		})
	}
}

func arrayToString(t types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		l, sep := readList(vs[0]), stringsOf(vs[1])
		elems := Vec{Arr: listElems(vs[0])}
		a, err := appendRows(types.Text, n, andValid(n, vs[:2]...), func(dst []byte, i int) ([]byte, error) {
			first := true
			for it := l(i); it.from < it.to; it.from++ {
				null := elems.Arr.IsNull(it.from)
				if null && (len(vs) < 3 || vs[2].IsNull(i)) {
					continue
				}
				if !first {
					dst = append(dst, sep.at(i)...)
				}
				first = false
				if null {
					s := stringsOf(vs[2])
					dst = append(dst, s.at(i)...)
				} else {
					dst = appendText(ctx, dst, elems, it.from, t.Elem())
				}
			}
			return dst, nil
		})
		return Vec{Arr: a}, err
	}
}

// splitFields parts a text by a separator: NULL parts it into characters, "" not at all.
func splitFields(s string, sep Vec, i int, f func(string)) {
	switch {
	case s == "":
	case sep.IsNull(i):
		for _, r := range s {
			f(string(r))
		}
	default:
		c := stringsOf(sep)
		by := c.at(i)
		if by == "" {
			f(s)
			return
		}
		for {
			k := strings.Index(s, by)
			if k < 0 {
				f(s)
				return
			}
			f(s[:k])
			s = s[k+len(by):]
		}
	}
}

func stringToArray(_ *Ctx, n int, vs []Vec) (Vec, error) {
	s := stringsOf(vs[0])
	out := newTextLists(n, andValid(n, vs[0]))
	for i := range n {
		if !vs[0].IsNull(i) {
			splitFields(s.at(i), vs[1], i, func(f string) { addField(out, f, vs, i) })
		}
		out.endRow()
	}
	return out.finish(), nil
}

// addField adds a field, as NULL where it is the text that stands for NULL.
func addField(out *textLists, f string, vs []Vec, i int) {
	if len(vs) > 2 && !vs[2].IsNull(i) {
		if null := stringsOf(vs[2]); null.at(i) == f {
			out.addNull()
			return
		}
	}
	out.add(f)
}
