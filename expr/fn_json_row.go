package expr

import (
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// rowToJSON is row_to_json(row).
func rowToJSON() *Func {
	return &Func{Name: "row_to_json", Args: args(types.Record), Ret: types.JSON, Vol: Stable, Doc: "row as a JSON object",
		Bind: func(ts []types.Type, _ types.Type) Kernel { return toJSON(types.JSON, ts[0]) }}
}

// prettyRow is row_to_json(row, pretty).
func prettyRow() *Func {
	return &Func{Name: "row_to_json", Args: args(types.Record, types.Bool), Ret: types.JSON, Vol: Stable, Doc: "row as a JSON object, with a line for each field",
		Bind: func(ts []types.Type, _ types.Type) Kernel {
			return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
				pretty := readBool(vs[1])
				a, err := appendRows(types.JSON, n, andValid(n, vs...), func(dst []byte, i int) ([]byte, error) {
					return appendRowJSON(ctx, dst, vs[0].Arr.(*array.Binary).Value(vs[0].Idx(i)), ts[0], pick(pretty(i), ",\n ", ",")), nil
				})
				return Vec{Arr: a}, err
			}
		}}
}

// appendRowJSON appends a value of a row type as an object; fields without known names are f1, f2 ...
func appendRowJSON(ctx *Ctx, dst, v []byte, t types.Type, comma string) []byte {
	fields := t.Fields()
	dst = append(dst, '{')
	for i, f := range types.RecordFields(v) {
		if i > 0 {
			dst = append(dst, comma...)
		}
		name, ft := "f"+strconv.Itoa(i+1), types.Text
		if i < len(fields) {
			name, ft = fields[i].Name, fields[i].Type
		} else if u, ok := types.ByOID(f.OID); ok {
			ft = u
		}
		dst = append(appendJSONString(dst, name), ':')
		b := types.NewBuilder(ft)
		if err := types.AppendField(b, f, ft); err != nil {
			b.AppendNull()
		}
		dst = appendJSON(ctx, dst, Vec{Arr: b.NewArray()}, 0, ft)
	}
	return append(dst, '}')
}
