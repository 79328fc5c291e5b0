package expr

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/apache/arrow/go/v17/arrow/array"
	"golang.org/x/text/unicode/norm"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// unicodeFuncs are normal forms and escapes of Unicode, and width_bucket over an array, and timeofday.
func unicodeFuncs() []*Func {
	T, B := types.Text, types.Bool
	return []*Func{
		p1("normalize", T, T, norm.NFC.String, "text in normal form NFC"),
		f2("normalize", T, T, T, func(_ *Ctx, s, form string) (string, error) {
			f, err := normalForm(form)
			return f.String(s), err
		}, "text in a normal form: NFC, NFD, NFKC or NFKD"),
		p1("is_normalized", T, B, norm.NFC.IsNormalString, "whether the text is in normal form NFC"),
		f2("is_normalized", T, T, B, func(_ *Ctx, s, form string) (bool, error) {
			f, err := normalForm(form)
			return err == nil && f.IsNormalString(s), err
		}, "whether the text is in a normal form"),
		f1("unistr", T, T, unistr, "text with its Unicode escapes replaced"),
		vol(Volatile, f0("timeofday", T, func(ctx *Ctx) (string, error) {
			now := ctx.Now
			if ctx.Clock != nil {
				now = ctx.Clock()
			}
			return time.UnixMicro(now).In(ctx.Format.Loc).Format("Mon Jan 02 15:04:05.000000 2006 MST"), nil
		}, "time of the clock as text")),
		{Name: "width_bucket", Args: args(types.AnyElement, types.AnyArray), Ret: types.Int4, Vol: Immutable, Unify: true, Doc: "number of the bucket that an ascending array of limits puts a value into",
			Bind: func(ts []types.Type, _ types.Type) Kernel { return bucketOf(ts[0]) }},
	}
}

func normalForm(name string) (norm.Form, error) {
	f, ok := map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}[strings.ToUpper(name)]
	if !ok {
		return f, sqlerr.New(sqlerr.InvalidParameterValue, "invalid normalization form: %s", name)
	}
	return f, nil
}

// unistr replaces the escapes of four, six and eight hexadecimal digits, and the doubled backslash.
func unistr(_ *Ctx, s string) (string, error) {
	var out strings.Builder
	var high rune
	for s != "" {
		if s[0] != '\\' {
			if high != 0 {
				return "", badPair()
			}
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		if strings.HasPrefix(s, `\\`) {
			out.WriteByte('\\')
			s = s[2:]
			continue
		}
		skip, digits := 1, 4
		switch {
		case strings.HasPrefix(s, `\+`):
			skip, digits = 2, 6
		case strings.HasPrefix(s, `\u`):
			skip = 2
		case strings.HasPrefix(s, `\U`):
			skip, digits = 2, 8
		}
		if len(s) < skip+digits {
			return "", badEscape()
		}
		v, err := strconv.ParseUint(s[skip:skip+digits], 16, 32)
		if err != nil {
			return "", badEscape()
		}
		s = s[skip+digits:]
		r := rune(v)
		switch {
		case high != 0:
			if r = utf16.DecodeRune(high, r); r == '\uFFFD' {
				return "", badPair()
			}
			high = 0
		case v == 0 || v > 0x10FFFF:
			return "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid Unicode code point: %04X", v)
		case v >= 0xD800 && v < 0xDC00:
			high = r
			continue
		case v >= 0xDC00 && v < 0xE000:
			return "", badPair()
		}
		out.WriteRune(r)
	}
	if high != 0 {
		return "", badPair()
	}
	return out.String(), nil
}

func badPair() error { return sqlerr.New(sqlerr.SyntaxError, "invalid Unicode surrogate pair") }

func badEscape() error {
	four, six, eight := strings.Repeat("X", 4), strings.Repeat("X", 6), strings.Repeat("X", 8)
	return sqlerr.New(sqlerr.SyntaxError, "invalid Unicode escape").WithHint("Unicode escapes must be \\%s, \\+%s, \\u%s, or \\U%s.", four, six, four, eight)
}

// bucketOf counts the limits that are not greater than the value.
func bucketOf(t types.Type) Kernel {
	compare := types.NewComparer(t)
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		l, shaped := vs[1].Arr.(*array.List), readList(vs[1])
		return write(types.Int4, n, andValid(n, vs...), func(i int) (int32, error) {
			if len(shaped(i).dims()) > 1 {
				return 0, sqlerr.New(sqlerr.ArraySubscriptError, "thresholds must be one-dimensional array")
			}
			from, to := l.ValueOffsets(vs[1].Idx(i))
			limits, lo, hi := l.ListValues(), int(from), int(to)
			for k := lo; k < hi; k++ {
				if limits.IsNull(k) {
					return 0, sqlerr.New(sqlerr.NullValueNotAllowed, "thresholds array must not contain NULLs")
				}
			}
			for lo < hi {
				mid := (lo + hi) / 2
				if compare(vs[0].Arr, vs[0].Idx(i), limits, mid) < 0 {
					hi = mid
				} else {
					lo = mid + 1
				}
			}
			return int32(lo - int(from)), nil
		})
	}
}
