package expr

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Missing bounds of a slice, as array_slice gets them.
const (
	NoLower = math.MinInt32
	NoUpper = math.MaxInt32
)

// dims are the dimensions of an array, none of an empty one.
func (l list) dims() []types.Dim { return l.shape.Dims(l.to - l.from) }

// arraySubscript finds one element by a subscript for each dimension; NULL where there is none.
func arraySubscript(ret types.Type) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		l, subs := readList(vs[0]), readSubscripts(vs[1:])
		idx := make([]int32, n)
		for i := range n {
			idx[i] = -1
			if anyNull(vs, i) {
				continue
			}
			it := l(i)
			if it.shape == nil && len(subs) == 1 {
				if k := int(subs[0](i)); k >= 1 && k <= it.to-it.from {
					idx[i] = int32(it.from + k - 1)
				}
				continue
			}
			idx[i] = int32(elementAt(it, subs, i))
		}
		return Vec{Arr: types.Take(listElems(vs[0]), idx)}, nil
	}
}

func readSubscripts(vs []Vec) []func(int) int32 {
	subs := make([]func(int) int32, len(vs))
	for k, v := range vs {
		subs[k] = read[int32](v)
	}
	return subs
}

// elementAt is the row of an element, -1 where there is none.
func elementAt(it list, subs []func(int) int32, i int) int {
	dims := it.dims()
	if len(dims) != len(subs) {
		return -1
	}
	at := 0
	for k, d := range dims {
		x := int64(subs[k](i)) - int64(d.Lower)
		if x < 0 || x >= int64(d.Len) {
			return -1
		}
		at = at*int(d.Len) + int(x)
	}
	return it.from + at
}

// arraySlice cuts arrays by a lower and an upper bound for each dimension, NoLower and NoUpper where one is not given; dimensions
// without bounds stay whole. The result begins at 1 everywhere.
func arraySlice(ret types.Type) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		out := newLists(n)
		base := out.source(Vec{Arr: listElems(vs[0])})
		l, bounds := readList(vs[0]), readSubscripts(vs[1:])
		for i := range n {
			if anyNull(vs, i) {
				out.endRow(true)
				continue
			}
			it := l(i)
			dims := it.dims()
			cut, ok := sliceBounds(dims, bounds, i)
			if !ok {
				out.endRow(false)
				continue
			}
			shape := make([]types.Dim, len(dims))
			for k, c := range cut {
				shape[k] = types.Dim{Len: c.Len, Lower: 1}
			}
			eachInSlice(dims, cut, func(e int) { out.add(base + int32(it.from+e)) })
			s, err := types.NewShape(shape)
			if err != nil {
				return Vec{}, err
			}
			out.endShaped(s)
		}
		return out.finish(ret)
	}
}

// sliceBounds are the first offset and the length that a slice has in each dimension; false where it is empty.
func sliceBounds(dims []types.Dim, bounds []func(int) int32, i int) ([]types.Dim, bool) {
	if len(bounds)/2 > len(dims) {
		return nil, false
	}
	cut := make([]types.Dim, len(dims))
	for k, d := range dims {
		from, to := int64(d.Lower), int64(d.Lower)+int64(d.Len)-1
		if 2*k < len(bounds) {
			from, to = max(from, int64(bounds[2*k](i))), min(to, int64(bounds[2*k+1](i)))
		}
		if from > to {
			return nil, false
		}
		cut[k] = types.Dim{Len: int32(to - from + 1), Lower: int32(from - int64(d.Lower))}
	}
	return cut, true
}

// eachInSlice calls f for the numbers of the elements in a slice, whose Lower are offsets from 0 here.
func eachInSlice(dims, cut []types.Dim, f func(e int)) {
	var walk func(k, at int)
	walk = func(k, at int) {
		for x := cut[k].Lower; x < cut[k].Lower+cut[k].Len; x++ {
			e := at*int(dims[k].Len) + int(x)
			if k == len(dims)-1 {
				f(e)
			} else {
				walk(k+1, e)
			}
		}
	}
	if len(dims) > 0 {
		walk(0, 0)
	}
}

// nestArrays makes one array of one dimension more of the arrays lo (inclusive) to hi of a column. bad makes the error for arrays that do not fit.
func nestArrays(l func(int) list, isNull func(int) bool, rows []int, out *lists, base int32, bad func(null, empty bool) error) error {
	var inner []types.Dim
	empty := 0
	for k, r := range rows {
		if isNull(r) {
			if err := bad(true, false); err != nil {
				return err
			}
			empty++
			continue
		}
		it := l(r)
		dims := it.dims()
		if len(dims) == 0 {
			if err := bad(false, true); err != nil {
				return err
			}
			empty++
			continue
		}
		if k > empty && !slices.Equal(dims, inner) || k == empty && empty > 0 {
			return bad(false, false)
		}
		inner = dims
		for e := it.from; e < it.to; e++ {
			out.add(base + int32(e))
		}
	}
	switch {
	case inner == nil:
		out.endRow(false)
		return nil
	case empty > 0:
		return bad(false, false)
	}
	s, err := types.NewShape(append([]types.Dim{{Len: int32(len(rows)), Lower: 1}}, inner...))
	out.endShaped(s)
	return err
}

// unequalArrays is the error of ARRAY[...] over arrays of different dimensions; NULLs and empty ones are let through.
func unequalArrays(null, empty bool) error {
	if null || empty {
		return nil
	}
	return sqlerr.New(sqlerr.ArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions")
}

// cannotAccumulate is the error of array_agg over arrays.
func cannotAccumulate(null, empty bool) error {
	switch {
	case null:
		return sqlerr.New(sqlerr.NullValueNotAllowed, "cannot accumulate null arrays")
	case empty:
		return sqlerr.New(sqlerr.ArraySubscriptError, "cannot accumulate empty arrays")
	}
	return sqlerr.New(sqlerr.ArraySubscriptError, "cannot accumulate arrays of different dimensionality")
}

// nestColumn makes one array of all rows of an array column of type t.
func nestColumn(a arrow.Array, t types.Type, bad func(null, empty bool) error) (Vec, error) {
	out := newLists(1)
	v := Vec{Arr: a}
	base := out.source(Vec{Arr: listElems(v)})
	rows := make([]int, a.Len())
	for i := range rows {
		rows[i] = i
	}
	if err := nestArrays(readList(v), a.IsNull, rows, out, base, bad); err != nil {
		return Vec{}, err
	}
	r, err := out.finish(t)
	r.Const = true
	return r, err
}

// splitArrays takes arrays apart by their first dimension: the parts, and the row of a that each comes from.
func splitArrays(a *array.List) (parts arrow.Array, rows []int32) {
	l := readList(Vec{Arr: a})
	offs := []int32{0}
	var shapes []types.Shape
	var elems []int32
	for i := range a.Len() {
		if a.IsNull(i) {
			continue
		}
		it := l(i)
		dims := it.dims()
		if len(dims) < 2 {
			continue
		}
		inner, _ := types.NewShape(dims[1:])
		for range dims[0].Len {
			for range types.Shape(dims[1:]).Size() {
				elems = append(elems, int32(it.from))
				it.from++
			}
			offs, shapes, rows = append(offs, int32(len(elems))), append(shapes, inner), append(rows, int32(i))
		}
	}
	return types.WithShapes(newList(a.DataType(), offs, types.Take(a.ListValues(), elems), nil), shapes), rows
}
