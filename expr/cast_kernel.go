package expr

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// castKernel makes the kernel that converts from one type to another and applies the target's modifier.
func castKernel(from, to types.Type, explicit bool) Kernel {
	base := baseCast(from, to, explicit)
	if to.Mod < 0 || to.Mod == from.Mod && from.Is(to) || CastMethod(from, to) == 'a' {
		return base
	}
	length := lengthCast(to, explicit)
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		v, err := base(ctx, n, args)
		if err != nil || length == nil {
			return v, err
		}
		return length(ctx, n, []Vec{v})
	}
}

func baseCast(from, to types.Type, explicit bool) Kernel {
	switch CastMethod(from, to) {
	case 'b':
		return relabel(to)
	case 'a':
		return castArray(from, to, explicit)
	case 'r':
		return castRow(from, to, explicit)
	case 'f':
		switch {
		case to.Is(types.Bit) && from.Is(types.Int8):
			return intToBits[int64](to, 64)
		case to.Is(types.Bit):
			return intToBits[int32](to, 32)
		case from.Is(types.Inet) || from.Is(types.CIDR):
			return castInet(to)
		case from.Is(types.Bit):
			return bitsToInt(to)
		case from.Is(types.OID) && to.Is(types.Int4):
			return row1(to, func(_ *Ctx, x uint32) (int32, error) { return int32(x), nil })
		}
		if k := castFunc(from.Base(), to.Base()); k != nil {
			return k
		}
	}
	return castIO(from.Base(), to.Base())
}

// relabel changes the type only.
func relabel(to types.Type) Kernel {
	return func(_ *Ctx, _ int, args []Vec) (Vec, error) {
		return Vec{Arr: retype(args[0].Arr, to.Arrow())}, nil
	}
}

// castArray converts the elements.
func castArray(from, to types.Type, explicit bool) Kernel {
	elem := castKernel(from.Elem(), to.Elem(), explicit)
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		l := args[0].Arr.(*array.List)
		kids, err := elem(ctx, l.ListValues().Len(), []Vec{{Arr: l.ListValues()}})
		if err != nil {
			return Vec{}, err
		}
		return Vec{Arr: withElements(l, kids.Arr, to)}, nil
	}
}

// withElements is the arrays of l, of type to, with other elements in the same places.
func withElements(l *array.List, elems arrow.Array, to types.Type) arrow.Array {
	d := l.Data()
	parts := append([]arrow.ArrayData{elems.Data()}, d.Children()[1:]...)
	return array.MakeFromData(array.NewData(to.Arrow(), d.Len(), d.Buffers(), parts, l.NullN(), d.Offset()))
}

// castIO converts by way of the text: the output of one type is the input of the other.
func castIO(from, to types.Type) Kernel {
	if to.Category() == types.CatString && to.Arrow().ID() == arrow.STRING {
		return castToText(from, to)
	}
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		b := types.NewBuilder(to)
		b.Reserve(n)
		v := args[0]
		var buf []byte
		isText := from.Arrow().ID() == arrow.STRING
		s := strCol{}
		if isText {
			s = stringsOf(v)
		}
		for i := range n {
			if v.IsNull(i) {
				b.AppendNull()
				continue
			}
			var text string
			if isText {
				text = s.at(i)
			} else {
				buf = types.AppendText(buf[:0], v.Arr, v.Idx(i), from, ctx.Format)
				text = string(buf)
			}
			if err := parseInto(ctx, b, text, to); err != nil {
				return Vec{}, err
			}
		}
		return Vec{Arr: b.NewArray()}, nil
	}
}

// parseInto reads the text of one value; names of catalog objects are looked up.
func parseInto(ctx *Ctx, b array.Builder, text string, to types.Type) error {
	if isReg(to) {
		oid, err := regIn(ctx, to, text)
		if err != nil {
			return err
		}
		b.(*array.Uint32Builder).Append(oid)
		return nil
	}
	return types.ParseText(b, text, to, ctx.Format)
}

// castToText is the output function of a type.
func castToText(from, to types.Type) Kernel {
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		v := args[0]
		a, err := appendRows(to, n, andValid(n, v), func(dst []byte, i int) ([]byte, error) {
			at := len(dst)
			if dst = appendText(ctx, dst, v, i, from); to.Is(types.Name) && len(dst)-at > 63 {
				dst = append(dst[:at], cutBytes(string(dst[at:]), 63)...)
			}
			return dst, nil
		})
		return Vec{Arr: a}, err
	}
}

// appendText appends the text of row i of v, of type t; objects of the catalog by name.
func appendText(ctx *Ctx, dst []byte, v Vec, i int, t types.Type) []byte {
	if isReg(t) {
		return append(dst, regOut(ctx, t, values[uint32](v.Arr)[v.Idx(i)])...)
	}
	return types.AppendText(dst, v.Arr, v.Idx(i), t, ctx.Format)
}

// cutBlanks is what bpchar means: its trailing blanks do not count.
func cutBlanks(s string) string { return strings.TrimRight(s, " ") }
