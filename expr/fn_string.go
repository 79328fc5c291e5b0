package expr

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// stringFuncs are the everyday functions on text.
func stringFuncs() []*Func {
	T, I := types.Text, types.Int4
	runes := func(s string) int32 { return int32(utf8.RuneCountInString(s)) }
	fs := []*Func{
		p1("length", T, I, runes, "number of characters"),
		p1("length", types.BPChar, I, func(s string) int32 { return runes(cutBlanks(s)) }, "number of characters, without trailing blanks"),
		p1("length", types.Bytea, I, func(s string) int32 { return int32(len(s)) }, "number of bytes"),
		p1("char_length", T, I, runes, "number of characters"),
		p1("character_length", T, I, runes, "number of characters"),
		p1("octet_length", types.BPChar, I, func(s string) int32 { return int32(len(s)) }, "number of bytes, with trailing blanks"),
		p1("octet_length", T, I, func(s string) int32 { return int32(len(s)) }, "number of bytes"),
		p1("octet_length", types.Bytea, I, func(s string) int32 { return int32(len(s)) }, "number of bytes"),
		p1("bit_length", T, I, func(s string) int32 { return int32(len(s) * 8) }, "number of bits"),
		p1("bit_length", types.Bytea, I, func(s string) int32 { return int32(len(s) * 8) }, "number of bits"),
		p1("upper", T, T, strings.ToUpper, "in upper case"),
		p1("lower", T, T, strings.ToLower, "in lower case"),
		p1("initcap", T, T, initcap, "each word with a capital"),
		p1("reverse", T, T, reverse, "characters in reverse order"),
		p2("left", T, I, T, left, "the first characters; negative: all but the last"),
		p2("right", T, I, T, right, "the last characters; negative: all but the first"),
		p3("replace", T, T, T, T, func(s, from, to string) string {
			if from == "" {
				return s
			}
			return strings.ReplaceAll(s, from, to)
		}, "each occurrence of a string replaced"),
		p3("translate", T, T, T, T, translate, "each character of a set replaced by its partner"),
		p2("strpos", T, T, I, strpos, "position of a string, from 1; 0: not there"),
		p2("position", T, T, I, strpos, "position of a string, from 1; 0: not there"),
		p2("starts_with", T, T, types.Bool, strings.HasPrefix, "whether the text begins with a string"),
		p2("^@", T, T, types.Bool, strings.HasPrefix, "whether the text begins with a string"),
		f3("split_part", T, T, I, T, splitPart, "the n-th field, from 1; negative: from the end"),
		f2("repeat", T, I, T, repeat, "the text n times"),
		p1("ascii", T, I, func(s string) int32 {
			r, n := utf8.DecodeRuneInString(s)
			if n == 0 {
				return 0
			}
			return int32(r)
		}, "code of the first character"),
		f1("chr", I, T, chr, "character of a code"),
		p1("quote_ident", T, T, quoteIdent, "text as an identifier in SQL"),
		p1("quote_literal", T, T, quoteLiteral, "text as a literal in SQL"),
		{Name: "quote_literal", Args: args(types.AnyElement), Ret: T, Vol: Stable, Doc: "value as a literal in SQL",
			Bind: func(ts []types.Type, _ types.Type) Kernel { return quoteKernel(ts[0], false) }},
		{Name: "quote_nullable", Args: args(T), Ret: T, Vol: Immutable, CalledOnNull: true, Safe: true, Doc: "text as a literal in SQL, NULL as NULL",
			Kernel: quoteKernel(T, true)},
		{Name: "quote_nullable", Args: args(types.AnyElement), Ret: T, Vol: Stable, CalledOnNull: true, Safe: true, Doc: "value as a literal in SQL",
			Bind: func(ts []types.Type, _ types.Type) Kernel { return quoteKernel(ts[0], true) }},
	}
	return append(append(append(fs, trimFuncs()...), substringFuncs()...), padFuncs()...)
}

