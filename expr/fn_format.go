package expr

import (
	"errors"
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
		{Name: "format", Args: args(X, types.Any), Variadic: true, Ret: X, CalledOnNull: true, NoneOfNull: true, Vol: Stable, Doc: "text with arguments put in: %s %I %L", Bind: formatKernel},
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

// formatRow is one row's call of format().
type formatRow struct {
	ctx  *Ctx
	args []Vec
	ts   []types.Type
	row  int
	next int // the argument that comes next
}

func appendFormat(ctx *Ctx, dst []byte, f string, i int, vs []Vec, ts []types.Type) ([]byte, error) {
	r := &formatRow{ctx: ctx, args: vs, ts: ts, row: i, next: 1}
	for {
		k := strings.IndexByte(f, '%')
		if k < 0 {
			return append(dst, f...), nil
		}
		dst, f = append(dst, f[:k]...), f[k+1:]
		if strings.HasPrefix(f, "%") {
			dst, f = append(dst, '%'), f[1:]
			continue
		}
		var err error
		if dst, f, err = r.item(dst, f); err != nil {
			return dst, err
		}
	}
}

// item appends what stands for a specifier, f being the text after its percent sign, and gives the rest of f.
func (r *formatRow) item(dst []byte, f string) ([]byte, string, error) {
	pos, f, err := r.position(f)
	if err != nil {
		return dst, f, err
	}
	left := strings.HasPrefix(f, "-")
	width, f, err := r.width(strings.TrimPrefix(f, "-"))
	if err != nil {
		return dst, f, err
	}
	if width < 0 {
		left, width = true, -width
	}
	if f == "" {
		return dst, f, badFormat("unterminated format() type specifier")
	}
	if !strings.Contains("sIL", f[:1]) {
		return dst, f, badFormat(`unrecognized format() type specifier "` + f[:1] + `"`)
	}
	if pos == 0 {
		pos = r.next
	}
	r.next = pos + 1
	s, null, err := r.arg(pos)
	if err != nil {
		return dst, f, err
	}
	switch {
	case f[0] == 'I' && null:
		return dst, f, sqlerr.New(sqlerr.NullValueNotAllowed, "null values cannot be formatted as an SQL identifier")
	case f[0] == 'I':
		s = quoteIdent(s)
	case f[0] == 'L' && null:
		s = "NULL"
	case f[0] == 'L':
		s = quoteLiteral(s)
	}
	pad := max(0, width-utf8.RuneCountInString(s))
	if len(dst)+len(s)+pad > maxText {
		return dst, f, tooLong()
	}
	if left {
		return append(append(dst, s...), strings.Repeat(" ", pad)...), f[1:], nil
	}
	return append(append(dst, strings.Repeat(" ", pad)...), s...), f[1:], nil
}

// position reads "n$"; 0: there is none.
func (r *formatRow) position(f string) (pos int, rest string, err error) {
	d := leadingDigits(f)
	if d == 0 || d == len(f) || f[d] != '$' {
		return 0, f, nil
	}
	if pos, err = formatNumber(f[:d]); err == nil && pos == 0 {
		err = badFormat("format specifies argument 0, but arguments are numbered from 1")
	}
	return pos, f[d+1:], err
}

// width reads a number, "*" or "*n$"; less than 0: to the left.
func (r *formatRow) width(f string) (width int, rest string, err error) {
	if !strings.HasPrefix(f, "*") {
		d := leadingDigits(f)
		if d > 0 {
			width, err = formatNumber(f[:d])
		}
		return width, f[d:], err
	}
	from, f, err := r.position(f[1:])
	if err != nil {
		return 0, f, err
	}
	if from == 0 {
		from = r.next
	}
	r.next = from + 1
	s, null, err := r.arg(from)
	if err != nil || null {
		return 0, f, err
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if errors.Is(err, strconv.ErrRange) {
		return 0, f, sqlerr.New(sqlerr.NumericValueOutOfRange, "value \"%s\" is out of range for type integer", s)
	}
	if err != nil {
		return 0, f, sqlerr.New(sqlerr.InvalidTextRepresentation, "invalid input syntax for type integer: \"%s\"", s)
	}
	return int(n), f, nil
}

func (r *formatRow) arg(k int) (text string, null bool, err error) {
	if k >= len(r.args) {
		return "", false, sqlerr.New(sqlerr.InvalidParameterValue, "too few arguments for format()")
	}
	if r.args[k].IsNull(r.row) {
		return "", true, nil
	}
	return string(appendText(r.ctx, nil, r.args[k], r.row, r.ts[k])), false, nil
}

func formatNumber(s string) (int, error) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, "number is out of range")
	}
	return int(n), nil
}

func badFormat(why string) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "%s", why).WithHint(`For a single "%%" use "%%%%".`)
}
