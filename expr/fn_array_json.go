package expr

import (
	"github.com/apache/arrow/go/v17/arrow/array"

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
		l := vs[0].Arr.(*array.List)
		a, err := appendRows(types.JSON, n, andValid(n, vs...), func(dst []byte, i int) ([]byte, error) {
			comma := pick(pretty(i), ",\n ", ",")
			from, to := l.ValueOffsets(vs[0].Idx(i))
			dst = append(dst, '[')
			for k := from; k < to; k++ {
				if k > from {
					dst = append(dst, comma...)
				}
				dst = appendJSON(ctx, dst, Vec{Arr: l.ListValues()}, int(k), elem)
			}
			return append(dst, ']'), nil
		})
		return Vec{Arr: a}, err
	}
}