func initcap(s string) string {
	in := false
	return strings.Map(func(r rune) rune {
		word := unicode.IsLetter(r) || unicode.IsDigit(r)
		defer func() { in = word }()
		if in {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

func reverse(s string) string {
	out := make([]byte, len(s))
	at := len(s)
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRuneInString(s[i:])
		at -= n
		copy(out[at:], s[i:i+n])
		i += n
	}
	return unsafeString(out)
}

// runeOffset is the byte offset of the n-th character (from 0), or len(s) beyond the end.
func runeOffset(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

func left(s string, n int32) string {
	k := int(n)
	if k < 0 {
		k = max(0, utf8.RuneCountInString(s)+k)
	}
	return s[:runeOffset(s, k)]
}

func right(s string, n int32) string {
	k := -int(n)
	switch {
	case n == math.MinInt32: // it has no opposite
		k = 0
	case n >= 0:
		k = max(0, utf8.RuneCountInString(s)-int(n))
	}
	return s[runeOffset(s, k):]
}

func translate(s, from, to string) string {
	f, t := []rune(from), []rune(to)
	return strings.Map(func(r rune) rune {
		for i, c := range f {
			if c == r {
				if i < len(t) {
					return t[i]
				}
				return -1
			}
		}
		return r
	}, s)
}

func strpos(s, sub string) int32 {
	i := strings.Index(s, sub)
	if i < 0 {
		return 0
	}
	return int32(utf8.RuneCountInString(s[:i])) + 1
}

func splitPart(_ *Ctx, s, sep string, n int32) (string, error) {
	if n == 0 {
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "field position must not be zero")
	}
	if sep == "" {
		if n == 1 || n == -1 {
			return s, nil
		}
		return "", nil
	}
	if n < 0 {
		for ; n < -1; n++ {
			i := strings.LastIndex(s, sep)
			if i < 0 {
				return "", nil
			}
			s = s[:i]
		}
		if i := strings.LastIndex(s, sep); i >= 0 {
			s = s[i+len(sep):]
		}
		return s, nil
	}
	for ; n > 1; n-- {
		i := strings.Index(s, sep)
		if i < 0 {
			return "", nil
		}
		s = s[i+len(sep):]
	}
	if i := strings.Index(s, sep); i >= 0 {
		s = s[:i]
	}
	return s, nil
}

func tooLong() error {
	return sqlerr.New(sqlerr.ProgramLimitExceeded, "requested length too large")
}

const maxText = 1 << 28 // no function makes a longer text

func repeat(_ *Ctx, s string, n int32) (string, error) {
	if n <= 0 || s == "" {
		return "", nil
	}
	if int64(len(s))*int64(n) > maxText {
		return "", tooLong()
	}
	return strings.Repeat(s, int(n)), nil
}

func chr(_ *Ctx, n int32) (string, error) {
	switch {
	case n == 0:
		return "", sqlerr.New(sqlerr.ProgramLimitExceeded, "null character not permitted")
	case n < 0:
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "character number must be positive")
	case n > 0x10ffff || n >= 0xd800 && n < 0xe000:
		return "", sqlerr.New(sqlerr.ProgramLimitExceeded, "requested character too large for encoding: %d", n)
	}
	return string(rune(n)), nil
}

// quoteLiteral is a text as quote_literal writes it: E'...' where it has a backslash.
func quoteLiteral(s string) string {
	q := "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + q
	}
	return q
}

func quoteKernel(t types.Type, null bool) Kernel {
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		v := args[0]
		var valid []byte
		if !null {
			valid = andValid(n, v)
		}
		a, err := appendRows(types.Text, n, valid, func(dst []byte, i int) ([]byte, error) {
			if v.IsNull(i) {
				return append(dst, "NULL"...), nil
			}
			return append(dst, quoteLiteral(string(appendText(ctx, nil, v, i, t)))...), nil
		})
		return Vec{Arr: a}, err
	}
}
