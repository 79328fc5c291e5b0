package expr

import (
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// concatFuncs are || on text, and concat and concat_ws.
func concatFuncs() []*Func {
	T := types.Text
	doc := "texts one after the other"
	anyCat := func(a, b types.Type) *Func {
		return &Func{Name: "||", Args: args(a, b), Ret: T, Vol: Stable, Safe: true, Doc: doc,
			Bind: func(ts []types.Type, _ types.Type) Kernel { return concatKernel(ts, false) }}
	}
	return []*Func{
		{Name: "||", Args: args(T, T), Ret: T, Vol: Immutable, Safe: true, Doc: doc, Kernel: concatKernel(args(T, T), false)},
		anyCat(T, types.AnyNonArray), anyCat(types.AnyNonArray, T),
		{Name: "||", Args: args(types.Bytea, types.Bytea), Ret: types.Bytea, Vol: Immutable, Safe: true, Doc: "bytes one after the other",
			Kernel: row2(types.Bytea, func(_ *Ctx, a, b string) (string, error) { return a + b, nil })},
		{Name: "concat", Args: args(types.Any), Variadic: true, Ret: T, CalledOnNull: true, Vol: Stable, Safe: true, Doc: "texts of all arguments, NULLs left out",
			Bind: func(ts []types.Type, _ types.Type) Kernel { return concatKernel(ts, true) }},
		{Name: "concat_ws", Args: args(T, types.Any), Variadic: true, Ret: T, CalledOnNull: true, Vol: Stable, Safe: true,
			Doc:  "texts of the arguments with a separator, NULLs left out",
			Bind: func(ts []types.Type, _ types.Type) Kernel { return concatWS(ts) }},
	}
}

// appender gives the function that appends row i of a vector as text; texts are not formatted.
func appender(ctx *Ctx, v Vec, t types.Type) func(dst []byte, i int) []byte {
	switch t.Base() {
	case types.Text, types.Varchar, types.BPChar, types.Name, types.Unknown, types.JSON, types.JSONB:
		s := stringsOf(v)
		return func(dst []byte, i int) []byte { return append(dst, s.at(i)...) }
	}
	return func(dst []byte, i int) []byte { return appendText(ctx, dst, v, i, t) }
}

// boolWord appends true or false.
func boolWord(v Vec) func(dst []byte, i int) []byte {
	b := v.Arr.(*array.Boolean)
	return func(dst []byte, i int) []byte { return strconv.AppendBool(dst, b.Value(v.Idx(i))) }
}

func concatKernel(ts []types.Type, skipNull bool) Kernel {
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		var valid []byte
		if !skipNull {
			valid = andValid(n, args...)
		}
		parts := make([]func([]byte, int) []byte, len(args))
		for k, a := range args {
			parts[k] = appender(ctx, a, ts[k])
			if !skipNull && ts[k].Is(types.Bool) {
				parts[k] = boolWord(a) // || casts to text, concat writes as output does
			}
		}
		a, err := appendRows(types.Text, n, valid, func(dst []byte, i int) ([]byte, error) {
			for k := range args {
				if !skipNull || !args[k].IsNull(i) {
					dst = parts[k](dst, i)
				}
			}
			return dst, nil
		})
		return Vec{Arr: a}, err
	}
}

func concatWS(ts []types.Type) Kernel {
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		parts := make([]func([]byte, int) []byte, len(args))
		for k, a := range args {
			parts[k] = appender(ctx, a, ts[k])
		}
		a, err := appendRows(types.Text, n, andValid(n, args[0]), func(dst []byte, i int) ([]byte, error) {
			first := true
			for k := 1; k < len(args); k++ {
				if args[k].IsNull(i) {
					continue
				}
				if !first {
					dst = parts[0](dst, i)
				}
				dst, first = parts[k](dst, i), false
			}
			return dst, nil
		})
		return Vec{Arr: a}, err
	}
}
