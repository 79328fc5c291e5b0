package expr

import (
	"github.com/streamsqld/streamsqld/types"
)

// arrayToJSON is array_to_json(array [, pretty]).
func arrayToJSON() []*Func {
	return []*Func{
		{Name: "array_to_json", Args: args(types.AnyArray), Ret: types.JSON, Vol: Stable, Doc: "array as JSON",
			Bind: func(ts []types.Type, _ types.Type) Kernel { return toJSON(types.JSON, ts[0]) }},
		{Name: "array_to_json", Args: args(types.AnyArray, types.Bool), Ret: types.JSON, Vol: Stable, Doc: "array as JSON, with a line for each element",
			Bind: func(ts []types.Type, _ types.Type) Kernel { return prettyArray(ts[0].Elem()) }},
	}
}

func prettyArray(elem types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		pretty := readBool(vs[1])
		l, elems := readList(vs[0]), Vec{Arr: listElems(vs[0])}
		item := func(dst []byte, e int) []byte { return appendJSON(ctx, dst, elems, e, elem) }
		a, err := appendRows(types.JSON, n, andValid(n, vs...), func(dst []byte, i int) ([]byte, error) {
			comma := pick(pretty(i), ",\n ", ",")
			it := l(i)
			step := 1
			if len(it.shape) > 1 {
				step = it.shape[1:].Size()
			}
			dst = append(dst, '[')
			for k := it.from; k < it.to; k += step {
				if k > it.from {
					dst = append(dst, comma...)
				}
				if len(it.shape) > 1 {
					dst = types.AppendNested(dst, it.shape[1:], k, k+step, '[', ']', item)
				} else {
					dst = item(dst, k)
				}
			}
			return append(dst, ']'), nil
		})
		return Vec{Arr: a}, err
	}
}
