package expr

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// ArrayAssign is array with the element at the bounds, one for each dimension, replaced by value; of a slice with two bounds for each dimension (NoLower and NoUpper
// where one is not given) the elements between them, by those of the array value. A NULL array counts as empty. Errors: 2202E, 22004, 54000.
func ArrayAssign(array, value Expr, bounds []Expr, slice bool) Expr {
	fn := &Func{Name: "array_assign", CalledOnNull: true, Vol: Immutable, Ret: array.Type(), Kernel: arrayAssign(array.Type(), slice)}
	return &Call{Fn: fn, Args: append([]Expr{array, value}, bounds...), Typ: array.Type(), Pos: -1}
}

func arrayAssign(ret types.Type, slice bool) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		out := newLists(n)
		a := &assigner{out: out, base: out.source(Vec{Arr: listElems(vs[0])}), old: readList(vs[0]), bounds: readSubscripts(vs[2:])}
		var from func(int) list
		if slice {
			a.with = out.source(Vec{Arr: listElems(vs[1])})
			from = readList(vs[1])
		} else {
			a.with = out.source(vs[1])
		}
		for i := range n {
			for _, v := range vs[2:] {
				if v.IsNull(i) {
					return Vec{}, sqlerr.New(sqlerr.NullValueNotAllowed, "array subscript in assignment must not be null")
				}
			}
			var it list
			if !vs[0].IsNull(i) {
				it = a.old(i)
			}
			var err error
			switch {
			case slice && vs[1].IsNull(i):
				a.copy(it, it.dims())
				out.endShaped(it.shape)
			case slice:
				err = a.slice(it, from(i), i)
			default:
				err = a.element(it, int32(vs[1].Idx(i)), i)
			}
			if err != nil {
				return Vec{}, err
			}
		}
		return out.finish(ret)
	}
}

// assigner makes the arrays of arrayAssign.
type assigner struct {
	out        *lists
	base, with int32 // where the elements of the old arrays and the new ones begin
	old        func(int) list
	bounds     []func(int) int32
}

func (a *assigner) copy(it list, dims []types.Dim) {
	for e := range types.Shape(dims).Size() {
		if len(dims) > 0 {
			a.out.add(a.base + int32(it.from+e))
		}
	}
}

func subscriptError(format string, args ...any) error {
	return sqlerr.New(sqlerr.ArraySubscriptError, format, args...)
}

// element puts the value in row v of the new ones into an array.
func (a *assigner) element(it list, v int32, i int) error {
	dims := it.dims()
	cut := make([]types.Dim, len(a.bounds))
	for k, f := range a.bounds {
		cut[k] = types.Dim{Len: 1, Lower: f(i)}
	}
	if len(dims) == 0 {
		return a.put(it, cut, cut, func(int) int32 { return v })
	}
	if len(dims) != len(cut) {
		return subscriptError("wrong number of array subscripts")
	}
	dims, err := a.room(dims, cut)
	if err != nil {
		return err
	}
	return a.put(it, dims, cut, func(int) int32 { return v })
}

// slice puts the elements of src into the bounds of row i.
func (a *assigner) slice(it, src list, i int) error {
	dims := it.dims()
	if len(dims) > 0 && len(dims) < len(a.bounds)/2 {
		return subscriptError("wrong number of array subscripts")
	}
	cut := append([]types.Dim(nil), dims...)
	if len(dims) == 0 {
		cut = make([]types.Dim, len(a.bounds)/2)
	}
	for k := range len(a.bounds) / 2 {
		lo, hi := a.bounds[2*k](i), a.bounds[2*k+1](i)
		if len(dims) == 0 && (lo == NoLower || hi == NoUpper) {
			return sqlerr.New(sqlerr.ArraySubscriptError, "array slice subscript must provide both boundaries").
				WithDetail("When assigning to a slice of an empty array value, slice boundaries must be fully specified.")
		}
		if lo == NoLower {
			lo = cut[k].Lower
		}
		if hi == NoUpper {
			hi = dims[k].Lower + dims[k].Len - 1
		}
		if lo > hi {
			return subscriptError("upper bound cannot be less than lower bound")
		}
		size := int64(hi) - int64(lo) + 1
		if size > int64(NoUpper) {
			return subscriptError("array size exceeds the maximum allowed (134217727)")
		}
		cut[k] = types.Dim{Len: int32(size), Lower: lo}
	}
	if _, err := types.NewShape(cut); err != nil {
		return err
	}
	if types.Shape(cut).Size() > src.to-src.from {
		return subscriptError("source array too small")
	}
	if len(dims) == 0 {
		dims = cut
	}
	dims, err := a.room(dims, cut)
	if err != nil {
		return err
	}
	return a.put(it, dims, cut, func(k int) int32 { return int32(src.from + k) })
}

// room gives the dimensions of an array that has room for cut: one of a single dimension grows.
func (a *assigner) room(dims, cut []types.Dim) ([]types.Dim, error) {
	if len(dims) == 1 {
		d, c := dims[0], cut[0]
		lo := min(int64(d.Lower), int64(c.Lower))
		hi := max(int64(d.Lower)+int64(d.Len), int64(c.Lower)+int64(c.Len))
		if hi-lo > int64(NoUpper) {
			hi = lo + int64(NoUpper)
		}
		return []types.Dim{{Len: int32(hi - lo), Lower: int32(lo)}}, nil
	}
	for k, d := range dims {
		c := cut[k]
		if c.Lower < d.Lower || int64(c.Lower)+int64(c.Len) > int64(d.Lower)+int64(d.Len) {
			return nil, subscriptError("array subscript out of range")
		}
	}
	return dims, nil
}

// put writes an array of the dimensions: inside cut the new values, whose rows value gives in order, else what the old array it has there, or NULL.
func (a *assigner) put(it list, dims, cut []types.Dim, value func(k int) int32) error {
	shape, err := types.NewShape(dims)
	if err != nil {
		return err
	}
	size := types.Shape(dims).Size()
	rows := make([]int32, size)
	was := it.dims()
	for e := range rows {
		rows[e] = -1
		switch {
		case len(was) == 1:
			if k := e + int(dims[0].Lower-was[0].Lower); k >= 0 && k < int(was[0].Len) {
				rows[e] = a.base + int32(it.from+k)
			}
		case len(was) > 1:
			rows[e] = a.base + int32(it.from+e)
		}
	}
	offsets := make([]types.Dim, len(cut))
	for k, c := range cut {
		offsets[k] = types.Dim{Len: c.Len, Lower: c.Lower - dims[k].Lower}
	}
	k := 0
	eachInSlice(dims, offsets, func(e int) {
		rows[e] = a.with + value(k)
		k++
	})
	for _, r := range rows {
		a.out.add(r)
	}
	a.out.endShaped(shape)
	return nil
}
