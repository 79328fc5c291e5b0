package expr

import (
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
		l, size := readList(vs[1]), listElems(vs[1])
		for i := range n {
			if vs[1].IsNull(i) {
				return Vec{}, sqlerr.New(sqlerr.NullValueNotAllowed, "dimension array or low bound array cannot be null")
			}
			d := l(i)
			switch {
			case d.from == d.to:
				out.endRow(false)
				continue
			case d.to-d.from > 1:
				return Vec{}, sqlerr.New(sqlerr.FeatureNotSupported, "arrays of more than one dimension are not supported")
			case size.IsNull(d.from):
				return Vec{}, sqlerr.New(sqlerr.NullValueNotAllowed, "dimension values cannot be null")
			}
			count := values[int32](size)[d.from]
			if count < 0 || count > maxElements {
				return Vec{}, sqlerr.New(sqlerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxElements)
			}
			for range count {
				out.add(base + int32(vs[0].Idx(i)))
			}
			out.endRow(false)
		}
		return out.finish(ret)
	}
}

// maxElements bounds an array that a function makes, as in PostgreSQL.
const maxElements = 134217727

func arrayReplace(t, ret types.Type) Kernel {
	same := sameElement(t)
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		out := newLists(n)
		base, with := out.source(Vec{Arr: listElems(vs[0])}), out.source(vs[2])
		l := readList(vs[0])
		for i := range n {
			if !vs[0].IsNull(i) {
				it := l(i)
				for k := it.from; k < it.to; k++ {
					if same(it.elems, k, vs[1].Arr, vs[1].Idx(i)) {
						out.add(with + int32(vs[2].Idx(i)))
					} else {
						out.add(base + int32(k))
					}
				}
			}
			out.endRow(vs[0].IsNull(i))
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
			null := vs[0].IsNull(i) || vs[1].IsNull(i)
			if !null {
				it := l(i)
				size := it.to - it.from
				if c := int(cut(i)); c < 0 || c > size {
					return Vec{}, sqlerr.New(sqlerr.ArraySubscriptError, "number of elements to trim must be between 0 and %d", size)
				}
				for k := it.from; k < it.to-int(cut(i)); k++ {
					out.add(base + int32(k))
				}
			}
			out.endRow(null)
		}
		return out.finish(ret)
	}
}
