package expr

import (
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

var spreads sync.Map // *Func to *Func

// SpreadFunc is f for calls with VARIADIC: its last argument is an array, whose elements f sees as repeated arguments. A NULL array gives NULL, as an
// empty one of a strict function does not.
func SpreadFunc(f *Func) *Func {
	if g, ok := spreads.Load(f); ok {
		return g.(*Func)
	}
	g := *f
	g.Kernel = nil
	g.CalledOnNull = true
	g.Bind = func(args []types.Type, ret types.Type) Kernel {
		return func(ctx *Ctx, n int, vs []Vec) (Vec, error) { return spread(f, ctx, n, vs, args, ret) }
	}
	kept, _ := spreads.LoadOrStore(f, &g)
	return kept.(*Func)
}

// spread calls f once for all rows whose arrays have the same length.
func spread(f *Func, ctx *Ctx, n int, vs []Vec, ts []types.Type, ret types.Type) (Vec, error) {
	last := len(vs) - 1
	list := vs[last].Array(n).(*array.List)
	byLen := map[int][]int32{}
	var lens []int
	at := make([]int32, n) // row i of the result in the parts' results, -1: NULL
	for i := range n {
		at[i] = -1
		if list.IsNull(i) && !f.NoneOfNull || !f.CalledOnNull && anyNull(vs[:last], i) {
			continue
		}
		start, end := list.ValueOffsets(i)
		k := int(end - start)
		if list.IsNull(i) {
			k = 0
		}
		if byLen[k] == nil {
			lens = append(lens, k)
		}
		byLen[k] = append(byLen[k], int32(i))
	}
	var parts []arrow.Array
	base := int32(0)
	for _, k := range lens {
		rows := byLen[k]
		args, sig := make([]Vec, 0, last+k), append([]types.Type(nil), ts[:last]...)
		for _, v := range vs[:last] {
			args = append(args, Vec{Arr: types.Take(v.Array(n), rows)})
		}
		for j := range k {
			args, sig = append(args, Vec{Arr: element(list, rows, j)}), append(sig, ts[last].Elem())
		}
		kernel := f.Kernel
		if f.Bind != nil {
			kernel = f.Bind(sig, ret)
		}
		v, err := kernel(ctx, len(rows), args)
		if err != nil {
			return Vec{}, err
		}
		parts = append(parts, v.Array(len(rows)))
		for j, r := range rows {
			at[r] = base + int32(j)
		}
		base += int32(len(rows))
	}
	if parts == nil {
		return nullVec(ret), nil
	}
	all, err := types.Concat(parts)
	if err != nil {
		return Vec{}, err
	}
	return Vec{Arr: types.Take(all, at)}, nil
}

// element gives element j of the lists in rows.
func element(list *array.List, rows []int32, j int) arrow.Array {
	idx := make([]int32, len(rows))
	for k, r := range rows {
		start, _ := list.ValueOffsets(int(r))
		idx[k] = int32(start) + int32(j)
	}
	return types.Take(list.ListValues(), idx)
}
