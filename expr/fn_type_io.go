package expr

import "github.com/streamsqld/streamsqld/types"

// ioName is how the names of the functions begin that write values of a type.
type ioName struct {
	typ  types.Type
	name string
}

func ioNames() []ioName {
	out := []ioName{{types.AnyArray, "array_"}, {types.Record, "record_"}}
	for _, t := range []types.Type{types.Bool, types.Bytea, types.Char, types.Name, types.Int8, types.Int2, types.Int4, types.Text, types.OID, types.Float4,
		types.Float8, types.BPChar, types.Varchar} {
		out = append(out, ioName{t, t.Info().Name})
	}
	for _, t := range []types.Type{types.JSON, types.JSONB, types.CIDR, types.Inet, types.MACAddr, types.Date, types.Time, types.Timestamp, types.TimestampTZ,
		types.Interval, types.TimeTZ, types.Bit, types.VarBit, types.Numeric, types.UUID} {
		out = append(out, ioName{t, t.Info().Name + "_"})
	}
	return out
}

// typeIOFuncs are int4send, int4out and the like: the binary form and the text of a value.
func typeIOFuncs() []*Func {
	var out []*Func
	for _, io := range ioNames() {
		out = append(out,
			&Func{Name: io.name + "send", Args: args(io.typ), Ret: types.Bytea, Vol: Stable, Doc: "binary form of a value",
				Bind: func(ts []types.Type, _ types.Type) Kernel { return sendKernel(ts[0]) }},
			&Func{Name: io.name + "out", Args: args(io.typ), Ret: types.Text, Vol: Stable, Doc: "text of a value",
				Bind: func(ts []types.Type, _ types.Type) Kernel { return outKernel(ts[0]) }})
	}
	return out
}

func sendKernel(t types.Type) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		a, err := appendRows(types.Bytea, n, andValid(n, vs...), func(dst []byte, i int) ([]byte, error) {
			return types.AppendBinary(dst, vs[0].Arr, vs[0].Idx(i), t)
		})
		return Vec{Arr: a}, err
	}
}

func outKernel(t types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		a, err := appendRows(types.Text, n, andValid(n, vs...), func(dst []byte, i int) ([]byte, error) {
			return types.AppendText(dst, vs[0].Arr, vs[0].Idx(i), t, ctx.Format), nil
		})
		return Vec{Arr: a}, err
	}
}
