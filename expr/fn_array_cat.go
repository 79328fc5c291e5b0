package expr

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// arrayCat joins arrays and single elements; a NULL array counts as empty, NULL with NULL is NULL.
func arrayCat(ts []types.Type, ret types.Type) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		out := newLists(n)
		base := make([]int32, len(vs))
		read := make([]func(int) list, len(vs))
		for k, v := range vs {
			if ts[k].IsArray() {
				base[k], read[k] = out.source(Vec{Arr: listElems(v)}), readList(v)
			} else {
				base[k] = out.source(v)
			}
		}
		for i := range n {
			null := true
			var dims [2][]types.Dim
			for k, v := range vs {
				switch {
				case read[k] == nil:
					null = false
					out.add(base[k] + int32(v.Idx(i)))
				case !v.IsNull(i):
					null = false
					it := read[k](i)
					dims[k] = it.dims()
					for e := it.from; e < it.to; e++ {
						out.add(base[k] + int32(e))
					}
				}
			}
			if null {
				out.endRow(true)
				continue
			}
			s, err := joinedShape(dims[0], dims[1], read[0] == nil || read[1] == nil)
			if err != nil {
				return Vec{}, err
			}
			out.endShaped(s)
		}
		return out.finish(ret)
	}
}

// joinedShape is the shape of two arrays, or of an array and a single element, one after the other.
func joinedShape(a, b []types.Dim, single bool) (types.Shape, error) {
	switch {
	case single:
		d := a
		if d == nil {
			d = b
		}
		if len(d) > 1 {
			return nil, sqlerr.New(sqlerr.DataException, "argument must be empty or one-dimensional array")
		}
		if len(d) == 0 || d[0].Lower == 1 {
			return nil, nil
		}
		return types.NewShape([]types.Dim{{Len: d[0].Len + 1, Lower: d[0].Lower}})
	case a == nil:
		return types.NewShape(b)
	case b == nil:
		return types.NewShape(a)
	}
	return catShapes(a, b)
}

// catShapes is the shape of two arrays one after the other, neither of them empty. Errors: 2202E.
func catShapes(a, b []types.Dim) (types.Shape, error) {
	bad := func(detail string, v ...any) error {
		return sqlerr.New(sqlerr.ArraySubscriptError, "cannot concatenate incompatible arrays").WithDetail(detail, v...)
	}
	var dims []types.Dim
	switch len(a) - len(b) {
	case 0:
		if !slices.Equal(a[1:], b[1:]) {
			return nil, bad("Arrays with differing element dimensions are not compatible for concatenation.")
		}
		dims = slices.Clone(a)
		dims[0].Len += b[0].Len
	case -1:
		if !slices.Equal(a, b[1:]) {
			return nil, bad("Arrays with differing dimensions are not compatible for concatenation.")
		}
		dims = slices.Clone(b)
		dims[0].Len++
	case 1:
		if !slices.Equal(a[1:], b) {
			return nil, bad("Arrays with differing dimensions are not compatible for concatenation.")
		}
		dims = slices.Clone(a)
		dims[0].Len++
	default:
		return nil, bad("Arrays of %d and %d dimensions are not compatible for concatenation.", len(a), len(b))
	}
	return types.NewShape(dims)
}
