package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// lengthCast applies a type modifier to a column of its type; nil where there is nothing to apply.
func lengthCast(to types.Type, explicit bool) Kernel {
	mod := to.Mod
	if to.IsArray() {
		return elementLength(to, explicit)
	}
	switch to.Base() {
	case types.Varchar:
		return row1(to, func(_ *Ctx, s string) (string, error) { return cutVarchar(s, int(mod-4), explicit) })
	case types.BPChar:
		return row1(to, func(_ *Ctx, s string) (string, error) { return padChar(s, int(mod-4), explicit) })
	case types.Bit, types.VarBit:
		return row1(to, func(_ *Ctx, s string) (string, error) { return types.FitBits(s, to, explicit) })
	case types.Numeric:
		return row1(to, func(_ *Ctx, d types.Dec) (types.Dec, error) { return d.ApplyMod(mod) })
	case types.Time:
		return mapFixed(to, func(x int64) int64 { return types.RoundTime(x, mod) })
	case types.TimeTZ:
		return row1(to, func(_ *Ctx, t [12]byte) ([12]byte, error) {
			return timeTZ(types.RoundTime(timeTZMicros(t), mod), timeTZWest(t)), nil
		})
	case types.Timestamp, types.TimestampTZ:
		return mapFixed(to, func(x int64) int64 { return types.RoundTimestamp(x, mod) })
	case types.Interval:
		return row1(to, func(_ *Ctx, iv types.IntervalValue) (types.IntervalValue, error) { return iv.ApplyMod(mod), nil })
	}
	return nil
}

// elementLength applies the modifier to the elements of arrays.
func elementLength(to types.Type, explicit bool) Kernel {
	elem := lengthCast(to.Elem(), explicit)
	if elem == nil {
		return nil
	}
	return func(ctx *Ctx, _ int, args []Vec) (Vec, error) {
		l := args[0].Arr.(*array.List)
		kids, err := elem(ctx, l.ListValues().Len(), []Vec{{Arr: l.ListValues()}})
		if err != nil {
			return Vec{}, err
		}
		return Vec{Arr: withElements(l, kids.Arr, to)}, nil
	}
}

func valueTooLong(typ string, n int) error {
	return sqlerr.New(sqlerr.StringDataRightTruncation, "value too long for type %s(%d)", typ, n)
}

// cutVarchar cuts to n characters: always when the cast is explicit, else only blanks (22001).
func cutVarchar(s string, n int, explicit bool) (string, error) {
	if len(s) <= n {
		return s, nil
	}
	cut := runeOffset(s, n)
	if !explicit && strings.Trim(s[cut:], " ") != "" {
		return "", valueTooLong("character varying", n)
	}
	return s[:cut], nil
}

// padChar cuts or fills up with blanks to n characters.
func padChar(s string, n int, explicit bool) (string, error) {
	have := utf8.RuneCountInString(s)
	if have <= n {
		return s + strings.Repeat(" ", n-have), nil
	}
	cut := runeOffset(s, n)
	if !explicit && strings.Trim(s[cut:], " ") != "" {
		return "", valueTooLong("character", n)
	}
	return s[:cut], nil
}
