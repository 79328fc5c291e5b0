package expr

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// formatFuncs are format(text, ...).
func formatFuncs() []*Func {
	X := types.Text
	return []*Func{
		{Name: "format", Args: args(X), Ret: X, CalledOnNull: true, Vol: Stable, Doc: "text with arguments put in", Bind: formatKernel},
		{Name: "format", Args: args(X, types.Any), Variadic: true, Ret: X, CalledOnNull: true, Vol: Stable, Doc: "text with arguments put in: %s %I %L", Bind: formatKernel},
	}
}

func formatKernel(ts []types.Type, _ types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		f := stringsOf(vs[0])
		a, err := appendRows(types.Text, n, andValid(n, vs[0]), func(dst []byte, i int) ([]byte, error) {
			return appendFormat(ctx, dst, f.at(i), i, vs, ts)
		})
		return Vec{Arr: a}, err
	}
}

// leadingDigits is how many digits s begins with.
func leadingDigits(s string) int {
	d := 0
	for d < len(s) && s[d] >= '0' && s[d] <= '9' {
		d++
	}
	return d
}

func appendFormat(ctx *Ctx, dst []byte, f string, i int, vs []Vec, ts []types.Type) ([]byte, error) {
	next := 1
	arg := func(k int) (string, bool, error) {
		if k >= len(vs) {
			return "", false, sqlerr.New(sqlerr.InvalidParameterValue, "too few arguments for format()")
		}
		if vs[k].IsNull(i) {
			return "", true, nil
		}
		return string(appendText(ctx, nil, vs[k], i, ts[k])), false, nil
	}
	bad := func(why string) error {
		return sqlerr.New(sqlerr.InvalidParameterValue, "%s", why).WithHint(`For a single "%%" use "%%%%".`)
	}
	for f != "" {
		k := strings.IndexByte(f, '%')
		if k < 0 {
			return append(dst, f...), nil
		}
		dst, f = append(dst, f[:k]...), f[k+1:]
		if strings.HasPrefix(f, "%") {
			dst, f = append(dst, '%'), f[1:]
			continue
		}
		pos, left, width := 0, false, 0
		if d := leadingDigits(f); d > 0 && d < len(f) && f[d] == '$' {
			pos, _ = strconv.Atoi(f[:d])
			f = f[d+1:]
			if pos == 0 {
				return dst, bad("format specifies argument 0, but arguments are numbered from 1")
			}
		}
		if strings.HasPrefix(f, "-") {
			left, f = true, f[1:]
		}
		if strings.HasPrefix(f, "*") {
			from := next
			f = f[1:]
			if d := leadingDigits(f); d > 0 && d < len(f) && f[d] == '$' {
				from, _ = strconv.Atoi(f[:d])
				f = f[d+1:]
				if from == 0 {
					return dst, bad("format specifies argument 0, but arguments are numbered from 1")
				}
			}
			s, null, err := arg(from)
			if err != nil {
				return dst, err
			}
			next = from + 1
			if !null {
				width, _ = strconv.Atoi(s)
			}
			if width < 0 {
				left, width = true, -width
			}
		} else if d := leadingDigits(f); d > 0 {
			width, _ = strconv.Atoi(f[:d])
			f = f[d:]
		}
		if f == "" {
			return dst, bad("unterminated format() type specifier")
		}
		if !strings.Contains("sIL", f[:1]) {
			return dst, bad(`unrecognized format() type specifier "` + f[:1] + `"`)
		}
		if pos == 0 {
			pos = next
		}
		next = pos + 1
		s, null, err := arg(pos)
		if err != nil {
			return dst, err
		}
		switch {
		case f[0] == 'I' && null:
			return dst, sqlerr.New(sqlerr.NullValueNotAllowed, "null values cannot be formatted as an SQL identifier")
		case f[0] == 'I':
			s = quoteIdent(s)
		case f[0] == 'L' && null:
			s = "NULL"
		case f[0] == 'L':
			s = quoteLiteral(s)
		}
		f = f[1:]
		pad := strings.Repeat(" ", min(max(0, width-utf8.RuneCountInString(s)), 1<<20))
		if left {
			s += pad
		} else {
			s = pad + s
		}
		dst = append(dst, s...)
	}
	return dst, nil
}
