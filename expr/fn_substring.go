package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// trimFuncs are btrim, ltrim and rtrim, over text and bytea.
func trimFuncs() []*Func {
	T := types.Text
	trim := map[string]func(s, set string) string{"btrim": strings.Trim, "ltrim": strings.TrimLeft, "rtrim": strings.TrimRight}
	var fs []*Func
	for _, name := range []string{"btrim", "ltrim", "rtrim"} {
		f := trim[name]
		fs = append(fs,
			p1(name, T, T, func(s string) string { return f(s, " ") }, "blanks cut off"),
			p2(name, T, T, T, f, "characters of a set cut off"))
	}
	return fs
}

// substringFuncs are substring, substr and overlay. The regular expression forms are with the regular expressions.
func substringFuncs() []*Func {
	T, I, B := types.Text, types.Int4, types.Bytea
	var fs []*Func
	for _, name := range []string{"substring", "substr"} {
		fs = append(fs,
			f2(name, T, I, T, func(_ *Ctx, s string, from int32) (string, error) { return s[runeOffset(s, max(0, int(from)-1)):], nil }, "from a position, from 1"),
			f3(name, T, I, I, T, substring, "from a position, from 1, so many characters"),
			f2(name, B, I, B, func(_ *Ctx, s string, from int32) (string, error) { return s[min(len(s), max(0, int(from)-1)):], nil }, "from a position"),
			f3(name, B, I, I, B, subBytes, "from a position, so many bytes"))
	}
	return append(fs,
		f3("overlay", T, T, I, T, func(ctx *Ctx, s, r string, from int32) (string, error) {
			return overlay(ctx, s, r, from, int32(utf8.RuneCountInString(r)))
		}, "part of the text replaced"),
		f4("overlay", T, T, I, I, T, overlay, "part of the text replaced"),
		f3("overlay", B, B, I, B, func(ctx *Ctx, s, r string, from int32) (string, error) {
			return overlayBytes(ctx, s, r, from, int32(len(r)))
		}, "part of the bytes replaced"),
		f4("overlay", B, B, I, I, B, overlayBytes, "part of the bytes replaced"))
}

func substring(_ *Ctx, s string, from, count int32) (string, error) {
	if count < 0 {
		return "", sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
	}
	end := int64(from) + int64(count) - 1
	start := max(0, int(from)-1)
	if end <= int64(start) {
		return "", nil
	}
	s = s[runeOffset(s, start):]
	return s[:runeOffset(s, int(end)-start)], nil
}

func subBytes(_ *Ctx, s string, from, count int32) (string, error) {
	if count < 0 {
		return "", sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
	}
	start := min(len(s), max(0, int(from)-1))
	end := min(len(s), max(start, int(from)+int(count)-1))
	return s[start:end], nil
}

func overlay(_ *Ctx, s, r string, from, count int32) (string, error) {
	if err := checkOverlay(from, count); err != nil {
		return "", err
	}
	head := s[:runeOffset(s, int(from)-1)]
	tail := s[runeOffset(s, max(0, int(from)-1+int(count))):]
	return head + r + tail, nil
}

// checkOverlay refuses places that no text has.
func checkOverlay(from, count int32) error {
	switch end := int64(from) + int64(count); {
	case from <= 0:
		return sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
	case end != int64(int32(end)):
		return outOfRange(types.Int4)
	}
	return nil
}

func overlayBytes(_ *Ctx, s, r string, from, count int32) (string, error) {
	if err := checkOverlay(from, count); err != nil {
		return "", err
	}
	head := s[:min(len(s), int(from)-1)]
	tail := s[min(len(s), max(0, int(from)-1+int(count))):]
	return head + r + tail, nil
}

// padFuncs are lpad and rpad.
func padFuncs() []*Func {
	T, I := types.Text, types.Int4
	pad := func(left bool) func(*Ctx, string, int32, string) (string, error) {
		return func(_ *Ctx, s string, n int32, fill string) (string, error) {
			have := utf8.RuneCountInString(s)
			if n > maxText && fill != "" {
				return "", tooLong()
			}
			if int(n) <= have || fill == "" {
				return s[:runeOffset(s, max(0, int(n)))], nil
			}
			fc := utf8.RuneCountInString(fill)
			need := int(n) - have
			p := strings.Repeat(fill, need/fc) + fill[:runeOffset(fill, need%fc)]
			if left {
				return p + s, nil
			}
			return s + p, nil
		}
	}
	var fs []*Func
	for name, f := range map[string]func(*Ctx, string, int32, string) (string, error){"lpad": pad(true), "rpad": pad(false)} {
		fs = append(fs, f3(name, T, I, T, T, f, "filled up or cut to a length"),
			f2(name, T, I, T, func(ctx *Ctx, s string, n int32) (string, error) { return f(ctx, s, n, " ") }, "filled up with blanks or cut to a length"))
	}
	return fs
}
