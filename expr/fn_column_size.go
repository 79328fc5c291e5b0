package expr

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// columnSizeFuncs is pg_column_size.
func columnSizeFuncs() []*Func {
	return []*Func{{Name: "pg_column_size", Args: args(types.Any), Ret: types.Int4, Vol: Stable, Doc: "number of bytes that a value takes", Bind: columnSize}}
}

// columnSize tells the bytes of a value as PostgreSQL keeps it outside tables; of types that it packs about as many.
func columnSize(ts []types.Type, _ types.Type) Kernel {
	t := ts[0]
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		v := vs[0]
		return write(types.Int4, n, andValid(n, v), func(i int) (int32, error) {
			return valueSize(ctx, t, v, v.Idx(i)), nil
		})
	}
}

func valueSize(ctx *Ctx, t types.Type, v Vec, i int) int32 {
	const header = 4
	if l := t.Info().Len; l > 0 {
		return int32(l)
	}
	text := types.AppendText(nil, v.Arr, i, t, ctx.Format)
	switch {
	case t.Is(types.Unknown):
		return int32(len(text)) + 1
	case t.Is(types.Numeric):
		return header + numericSize(string(text))
	case t.IsArray():
		from, to := v.Arr.(*array.List).ValueOffsets(i)
		if l := t.Elem().Info().Len; l > 0 {
			return header + 12 + 8 + int32(to-from)*int32(l)
		}
	case t.Is(types.Bytea):
		return header + int32(len(v.Arr.(*array.Binary).Value(i)))
	}
	return header + int32(len(text))
}

// numericSize is the size of a number's digits in base 10000 and their header.
func numericSize(s string) int32 {
	whole, frac, _ := strings.Cut(strings.TrimLeft(s, "-"), ".")
	if whole == "" || whole[0] < '0' || whole[0] > '9' {
		return 2 // NaN and the like
	}
	whole = strings.TrimLeft(whole, "0")
	whole = strings.Repeat("0", (4-len(whole)%4)%4) + whole
	frac += strings.Repeat("0", (4-len(frac)%4)%4)
	digits := whole + frac
	from, to := 0, len(digits)
	for from < to && digits[from:from+4] == "0000" {
		from += 4
	}
	for from < to && digits[to-4:to] == "0000" {
		to -= 4
	}
	return 2 + int32(to-from)/2
}
