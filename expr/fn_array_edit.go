package expr

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// arrayEditFuncs make arrays of one value and change elements.
func arrayEditFuncs() []*Func {
	A, E, I := types.AnyArray, types.AnyElement, types.Int4
	dims, _ := I.Array()
	return []*Func{
		{Name: "array_fill", Args: args(E, dims), Ret: A, CalledOnNull: true, Vol: Immutable, Doc: "array of one value",
			Bind: func(_ []types.Type, ret types.Type) Kernel { return arrayFill(ret) }},
		{Name: "array_fill", Args: args(E, dims, dims), Ret: A, CalledOnNull: true, Vol: Immutable, Doc: "array of one value, with lower bounds",
			Bind: func(_ []types.Type, ret types.Type) Kernel { return arrayFill(ret) }},
		{Name: "array_replace", Args: args(A, E, E), Ret: A, CalledOnNull: true, Unify: true, Vol: Immutable, Doc: "elements equal to a value replaced",
			Bind: func(ts []types.Type, ret types.Type) Kernel { return arrayReplace(ts[1], ret) }},
		{Name: "trim_array", Args: args(A, I), Ret: A, Vol: Immutable, Doc: "without so many elements at the end",
			Bind: func(_ []types.Type, ret types.Type) Kernel { return trimArray(ret) }},
	}
}

func arrayFill(ret types.Type) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		out := newLists(n)
		base := out.source(vs[0])
		for i := range n {
			dims, err := fillDims(vs[1:], i)
			if err != nil {
				return Vec{}, err
			}
			s, err := types.NewShape(dims)
			if err != nil {
				return Vec{}, err
			}
			if len(dims) == 0 {
				out.endRow(false)
				continue
			}
			for range types.Shape(dims).Size() {
				out.add(base + int32(vs[0].Idx(i)))
			}
			out.endShaped(s)
		}
		return out.finish(ret)
	}
}

// fillDims reads the dimensions, and the lower bounds if there are any, of an array to fill.
func fillDims(vs []Vec, i int) ([]types.Dim, error) {
	var dims []types.Dim
	for k, v := range vs {
		if v.IsNull(i) {
			return nil, sqlerr.New(sqlerr.NullValueNotAllowed, "dimension array or low bound array cannot be null")
		}
		it := readList(v)(i)
		if len(it.shape) > 1 {
			return nil, sqlerr.New(sqlerr.ArraySubscriptError, "wrong number of array subscripts").WithDetail("Dimension array must be one dimensional.")
		}
		if k == 1 && it.to-it.from != len(dims) {
			return nil, sqlerr.New(sqlerr.ArraySubscriptError, "wrong number of array subscripts").WithDetail("Low bound array has different size than dimensions array.")
		}
		for e := it.from; e < it.to; e++ {
			switch x := values[int32](it.elems)[e]; {
			case it.elems.IsNull(e):
				return nil, sqlerr.New(sqlerr.NullValueNotAllowed, "dimension values cannot be null")
			case k == 0:
				dims = append(dims, types.Dim{Len: x, Lower: 1})
			default:
				dims[e-it.from].Lower = x
			}
		}
	}
	return dims, nil
}

func arrayReplace(t, ret types.Type) Kernel {
	same := sameElement(t)
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		out := newLists(n)
		base, with := out.source(Vec{Arr: listElems(vs[0])}), out.source(vs[2])
		l := readList(vs[0])
		for i := range n {
			if vs[0].IsNull(i) {
				out.endRow(true)
				continue
			}
			it := l(i)
			for k := it.from; k < it.to; k++ {
				if same(it.elems, k, vs[1].Arr, vs[1].Idx(i)) {
					out.add(with + int32(vs[2].Idx(i)))
				} else {
					out.add(base + int32(k))
				}
			}
			out.endShaped(it.shape)
		}
		return out.finish(ret)
	}
}

func trimArray(ret types.Type) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		out := newLists(n)
		base := out.source(Vec{Arr: listElems(vs[0])})
		l, cut := readList(vs[0]), read[int32](vs[1])
		for i := range n {
			if vs[0].IsNull(i) || vs[1].IsNull(i) {
				out.endRow(true)
				continue
			}
			it := l(i)
			dims, size, step := slices.Clone(it.dims()), int32(0), 0
			if len(dims) > 0 {
				size, step = dims[0].Len, types.Shape(dims[1:]).Size()
			}
			c := cut(i)
			if c < 0 || c > size {
				return Vec{}, sqlerr.New(sqlerr.ArraySubscriptError, "number of elements to trim must be between 0 and %d", size)
			}
			for k := it.from; k < it.from+int(size-c)*step; k++ {
				out.add(base + int32(k))
			}
			for k := range dims { // as a slice, the result begins at 1
				dims[k].Lower = 1
			}
			if len(dims) > 0 {
				dims[0].Len -= c
			}
			s, err := types.NewShape(dims)
			if err != nil {
				return Vec{}, err
			}
			out.endShaped(s)
		}
		return out.finish(ret)
	}
}
