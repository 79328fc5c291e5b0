package expr

import (
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// jsonBuildFuncs make JSON of other values.
func jsonBuildFuncs() []*Func {
	var fs []*Func
	fs = append(fs, rowToJSON(), prettyRow())
	for _, j := range []types.Type{types.JSON, types.JSONB} {
		pre := j.Info().Name
		build := func(name string, k func(ts []types.Type) Kernel, doc string) []*Func {
			empty := k(nil)
			return []*Func{
				{Name: name, Args: args(types.Any), Variadic: true, Ret: j, CalledOnNull: true, Vol: Stable, Doc: doc,
					Bind: func(ts []types.Type, _ types.Type) Kernel { return k(ts) }},
				{Name: name, Ret: j, Vol: Stable, Kernel: empty, Doc: doc},
			}
		}
		fs = append(fs, &Func{Name: "to_" + pre, Args: args(types.AnyElement), Ret: j, Vol: Stable, Doc: "value as JSON",
			Bind: func(ts []types.Type, _ types.Type) Kernel { return toJSON(j, ts[0]) }})
		fs = append(fs, build(pre+"_build_object", func(ts []types.Type) Kernel { return buildObject(j, ts) }, "object of keys and values")...)
		fs = append(fs, build(pre+"_build_array", func(ts []types.Type) Kernel { return buildArray(j, ts) }, "array of values")...)
	}
	return fs
}

// finishJSON makes the text of a row canonical where the result is jsonb.
func finishJSON(j types.Type, dst []byte, from int) ([]byte, error) {
	if !j.Is(types.JSONB) {
		return dst, nil
	}
	return types.AppendJSONB(dst[:from], string(dst[from:]))
}

func toJSON(j, t types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		a, err := appendRows(j, n, andValid(n, vs...), func(dst []byte, i int) ([]byte, error) {
			return finishJSON(j, appendJSON(ctx, dst, vs[0], vs[0].Idx(i), t), len(dst))
		})
		return Vec{Arr: a}, err
	}
}

// appendJSON appends row i (of the column, not of the batch) as JSON.
func appendJSON(ctx *Ctx, dst []byte, v Vec, i int, t types.Type) []byte {
	if v.Arr.IsNull(i) {
		return append(dst, "null"...)
	}
	col := Vec{Arr: v.Arr}
	if t.IsArray() {
		l := v.Arr.(*array.List)
		from, to := l.ValueOffsets(i)
		elems, elem := Vec{Arr: l.ListValues()}, t.Elem()
		return types.AppendNested(dst, types.ShapeOf(l, i), int(from), int(to), '[', ']', func(dst []byte, e int) []byte {
			return appendJSON(ctx, dst, elems, e, elem)
		})
	}
	if t.IsRow() {
		return appendRowJSON(ctx, dst, v.Arr.(*array.Binary).Value(i), t, ",")
	}
	switch t.Base() {
	case types.Bool:
		return strconv.AppendBool(dst, v.Arr.(*array.Boolean).Value(i))
	case types.JSON, types.JSONB:
		return appendText(ctx, dst, col, i, t)
	case types.Int2, types.Int4, types.Int8:
		return appendText(ctx, dst, col, i, t)
	case types.Float4, types.Float8, types.Numeric:
		from := len(dst)
		dst = appendText(ctx, dst, col, i, t)
		if c := dst[len(dst)-1]; c < '0' || c > '9' { // NaN, Infinity
			s := string(dst[from:])
			return appendJSONString(dst[:from], s)
		}
		return dst
	case types.Timestamp, types.TimestampTZ:
		from := len(dst)
		dst = appendText(ctx, append(dst, '"'), col, i, t)
		for k := from; k < len(dst); k++ {
			if dst[k] == ' ' {
				dst[k] = 'T'
				break
			}
		}
		if t.Is(types.TimestampTZ) && len(dst) > from+3 && (dst[len(dst)-3] == '+' || dst[len(dst)-3] == '-') {
			dst = append(dst, ":00"...)
		}
		return append(dst, '"')
	}
	return appendJSONString(dst, string(appendText(ctx, nil, col, i, t)))
}

func buildObject(j types.Type, ts []types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		if len(vs)%2 == 1 {
			return Vec{}, sqlerr.New(sqlerr.InvalidParameterValue, "argument list must have even number of elements").
				WithHint("The arguments of %s_build_object() must consist of alternating keys and values.", j)
		}
		colon, comma := " : ", ", "
		a, err := appendRows(j, n, nil, func(dst []byte, i int) ([]byte, error) {
			from := len(dst)
			dst = append(dst, '{')
			for k := 0; k < len(vs); k += 2 {
				if vs[k].IsNull(i) {
					return dst, sqlerr.New(sqlerr.InvalidParameterValue, "argument %d cannot be null", k+1).
						WithHint("Object keys should be text.")
				}
				if t := ts[k]; t.IsArray() || t.IsRow() || t.Is(types.JSON) || t.Is(types.JSONB) {
					return dst, sqlerr.New(sqlerr.InvalidParameterValue, "key value must be scalar, not array, composite, or json")
				}
				if k > 0 {
					dst = append(dst, comma...)
				}
				dst = appendKey(ctx, dst, vs[k], i, ts[k])
				dst = append(dst, colon...)
				dst = appendJSON(ctx, dst, vs[k+1], vs[k+1].Idx(i), ts[k+1])
			}
			return finishJSON(j, append(dst, '}'), from)
		})
		return Vec{Arr: a}, err
	}
}

// appendKey appends row i of v as the key of a member: a boolean as JSON writes it, all else by its output.
func appendKey(ctx *Ctx, dst []byte, v Vec, i int, t types.Type) []byte {
	if t.Is(types.Bool) {
		return append(appendJSON(ctx, append(dst, '"'), v, v.Idx(i), t), '"')
	}
	return appendJSONString(dst, string(appendText(ctx, nil, v, i, t)))
}

func buildArray(j types.Type, ts []types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		a, err := appendRows(j, n, nil, func(dst []byte, i int) ([]byte, error) {
			from := len(dst)
			dst = append(dst, '[')
			for k, v := range vs {
				if k > 0 {
					dst = append(dst, ", "...)
				}
				dst = appendJSON(ctx, dst, v, v.Idx(i), ts[k])
			}
			return finishJSON(j, append(dst, ']'), from)
		})
		return Vec{Arr: a}, err
	}
}
